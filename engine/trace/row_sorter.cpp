// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/row_sorter.h"

#include <algorithm>

namespace orrery::trace {

bool RowSorter::before(const SortItem& a, const SortItem& b) const
{
    if (a.key != b.key) return a.key < b.key;
    if (m_tie && a.key != kNoKey)
        if (const int tie = m_tie(a.row, b.row); tie != 0) return tie < 0;
    return a.row < b.row;
}

bool RowSorter::step()
{
    if (m_sorted < m_items.size()) return sortRun();
    if (m_run >= m_items.size()) return true;
    return mergePiece();
}

bool RowSorter::sortRun()
{
    const std::size_t length = m_tie ? kRunRows / 4 : kRunRows;
    if (m_sorted == 0) m_run = length;
    const std::size_t end = std::min(m_sorted + length, m_items.size());
    const auto less = [this](const SortItem& a, const SortItem& b) { return before(a, b); };
    const auto plain = [](const SortItem& a, const SortItem& b) { return a.key != b.key ? a.key < b.key : a.row < b.row; };
    const auto first = m_items.begin() + static_cast<std::ptrdiff_t>(m_sorted), last = m_items.begin() + static_cast<std::ptrdiff_t>(end);
    if (m_tie) std::sort(first, last, less);
    else std::sort(first, last, plain);
    m_sorted = end;
    return false;
}

bool RowSorter::mergePiece()
{
    const std::size_t size = m_items.size();
    if (m_begin == 0 && m_merged.empty()) {
        m_merged.reserve(size);
        m_left = 0;
        m_right = std::min(m_run, size);
    }
    std::size_t budget = m_tie ? kMergeRows / 4 : kMergeRows;
    for (; budget > 0 && m_begin < size; --budget) {
        const std::size_t middle = std::min(m_begin + m_run, size), end = std::min(m_begin + 2 * m_run, size);
        const bool left = m_right == end || (m_left < middle && !before(m_items[m_right], m_items[m_left]));
        m_merged.push_back(m_items[left ? m_left++ : m_right++]);
        if (m_left < middle || m_right < end) continue;
        m_begin = m_left = end;
        m_right = std::min(end + m_run, size);
    }
    if (m_begin < size) return false;
    m_items.swap(m_merged);
    m_merged.clear();
    m_begin = 0;
    m_run *= 2;
    return m_run >= size;
}

} // namespace orrery::trace
