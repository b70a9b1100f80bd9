// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunArchive: writes the .orun of every run that is recorded now, on a thread of its own, one connection a file. Blocks that
// pile up during one commit go into the next; no timer.
// All calls return at once, from any thread. A done runs once, after its block is in the file (problem empty) or with the
// sentence why it is not; then that run is not recorded any more ("recorded: no"), every later call for it gets the same
// sentence at once, and all other runs go on. What was written stays readable.
// Bound: kArchiveBytesMax of blocks wait at most; a run that would exceed it is not recorded any more.
// Lifetime: the destructor writes what waits; records that were not closed stay incomplete and readable.

#include "engine/archive/journal.h"
#include "engine/archive/run_file.h"

#include <deque>

namespace orrery::archive {

inline constexpr std::uint64_t kArchiveBytesMax = 256u << 20;

class RunArchive {
public:
    struct Options {
        std::filesystem::path folder;
        Deliver deliver;
        std::uint64_t fileBytesMax = 0;  // of one record; 0: none
        std::uint64_t waitingBytesMax = kArchiveBytesMax;
    };
    // Makes the folder; mends the records that a killed head left (on the archive's thread).
    explicit RunArchive(Options options);
    ~RunArchive();
    RunArchive(const RunArchive&) = delete;
    RunArchive& operator=(const RunArchive&) = delete;

    // Begins a fresh record; an earlier one of this run (of an earlier home) is replaced.
    void open(RunEntry run, RecordInfo info);
    void append(const base::RunId& run, std::uint64_t number, types::BlockBytes bytes, Done done);
    void addLogs(const base::RunId& run, std::vector<types::LogLine> lines);
    // Replaces what was told before: nodes and workers as they are now.
    void setMembers(const base::RunId& run, std::vector<types::NodeRow> nodes, std::vector<types::WorkerRow> workers);
    // A value a person chose to keep, with its header.
    void addObject(const base::RunId& run, std::uint32_t row, std::uint16_t output, base::Bytes value);
    // The run has ended; its record becomes one durable file.
    void close(RunEntry run, Done done = {});
    // Waits until everything before was written or given up. Never on a loop.
    void wait();
    std::filesystem::path pathOf(std::uint32_t number, const base::RunId& run) const { return m_options.folder / runFileName(number, run); }

    struct Figures {
        std::uint64_t blocks = 0, bytes = 0, commits = 0, failures = 0;
        std::uint64_t waitingBytesMost = 0;
    };
    Figures figures() const;

private:
    struct Open { RunEntry run; RecordInfo info; };
    struct Append { std::uint64_t number = 0; types::BlockBytes bytes; Done done; };
    struct Logs { std::vector<types::LogLine> lines; };
    struct Members { std::vector<types::NodeRow> nodes; std::vector<types::WorkerRow> workers; };
    struct Object { std::uint32_t row = 0; std::uint16_t output = 0; base::Bytes value; };
    struct Close { RunEntry run; Done done; };
    struct Order {
        base::RunId run;
        std::uint64_t bytes = 0;
        std::variant<Open, Append, Logs, Members, Object, Close> what;
    };
    // A run on the archive's thread.
    struct Recording {
        std::unique_ptr<RunFile> file; // null: given up
        std::string problem;           // why
        std::vector<Done> dones;       // of what waits for the commit
    };

    void give(Order order);
    void work();
    void mendAll();
    void carry(Order& order);
    base::Result<void> carry(Recording& recording, Order& order);
    void giveUp(Recording& recording, const std::string& problem);
    void commit(Recording& recording);
    void answer(std::vector<Done> dones, const std::string& problem);

    const Options m_options;
    std::map<base::RunId, Recording> m_recordings; // of the thread
    mutable std::mutex m_mutex; // guards everything below
    std::condition_variable m_work, m_idle;
    std::deque<Order> m_orders;
    std::uint64_t m_waitingBytes = 0;
    std::map<base::RunId, std::string> m_refused; // runs that are not recorded any more, and why
    std::uint64_t m_given = 0, m_settled = 0;
    bool m_stop = false;
    Figures m_figures;
    std::thread m_thread;
};

} // namespace orrery::archive
