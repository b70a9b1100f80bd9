// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Journal: the head's control store, <folder>/control.db: cluster, head epoch, runs, nodes, join tokens, members.
// Its own thread owns the one connection (WAL, synchronous=FULL). Group commit without a timer: a commit takes what piled up
// during the last one, so one entry waits for one fsync and ten thousand wait for two.
// record() returns at once, from any thread. done runs once, after the entry is on the disk (problem empty) or was given up
// (one sentence). Entries of the same id that wait together become one: the last one holds, each done is called.
// A failed commit keeps nothing of entries whose done was told so; entries without a done stay and are tried with the next.
// After a failed fsync the kernel may have dropped what was to be written: the journal then refuses everything (the head must
// start anew, which reads what is really there).
// Bound: kEntriesWaitingMax distinct entries; beyond it record() answers with a problem.
// Lifetime: the destructor commits what waits, calls what is due and closes.

#include "engine/archive/data_lock.h"
#include "engine/archive/database.h"
#include "engine/archive/records.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace orrery::archive {

inline constexpr std::size_t kEntriesWaitingMax = 100'000;

using Done = std::function<void(std::string problem)>;
// How callbacks reach their thread (Loop::post of the head's loop). Empty: they run on the thread of the journal or archive.
using Deliver = std::function<void(std::function<void()>)>;

class Journal {
public:
    struct Options {
        std::filesystem::path folder;
        Deliver deliver;
        base::ClusterId newCluster;    // identity of a cluster that begins now
        TimeNs nowWallNs = 0;
        base::UniqueFd lock;           // handed over by the last head; none: taken here
        std::uint64_t bytesMax = 0;    // of the file; 0: none
    };
    // Opens or makes the store: lock, quick_check, migrations (after a copy), head epoch + 1, all of it durable on return.
    static base::Result<std::unique_ptr<Journal>> open(Options options);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    const Loaded& loaded() const { return m_loaded; }
    void record(Entry entry, Done done = {});
    // Waits until everything recorded before is durable or was given up, and has told so (or, with a deliverer, has given it the
    // answer). Never on a loop nor in a Done. The first problem since the last wait.
    base::Result<void> wait();
    int lockFd() const { return m_lock.fd(); }
    const std::filesystem::path& path() const { return m_path; }

    struct Figures {
        std::uint64_t entries = 0, commits = 0, failures = 0;
        std::int64_t commitNsMax = 0;
    };
    Figures figures() const;

private:
    struct Waiting {
        Entry entry;
        std::vector<Done> dones;
    };
    using Key = std::pair<std::size_t, base::Hash128>; // kind and id
    using Batch = std::map<Key, Waiting>;

    Journal(DataLock lock, Database database, std::filesystem::path path, Deliver deliver);
    base::Result<void> load(const Options& options);
    base::Result<void> loadMembers();
    base::Result<void> eachRow(const std::string& question, const std::function<base::Result<void>(Statement&)>& read);
    base::Result<void> prepare();
    void work();
    base::Result<void> commit(const Batch& batch);
    base::Result<void> write(const Entry& entry);
    base::Result<void> writeToken(const TokenEntry& token);
    void answer(std::vector<Done> dones, const std::string& problem);
    static Key keyOf(const Entry& entry);

    const DataLock m_lock;
    const std::filesystem::path m_path;
    const Deliver m_deliver;
    Loaded m_loaded;           // constant after open()
    Database m_database;       // of the thread once it runs, like the statements
    Statement m_putRun, m_putNode, m_putToken, m_dropToken, m_putMember, m_putDenied;

    mutable std::mutex m_mutex; // guards everything below
    std::condition_variable m_work, m_idle;
    Batch m_waiting;
    std::uint64_t m_recorded = 0;  // entries taken in
    std::uint64_t m_settled = 0;   // of them, those committed or given up
    std::uint64_t m_answered = 0;  // of those, the ones that told so
    bool m_stop = false;
    std::string m_broken;          // why nothing can be written any more
    std::string m_problem;         // first one since the last wait()
    Figures m_figures;
    std::thread m_thread;
};

} // namespace orrery::archive
