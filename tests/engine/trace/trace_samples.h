// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random but seeded records for the tests of trace and archive.

#include "engine/base/random.h"
#include "engine/trace/block.h"

#include <vector>

namespace orrery::samples {

using base::Random;

inline base::RunId runId(std::uint64_t number) { return base::RunId{{0x5eed, number}}; }

struct Records {
    std::vector<types::RowRange> ranges;
    std::vector<types::StateMark> marks;
    std::vector<types::Attempt> attempts;
    std::vector<types::ObjectRecord> objects;
    std::vector<types::CopyRecord> copies;
    std::vector<std::string> errors;
};

// Any values the format allows, small and huge mixed; not a possible run.
inline Records anyRecords(Random& random, std::size_t sizeMax)
{
    const auto mixed = [&](std::uint64_t limit) {
        switch (random.below(4)) {
        case 0: return std::uint64_t{0};
        case 1: return random.below(std::min<std::uint64_t>(limit, 200));
        case 2: return random.below(std::min<std::uint64_t>(limit, 100'000));
        default: return random.below(limit);
        }
    };
    const auto time = [&] { return static_cast<base::TimeNs>(1'000'000'000'000ull + mixed(1ull << 50)); };
    Records made;
    const auto count = [&] { return static_cast<std::size_t>(random.chance(0.2) ? 0 : random.below(sizeMax + 1)); };
    for (std::size_t n = count() / 4; n > 0; --n) {
        types::RowRange range;
        range.firstRow = static_cast<std::uint32_t>(mixed(1u << 31));
        range.count = static_cast<std::uint32_t>(mixed(1u << 30));
        range.firstIndex = static_cast<std::uint32_t>(mixed(1u << 30));
        range.vertex = static_cast<std::uint16_t>(mixed(0x10000));
        range.state = static_cast<types::TaskState>(random.below(5));
        range.atNs = time();
        made.ranges.push_back(range);
    }
    for (std::size_t n = count(); n > 0; --n)
        made.marks.push_back({static_cast<std::uint32_t>(mixed(0xffffffff)), static_cast<types::TaskState>(random.below(types::kTaskStates)),
                              static_cast<std::uint8_t>(1 + mixed(255)), static_cast<std::uint16_t>(mixed(0x10000)), time()});
    for (std::size_t n = count() / 8; n > 0; --n) made.errors.push_back("error " + std::to_string(random.next()));
    for (std::size_t n = count(); n > 0; --n) {
        types::Attempt a;
        a.row = static_cast<std::uint32_t>(mixed(0xffffffff));
        a.mapIndex = static_cast<std::uint32_t>(mixed(0xffffffff));
        a.vertex = static_cast<std::uint16_t>(mixed(0x10000));
        a.worker = static_cast<std::uint16_t>(mixed(0x10000));
        a.attempt = static_cast<std::uint8_t>(1 + mixed(255));
        const types::TaskState outcomes[] = {types::TaskState::Finished, types::TaskState::Failed, types::TaskState::Retrying, types::TaskState::Cancelled};
        a.outcome = outcomes[random.chance(0.9) ? 0 : random.below(4)];
        a.cause = static_cast<types::Cause>(random.chance(0.9) ? 0 : random.below(9));
        a.outputs = static_cast<std::uint8_t>(mixed(0x100));
        a.submitNs = random.chance(0.01) ? 0 : time();
        a.startNs = a.submitNs == 0 ? time() : a.submitNs + static_cast<base::TimeNs>(mixed(1u << 20));
        a.endNs = a.startNs + static_cast<base::TimeNs>(mixed(1ull << 45));
        a.waitUs = static_cast<std::uint32_t>(mixed(0xffffffff));
        a.cpuUs = static_cast<std::uint32_t>(mixed(0xffffffff));
        a.bytesOut = mixed(1ull << 62);
        a.peakKiB = static_cast<std::uint32_t>(mixed(0xffffffff));
        made.attempts.push_back(a);
    }
    for (std::size_t n = count(); n > 0; --n) {
        types::ObjectRecord o;
        o.row = static_cast<std::uint32_t>(mixed(0xffffffff));
        o.output = static_cast<std::uint16_t>(mixed(0x10000));
        o.node = static_cast<std::uint16_t>(mixed(0x10000));
        o.state = static_cast<types::ObjectState>(random.below(6));
        o.type = static_cast<std::uint8_t>(mixed(0x100));
        o.dtype = static_cast<std::uint8_t>(mixed(0x100));
        o.rank = static_cast<std::uint8_t>(mixed(5));
        for (auto& extent : o.shape) extent = static_cast<std::uint32_t>(mixed(0x7fffffff));
        o.bytes = mixed(1ull << 62);
        o.items = static_cast<std::uint32_t>(mixed(0xffffffff));
        o.refs = static_cast<std::uint32_t>(mixed(0xffffffff));
        o.attempt = static_cast<std::uint8_t>(1 + mixed(255));
        o.atNs = time();
        made.objects.push_back(o);
    }
    if (random.chance(0.5)) // half of all blocks tell of no copy
        for (std::size_t n = count(); n > 0; --n) {
            types::CopyRecord c;
            c.row = static_cast<std::uint32_t>(mixed(0xffffffff));
            c.output = static_cast<std::uint16_t>(mixed(0x10000));
            c.node = static_cast<std::uint16_t>(mixed(0x10000));
            c.from = random.chance(0.3) ? types::kNoNode : static_cast<std::uint16_t>(mixed(0x10000));
            c.gone = random.chance(0.3);
            c.startNs = time();
            c.endNs = c.startNs + static_cast<base::TimeNs>(mixed(1ull << 45));
            made.copies.push_back(c);
        }

    return made;
}

// A run of width tasks of some 100 us on a few workers, as blocks of a home that flushes at 4,096 attempts. Ids 1..n.
inline std::vector<types::BlockBytes> flood(base::RunId run, std::uint32_t width, std::uint64_t homeEpoch = 1, bool objects = true)
{
    trace::BlockWriter writer(run, 0, homeEpoch);
    Random random(42);
    std::vector<types::BlockBytes> blocks;
    base::TimeNs now = 5'000'000'000'000;
    writer.add(types::RowRange{0, width, 0, 1, types::TaskState::PendingAssignment, now});
    const base::TimeNs begin = now;
    for (std::uint32_t row = 0; row < width; ++row) {
        now += static_cast<base::TimeNs>(random.below(2'000));
        types::Attempt a;
        a.row = row;
        a.mapIndex = row;
        a.vertex = 1;
        a.worker = static_cast<std::uint16_t>(1 + random.below(8));
        a.outputs = 1;
        a.submitNs = now;
        a.startNs = now + 20'000 + static_cast<base::TimeNs>(random.below(80'000));
        a.endNs = a.startNs + 50'000 + static_cast<base::TimeNs>(random.below(100'000));
        a.waitUs = static_cast<std::uint32_t>((now - begin) / 1000);
        a.cpuUs = static_cast<std::uint32_t>((a.endNs - a.startNs) / 1000);
        a.bytesOut = 128;
        if (row % 10'000 == 77) {
            a.outcome = types::TaskState::Failed;
            a.cause = types::Cause::Threw;
            a.error = writer.addError("the value at " + std::to_string(row % 7) + " is out of range");
        }
        writer.add(a);
        if (objects && a.outcome == types::TaskState::Finished) {
            types::ObjectRecord o;
            o.row = row;
            o.state = types::ObjectState::Inline;
            o.type = 2;
            o.bytes = 128;
            o.refs = 1;
            o.atNs = a.endNs;
            writer.add(o);
        }
        if (writer.full()) blocks.push_back(writer.seal(blocks.size() + 1));
    }
    if (!writer.empty()) blocks.push_back(writer.seal(blocks.size() + 1));
    return blocks;
}

} // namespace orrery::samples
