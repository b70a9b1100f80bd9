// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/lane/region.h"

#include <bit>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>

namespace orrery::lane {

using base::Errc;
using base::fail;

namespace {

constexpr std::uint64_t kMagic = 0x31656e616c72726full; // "orrlane1"

struct Head {
    std::uint64_t magic;
    std::uint32_t slotCount;
    std::uint32_t sideBytes;
};

constexpr std::size_t kHeadBytes = 64;

bool goodShape(LaneShape shape)
{
    return std::has_single_bit(shape.slotCount) && shape.slotCount >= 8 && shape.slotCount <= 65'536 && std::has_single_bit(shape.sideBytes) &&
           shape.sideBytes >= 4096 && shape.sideBytes <= (64u << 20);
}

std::size_t ringBytes(LaneShape shape) { return sizeof(RingHeader) + std::size_t{shape.slotCount} * kSlotBytes + shape.sideBytes; }

} // namespace

base::Result<Region> Region::create(LaneShape shape)
{
    if (!goodShape(shape)) return fail(Errc::BadInput, "a lane needs a power of two of slots and side bytes within its limits");
    base::UniqueFd fd(memfd_create("orrery-lane", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd) return base::failErrno(Errc::Refused, "cannot make the shared memory of a lane");
    const std::size_t bytes = kHeadBytes + 2 * ringBytes(shape);
    if (ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) return base::failErrno(Errc::Refused, "cannot make the shared memory of a lane");
    fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    auto region = map(std::move(fd), shape, bytes);
    if (!region) return region;
    auto* head = reinterpret_cast<Head*>(region->m_map.data());
    head->slotCount = shape.slotCount;
    head->sideBytes = shape.sideBytes;
    head->magic = kMagic;
    return region;
}

base::Result<Region> Region::attach(base::UniqueFd fd)
{
    struct stat info {};
    if (fstat(fd.get(), &info) != 0 || info.st_size < static_cast<off_t>(kHeadBytes)) return fail(Errc::BadInput, "this is no lane: it is too small");
    Head head{};
    if (pread(fd.get(), &head, sizeof head, 0) != sizeof head || head.magic != kMagic) return fail(Errc::BadInput, "this is no lane: its first bytes are wrong");
    const LaneShape shape{head.slotCount, head.sideBytes};
    if (!goodShape(shape)) return fail(Errc::BadInput, "a lane with an impossible shape was offered");
    const std::size_t bytes = kHeadBytes + 2 * ringBytes(shape);
    if (static_cast<std::size_t>(info.st_size) != bytes) return fail(Errc::BadInput, "a lane whose size does not fit its shape was offered");
    return map(std::move(fd), shape, bytes);
}

base::Result<Region> Region::map(base::UniqueFd fd, LaneShape shape, std::size_t bytes)
{
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (at == MAP_FAILED) return base::failErrno(Errc::Refused, "cannot map a lane");
    Region region;
    region.m_fd = std::move(fd);
    region.m_map = base::Mapping(at, bytes);
    std::byte* next = region.m_map.data() + kHeadBytes;
    for (Ring* ring : {&region.m_tasks, &region.m_results}) {
        ring->header = reinterpret_cast<RingHeader*>(next);
        next += sizeof(RingHeader);
        ring->first = reinterpret_cast<Slot*>(next);
        next += std::size_t{shape.slotCount} * kSlotBytes;
        ring->side = next;
        next += shape.sideBytes;
        ring->slotCount = shape.slotCount;
        ring->sideBytes = shape.sideBytes;
    }
    return region;
}

} // namespace orrery::lane
