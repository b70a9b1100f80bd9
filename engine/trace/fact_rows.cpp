// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/fact_rows.h"

#include <algorithm>
#include <bit>

namespace orrery::trace {

namespace {

constexpr std::size_t kFill = 1u << 16; // rows in one piece of making a column

} // namespace

FactRows::FactRows(const RunStore& store, RunWorld world, const Shape& shape)
    : m_store(store), m_world(std::move(world)), m_names(store, m_world), m_rows(shape.rows), m_piece(shape.piece), m_blocks(store.blocks()), m_facts(shape.facts)
{
}

bool FactRows::prepare(std::uint64_t fields)
{
    std::uint32_t wanted = 0;
    for (std::uint64_t rest = fields; rest != 0; rest &= rest - 1) {
        const auto field = static_cast<types::FieldId>(std::countr_zero(rest));
        if (const auto names = ranksOf(field); names && !m_names.prepareRanks(*names)) return false;
        wanted |= factsOf(field);
    }
    if ((wanted & ~m_wanted) != 0) { // a scan that brings them too begins anew
        m_wanted |= wanted;
        m_loaded = false;
        m_block = 1;
        m_first = 0;
    }
    if (m_wanted == 0 || m_loaded) return true;
    for (std::size_t fact = 0; fact < m_facts.size(); ++fact) {
        auto& column = m_facts[fact];
        if ((m_wanted >> fact & 1) == 0 || column.size() == m_rows) continue;
        column.reserve(m_rows);
        column.resize(std::min<std::size_t>(column.size() + kFill, m_rows), types::kNoNumber);
        return false;
    }
    return scanPiece();
}

bool FactRows::scanPiece()
{
    if (m_block > m_blocks) {
        scanned();
        m_loaded = true;
        return true;
    }
    const BlockView view = BlockView::trusted(*m_store.block(m_block));
    const std::uint32_t all = records(view), end = std::min(all, m_first + m_piece);
    scan(view, m_first, end);
    m_first = end;
    if (m_first == all) {
        ++m_block;
        m_first = 0;
    }
    return false;
}

void FactRows::forget()
{
    for (auto& column : m_facts) column = {};
    m_wanted = 0;
    m_loaded = false;
    forgetRow();
}

} // namespace orrery::trace
