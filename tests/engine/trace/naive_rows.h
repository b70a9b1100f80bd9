// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// NaiveTasks, NaiveObjects: the rows of a run's tables written the slow and plain way, and the naive answer to a question: judge
// every row, sort the whole list by comparing values.

#include "engine/trace/run_query.h"
#include "engine/types/filter.h"
#include "engine/types/value.h"

#include <algorithm>
#include <map>

namespace orrery::naive {

using types::FieldId;
using types::kNoNumber;

// Twelve vertices v0 (...), each reads the one before; four workers on two nodes.
inline trace::RunWorld testWorld()
{
    auto graph = std::make_shared<types::Graph>();
    static const char* const kNames[] = {"render", "blur", "edges", "Alpha", "mosaic", "list", "annotate", "beta", "save", "sharpen", "x", "histogram"};
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
        types::Vertex vertex;
        vertex.id = kNames[i];
        vertex.function = std::string("imaging.") + kNames[(i * 5) % 12 / 2];
        if (i % 3 == 0) vertex.resources = types::Resources::cpus(1 + static_cast<double>(i));
        graph->vertices.push_back(vertex);
        if (i > 0) graph->edges.push_back({{kNames[i - 1], "out"}, {kNames[i], "in"}, static_cast<types::EdgeMode>(i % 4)});
    }
    trace::RunWorld world;
    world.graph = graph;
    world.wallOffsetNs = 1'700'000'000'000'000'000;
    for (std::uint16_t node = 0; node < 2; ++node) {
        types::NodeRow row;
        row.node = node;
        row.id = base::NodeId{{7u - node, 3}};
        world.addNode(row);
    }
    for (std::uint16_t track = 0; track < 4; ++track) {
        types::WorkerRow row;
        row.track = track;
        row.node = track % 2;
        row.id = base::WorkerId{{track * 77u % 5 + 1, 9}};
        row.pid = 1000 - track;
        world.addWorker(row);
    }
    return world;
}

class NaiveRows : public types::RowReader {
public:
    NaiveRows(const trace::RunStore& of, trace::RunWorld around) : store(of), world(std::move(around)) {}
    virtual const types::TableSchema& schema() const = 0;
    virtual std::uint32_t rows() const = 0;
    // Less than 0: a before b, both have the value.
    virtual int compare(FieldId field, std::uint32_t a, std::uint32_t b) const
    {
        if (!types::isText(schema().at(field).kind)) return sign(number(field, a) - number(field, b));
        return types::folded(string(field, a)).compare(types::folded(string(field, b)));
    }
    std::string string(FieldId field, std::uint32_t row) const
    {
        std::string scratch;
        return std::string(text(field, row, scratch));
    }
    bool missing(FieldId field, std::uint32_t row) const { return types::isText(schema().at(field).kind) ? string(field, row).empty() : number(field, row) == kNoNumber; }
    std::vector<std::uint32_t> answer(const types::Query& query) const
    {
        const auto filter = *types::Filter::parse(query.filter, schema());
        std::vector<std::uint32_t> found;
        std::string scratch;
        for (std::uint32_t row = 0; row < rows(); ++row)
            if (filter.matches(*this, row, scratch)) found.push_back(row);
        if (query.sort.empty()) return found;
        const bool down = query.sort[0] == '-';
        const FieldId field = schema().find(query.sort.substr(down ? 1 : 0));
        std::stable_sort(found.begin(), found.end(), [&](std::uint32_t a, std::uint32_t b) {
            if (missing(field, a) || missing(field, b)) return !missing(field, a) && missing(field, b);
            return down ? compare(field, b, a) < 0 : compare(field, a, b) < 0;
        });
        return found;
    }
    types::Cell cell(FieldId field, std::uint32_t row) const
    {
        const auto& column = schema().at(field);
        if (types::isText(column.kind)) return string(field, row).empty() ? types::Cell() : types::Cell(string(field, row));
        const auto value = number(field, row);
        if (value == kNoNumber) return {};
        if (column.kind != types::FieldKind::Word) return value;
        for (const auto& word : column.words)
            if (word.index == value) return types::folded(word.text) == "none" ? types::Cell() : types::Cell(std::string(word.text));
        return std::string("a word is missing");
    }
    static int sign(std::int64_t value) { return value < 0 ? -1 : value > 0; }

    const trace::RunStore& store;
    const trace::RunWorld world;

protected:
    const std::string& vertexName(std::uint16_t vertex) const { return world.graph->vertices[vertex].id; }
    std::string taskName(std::uint32_t row) const
    {
        const auto vertex = store.vertexOf(row);
        return vertexName(vertex) + (store.vertex(vertex).tasks > 1 ? " [" + std::to_string(store.mapIndex(row)) + "]" : "");
    }
    int compareTasks(std::uint32_t a, std::uint32_t b) const
    {
        const int names = types::folded(vertexName(store.vertexOf(a))).compare(types::folded(vertexName(store.vertexOf(b))));
        return names != 0 ? names : sign(std::int64_t{store.mapIndex(a)} - store.mapIndex(b));
    }
};

class NaiveTasks final : public NaiveRows {
public:
    using NaiveRows::NaiveRows;
    const types::TableSchema& schema() const override { return types::taskSchema(); }
    std::uint32_t rows() const override { return store.rows(); }
    int compare(FieldId field, std::uint32_t a, std::uint32_t b) const override
    {
        if (static_cast<types::TaskField>(field) == types::TaskField::Name) return compareTasks(a, b);
        return NaiveRows::compare(field, a, b);
    }
    std::optional<types::Attempt> attempt(std::uint32_t row) const
    {
        for (const auto& one : store.attemptsOf(row))
            if (one.attempt == store.attemptOf(row)) return one;
        return std::nullopt;
    }
    std::int64_t number(FieldId field, std::uint32_t row) const override
    {
        using enum types::TaskField;
        const auto ended = attempt(row);
        std::optional<types::TimeNs> start, end;
        if (ended) {
            start = ended->startNs;
            end = ended->endNs;
        }
        for (const auto& span : store.openSpans())
            if (span.row == row) start = span.startNs;
        const auto* worker = world.worker(store.workerOf(row));
        const auto wall = [&](types::TimeNs at) { return (at + world.wallOffsetNs) / 1'000'000; };
        switch (static_cast<types::TaskField>(field)) {
        case State: return static_cast<int>(store.state(row));
        case MapIndex: return store.mapIndex(row);
        case Attempt: return store.attemptOf(row);
        case Worker: return worker ? worker->number : kNoNumber;
        case WorkerPid: return worker ? worker->pid : kNoNumber;
        case Track: return store.workerOf(row) == types::kNoWorker ? kNoNumber : store.workerOf(row);
        case ErrorType: return ended ? static_cast<int>(ended->cause) : 0;
        case Wait: return ended ? ended->waitUs * std::int64_t{1000} : kNoNumber;
        case Duration: return start && end ? *end - *start : start && world.nowNs != 0 ? world.nowNs - *start : kNoNumber;
        case Cpu: return ended ? ended->cpuUs * std::int64_t{1000} : kNoNumber;
        case BytesOut: return ended ? static_cast<std::int64_t>(ended->bytesOut) : kNoNumber;
        case Peak: return ended && ended->peakKiB > 0 ? ended->peakKiB * std::int64_t{1024} : kNoNumber;
        case Start: return start ? *start - store.firstNs() : kNoNumber;
        case End: return end ? *end - store.firstNs() : kNoNumber;
        case CreationTime: return wall(store.history(row).front().atNs);
        case StartTime: return start ? wall(*start) : kNoNumber;
        case EndTime: return end ? wall(*end) : kNoNumber;
        case Row: return row;
        default: return kNoNumber;
        }
    }
    std::string_view text(FieldId field, std::uint32_t row, std::string& scratch) const override
    {
        using enum types::TaskField;
        const auto vertex = store.vertexOf(row);
        const auto& drawn = world.graph->vertices[vertex];
        const auto* worker = world.worker(store.workerOf(row));
        switch (static_cast<types::TaskField>(field)) {
        case TaskId: scratch = base::derive<base::TaskId>(store.run(), vertex, store.mapIndex(row)).text(); break;
        case Name: scratch = taskName(row); break;
        case JobId: scratch = store.run().text(); break;
        case Function: scratch = drawn.function; break;
        case Vertex: scratch = drawn.id; break;
        case Node: scratch = worker ? types::nodeLetter(worker->node) : ""; break;
        case NodeId: scratch = worker ? world.node(worker->node).text() : ""; break;
        case WorkerId: scratch = worker ? worker->id.text() : ""; break;
        case ErrorMessage: scratch = attempt(row) ? store.errorText(attempt(row)->error) : ""; break;
        case Resources: scratch = drawn.resources ? drawn.resources->text() : ""; break;
        case WaitReason: scratch = waitReason(row); break;
        case Args: scratch = args(row); break;
        case Returns:
            scratch.clear();
            for (std::uint32_t object = 0; object < store.objects(); ++object)
                if (store.objectRow(object) == row)
                    scratch += (scratch.empty() ? "" : ", ") + base::derive<base::ObjectId>(store.run(), vertex, store.mapIndex(row), store.object(object).output).text();
            break;
        default: scratch.clear();
        }
        return scratch;
    }

private:
    std::string args(std::uint32_t row) const
    {
        const auto vertex = store.vertexOf(row);
        if (vertex == 0) return {};
        const std::string port = vertexName(static_cast<std::uint16_t>(vertex - 1)) + ".out", index = "[" + std::to_string(store.mapIndex(row)) + "]";
        static const char* const kStars[] = {"", "", "[*]", "[*]"};
        return port + kStars[vertex % 4] + (vertex % 4 == 1 || vertex % 4 == 3 ? index : "");
    }
    std::string waitReason(std::uint32_t row) const
    {
        using enum types::TaskState;
        const auto vertex = store.vertexOf(row);
        switch (store.state(row)) {
        case PendingArgs: {
            if (vertex == 0) return "its inputs";
            const auto before = static_cast<std::uint16_t>(vertex - 1);
            std::uint32_t good = 0, all = 0;
            for (std::uint32_t other = 0; other < store.rows(); ++other)
                if (store.vertexOf(other) == before) {
                    ++all;
                    good += types::isGood(store.state(other));
                }
            if (all > 0 && good == all) return "its inputs";
            return vertexName(before) + (all > 1 ? " (" + std::to_string(good) + " of " + std::to_string(all) + " done)" : "");
        }
        case PendingAssignment: return world.graph->vertices[vertex].resources ? world.graph->vertices[vertex].resources->text() : "a free worker";
        case PendingFetch: return "inputs from another node";
        case Held: return "breakpoint";
        case Submitted: return "its turn on the worker";
        case Retrying: return "its next attempt";
        default: return {};
        }
    }
};

class NaiveObjects final : public NaiveRows {
public:
    using NaiveRows::NaiveRows;
    const types::TableSchema& schema() const override { return types::objectSchema(); }
    std::uint32_t rows() const override { return store.objects(); }
    int compare(FieldId field, std::uint32_t a, std::uint32_t b) const override
    {
        if (static_cast<types::ObjectField>(field) != types::ObjectField::Name) return NaiveRows::compare(field, a, b);
        const int tasks = compareTasks(store.objectRow(a), store.objectRow(b));
        return tasks != 0 ? tasks : sign(std::int64_t{store.object(a).output} - store.object(b).output);
    }
    std::int64_t number(FieldId field, std::uint32_t index) const override
    {
        using enum types::ObjectField;
        const auto record = store.object(index);
        switch (static_cast<types::ObjectField>(field)) {
        case State: return static_cast<int>(record.state);
        case Size: return static_cast<std::int64_t>(record.bytes);
        case Type: return record.type;
        case DType: return record.dtype;
        case Items: return record.type == static_cast<int>(types::ValueType::List) ? record.items : kNoNumber;
        case Refs: return record.refs;
        case TaskStatus: return static_cast<int>(store.state(record.row));
        case MapIndex: return store.mapIndex(record.row);
        case Output: return record.output;
        case Attempt: return record.attempt;
        case Created: return made(record) - store.firstNs();
        case CreationTime: return (made(record) + world.wallOffsetNs) / 1'000'000;
        case Row: return record.row;
        default: return kNoNumber;
        }
    }
    std::string_view text(FieldId field, std::uint32_t index, std::string& scratch) const override
    {
        using enum types::ObjectField;
        const auto record = store.object(index);
        const auto vertex = store.vertexOf(record.row);
        switch (static_cast<types::ObjectField>(field)) {
        case ObjectId: scratch = base::derive<base::ObjectId>(store.run(), vertex, store.mapIndex(record.row), record.output).text(); break;
        case Name: scratch = taskName(record.row) + (record.output > 0 ? "." + std::to_string(record.output) : ""); break;
        case Shape:
            scratch.clear();
            for (int d = 0; d < record.rank; ++d) scratch += (d > 0 ? " x " : "") + std::to_string(record.shape[static_cast<std::size_t>(d)]);
            break;
        case Node: scratch = types::nodeLetter(record.node); break;
        case NodeId: scratch = world.node(record.node).text(); break;
        case TaskId: scratch = base::derive<base::TaskId>(store.run(), vertex, store.mapIndex(record.row)).text(); break;
        case JobId: scratch = store.run().text(); break;
        case Vertex: scratch = vertexName(vertex); break;
        default: scratch.clear();
        }
        return scratch;
    }

private:
    // The last record that describes it, looked for through all blocks.
    types::TimeNs made(const types::ObjectRecord& of) const
    {
        types::TimeNs at = kNoNumber;
        for (std::uint64_t number = 1; number <= store.blocks(); ++number) {
            const auto view = trace::BlockView::trusted(*store.block(number));
            for (std::uint32_t i = 0; i < view.header().objects; ++i) {
                const auto record = view.object(i);
                if (record.row != of.row || record.output != of.output) continue;
                if (at == kNoNumber || (record.state != types::ObjectState::Freed && record.state != types::ObjectState::Lost)) at = record.atNs;
            }
        }
        return at;
    }
};

} // namespace orrery::naive
