// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/view.h"

#include "app/bridge/probe_watch.h"

#include <algorithm>

namespace orrery::app {

using widgets::LinkState;

View::View(std::shared_ptr<base::Loop> loop, std::shared_ptr<Mailbox> mailbox, Out out) : m_loop(std::move(loop)), m_mailbox(std::move(mailbox)), m_out(std::move(out)) {}

View::~View() = default;

// ---- the session ----

void View::setLink(LinkState state, std::string text)
{
    ORRERY_ON(*m_loop);
    m_link = state;
    m_linkText = std::move(text);
    put(makeUpdate());
}

void View::attach(std::shared_ptr<client::Session> session)
{
    ORRERY_ON(*m_loop);
    if (m_session) leave();
    m_session = std::move(session);
    ++m_attached;
    m_retrying = false;
    m_pinned = {};
    m_missing.clear();
    m_runs.clear();
    m_nodes.clear();
    m_workers.clear();
    leaveTables();
    m_mirror.reset();
    m_mirrorTold = false;
    watchWorld();
}

void View::detach(LinkState state, std::string reason)
{
    ORRERY_ON(*m_loop);
    m_link = state;
    m_linkText = std::move(reason);
    if (m_session) leave();
    put(makeUpdate());
}

// Lets the session go. What is asked stays unanswered there, so it is answered here.
void View::leave()
{
    stop(m_world);
    stop(m_shown);
    m_picturesOpen = 0;
    m_tables = MirrorTables();
    for (auto& [ticket, probe] : std::exchange(m_probes, {})) probe->end();
    const std::string why = m_linkText.empty() ? "the window let go of the cluster" : m_linkText;
    for (const auto ticket : std::exchange(m_open, {})) m_out.answer(ticket, base::fail(base::Errc::Unavailable, why));
    m_session.reset();
}

void View::close()
{
    ORRERY_ON(*m_loop);
    m_open.clear();
    if (m_session) leave();
    m_tables = MirrorTables();
    m_mirror.reset();
    m_out = {[] {}, [](Ticket, Answer) {}};
}

void View::start(Watch& watch, types::Interest interest)
{
    stop(watch);
    const std::uint64_t token = ++m_lastToken;
    watch.token = token;
    watch.id = m_session->watch(std::move(interest), later<types::Delta>([token](View& view, base::Result<types::Delta> delta) { view.onDelta(token, std::move(delta)); }));
}

void View::stop(Watch& watch)
{
    if (watch.token != 0 && m_session) m_session->unwatch(watch.id);
    watch = Watch();
}

void View::onDelta(std::uint64_t token, base::Result<types::Delta> delta)
{
    const bool isWorld = token == m_world.token, isShown = token == m_shown.token;
    if (!isWorld && !isShown) return; // of a watch that was stopped
    if (!delta) return isWorld ? sessionFailed(delta.error()) : shownFailed(delta.error());
    const Fit fits = fit(isWorld ? m_world : m_shown, *delta);
    if (fits == Fit::Gap) return isWorld ? watchWorld() : watchShown();
    m_link = LinkState::Up;
    if (!m_counterOnly) m_linkText.clear();
    if (fits == Fit::Fresh || delta->nowNs > m_nowNs) m_nowNs = delta->nowNs; // the two watches may come on two ways
    m_wallOffsetNs = delta->wallOffsetNs;
    if (isWorld) worldDelta(*delta, fits == Fit::Fresh);
    else shownDelta(*delta, fits == Fit::Fresh);
}

View::Fit View::fit(Watch& watch, const types::Delta& delta)
{
    const bool first = watch.seq == 0 || delta.resync;
    if (!first && (delta.seq != watch.seq + 1 || delta.epoch != watch.epoch)) return Fit::Gap;
    watch.seq = delta.seq;
    watch.epoch = delta.epoch;
    return first ? Fit::Fresh : Fit::Next;
}

void View::sessionFailed(const base::Error& error)
{
    m_link = LinkState::Away;
    m_linkText = error.message;
    stop(m_world);
    stop(m_shown);
    put(makeUpdate());
    if (error.code == base::Errc::Closed || std::exchange(m_retrying, true)) return;
    after(kRetryNs, [attached = m_attached](View& view) {
        if (view.m_attached != attached) return;
        view.m_retrying = false;
        if (view.m_session && view.m_world.token == 0) view.watchWorld();
    });
}

// ---- the world ----

void View::watchWorld()
{
    types::Interest interest;
    interest.blocks = false;
    start(m_world, std::move(interest));
}

void View::worldDelta(types::Delta& delta, bool fresh)
{
    if (fresh) {
        m_runs.clear();
        m_missing.clear();
        m_workers.clear();
    }
    for (const auto& run : delta.runs) m_runs[run.number] = run;
    if (fresh || !delta.nodes.empty()) m_nodes = delta.nodes;
    for (const auto& worker : delta.workers) m_workers[worker.track] = worker;
    if (delta.catalog) {
        m_catalog = delta.catalog;
        if (m_mirror) m_mirror->setCatalog(m_catalog);
    }
    chooseRun();
    for (const auto& run : delta.runs)
        if (m_mirror && run.id == m_mirror->run()) m_mirror->rowTold(run);
    auto update = makeUpdate();
    update.newWorld = fresh;
    update.runs = std::move(delta.runs);
    std::erase_if(update.runs, [](const auto& run) { return run.isProbe(); }); // the window's own doing: it stands in no list
    update.nodes = std::move(delta.nodes);
    update.workers = std::move(delta.workers);
    update.logs = std::move(delta.logs);
    update.catalog = delta.catalog;
    put(std::move(update), &m_world);
    askPictures();
}

// ---- the shown run ----

void View::showRun(base::RunId run)
{
    ORRERY_ON(*m_loop);
    m_pinned = run;
    m_missing.erase(run);
    if (!m_session) return;
    chooseRun();
    if (m_nothing) put(makeUpdate());
}

void View::chooseRun()
{
    base::RunId wanted = m_pinned;
    if (wanted.isNull())
        for (auto run = m_runs.rbegin(); run != m_runs.rend() && wanted.isNull(); ++run)
            if (!run->second.isProbe() && !m_missing.count(run->second.id)) wanted = run->second.id;
    if (m_mirror && m_mirror->run() == wanted) {
        if (m_shown.token == 0 && !m_resting) watchShown(m_mirror->store().blocks()); // the session was away
        return;
    }
    stop(m_shown);
    leaveTables();
    m_mirror.reset();
    m_mirrorTold = m_counterOnly = m_gapBefore = m_resting = false;
    if (wanted.isNull()) {
        m_nothing = !m_toldRun.isNull();
        m_toldRun = {};
        m_toldObjects = m_toldObjectBytes = 0;
        return;
    }
    m_mirror = std::make_unique<Mirror>(wanted);
    m_mirror->setCatalog(m_catalog);
    watchShown();
}

// Begins anew later, so that a session that fails at once is not asked in a tight circle.
void View::rest()
{
    stop(m_shown);
    m_resting = true;
    after(kRetryNs, [run = m_mirror->run()](View& view) {
        if (!view.m_mirror || view.m_mirror->run() != run || !std::exchange(view.m_resting, false)) return;
        if (view.m_session && view.m_world.token != 0 && view.m_shown.token == 0) view.watchShown();
    });
}

void View::watchShown(std::uint64_t have)
{
    types::Interest interest;
    interest.haveBlocks = have;
    interest.haveTrace = m_mirror->store().homeEpoch();
    interest.run = m_mirror->run();
    interest.logs = false;
    interest.blocks = !m_counterOnly;
    start(m_shown, std::move(interest));
}

void View::shownDelta(const types::Delta& delta, bool fresh)
{
    // After a break the head goes on behind the last block that came, if it is still the same trace.
    const bool goesOn = delta.run == m_mirror->run() && delta.firstBlock > 1 && delta.firstBlock == m_mirror->store().blocks() + 1;
    if (fresh && m_mirrorTold && !goesOn) {
        m_tables.forget();
        m_mirror->reset();
    }
    m_mirrorTold = true;
    Mirror::Applied applied;
    if (delta.run == m_mirror->run()) applied = m_mirror->apply(delta);
    if (applied.gap) return std::exchange(m_gapBefore, true) ? rest() : watchShown();
    m_gapBefore = false;
    if (!applied.damage.empty()) {
        // Counters are told by the head itself; rows are asked of it.
        m_counterOnly = true;
        m_linkText = "the trace of this run cannot be read here: " + applied.damage;
        return watchShown();
    }
    countEvents(applied.liveEvents, delta.nowNs);
    auto update = makeUpdate();
    update.deltaBytes = delta.bytes();
    put(std::move(update), &m_shown);
    askPictures();
}

void View::shownFailed(const base::Error& error)
{
    if (error.code != base::Errc::NotFound) return rest(); // when the session is away, the world's watch says so
    m_missing.insert(m_mirror->run());
    if (m_pinned == m_mirror->run()) m_pinned = {};
    chooseRun();
    put(makeUpdate());
}

void View::countEvents(std::uint64_t events, types::TimeNs nowNs)
{
    if (events > 0) m_events.emplace_back(nowNs, events);
    while (!m_events.empty() && m_events.front().first + kRateNs <= nowNs) m_events.pop_front();
}

// ---- updates ----

widgets::RunUpdate View::makeUpdate()
{
    widgets::RunUpdate update;
    update.link = m_link;
    update.linkText = QString::fromStdString(m_linkText);
    update.nowNs = m_nowNs;
    update.wallOffsetNs = m_wallOffsetNs;
    if (m_mirror && m_mirrorTold) {
        m_mirror->fill(update);
        m_toldRun = update.run;
        m_toldObjects = update.objects;
        m_toldObjectBytes = update.objectBytes;
        update.settling = m_session && (m_picturesOpen > 0 || m_mirror->board().waits() || !(m_counterOnly || m_mirror->complete()));
    } else {
        update.settling = m_session && m_mirror;
        update.run = m_toldRun; // until the next one is told, the models show this
        update.objects = m_toldObjects;
        update.objectBytes = m_toldObjectBytes;
    }
    if (std::exchange(m_nothing, false)) update.resync = true;
    countEvents(0, m_nowNs);
    for (const auto& [at, events] : m_events) update.eventsPerSecond += static_cast<double>(events);
    update.eventsPerSecond *= static_cast<double>(base::kSecond) / static_cast<double>(kRateNs);
    return update;
}

void View::put(widgets::RunUpdate update, Watch* carries)
{
    const std::uint64_t serial = ++m_serial;
    if (carries) carries->owed = serial;
    if (m_mailbox->put(std::move(update), serial)) m_out.wake();
}

void View::took(std::uint64_t serial)
{
    ORRERY_ON(*m_loop);
    for (Watch* watch : {&m_world, &m_shown}) {
        if (watch->owed == 0 || watch->owed > serial) continue;
        watch->owed = 0;
        if (m_session) m_session->taken(watch->id);
    }
}

// Answers that come in a burst make one update.
void View::flushSoon()
{
    if (std::exchange(m_flushing, true)) return;
    m_loop->post([weak = weak_from_this()] {
        const auto view = weak.lock();
        if (!view) return;
        view->m_flushing = false;
        view->put(view->makeUpdate());
    });
}

void View::after(base::TimeNs delayNs, std::function<void(View&)> job)
{
    m_loop->after(delayNs, [weak = weak_from_this(), job = std::move(job)] {
        if (const auto view = weak.lock()) job(*view);
    });
}

} // namespace orrery::app
