// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkPlan: what one stream of a pull still has to get: a range from its first byte to its last, then the chunks that came
// wrong. Pure: no I/O, no clock. Thread: whoever has the stream.
// Invariant: every byte before at() is right or in a chunk that is asked for again.

#include "engine/rpc/bulk_frame.h"

#include <vector>

namespace orrery::rpc {

class BulkPlan {
public:
    // range: of the object, begins at a multiple of kBulkChunkBytes. One of no bytes is asked for as well: it may not exist.
    BulkPlan(BulkRange range, const BulkLimits& limits) : m_limits(limits), m_at(range.offset), m_end(range.end()) {}
    // What to ask for now; nothing: all is there.
    std::optional<BulkRange> next() const;
    // A chunk of what was asked for has come; in their order.
    void good(BulkRange chunk);
    // It came with a wrong checksum. False: too often, the pull has failed.
    bool bad(BulkRange chunk);
    // The connection broke. The pause before the next try; nothing: given up.
    std::optional<base::TimeNs> broken();
    std::uint64_t at() const { return m_at; }
    int tries() const { return m_tries; }

private:
    struct Again {
        BulkRange chunk;
        int times = 0;
    };
    void passed(BulkRange chunk);

    BulkLimits m_limits;
    std::uint64_t m_at, m_end;
    bool m_isConfirmed = false; // something came
    int m_tries = 0;            // in a row, that brought nothing
    std::vector<Again> m_again;
};

} // namespace orrery::rpc
