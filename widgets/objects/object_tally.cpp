// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/object_tally.h"

#include <algorithm>

namespace orrery::widgets {

namespace {

enum Column : std::size_t { Vertex, MapIndex, Output, Size, State, Shape, Node, Copies, Row, Count };
constexpr const char* kColumns[] = {"vertex", "map_index", "output", "object_size", "state", "shape", "node", "copies", "row"};
static_assert(std::size(kColumns) == Count);

// A page's cells by our columns; what is not there reads as nothing.
class Reader {
public:
    explicit Reader(const types::Page& page)
    {
        for (std::size_t i = 0; i < Count; ++i) {
            const auto found = std::find(page.columns.begin(), page.columns.end(), kColumns[i]);
            m_at[i] = found == page.columns.end() ? page.columns.size() : static_cast<std::size_t>(found - page.columns.begin());
        }
    }
    std::uint64_t number(const std::vector<types::Cell>& row, Column column) const
    {
        const auto* cell = find(row, column);
        const auto* value = cell == nullptr ? nullptr : std::get_if<std::int64_t>(cell);
        return value == nullptr || *value < 0 ? 0 : static_cast<std::uint64_t>(*value);
    }
    std::string text(const std::vector<types::Cell>& row, Column column) const
    {
        const auto* cell = find(row, column);
        const auto* value = cell == nullptr ? nullptr : std::get_if<std::string>(cell);
        return value == nullptr ? std::string() : *value;
    }

private:
    const types::Cell* find(const std::vector<types::Cell>& row, Column column) const { return m_at[column] < row.size() ? &row[m_at[column]] : nullptr; }
    std::size_t m_at[Count] = {};
};

} // namespace

types::Query ObjectTally::query(const base::RunId& run)
{
    types::Query query;
    query.table = "objects";
    query.run = run;
    query.filter = "not state in (FREED, LOST)";
    query.sort = "-object_size";
    query.columns.assign(std::begin(kColumns), std::end(kColumns));
    query.count = kTallyRows;
    return query;
}

ObjectTally ObjectTally::of(const types::Page& page, const types::Graph* graph, std::uint64_t objects, std::uint64_t bytes)
{
    ObjectTally tally;
    const Reader read(page);
    std::map<std::string, std::size_t> groupOf;
    std::uint64_t seenBytes = 0;
    for (const auto& row : page.rows) {
        const std::string vertex = read.text(row, Vertex);
        const auto [at, fresh] = groupOf.try_emplace(vertex, tally.groups.size());
        if (fresh) {
            ObjectGroup group;
            group.vertex = graph != nullptr ? graph->indexOf(vertex) : -1;
            group.name = QString::fromStdString(vertex);
            if (group.vertex >= 0) group.function = QString::fromStdString(graph->vertices[static_cast<std::size_t>(group.vertex)].function);
            tally.groups.push_back(std::move(group));
        }
        ObjectGroup& group = tally.groups[at->second];
        ObjectMark mark;
        mark.row = static_cast<std::uint32_t>(read.number(row, Row));
        mark.mapIndex = static_cast<std::uint32_t>(read.number(row, MapIndex));
        mark.output = static_cast<std::uint16_t>(read.number(row, Output));
        mark.bytes = read.number(row, Size);
        mark.shape = QString::fromStdString(read.text(row, Shape)).replace(QStringLiteral(" x "), QStringLiteral(" × "));
        mark.node = QString::fromStdString(read.text(row, Node));
        group.bytes += mark.bytes;
        ++group.count;
        seenBytes += mark.bytes;
        if (read.text(row, State) == "MEMORY") tally.nodeBytes[mark.node] += mark.bytes;
        for (const QString& letter : QString::fromStdString(read.text(row, Copies)).split(u' ', Qt::SkipEmptyParts)) tally.copyBytes[letter] += mark.bytes;
        group.marks.push_back(std::move(mark));
    }
    for (auto& group : tally.groups)
        std::sort(group.marks.begin(), group.marks.end(), [](const auto& a, const auto& b) { return std::pair(a.mapIndex, a.output) < std::pair(b.mapIndex, b.output); });
    tally.complete = page.total <= page.rows.size();
    if (!tally.complete) {
        ObjectGroup rest;
        rest.count = std::max<std::uint64_t>(objects, page.total) - page.rows.size();
        rest.bytes = bytes > seenBytes ? bytes - seenBytes : 0;
        tally.groups.push_back(std::move(rest));
    }
    std::stable_sort(tally.groups.begin(), tally.groups.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
    return tally;
}

} // namespace orrery::widgets
