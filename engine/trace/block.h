// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Trace blocks: what one home node tells of one run, sealed. The same bytes lie in the node's memory, on the wire, in the
// head's RunStore, in the .orun and in the window's mirror; nobody writes into them again.
// A block is a header and sections of columns (column.h): ranges, marks, attempts, objects, error texts; and copies of values on other
// nodes, in version 2. A block without any is of version 1.
// When to seal (the node): at kAttemptsPerBlock, when full(), and every 100 ms when not empty.
// Times inside are cluster time already (the node adds its offset); the header says which offset and how sure it was.
// Order: inside a block the lists are in the order in which they were added, but the order between two lists is not kept.
// RunStore therefore orders by attempt: marks of an open attempt, its end, then a final mark (run_store.h).
// Thread: a writer belongs to one thread; sealed bytes are shared freely.

#include "engine/trace/column.h"
#include "engine/types/session_values.h"

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace orrery::trace {

using base::TimeNs;
using types::BlockBytes;

inline constexpr std::uint32_t kAttemptsPerBlock = 4096;
inline constexpr std::size_t kBlockBytesWished = 512 * 1024;   // full() from here on
inline constexpr std::uint32_t kBlockItemsMax = 1u << 18;      // in one list; a reader refuses more
inline constexpr std::size_t kBlockBytesMax = 64u << 20;
inline constexpr std::size_t kErrorBytesMax = 4096;            // a longer text is cut
inline constexpr TimeNs kTimeLimitNs = TimeNs{1} << 59;        // no time, duration or offset is beyond (18 years)

struct BlockHeader {
    base::RunId run;
    std::uint64_t homeEpoch = 0;
    std::uint64_t number = 0;         // 1, 2, ... per run and home epoch
    std::uint16_t node = 0;           // number of the node that wrote it
    std::int64_t clockOffsetNs = 0;   // was added to the node's monotonic clock
    std::int64_t clockErrorNs = 0;    // times are right to +- this
    TimeNs firstNs = 0, lastNs = 0;   // of everything inside; a time of 0 ("not known") does not count
    std::uint32_t ranges = 0, marks = 0, attempts = 0, objects = 0, errors = 0, copies = 0;
    std::uint32_t firstError = 1;     // index of the first text in this block; 0 means none
};

class BlockWriter {
public:
    BlockWriter(base::RunId run, std::uint16_t node, std::uint64_t homeEpoch);
    void setClock(std::int64_t offsetNs, std::int64_t errorNs);
    // REQUIRES for each: the list holds fewer than kBlockItemsMax (seal when full()). What a worker claimed (times, sizes) is
    // brought within the format's bounds, so that one wild clock never makes a block that its reader must refuse.
    void add(const types::RowRange& range);
    void add(const types::StateMark& mark);
    void add(const types::Attempt& attempt);
    void add(const types::ObjectRecord& object);
    void add(const types::CopyRecord& copy);
    // Index for Attempt::error. The same text gets the same index again while it is among the last kErrorTextsKept.
    std::uint32_t addError(std::string_view text);
    std::size_t attempts() const { return m_attempts.size(); }
    std::size_t bytes() const; // of the sealed block, about
    bool full() const { return m_attempts.size() >= kAttemptsPerBlock || bytes() >= kBlockBytesWished; }
    bool empty() const { return m_ranges.empty() && m_marks.empty() && m_attempts.empty() && m_objects.empty() && m_errors.empty() && m_copies.empty(); }
    // Makes the block and begins the next. number: from 1, rising by one.
    BlockBytes seal(std::uint64_t number);

private:
    static constexpr std::size_t kErrorTextsKept = 1024;

    const base::RunId m_run;
    const std::uint16_t m_node;
    const std::uint64_t m_homeEpoch;
    std::int64_t m_clockOffsetNs = 0;
    std::int64_t m_clockErrorNs = 0;
    std::vector<types::RowRange> m_ranges;
    std::vector<types::StateMark> m_marks;
    std::vector<types::Attempt> m_attempts;
    std::vector<types::ObjectRecord> m_objects;
    std::vector<types::CopyRecord> m_copies;
    std::vector<std::string> m_errors;
    std::size_t m_errorBytes = 0;
    std::uint32_t m_nextError = 1;
    std::unordered_map<std::string, std::uint32_t> m_errorIndexes;
    std::vector<std::int64_t> m_scratch;
    base::Bytes m_section;
};

class BlockView {
public:
    // Checks everything that reading relies on: sizes, checksum, enums, indexes, times. The message says what is wrong.
    static base::Result<BlockView> open(std::span<const std::byte> bytes);
    // Without the checks that cost time. REQUIRES: open() took these very bytes before.
    static BlockView trusted(std::span<const std::byte> bytes);

    const BlockHeader& header() const { return m_header; }
    // REQUIRES for each: i < the header's count.
    types::RowRange range(std::uint32_t i) const;
    types::StateMark mark(std::uint32_t i) const;
    types::Attempt attempt(std::uint32_t i) const;
    types::ObjectRecord object(std::uint32_t i) const;
    types::CopyRecord copy(std::uint32_t i) const;
    std::string_view error(std::uint32_t i) const; // i-th of this block
    // Attempts [first, first + out.size()), much faster than one by one.
    void attempts(std::uint32_t first, std::span<types::Attempt> out) const;
    template <typename Fn>
    void eachAttempt(Fn fn) const // fn(index in the block, const Attempt&)
    {
        std::array<types::Attempt, kStripe> stripe;
        for (std::uint32_t first = 0; first < m_header.attempts; first += kStripe) {
            const std::uint32_t count = std::min(kStripe, m_header.attempts - first);
            attempts(first, std::span(stripe).first(count));
            for (std::uint32_t i = 0; i < count; ++i) fn(first + i, stripe[i]);
        }
    }

    // One column, for whoever wants nothing else. Lag: start - submit; Duration: end - start; IndexLessRow: mapIndex - row.
    enum class AttemptColumn : std::uint8_t {
        Row, IndexLessRow, Vertex, Worker, Number, Outcome, Cause, Outputs, End, Duration, Lag, WaitUs, CpuUs, BytesOut, PeakKiB, Error
    };
    static constexpr std::size_t kAttemptColumns = 16;
    const Column& column(AttemptColumn which) const { return m_attempts[static_cast<std::size_t>(which)]; }

private:
    static constexpr std::uint32_t kStripe = 256;
    static constexpr std::size_t kRangeColumns = 6;
    static constexpr std::size_t kMarkColumns = 5;
    static constexpr std::size_t kObjectColumns = 15;
    static constexpr std::size_t kCopyColumns = 7;
    static base::Result<BlockView> parse(std::span<const std::byte> bytes);
    base::Result<void> check() const;
    bool spanHolds() const;

    BlockHeader m_header;
    std::array<Column, kRangeColumns> m_ranges;
    std::array<Column, kMarkColumns> m_marks;
    std::array<Column, kAttemptColumns> m_attempts;
    std::array<Column, kObjectColumns> m_objects;
    std::array<Column, kCopyColumns> m_copies;
    Column m_errorSizes;
    std::span<const std::byte> m_errorText;
};

} // namespace orrery::trace
