// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// GuestTable: the other nodes that run tasks of one run, as its home sees them: how many tasks of each class each of them takes,
// which it has, and what became of them. It stands between the RunTable and the messages.
// Pure: events in as calls, messages out through the port; no I/O, no clock. Runs on: the home node's loop.
// A guest that is gone takes nothing with it: tasks that had begun are attempts lost, the others go elsewhere and do not count.
// A guest's first message is its inventory. Before the RunTable has started it is handed to it; what is told later comes too late
// and is freed there.
// A guest that is to leave (leave()) gets no more and gives back what it has not begun; what it has begun ends there and counts. It
// stays until letGo(): ValueMoves says when.
// A home that is to be another node's (pause()) treats all guests so, and keeps them.
// Invariants (audit()): a guest's tasks of a class are counted right; a row is at one guest at most.

#include "engine/net/peer_link.h"
#include "engine/owner/run_table.h"

#include <map>
#include <string>
#include <vector>

namespace orrery::owner {

class GuestTable {
public:
    struct Port {
        virtual ~Port() = default;
        virtual void send(std::uint16_t node, net::ToGuest message) = 0;
        // What the outputs of the attempt that finishes now are; valid inside the call of the table only.
        virtual void facts(const std::vector<net::PeerOutput>* outputs) = 0;
        // What a value of an earlier home is.
        virtual void facts(const net::ObjectKey& key, const net::ValueFacts& facts) = 0;
    };
    GuestTable(RunTable& table, std::uint64_t epoch, Port& port) : m_table(table), m_epoch(epoch), m_port(port) {}

    // ---- events ----
    void add(std::uint16_t node, std::shared_ptr<const types::Graph> graph);
    void gone(std::uint16_t node, const std::string& why, TimeNs now);
    // Of a guest that is not here, or another epoch: ignored. Times in it are home's.
    void on(std::uint16_t node, net::ToHome& message, TimeNs now);
    // By class: tasks that run at home at once.
    void setHomeWorkers(std::vector<std::uint32_t> workers) { m_homeWorkers = std::move(workers); }
    // Hands out what is ready, and says what else is; where nothing is and a guest is idle, another gives some back for it.
    void pump(TimeNs now);
    // The run was stopped: what has not begun comes back, what runs is cancelled.
    void cancelAll();
    // The home has nothing to do for this class: the guest that has most gives back half of what it has not begun, if that is more
    // than one, and than perWorker for each of its workers.
    bool recall(std::size_t classIndex, std::size_t perWorker = 0); // true: one was asked
    void close(); // the run is forgotten
    void leave(std::uint16_t node);
    // It is told so and is a guest no more; values that lie there only are lost. REQUIRES: it has no task.
    void letGo(std::uint16_t node, std::uint32_t moved, std::uint32_t left, TimeNs now);
    void pause(); // for good
    // A value of a guest that leaves is to lie at `node`, too; takeKept() tells what came of it.
    void bring(std::uint16_t node, net::WantedValue what) { m_port.send(node, net::BringValue{m_table.run(), m_epoch, std::move(what)}); }
    struct Kept {
        std::uint16_t node = 0;
        net::ObjectKey key;
        bool kept = false;
        bool gone = false; // the guest is, and with it whatever it was to bring
    };
    std::vector<Kept> takeKept() { return std::exchange(m_kept, {}); }

    // ---- values, as the RunTable tells them ----
    void free(std::uint16_t node, const net::ObjectKey& key);
    void keep(std::uint16_t node, const net::ObjectKey& key);

    net::ObjectKey keyOf(std::uint32_t row, std::uint16_t output) const { return {m_table.vertexOf(row), output, m_table.indexOf(row)}; }
    // Every guest has told its inventory. late: who stays is not waited for any more; who leaves is, because it has what it has for us.
    bool heard(bool late = false) const;
    std::size_t guests() const { return m_guests.size(); }
    bool has(std::uint16_t node) const { return m_guests.count(node) > 0; }
    std::size_t tasksAt(std::uint16_t node) const;
    std::size_t tasks() const; // at all of them
    std::vector<std::uint16_t> leaving() const;
    std::vector<std::uint16_t> staying() const;
    std::string audit() const;

private:
    struct InFlight {
        std::uint8_t attempt = 1;
        std::size_t classIndex = 0;
        bool began = false;
    };
    struct Guest {
        std::vector<std::uint32_t> window, workers, held; // by class
        std::vector<std::uint32_t> offered;      // as it was told last
        std::map<std::uint32_t, InFlight> tasks; // by row
        std::vector<net::ObjectKey> toFree;
        std::map<std::uint32_t, std::vector<std::uint16_t>> copies; // by row that is made there: outputs of an earlier attempt that lie there too
        bool recalling = false; // some were asked back; its next credit ends that
        bool leaving = false;
        std::size_t told = 0;   // values of its inventory
        std::size_t inlineTold = 0; // bytes of its inline ones
        bool heard = false;     // it has told all of it
    };
    bool over(Guest& guest, std::uint32_t row, std::uint8_t attempt);
    net::PeerTask taskOf(std::uint32_t row) const;
    void inventory(std::uint16_t node, Guest& guest, const net::Inventory& message);
    void done(std::uint16_t node, Guest& guest, net::TaskDone& message, TimeNs now);
    void settle(std::uint16_t node, Guest& guest);
    void back(std::uint16_t node, Guest& guest, const net::TaskBack& message, TimeNs now);
    bool known(const net::ObjectKey& key) const;
    std::size_t room(const Guest& guest, std::size_t classIndex) const;
    std::size_t waitingAt(const Guest& guest, std::size_t classIndex) const;
    void flushFree(std::uint16_t node, Guest& guest);
    void recallAll(std::uint16_t node);
    void forgetKept(std::uint16_t node);

    RunTable& m_table;
    const std::uint64_t m_epoch;
    Port& m_port;
    std::map<std::uint16_t, Guest> m_guests;
    std::vector<std::uint32_t> m_homeWorkers; // by class
    TimeNs m_helpedNs = 0; // when one guest was asked for what another may do
    bool m_paused = false;
    std::vector<Kept> m_kept;
    std::map<std::uint32_t, int> m_noRoom; // by row: how often a guest had no room for its arguments
};

// A later home waits so long for the inventories of guests that are alive and silent; what they have is made again then.
inline constexpr TimeNs kInventoryWaitNs = 2 * base::kSecond;
inline constexpr TimeNs kInventoryWaitMovedNs = 8 * base::kSecond; // of a run that lost nothing: until the head would have given a silent one up
inline constexpr std::size_t kTasksPerPush = 256;
// An idle guest is helped when another has so many that it has not begun, and not more often. At the end of each vertex some are
// idle, and among a hundred nodes always: to ask for every one costs more messages than it moves tasks (44 a task, measured).
inline constexpr std::size_t kManyPerWorker = 4;
inline constexpr TimeNs kHelpAgainNs = 10 * base::kMillisecond;
inline constexpr std::size_t kKeptMax = 4096; // answers that wait for takeKept(); there are no more than ValueMoves has asked for
inline constexpr int kNoRoomMax = 8; // times; then the task is refused
inline constexpr std::size_t kFreesPerMessage = 256;

} // namespace orrery::owner
