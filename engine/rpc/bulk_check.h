// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkCheck: the checksum of a chunk, XXH3-64, taken piece by piece while each is in the cache anyway.
// Thread: any one at a time.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct XXH3_state_s;

namespace orrery::rpc {

class BulkCheck {
public:
    BulkCheck();
    // seed: the chunk's offset in its object, so that a chunk in another's place is wrong as well.
    void reset(std::uint64_t seed);
    void add(std::span<const std::byte> bytes);
    std::uint64_t sum() const;

private:
    struct Free {
        void operator()(XXH3_state_s* state) const;
    };
    std::unique_ptr<XXH3_state_s, Free> m_state;
};

// Of a request or a reply, all but the check itself.
std::uint32_t bulkFrameCheck(std::span<const std::byte> bytes);

} // namespace orrery::rpc
