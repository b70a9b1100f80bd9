// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RowSorter: sorts (key, row) pairs in pieces of some 100 us, so that a loop with other duties can sort a million rows: runs
// of kRunRows are sorted, then merged pairwise, level by level. Equal keys and ties: by row.
// Thread: none of its own; not shared.

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace orrery::trace {

inline constexpr std::int64_t kNoKey = std::numeric_limits<std::int64_t>::max(); // nothing to sort by: last, and no tie is asked

struct SortItem {
    std::int64_t key = 0;
    std::uint32_t row = 0;
};

class RowSorter {
public:
    // Less than 0: a comes first; nothing set: keys say everything.
    using Tie = std::function<int(std::uint32_t a, std::uint32_t b)>;
    void setTie(Tie tie) { m_tie = std::move(tie); }
    void reserve(std::size_t count) { m_items.reserve(count); }
    void add(SortItem item) { m_items.push_back(item); } // REQUIRES: step() was not called
    // A piece of work; true: sorted.
    bool step();
    const std::vector<SortItem>& items() const { return m_items; }

private:
    static constexpr std::size_t kRunRows = 1024;
    static constexpr std::size_t kMergeRows = 8192; // in one piece; a quarter of it where texts decide
    bool before(const SortItem& a, const SortItem& b) const;
    bool sortRun();
    bool mergePiece();

    Tie m_tie;
    std::vector<SortItem> m_items, m_merged;
    std::size_t m_sorted = 0;     // rows that lie in sorted runs
    std::size_t m_run = kRunRows; // length of runs on this level
    std::size_t m_begin = 0, m_left = 0, m_right = 0; // the pair that is being merged, and how far
};

} // namespace orrery::trace
