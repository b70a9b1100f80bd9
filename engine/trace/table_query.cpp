// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/table_query.h"

#include <algorithm>

namespace orrery::trace {

using base::Errc;
using base::fail;
using types::FieldId;
using types::Page;

namespace {

// Small letters and large ones alike, as filters have it.
int compareFolded(std::string_view a, std::string_view b)
{
    const auto small = [](char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); };
    const std::size_t length = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < length; ++i)
        if (small(a[i]) != small(b[i])) return small(a[i]) < small(b[i]) ? -1 : 1;
    return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

} // namespace

base::Result<TableQuery> TableQuery::make(const types::Query& query, std::unique_ptr<TableRows> rows)
{
    const types::TableSchema& schema = rows->schema();
    TableQuery made;
    auto filter = types::Filter::parse(query.filter, schema);
    if (!filter) return filter.error();
    made.m_filter = std::move(*filter);
    made.m_descending = query.sort.starts_with('-');
    if (!query.sort.empty()) {
        const auto field = schema.field(std::string_view(query.sort).substr(made.m_descending ? 1 : 0));
        if (!field) return fail(Errc::BadInput, "The table cannot be sorted: " + field.error().message + (field.error().message.ends_with('?') ? "" : "."));
        made.m_sort = *field;
    }
    for (const auto& name : query.columns) {
        const auto field = schema.field(name);
        if (!field) return fail(Errc::BadInput, "A column cannot be shown: " + field.error().message + (field.error().message.ends_with('?') ? "" : "."));
        made.m_columns.push_back(*field);
    }
    if (query.columns.empty())
        for (FieldId field = 0; field < schema.fields.size(); ++field) made.m_columns.push_back(field);
    made.m_first = query.first;
    made.m_count = std::min(query.count, kPageRowsMax);
    made.m_everyRow = rows->rows();
    made.m_everything = made.m_filter.all() && made.m_sort == types::kNoField;
    if (made.m_everything) made.m_phase = Phase::Done;
    made.m_rows = std::move(rows);
    return made;
}

bool TableQuery::work(const Stop& stop)
{
    const std::uint64_t fields = m_filter.fields() | (m_sort == types::kNoField ? 0 : 1ull << m_sort);
    while (m_phase != Phase::Done) {
        switch (m_phase) {
        case Phase::Prepare:
            if (m_rows->prepare(fields)) m_phase = Phase::Select;
            break;
        case Phase::Select:
            if (selectPiece()) m_phase = m_sort == types::kNoField ? Phase::Done : Phase::Sort;
            break;
        default:
            if (sortPiece()) m_phase = Phase::Done;
        }
        if (m_phase != Phase::Done && stop()) return false;
    }
    return true;
}

bool TableQuery::selectPiece()
{
    // Room for every row at once: memory that is not touched costs nothing, moving a grown list costs milliseconds.
    if (m_next == 0 && m_sort == types::kNoField) m_found.reserve(m_everyRow);
    if (m_next == 0 && m_sort != types::kNoField) {
        m_sorter = std::make_unique<RowSorter>();
        m_sorter->reserve(m_everyRow);
    }
    const std::uint32_t piece = std::max<std::uint32_t>(1, m_rows->rowsPerLook() / static_cast<std::uint32_t>(m_filter.parts()));
    const std::uint32_t end = std::min(m_everyRow, m_next + piece);
    for (; m_next < end; ++m_next) {
        if (!m_rows->there(m_next) || !m_filter.matches(*m_rows, m_next, m_scratch)) continue;
        if (m_sorter) m_sorter->add({sortKey(m_next), m_next});
        else m_found.push_back(m_next);
    }
    return m_next == m_everyRow;
}

std::int64_t TableQuery::sortKey(std::uint32_t row) const
{
    std::int64_t key;
    if (types::isText(m_rows->schema().at(m_sort).kind)) {
        key = m_rows->textKey(m_sort, row);
        if (key == kNoKey) return kNoKey;
    } else {
        key = m_rows->number(m_sort, row);
        if (key == types::kNoNumber) return kNoKey;
        key = std::min(key, kNoKey - 1);
    }
    return m_descending ? ~key : key;
}

bool TableQuery::sortPiece()
{
    const bool texts = types::isText(m_rows->schema().at(m_sort).kind) && !m_rows->keyDecides(m_sort);
    m_sorter->setTie(texts ? RowSorter::Tie([this](std::uint32_t a, std::uint32_t b) {
        const int order = compareFolded(m_rows->text(m_sort, a, m_scratch), m_rows->text(m_sort, b, m_scratch2));
        return m_descending ? -order : order;
    })
                           : RowSorter::Tie());
    if (!m_sorter->step()) return false;
    constexpr std::size_t kTaken = 1u << 14;
    const auto& items = m_sorter->items();
    if (m_found.empty()) m_found.reserve(items.size());
    const std::size_t end = std::min(items.size(), m_found.size() + kTaken);
    for (std::size_t i = m_found.size(); i < end; ++i) m_found.push_back(items[i].row);
    if (m_found.size() < items.size()) return false;
    m_sorter.reset();
    return true;
}

void TableQuery::addRow(Page& page, std::uint32_t row) const
{
    auto& cells = page.rows.emplace_back();
    cells.reserve(m_columns.size());
    for (const FieldId column : m_columns) cells.push_back(m_rows->cell(column, row));
}

namespace {

void setColumns(Page& page, const types::TableSchema& schema, const std::vector<FieldId>& columns)
{
    for (const FieldId column : columns) page.columns.emplace_back(schema.at(column).name);
}

} // namespace

Page TableQuery::page(std::uint64_t first, std::uint32_t count) const
{
    Page page;
    setColumns(page, m_rows->schema(), m_columns);
    page.total = total();
    const std::uint64_t end = first >= total() ? first : first + std::min<std::uint64_t>(std::min(count, kPageRowsMax), total() - first);
    for (std::uint64_t i = first; i < end; ++i) addRow(page, rowAt(i));
    return page;
}

bool TableQuery::fillPage(Page& page, const Stop& stop)
{
    constexpr int kRowsPerLook = 8;
    if (page.columns.empty()) {
        setColumns(page, m_rows->schema(), m_columns);
        page.total = total();
        m_paged = m_first;
    }
    const bool recheck = !m_filter.all() && m_rows->changed();
    if (recheck && !m_recheck) {
        m_rows->forget();
        m_recheck = true;
    }
    for (int looked = 0; page.rows.size() < m_count && m_paged < total(); ++m_paged) {
        if (looked++ == kRowsPerLook) {
            if (stop()) return false;
            looked = 0;
        }
        const std::uint32_t row = rowAt(m_paged);
        if (!m_rows->there(row) || (m_recheck && !m_filter.matches(*m_rows, row, m_scratch))) --page.total;
        else addRow(page, row);
    }
    return true;
}

} // namespace orrery::trace
