// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunStore: one run as its trace blocks tell it: blocks in; rows, counters, open spans and objects out. The head keeps one a
// run, the window's mirror and the recorded session another, all of the same bytes.
// State is a function of (row, time); "now" is the last instant. What the blocks say is kept as blocks; beside them lie only
// small columns for each row and each object, so that a million tasks take some 60 MB.
//
// Order. A row's events are ordered by attempt number; within an attempt: marks while it is open (in order of arrival), then
// its end, then a final mark (Skipped, Cancelled, Cached). The last in that order is the row's state, whatever order the lists
// of one block had. An attempt's record tells its whole way (ready, submitted, started, ended), so marks add only what no
// record tells. No event is earlier than the one before it: times are clamped forward, so no view shows an effect before its cause.
//
// Thread: one thread applies; const methods from others only while nobody applies. Pure: no clock, no I/O, no threads.
// Invariants (audit()): counters equal a recount over rows; a vertex' counters sum to the run's; open spans are exactly the
// rows that run; each object hangs on its row once; copies are counted as they lie; the state of a row is the last of its history; rows are dense.

#include "engine/trace/block.h"

#include <map>
#include <optional>
#include <span>
#include <unordered_map>

namespace orrery::trace {

using types::kNoRow;
using types::StateCounts;
using types::TaskState;

inline constexpr std::uint32_t kRowsMax = 16u << 20; // of one run; a block that tells more is refused
inline constexpr std::uint32_t kNone = 0xffffffffu;
inline constexpr std::size_t kCopiesMax = 256; // of one object; what is told beyond is not counted

enum class Applied : std::uint8_t {
    Now,
    Already,       // it was applied before; nothing changed
    OfEarlierHome, // its home epoch is over; nothing changed
    Gap,           // a block between is missing; nothing changed. Ask for blocks() + 1 and what follows (epoch: 1).
};

struct StateChange {
    TimeNs atNs = 0;
    TaskState state = TaskState::PendingArgs;
    std::uint8_t attempt = 1;
    std::uint16_t worker = types::kNoWorker;
    types::Cause cause = types::Cause::None; // of an attempt's end
    std::uint32_t error = 0;                 // index for errorText()
};

struct OpenSpan {
    std::uint16_t worker = 0; // track
    std::uint32_t row = 0;
    TimeNs startNs = 0;
};

struct ObjectTotals {
    std::array<std::uint32_t, 6> count{}; // by ObjectState
    std::array<std::uint64_t, 6> bytes{};
    bool operator==(const ObjectTotals&) const = default;
};

class RunStore {
public:
    explicit RunStore(base::RunId run) : m_run(run) {}
    // All of a block or nothing. BadInput: the bytes are damaged or contradict what is known (a row of another vertex, a text
    // that is missing); the message says how. A block of a newer home epoch with number 1 forgets everything first.
    base::Result<Applied> apply(const BlockBytes& bytes);

    // ---- blocks ----
    base::RunId run() const { return m_run; }
    std::uint64_t homeEpoch() const { return m_homeEpoch; }
    std::uint64_t blocks() const { return m_blocks.size(); }               // numbers 1..blocks() are here
    const BlockBytes& block(std::uint64_t number) const { return m_blocks[number - 1].bytes; }
    TimeNs firstNs() const { return m_firstNs; }                           // of everything told; 0 while nothing is
    TimeNs lastNs() const { return m_lastNs; }
    std::uint64_t blockBytes() const { return m_blockBytes; }

    // ---- counters ----
    std::uint32_t rows() const { return static_cast<std::uint32_t>(m_state.size()); }
    const StateCounts& counts() const { return m_counts; }
    std::size_t vertices() const { return m_vertices.size(); }             // highest vertex told + 1
    const types::VertexCounts& vertex(std::size_t vertex) const { return m_vertices[vertex].counts; }
    // Number of the block that changed this vertex' counters last; who pushes deltas remembers the last one sent.
    std::uint64_t vertexChanged(std::size_t vertex) const { return m_vertices[vertex].changed; }
    std::uint64_t attempts() const { return m_attempts; }                  // ended ones
    std::uint64_t retries() const { return m_retries; }                    // of them, those that ended in Retrying
    std::uint64_t reexecuted() const { return m_reexecuted; }              // attempts begun beyond the first of their row
    const ObjectTotals& objectTotals() const { return m_objectTotals; }
    // Sets counts, tasks and reexecuted.
    void fill(types::RunRow& row) const;

    // ---- rows; REQUIRES row < rows() ----
    TaskState state(std::uint32_t row) const { return m_state[row]; }
    std::uint16_t vertexOf(std::uint32_t row) const { return m_vertex[row]; }
    std::uint32_t mapIndex(std::uint32_t row) const { return m_mapIndex[row]; }
    std::uint8_t attemptOf(std::uint32_t row) const { return m_attempt[row]; } // the newest told
    std::uint16_t workerOf(std::uint32_t row) const { return m_worker[row]; }  // of the newest attempt that had one
    // kNoRow: no such map index (yet).
    std::uint32_t rowOf(std::uint16_t vertex, std::uint32_t mapIndex) const;
    TimeNs createdNs(std::uint32_t row) const { return rangeOf(row).atNs; }    // when the row came to be
    std::uint32_t endedAttempts(std::uint32_t row) const;
    std::optional<types::Attempt> lastAttempt(std::uint32_t row) const;    // that ended
    std::vector<types::Attempt> attemptsOf(std::uint32_t row) const;       // ended ones, by number
    std::vector<OpenSpan> openSpans() const;                               // by track
    // "": none, or unknown index.
    const std::string& errorText(std::uint32_t index) const;

    // ---- time ----
    std::vector<StateChange> history(std::uint32_t row) const;
    // Nothing: the row was not there yet.
    std::optional<TaskState> stateAt(std::uint32_t row, TimeNs at) const;
    // Every row at once, much faster than one by one; kNotYet where the row was not there yet.
    static constexpr std::uint8_t kNotYet = 0xff;
    void statesAt(TimeNs at, std::vector<std::uint8_t>& out) const;
    // What happened to one task, in sentences; for the inspector and for the text of a failed check.
    std::vector<std::string> story(std::uint32_t row) const;

    // ---- objects ----
    std::uint32_t objects() const { return static_cast<std::uint32_t>(m_objects.size()); } // ids ever told, freed ones too
    std::uint32_t findObject(std::uint32_t row, std::uint16_t output) const;               // kNone: never told
    types::ObjectRecord object(std::uint32_t index) const;                                 // REQUIRES index < objects()
    types::ObjectState objectState(std::uint32_t index) const { return m_objects[index].state; }
    std::uint32_t objectRow(std::uint32_t index) const { return m_objects[index].row; }
    std::uint64_t objectBytes(std::uint32_t index) const { return m_objects[index].bytes; }
    std::uint16_t objectOutput(std::uint32_t index) const { return m_objects[index].output; }
    TimeNs objectMadeNs(std::uint32_t index) const { return objectRecord(m_objects[index].made).atNs; }
    std::uint32_t firstObject(std::uint32_t row) const { return m_firstObject[row]; }      // kNone: none
    std::uint32_t nextObject(std::uint32_t index) const { return m_objects[index].next; }  // of the same row
    // Nodes where it lies beside its primary, now.
    std::span<const std::uint16_t> copiesOf(std::uint32_t index) const;
    std::uint64_t copies() const { return m_copyCount; }                                   // of all objects, now
    // What came and went, as the block tells it. fn(const types::CopyRecord&).
    template <typename Fn>
    void eachCopyOfBlock(std::uint64_t number, Fn fn) const
    {
        const auto view = BlockView::trusted(*m_blocks[number - 1].bytes);
        for (std::uint32_t i = 0; i < view.header().copies; ++i) fn(view.copy(i));
    }

    // ---- health ----
    // The first thing that a sender told and that cannot be ("attempt 1 of row 5 ended twice"); empty: none. It was not counted.
    const std::string& problem() const { return m_problem; }
    std::uint64_t problems() const { return m_problems; }
    // "" or the first broken invariant. Looks at everything: for tests.
    std::string audit() const;
    struct Memory {
        std::uint64_t blockBytes = 0, rowBytes = 0, objectBytes = 0, otherBytes = 0;
        std::uint64_t all() const { return blockBytes + rowBytes + objectBytes + otherBytes; }
    };
    Memory memory() const;

    // Attempts in the order of their blocks, as the tables and the timeline read them. fn(globalIndex, const Attempt&).
    template <typename Fn>
    void eachAttemptOfBlock(std::uint64_t number, Fn fn) const
    {
        const Sealed& sealed = m_blocks[number - 1];
        BlockView::trusted(*sealed.bytes).eachAttempt([&](std::uint32_t i, const types::Attempt& attempt) { fn(sealed.firstAttempt + i, attempt); });
    }
    std::uint32_t attemptsBefore(std::uint64_t number) const { return m_blocks[number - 1].firstAttempt; } // its first globalIndex
    // This record is the one that counts for its row: the newest that ended.
    bool isLast(std::uint32_t row, std::uint32_t globalIndex) const { return m_last[row] == globalIndex; }
    types::Attempt attempt(std::uint32_t globalIndex) const; // opens the block each time

private:
    enum class Phase : std::uint8_t { Open, Ended, Final };
    struct Sealed {
        BlockBytes bytes;
        std::uint32_t firstAttempt = 0, firstMark = 0, firstObject = 0; // counted over all blocks
        TimeNs firstNs = 0, lastNs = 0;
    };
    struct VertexState {
        types::VertexCounts counts;
        std::uint64_t changed = 0;
    };
    struct Object {
        std::uint64_t bytes = 0;
        std::uint32_t row = 0;
        std::uint32_t next = kNone; // another output of the same row
        std::uint32_t made = 0;     // record that describes it
        std::uint32_t last = 0;     // newest record
        std::uint16_t output = 0;
        types::ObjectState state = types::ObjectState::Memory;
    };

    base::Result<void> fits(const BlockView& view) const;
    void clear();
    void applyRange(const types::RowRange& range);
    void applyAttempt(std::uint32_t globalIndex, const types::Attempt& attempt);
    void applyMark(std::uint32_t globalIndex, const types::StateMark& mark);
    void applyObject(std::uint32_t globalIndex, const types::ObjectRecord& object);
    void applyCopy(const types::CopyRecord& copy);
    void enter(std::uint32_t row, TaskState state, std::uint8_t attempt, Phase phase, std::uint16_t worker, TimeNs atNs);
    void tell(std::string problem);
    const Sealed& sealedOf(std::uint32_t globalIndex, std::uint32_t Sealed::*first) const;
    types::StateMark mark(std::uint32_t globalIndex) const;
    types::ObjectRecord objectRecord(std::uint32_t globalIndex) const;
    const types::RowRange& rangeOf(std::uint32_t row) const;
    void collect(std::uint32_t row, std::vector<StateChange>& out) const;
    std::vector<std::uint32_t> linkedAttempts(std::uint32_t row) const;

    const base::RunId m_run;
    std::uint64_t m_homeEpoch = 0;
    std::vector<Sealed> m_blocks;
    std::uint64_t m_blockBytes = 0;
    TimeNs m_firstNs = 0, m_lastNs = 0;
    // by row
    std::vector<TaskState> m_state;
    std::vector<Phase> m_phase;
    std::vector<std::uint8_t> m_attempt;
    std::vector<std::uint16_t> m_worker;
    std::vector<std::uint16_t> m_vertex;
    std::vector<std::uint32_t> m_mapIndex;
    std::vector<std::uint32_t> m_last;        // newest ended attempt, counted over all blocks
    std::vector<std::uint32_t> m_lastMark;
    std::vector<std::uint32_t> m_firstObject; // index into m_objects
    // sparse, of rows that were tried more than once: their older attempts
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> m_earlier;
    std::vector<std::uint32_t> m_markBefore;  // by mark: the one before it of the same row
    std::vector<types::RowRange> m_ranges;    // by first row
    std::unordered_map<std::uint16_t, std::vector<std::uint32_t>> m_rangesOfVertex; // indexes into m_ranges
    std::vector<VertexState> m_vertices;
    StateCounts m_counts{};
    std::map<std::pair<std::uint16_t, std::uint32_t>, TimeNs> m_open; // (track, row) -> start
    std::vector<Object> m_objects;
    ObjectTotals m_objectTotals;
    std::uint32_t m_objectRecords = 0;
    std::unordered_map<std::uint32_t, std::vector<std::uint16_t>> m_copies; // by object, never empty: nodes, by age
    std::uint64_t m_copyCount = 0;
    std::uint32_t m_attempts = 0;
    std::uint64_t m_retries = 0;
    std::uint64_t m_reexecuted = 0;
    std::vector<std::string> m_errors;
    std::string m_problem;
    std::uint64_t m_problems = 0;
};

} // namespace orrery::trace
