// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ActivityBuckets: the sums behind an Activity while attempts come in, in any order. Buckets are powers of two of ns, aligned
// to multiples of themselves; when the run outgrows kActivityBuckets, pairs are merged, so no sum is ever made twice.
// Thread: its owner's. Bounds: kActivityBuckets buckets; adding an interval costs the same however long it is.

#include "engine/types/span_block.h"

namespace orrery::types {

class ActivityBuckets {
public:
    // REQUIRES: 0 <= readyNs <= startNs <= endNs <= kLatestNs.
    static constexpr TimeNs kLatestNs = TimeNs{1} << 61;
    void add(TimeNs readyNs, TimeNs startNs, TimeNs endNs, bool countDone);
    Activity snapshot() const;

private:
    struct Sum {
        double partNs = 0;      // inside this bucket
        std::int64_t whole = 0; // intervals that cover it and on: a difference to the bucket before
    };
    struct Bucket {
        Sum running, ready;
        std::uint32_t started = 0, done = 0;
    };
    std::size_t place(TimeNs at) const { return static_cast<std::size_t>((at >> m_shift) - m_first); }
    void cover(TimeNs fromNs, TimeNs toNs);
    void coarsen();
    void addTo(Sum Bucket::*sum, TimeNs fromNs, TimeNs toNs);

    int m_shift = 10; // a bucket is 2^m_shift ns
    TimeNs m_first = 0; // number of m_buckets[0], counted from time 0
    std::vector<Bucket> m_buckets;
};

} // namespace orrery::types
