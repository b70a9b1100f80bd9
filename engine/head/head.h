// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Head: the shell around HeadTable. It feeds links, sessions, answers of the ports and time into the table, carries its effects
// out, and lets watchers make deltas when they are due.
// Runs on: its loop; every call comes on that loop. Nothing here blocks: the ports answer later, and a
// question about tables is worked off in slices of at most kAskSliceNs.
// Lives: until destroyed on its loop; then every open question and watch gets Unavailable, once, inside the destructor.

#include "engine/base/loop.h"
#include "engine/head/can_board.h"
#include "engine/head/head_table.h"
#include "engine/head/ports.h"
#include "engine/head/watchers.h"

#include <functional>
#include <memory>

namespace orrery::head {

class TableAsk;

class Head {
public:
    struct Parts {
        Journal& journal;
        RunRecorder& recorder;
        CatalogSource& plugins;
        NodeLauncher& launcher;
        const base::Clock& clock;
        CanBoard& cans; // outlives the head
    };
    template <typename T>
    using Done1 = std::function<void(base::Result<T>)>;

    Head(base::Loop& loop, Parts parts, Stored stored, TableOptions options);
    ~Head();
    Head(const Head&) = delete;
    Head& operator=(const Head&) = delete;
    // Reads the plugins and goes on with what the control store says is open.
    void start();
    // Called once, on the loop, when a Shutdown is complete: every node is gone.
    void setEnded(std::function<void()> ended) { m_ended = std::move(ended); }

    // ---- links of nodes ----
    // The link is destroyed when the head closes it or when broken() is called.
    LinkId accept(std::unique_ptr<net::NodeLink> link);
    void received(LinkId link, net::FromNode message);
    void broken(LinkId link);

    // ---- sessions; each callback as in client/session.h, on the loop ----
    void act(types::Intent intent, Done1<types::Reply> done);
    WatchId watch(types::Interest interest, Done1<types::Delta> delta);
    void taken(WatchId watch);
    void unwatch(WatchId watch);
    void ask(types::Query query, Done1<types::Page> done);
    void preview(types::PreviewWish wish, Done1<types::Preview> done);
    void fetch(types::ObjectAddress object, types::Range range, Done1<types::Chunk> done);

    // A line in the log of the cluster, of something that is no role's.
    void note(base::LogLevel level, std::string text) { drive(Noted{level, std::move(text)}); }

    const HeadTable& table() const { return m_table; }
    std::size_t openQuestions() const { return m_replies.size() + m_previews.size() + m_chunks.size() + m_asks.size() + m_askLater.size(); }

private:
    Now now() const { return {m_parts.clock.monoNs(), m_parts.clock.wallNs()}; }
    void drive(Event event);
    void carryOut(Effect& effect);
    void carry(Send& effect);
    void carry(CloseLink& effect);
    void carry(RecordRun& effect);
    void carry(RecordNode& effect) { m_parts.journal.record(std::move(effect.node)); }
    void carry(OpenRecord& effect) { m_parts.recorder.open(effect.run, std::move(effect.world)); }
    void carry(AppendRecord& effect);
    void carry(AppendLogs& effect) { m_parts.recorder.logs(effect.run, std::move(effect.lines)); }
    void carry(CloseRecord& effect) { m_parts.recorder.close(effect.run, std::move(effect.world)); }
    void carry(LoadTrace& effect);
    void carry(AnswerIntent& effect);
    void carry(AnswerPreview& effect);
    void carry(AnswerBytes& effect);
    void carry(ScanPlugins& effect);
    void carry(StartNode& effect);
    void carry(WatchNode& effect) { m_parts.launcher.watch(effect.pid); }
    void carry(KillNode& effect) { m_parts.launcher.kill(effect.pid); }
    void carry(EndHead& effect);
    void settle();       // after events: timers, deltas, what can be done
    void publishCans();
    void armTick();
    void armWatches();
    void giveDeltas();
    void askSlice();
    void askSoon();
    void askLoaded();

    base::Loop& m_loop;
    const Parts m_parts;
    Effects m_first; // of the table's making, carried out by start()
    HeadTable m_table;
    Watchers m_watchers{m_table};
    std::deque<Event> m_events;
    bool m_driving = false;
    std::map<LinkId, std::unique_ptr<net::NodeLink>> m_links;
    std::map<Ticket, Done1<types::Reply>> m_replies;
    std::map<Ticket, Done1<types::Preview>> m_previews;
    std::map<Ticket, Done1<types::Chunk>> m_chunks;
    std::map<WatchId, Done1<types::Delta>> m_deltas;
    std::deque<std::unique_ptr<TableAsk>> m_asks;
    std::vector<std::pair<RunId, std::unique_ptr<TableAsk>>> m_askLater; // until the trace of that run is here, or is known not to come
    bool m_asking = false;
    std::uint64_t m_last = 0; // links, tickets and watches share one counter
    base::TimerId m_tick = 0;
    TimeNs m_tickNs = -1;
    base::TimerId m_watchTimer = 0;
    TimeNs m_watchNs = -1;
    std::uint64_t m_cansVersion = ~0ull;
    std::function<void()> m_ended;
    // Callbacks of ports and of the loop that come after the end find it false.
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace orrery::head
