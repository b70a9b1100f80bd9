// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/span_filter.h"

#include "widgets/models/run_model.h"

#include <QCoreApplication>
#include <algorithm>

namespace orrery::widgets {

using types::FieldId;
using types::SpanBlock;
using types::TaskField;

namespace {

constexpr std::uint64_t bit(TaskField field) { return std::uint64_t{1} << static_cast<FieldId>(field); }
constexpr std::uint64_t kKnown = bit(TaskField::Name) | bit(TaskField::State) | bit(TaskField::Function) | bit(TaskField::Vertex) | bit(TaskField::MapIndex) |
                                 bit(TaskField::Attempt) | bit(TaskField::Node) | bit(TaskField::Worker) | bit(TaskField::WorkerPid) | bit(TaskField::Track) |
                                 bit(TaskField::Duration) | bit(TaskField::Start) | bit(TaskField::End) | bit(TaskField::Row);

struct Span { // one, as the filter asks for it
    std::uint32_t row = 0, index = 0;
    std::uint16_t vertex = 0;
    types::TaskState state = types::TaskState::Finished;
    int attempt = 1;
    types::TimeNs startNs = 0, endNs = 0;
    bool open = false;
};

// The spans of one track. The row number of the port is not looked at: there is one span at a time.
class SpanReader final : public types::RowReader {
public:
    SpanReader(const RunModel& model, std::uint16_t track) : m_model(model), m_track(track)
    {
        if (const auto* run = model.shownRun()) m_beginNs = run->startNs;
        const auto worker = model.workers().find(track);
        if (worker == model.workers().end()) return;
        m_node = types::nodeLetter(worker->second.node);
        m_worker = model.workerNumber(track);
        m_pid = worker->second.pid;
    }
    Span span;

    std::int64_t number(FieldId field, std::uint32_t) const override
    {
        switch (static_cast<TaskField>(field)) {
        case TaskField::State: return static_cast<std::int64_t>(span.state);
        case TaskField::MapIndex: return isWide() ? std::int64_t{span.index} : types::kNoNumber;
        case TaskField::Attempt: return span.attempt;
        case TaskField::Worker: return m_worker;
        case TaskField::WorkerPid: return m_pid;
        case TaskField::Track: return m_track;
        case TaskField::Duration: return span.endNs - span.startNs;
        case TaskField::Start: return span.startNs - m_beginNs;
        case TaskField::End: return span.open ? types::kNoNumber : span.endNs - m_beginNs;
        case TaskField::Row: return span.row;
        default: return types::kNoNumber;
        }
    }
    std::string_view text(FieldId field, std::uint32_t, std::string& scratch) const override
    {
        const auto& graph = m_model.graph();
        const types::Vertex* vertex = graph && span.vertex < graph->vertices.size() ? &graph->vertices[span.vertex] : nullptr;
        switch (static_cast<TaskField>(field)) {
        case TaskField::Function: return vertex ? std::string_view(vertex->function) : std::string_view();
        case TaskField::Vertex: return vertex ? std::string_view(vertex->id) : std::string_view();
        case TaskField::Node: return m_node;
        case TaskField::Name:
            scratch = vertex ? vertex->id : "?";
            if (isWide()) scratch.append(" [").append(std::to_string(span.index)).append("]");
            return scratch;
        default: return {};
        }
    }

private:
    bool isWide() const { return span.vertex < m_model.vertices().size() && m_model.vertices()[span.vertex].tasks > 1; }
    const RunModel& m_model;
    std::uint16_t m_track;
    types::TimeNs m_beginNs = 0;
    std::string m_node;
    std::int64_t m_worker = types::kNoNumber, m_pid = types::kNoNumber;
};

// How many spans `now` begins with that are those of `before`; all of before's, or none.
std::size_t grownFrom(const SpanBlock& before, const SpanBlock& now)
{
    const std::size_t n = before.size();
    if (n > now.size() || before.baseNs != now.baseNs || before.unitNs != now.unitNs) return 0;
    const auto same = [n](const auto& a, const auto& b) { return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(n), b.begin()); };
    return same(before.start, now.start) && same(before.row, now.row) && same(before.duration, now.duration) && same(before.flags, now.flags) ? n : 0;
}

} // namespace

std::uint32_t BlockMatch::keptBefore(std::size_t i) const
{
    std::uint32_t count = before[i / 64];
    for (std::size_t j = i / 64 * 64; j < i; ++j) count += keep[j];
    return count;
}

QString SpanFilter::setText(const QString& text)
{
    if (text.trimmed() == m_text) return {};
    auto parsed = types::Filter::parse(text.toStdString(), types::taskSchema());
    if (!parsed) return QString::fromStdString(parsed.error().message);
    const std::uint64_t unknown = parsed->fields() & ~kKnown;
    for (FieldId field = 0; field < types::taskSchema().fields.size(); ++field)
        if ((unknown >> field & 1u) != 0) {
            const auto name = types::taskSchema().at(field).name;
            return QCoreApplication::translate("Timeline", "the timeline does not know \"%1\" of a task; filter by it in the Tasks table")
                .arg(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())));
        }
    m_filter = std::move(*parsed);
    m_text = text.trimmed();
    forget();
    return {};
}

void SpanFilter::forget()
{
    ++m_version;
    m_entries.clear();
    m_tails.clear();
    m_open = 0;
    m_kept = 0;
    if (auto set = std::exchange(m_set, nullptr)) setSet(std::move(set));
}

void SpanFilter::setSet(std::shared_ptr<const types::SpanSet> set)
{
    if (m_set == set) return;
    m_set = std::move(set);
    if (all() || !m_set) return;
    std::unordered_map<const SpanBlock*, Entry> entries;
    m_open = 0;
    m_kept = 0;
    for (const auto& track : m_set->tracks)
        for (const auto& block : track.blocks) {
            const auto known = m_entries.find(block.get());
            Entry entry;
            if (known != m_entries.end()) entry = std::move(known->second);
            else entry = {block, track.track, nullptr};
            if (entry.match) m_kept += entry.match->kept;
            else ++m_open;
            entries.emplace(block.get(), std::move(entry));
        }
    // A tail that is gone may be the head of the tail that came.
    for (auto& [block, entry] : m_entries)
        if (entry.match && block->size() < types::kSpansPerBlock) m_tails.insert_or_assign(entry.track, std::move(entry));
    m_entries = std::move(entries);
}

const BlockMatch* SpanFilter::of(const SpanBlock& block) const
{
    const auto found = m_entries.find(&block);
    return found == m_entries.end() ? nullptr : found->second.match.get();
}

void SpanFilter::ask(Entry& entry, const Entry* older)
{
    const SpanBlock& block = *entry.block;
    auto match = std::make_unique<BlockMatch>();
    const std::size_t known = older != nullptr && older->match ? grownFrom(*older->block, block) : 0;
    if (known > 0) match->keep = older->match->keep;
    match->keep.resize(block.size());
    SpanReader reader(m_model, entry.track);
    std::string scratch;
    for (std::size_t i = known; i < block.size(); ++i) {
        reader.span = {block.row[i],     block.index[i], block.vertex[i], types::spanOutcome(block.flags[i]), types::spanAttempt(block.flags[i]),
                       block.startNs(i), block.endNs(i), false};
        match->keep[i] = m_filter.matches(reader, 0, scratch);
    }
    for (std::size_t i = 0; i < block.size(); ++i) {
        if (i % 64 == 0) match->before.push_back(match->kept);
        match->kept += match->keep[i];
    }
    match->before.push_back(match->kept);
    match->summaries = types::summarise(block, &match->keep);
    m_kept += match->kept;
    entry.match = std::move(match);
    --m_open;
}

bool SpanFilter::work(int budgetMs)
{
    if (complete() || !m_set) return true;
    QElapsedTimer time;
    time.start();
    for (const auto& track : m_set->tracks)
        for (const auto& block : track.blocks) {
            Entry& entry = m_entries[block.get()];
            if (entry.match) continue;
            const auto older = m_tails.find(track.track);
            ask(entry, older == m_tails.end() ? nullptr : &older->second);
            if (m_open == 0) return true;
            if (time.elapsed() >= budgetMs) return false;
        }
    return m_open == 0;
}

bool SpanFilter::keeps(const types::OpenTask& task, std::uint16_t track, types::TimeNs nowNs) const
{
    if (all()) return true;
    SpanReader reader(m_model, track);
    std::string scratch;
    reader.span = {task.row, task.mapIndex, task.vertex, types::TaskState::Running, task.attempt, task.startNs, std::max(nowNs, task.startNs), true};
    return m_filter.matches(reader, 0, scratch);
}

} // namespace orrery::widgets
