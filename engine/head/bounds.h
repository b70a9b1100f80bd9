// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every bound of the head in one place. What happens at a bound is said where it is used.

#include "engine/base/clock.h"

#include <cstddef>
#include <cstdint>

namespace orrery::head {

inline constexpr base::TimeNs kDeadAfterNs = 6 * base::kSecond;     // without a heartbeat (one comes each second)
inline constexpr base::TimeNs kRequestNs = 10 * base::kSecond;      // a node's answer to a preview, bytes or kill
inline constexpr base::TimeNs kNodeStartNs = 20 * base::kSecond;    // from AddNode until the node has registered
inline constexpr base::TimeNs kNodeStopNs = 5 * base::kSecond;      // from StopNode until it is gone; then SIGKILL
inline constexpr base::TimeNs kDrainNs = 30 * base::kSecond;        // a node that drains has moved everything, or is stopped with what it has
inline constexpr base::TimeNs kDrainHomesNs = 15 * base::kSecond;   // a run homed there rests, or gets its next home with tasks that run: these begin anew
inline constexpr std::uint16_t kTracksPerBlock = 256;               // worker numbers a node gets at once
inline constexpr std::uint16_t kTracksLowMark = 64;                 // so few left: another block
inline constexpr std::uint16_t kTracksAdoptedMax = 1024;            // numbers that a node may claim of those an earlier head gave
inline constexpr std::uint16_t kTracksEnd = 0xfff0;                 // u16, kNoWorker is above
inline constexpr std::size_t kNodesMax = 4096;                      // rows kept, dead ones included
inline constexpr std::size_t kWorkersKept = 4096;                   // dead workers' rows kept
inline constexpr std::size_t kRunsKept = 1000;                      // finished runs' rows kept in memory
inline constexpr std::size_t kStoresKept = 8;                       // finished runs whose trace is kept in memory
inline constexpr std::size_t kStoresLoaded = 4;                     // likewise, of runs whose trace was loaded from its record
inline constexpr std::size_t kObjectRunsKept = 4;                   // finished runs whose objects are kept on their nodes
inline constexpr std::size_t kStartsWaitingMax = 100;               // StartRun before the first catalog is there
inline constexpr std::size_t kRunsActiveMax = 1000;                 // queued and running
inline constexpr std::uint32_t kHomeDeathsMax = 3;                  // a run whose homes died so often fails: it may be the cause
inline constexpr std::size_t kLogLinesMax = 100'000;                // ring of log lines
inline constexpr std::size_t kLogBytesMax = 32u << 20;
inline constexpr std::size_t kLogLineBytesMax = 16u << 10;          // a longer line is cut
inline constexpr std::size_t kDeltaBytesMax = 1u << 20;             // blocks and lines of one delta
inline constexpr base::TimeNs kAskSliceNs = base::kMillisecond;
static_assert(kDrainHomesNs < kDrainNs);

} // namespace orrery::head
