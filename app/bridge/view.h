// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// View: what the view thread does: it watches the session, keeps the mirror of the shown run, puts updates into the mailbox, asks
// for pictures and answers the tickets of the Bridge.
// Runs on: the view thread's loop, all of it but the constructor. Touches no QObject; what it has to say leaves by Out.
//
// Two watches. `world`: the newest run by the session's reckoning without blocks, with runs, nodes, workers, catalog and log lines;
// `shown`: the shown run with its blocks, without lines. So switching runs tells no line twice, and a probe's run, which is the
// newest while it lasts, moves nothing.
// A delta counts as taken when the UI took the update that carries it. A gap in the sequence, another epoch without a word, or a
// missing block: that watch begins anew and the first delta of it replaces what was known.
// The session fails: link Away; the watches begin anew every kRetryNs until it answers.

#include "app/bridge/answer.h"
#include "app/bridge/mailbox.h"
#include "app/bridge/mirror.h"
#include "app/bridge/mirror_tables.h"
#include "engine/base/loop.h"
#include "engine/client/session.h"
#include "widgets/models/ports.h"

#include <deque>
#include <set>
#include <unordered_set>

namespace orrery::app {

class ProbeWatch;

inline constexpr base::TimeNs kRetryNs = base::kSecond;
inline constexpr base::TimeNs kRateNs = base::kSecond; // events per second are counted over
inline constexpr base::TimeNs kTableSliceNs = 5 * base::kMillisecond; // then deltas have their turn

class View final : public std::enable_shared_from_this<View> {
public:
    using Ticket = widgets::Ticket;
    struct Out { // called on the view thread
        std::function<void()> wake; // the mailbox holds something
        std::function<void(Ticket, Answer)> answer;
    };
    View(std::shared_ptr<base::Loop> loop, std::shared_ptr<Mailbox> mailbox, Out out);
    ~View();

    // ---- view.cpp ----
    void setLink(widgets::LinkState state, std::string text);
    void attach(std::shared_ptr<client::Session> session);
    void detach(widgets::LinkState state, std::string reason);
    void showRun(base::RunId run); // null: the newest
    void took(std::uint64_t serial);
    void close(); // the end: nothing leaves any more

    // ---- view_ports.cpp; each ticket is answered once, unless dropped ----
    void ask(Ticket ticket, types::Query query);
    void preview(Ticket ticket, types::PreviewWish wish);
    void fetch(Ticket ticket, types::ObjectAddress object, types::Range range);
    void act(Ticket ticket, types::Intent intent);
    void probe(Ticket ticket, const std::string& document);
    void drop(Ticket ticket);

private:
    struct Watch {
        client::WatchId id = 0;
        std::uint64_t token = 0; // 0: off
        std::uint64_t seq = 0;   // of its last delta; 0: none yet
        std::uint64_t epoch = 0;
        std::uint64_t owed = 0;  // serial of the update that carries its delta; 0: none
    };
    enum class Fit : std::uint8_t { Next, Fresh, Gap };

    // A session's callback that comes back here; nothing comes from a session that was detached.
    template <typename T, typename Then>
    std::function<void(base::Result<T>)> later(Then then);
    void start(Watch& watch, types::Interest interest);
    void stop(Watch& watch);
    void leave();
    void onDelta(std::uint64_t token, base::Result<types::Delta> delta);
    static Fit fit(Watch& watch, const types::Delta& delta);
    void watchWorld();
    void worldDelta(types::Delta& delta, bool fresh);
    void watchShown(std::uint64_t have = 0); // blocks that are here already
    void shownDelta(const types::Delta& delta, bool fresh);
    void shownFailed(const base::Error& error);
    void sessionFailed(const base::Error& error);
    void chooseRun();
    void rest();
    void countEvents(std::uint64_t events, types::TimeNs nowNs);
    widgets::RunUpdate makeUpdate();
    void put(widgets::RunUpdate update, Watch* carries = nullptr);
    void flushSoon();
    void after(base::TimeNs delayNs, std::function<void(View&)> job);

    // ---- view_ports.cpp ----
    void askPictures();
    void fetchList(const ListWish& wish, std::shared_ptr<base::Bytes> soFar);
    void gotListPart(base::RunId run, const ListWish& wish, const std::shared_ptr<base::Bytes>& soFar, base::Result<types::Chunk> part);
    bool mirrored(const types::Query& query) const;
    void workTables();
    void tablesSlice();
    void leaveTables();
    trace::RunWorld world() const;
    void answer(Ticket ticket, Answer answer);
    bool refuse(Ticket ticket); // true: there is no session, and that was the answer
    template <typename T>
    std::function<void(base::Result<T>)> answerLater(Ticket ticket);
    double cpus() const;

    const std::shared_ptr<base::Loop> m_loop;
    const std::shared_ptr<Mailbox> m_mailbox;
    Out m_out;
    std::shared_ptr<client::Session> m_session;
    std::uint64_t m_attached = 0; // counts sessions
    std::uint64_t m_lastToken = 0, m_serial = 0;
    Watch m_world, m_shown;
    widgets::LinkState m_link = widgets::LinkState::Starting;
    std::string m_linkText;
    types::TimeNs m_nowNs = 0;
    std::int64_t m_wallOffsetNs = 0;
    std::shared_ptr<const types::Catalog> m_catalog;
    std::map<std::uint32_t, types::RunRow> m_runs; // by the head's number, probes too
    std::vector<types::NodeRow> m_nodes;
    std::map<std::uint16_t, types::WorkerRow> m_workers;
    base::RunId m_pinned;
    std::set<base::RunId> m_missing;  // cannot be watched
    std::unique_ptr<Mirror> m_mirror; // of the run to show; null: none
    bool m_mirrorTold = false;        // its first delta has come
    bool m_counterOnly = false;       // its blocks cannot be read
    base::RunId m_toldRun;            // what the models show
    std::uint64_t m_toldObjects = 0, m_toldObjectBytes = 0;
    bool m_nothing = false;           // the models are to be told that no run is shown any more
    bool m_gapBefore = false, m_resting = false;
    bool m_flushing = false, m_retrying = false;
    std::deque<std::pair<types::TimeNs, std::uint64_t>> m_events; // of the last kRateNs
    int m_picturesOpen = 0;
    std::unordered_set<Ticket> m_open;
    MirrorTables m_tables;
    bool m_tablesPosted = false;
    std::map<Ticket, std::shared_ptr<ProbeWatch>> m_probes;
};

template <typename T, typename Then>
std::function<void(base::Result<T>)> View::later(Then then)
{
    auto loop = m_loop;
    return [loop = std::move(loop), weak = weak_from_this(), attached = m_attached, then = std::move(then)](base::Result<T> result) {
        loop->post([weak, attached, then, result = std::move(result)]() mutable {
            const auto view = weak.lock();
            if (view && view->m_session && view->m_attached == attached) then(*view, std::move(result));
        });
    };
}

template <typename T>
std::function<void(base::Result<T>)> View::answerLater(Ticket ticket)
{
    return later<T>([ticket](View& view, base::Result<T> result) {
        if (result) view.answer(ticket, std::move(*result));
        else view.answer(ticket, result.error());
    });
}

} // namespace orrery::app
