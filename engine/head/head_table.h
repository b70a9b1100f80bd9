// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HeadTable: everything the head decides: who belongs to the cluster, which node is home of which run, what is durable before
// what is told, who is answered what. Events in, effects out; no thread, file, socket, clock or random number.
// Runs on: the head's loop (or a simulator). Lives: as long as the head.
//
// A run's way:  StartRun -> checked whole -> Queued, on its way into the control store -> (durable) answered
//   -> a node is chosen: Running, HomeRun sent -> trace blocks, acknowledged when recorded -> RunEnded: Succeeded, Failed or Stopped.
//   Its home dies: Queued again, another home of a higher epoch. What an earlier home still says is fenced by the epoch.
//   The head dies: the next head finds the run in the control store and does the same.
// A head that ends by Shutdown stops every run first; one that ends otherwise leaves them to the next head.
// Messages may come doubled, late or never: every handler can be called again with the same message.
//
// Invariants (audit()): those of the parts (member_table.h, run_book.h, log_ring.h), and: the home of a run that runs is alive;
// every open request goes to a node that is alive and connected; every ticket taken in was answered or is held in one place.

#include "engine/base/log.h"
#include "engine/head/log_ring.h"
#include "engine/head/member_table.h"
#include "engine/head/request_table.h"
#include "engine/head/run_book.h"
#include "engine/head/story.h"

#include <deque>

namespace orrery::head {

struct TableOptions {
    std::string host;                  // nodes of this host are local: they can be killed by pid
    std::string whyNoNodes;            // why no node can be started here; empty: it can
};

class HeadTable {
public:
    HeadTable(Stored stored, TableOptions options, Now now, Effects& out);
    HeadTable(const HeadTable&) = delete;
    HeadTable& operator=(const HeadTable&) = delete;

    // Effects are appended to out.
    void apply(Event event, Now now, Effects& out);
    // When a Tick is due at the latest, cluster clock; -1: none. May change with every apply().
    TimeNs nextDeadlineNs() const;

    // ---- what the world looks like now ----
    std::uint64_t headEpoch() const { return m_headEpoch; }
    // Rises with the head's epoch and whenever a run's trace began anew: a mirror then forgets what it has.
    std::uint64_t viewEpoch() const { return (m_headEpoch << 20) + m_traceRestarts; }
    std::uint64_t version() const { return m_version; } // rises with every change that a watch could tell
    const MemberTable& members() const { return m_members; }
    const RunBook& runs() const { return m_runs; }
    const LogRing& logs() const { return m_logs; }
    const std::shared_ptr<const types::Catalog>& catalog() const { return m_catalog; }
    std::uint64_t catalogVersion() const { return m_catalogVersion; }
    bool ending() const { return m_shutdown.has_value(); }
    types::Can can(types::Verb verb) const;
    // Text of the first broken invariant, empty when all hold.
    std::string audit() const;
    const Story& story() const { return m_story; }
    std::size_t openTickets() const; // callers that wait, for the audit of a shell

private:
    struct StartWaiting { Ticket ticket = 0; types::StartRun wish; };
    struct Launch { std::uint64_t number = 0; Ticket ticket = 0; std::string name; std::int64_t pid = 0; TimeNs deadlineNs = 0; };
    struct Removal { std::uint16_t node = 0; Ticket ticket = 0; TimeNs deadlineNs = 0; bool killed = false; std::string note = {}; };
    struct Drain { TimeNs homesNs = 0, stopNs = 0; net::DrainState last; }; // homesNs 0: done
    struct Shutdown { std::vector<Ticket> tickets; TimeNs deadlineNs = 0; bool killed = false; bool told = false; };

    // ---- links and nodes (head_nodes.cpp) ----
    void on(LinkMade& event);
    void on(LinkGone& event);
    void on(FromLink& event);
    void on(NodeStarted& event);
    void on(NodeExited& event);
    void registered(LinkId link, net::RegisterNode& message);
    void welcome(const MemberTable::Member& member, TimeNs nodeNowNs = 0);
    void tellPeers();
    void tellHome(const Run& run);                       // to all nodes
    net::UseHomes homesNow() const;
    void bringUpToDate(const MemberTable::Member& member);
    void nodeDead(MemberTable::Member& member, const std::string& why);
    void addNode(Ticket ticket, const types::AddNode& wish);
    void removeNode(Ticket ticket, const types::RemoveNode& wish);
    // ---- leaving (head_drain.cpp) ----
    bool draining(std::uint16_t node) const { return m_drains.count(node) > 0; }
    bool somebodyStays(std::uint16_t without) const;
    void beginDrain(MemberTable::Member& member);
    void drainSaid(MemberTable::Member& member, net::DrainState& state);
    void stopDrained(MemberTable::Member& member, const std::string& why);
    void moveHomes(std::uint16_t from);
    void moveHome(Run& run);
    void tickDrains();
    void shutdown(Ticket ticket);
    void checkShutdown();
    bool isLocal(const MemberTable::Member& member) const { return !member.row.remote && member.row.host == m_options.host && member.row.pid > 0; }
    void tickNodes();

    // ---- runs (head_runs.cpp, head_homes.cpp) ----
    void restoreRuns(std::vector<StoredRun>& stored);
    void startRun(Ticket ticket, types::StartRun& wish);
    void stopRun(Ticket ticket, const types::StopRun& wish);
    void on(RunRecorded& event);
    void on(BlocksRecorded& event);
    void on(TraceWanted& event);
    void on(TraceLoaded& event);
    void block(MemberTable::Member& member, net::TraceBlock& message);
    void failTrace(Run& run, const MemberTable::Member& home, const std::string& why);
    void ended(MemberTable::Member& member, net::RunEnded& message);
    void placeRuns();
    void place(Run& run, MemberTable::Member& home);
    static net::HomeRun homeRun(const Run& run);
    static std::uint64_t reexecutedOf(const Run& run, std::uint64_t byThisHome);
    void homeLost(Run& run, const std::string& why, bool strike);
    void leaveHome(Run& run, bool whole); // it waits for its next home. whole: nothing of it is lost
    void finish(Run& run, RunState state, const std::string& error);
    void forgetObjects(Run& run);
    void forgetOld();
    void acknowledge(const Run& run);
    void refresh(Run& run);
    StoredRun storedRun(const Run& run) const;
    RecordWorld recordWorld(const Run& run) const;

    // ---- requests (head_requests.cpp) ----
    void on(Wanted& event);
    void on(PreviewWanted& event);
    void on(BytesWanted& event);
    void killWorker(Ticket ticket, const types::KillWorker& wish);
    void answered(const MemberTable::Member& member, net::Answer& message);
    void failRequests(std::uint16_t node, const std::string& why);
    void refuse(const RequestTable::Request& request, base::Errc code, const std::string& why);
    base::Result<MemberTable::Member*> holderOf(types::ObjectAddress& object);

    void on(PluginsScanned& event);
    void on(Noted& event) { say(event.level, 0, std::move(event.text)); }
    void on(Tick& event);
    void say(base::LogLevel level, std::uint16_t node, std::string text);
    void answer(Ticket ticket, base::Result<types::Reply> reply);
    template <typename E>
    void give(E effect) { m_out->push_back(Effect(std::move(effect))); }

    const std::uint64_t m_headEpoch;
    const base::ClusterId m_cluster;
    const TableOptions m_options;
    std::uint64_t m_version = 0;
    std::uint64_t m_traceRestarts = 0;
    MemberTable m_members{m_version};
    RunBook m_runs{m_version};
    RequestTable m_requests;
    LogRing m_logs;
    Story m_story;
    std::shared_ptr<const types::Catalog> m_catalog;
    std::uint64_t m_catalogVersion = 0;
    bool m_scanning = false;
    std::vector<Ticket> m_scanTickets, m_scanLater; // who waits for the scan under way, and for the one after it
    std::deque<StartWaiting> m_starts; // until the first catalog is there
    std::map<LinkId, TimeNs> m_strangers; // links that have not registered, and until when they may stay
    std::vector<Launch> m_launches;
    std::vector<Removal> m_removals;
    std::map<std::uint16_t, Drain> m_drains; // by node; they are alive and not told to stop yet
    std::optional<Shutdown> m_shutdown;
    std::uint64_t m_lastLaunch = 0;
    std::deque<RunId> m_loaded; // runs whose trace came from their records, the last at the back
    // Of the apply() in progress.
    Now m_now;
    Effects* m_out = nullptr;
};

} // namespace orrery::head
