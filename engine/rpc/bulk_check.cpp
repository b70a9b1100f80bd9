// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_check.h"

#include "engine/base/assert.h"

#include <xxhash.h>
// The library's own choice of the widest vectors of this processor; without it, it takes the narrowest.
#if __has_include(<xxh_x86dispatch.h>) && defined(__x86_64__)
#include <xxh_x86dispatch.h>
#endif

namespace orrery::rpc {

void BulkCheck::Free::operator()(XXH3_state_s* state) const
{
    XXH3_freeState(state);
}

BulkCheck::BulkCheck() : m_state(XXH3_createState())
{
    ORRERY_ASSERT(m_state);
}

void BulkCheck::reset(std::uint64_t seed)
{
    XXH3_64bits_reset_withSeed(m_state.get(), seed);
}

void BulkCheck::add(std::span<const std::byte> bytes)
{
    XXH3_64bits_update(m_state.get(), bytes.data(), bytes.size());
}

std::uint64_t BulkCheck::sum() const
{
    return XXH3_64bits_digest(m_state.get());
}

std::uint32_t bulkFrameCheck(std::span<const std::byte> bytes)
{
    return static_cast<std::uint32_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

} // namespace orrery::rpc
