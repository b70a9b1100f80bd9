// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/head.h"

#include "engine/head/table_ask.h"

namespace orrery::head {

using base::Errc;
using base::fail;

Head::Head(base::Loop& loop, Parts parts, Stored stored, TableOptions options)
    : m_loop(loop), m_parts(parts), m_table(std::move(stored), std::move(options), {parts.clock.monoNs(), parts.clock.wallNs()}, m_first)
{
    publishCans();
}

Head::~Head()
{
    *m_alive = false;
    m_parts.cans.close("The head of the cluster has ended.");
    if (m_tick != 0) m_loop.cancel(m_tick);
    if (m_watchTimer != 0) m_loop.cancel(m_watchTimer);
    m_parts.launcher.setExited({});
    // A callback may ask something else: that is refused at once, see act() and its sisters.
    const base::Error gone = fail(Errc::Unavailable, "the head of the cluster has ended");
    for (auto& [ticket, done] : std::exchange(m_replies, {})) done(gone);
    for (auto& [ticket, done] : std::exchange(m_previews, {})) done(gone);
    for (auto& [ticket, done] : std::exchange(m_chunks, {})) done(gone);
    for (auto& [watch, delta] : std::exchange(m_deltas, {})) delta(gone);
    for (auto& ask : std::exchange(m_asks, {})) ask->refuse(gone);
    for (auto& [run, ask] : std::exchange(m_askLater, {})) ask->refuse(gone);
}

void Head::start()
{
    ORRERY_ON(m_loop);
    m_parts.launcher.setExited([this, alive = m_alive](std::int64_t pid, std::string why) {
        if (*alive) drive(NodeExited{pid, std::move(why)});
    });
    m_driving = true;
    for (auto& effect : std::exchange(m_first, {})) carryOut(effect);
    m_driving = false;
    drive(Wanted{0, types::RescanPlugins{}});
}

LinkId Head::accept(std::unique_ptr<net::NodeLink> link)
{
    ORRERY_ON(m_loop);
    const LinkId id = ++m_last;
    m_links[id] = std::move(link);
    drive(LinkMade{id});
    return id;
}

void Head::received(LinkId link, net::FromNode message)
{
    ORRERY_ON(m_loop);
    if (m_links.count(link)) drive(FromLink{link, std::move(message)});
}

void Head::broken(LinkId link)
{
    ORRERY_ON(m_loop);
    if (m_links.erase(link) > 0) drive(LinkGone{link});
}

void Head::act(types::Intent intent, Done1<types::Reply> done)
{
    ORRERY_ON(m_loop);
    if (!*m_alive) return done(fail(Errc::Unavailable, "the head of the cluster has ended"));
    const Ticket ticket = ++m_last;
    m_replies[ticket] = std::move(done);
    drive(Wanted{ticket, std::move(intent)});
}

WatchId Head::watch(types::Interest interest, Done1<types::Delta> delta)
{
    ORRERY_ON(m_loop);
    const WatchId watch = ++m_last;
    if (!*m_alive) {
        delta(fail(Errc::Unavailable, "the head of the cluster has ended"));
        return watch;
    }
    const RunId run = interest.run;
    if (auto added = m_watchers.add(watch, std::move(interest)); !added) {
        delta(added.error());
        return watch;
    }
    m_deltas[watch] = std::move(delta);
    drive(TraceWanted{run});
    return watch;
}

void Head::taken(WatchId watch)
{
    ORRERY_ON(m_loop);
    m_watchers.taken(watch);
    armWatches();
}

void Head::unwatch(WatchId watch)
{
    ORRERY_ON(m_loop);
    m_watchers.remove(watch);
    m_deltas.erase(watch);
}

void Head::preview(types::PreviewWish wish, Done1<types::Preview> done)
{
    ORRERY_ON(m_loop);
    if (!*m_alive) return done(fail(Errc::Unavailable, "the head of the cluster has ended"));
    const Ticket ticket = ++m_last;
    m_previews[ticket] = std::move(done);
    drive(PreviewWanted{ticket, std::move(wish)});
}

void Head::fetch(types::ObjectAddress object, types::Range range, Done1<types::Chunk> done)
{
    ORRERY_ON(m_loop);
    if (!*m_alive) return done(fail(Errc::Unavailable, "the head of the cluster has ended"));
    const Ticket ticket = ++m_last;
    m_chunks[ticket] = std::move(done);
    drive(BytesWanted{ticket, object, range});
}

void Head::drive(Event event)
{
    m_events.push_back(std::move(event));
    if (m_driving) return; // an effect caused it; the loop below takes it next
    m_driving = true;
    Effects effects;
    while (!m_events.empty()) {
        Event next = std::move(m_events.front());
        m_events.pop_front();
        effects.clear();
        m_table.apply(std::move(next), now(), effects);
        for (auto& effect : effects) carryOut(effect);
    }
    m_driving = false;
    settle();
}

void Head::carryOut(Effect& effect)
{
    std::visit([this](auto& e) { carry(e); }, effect);
}

void Head::carry(Send& effect)
{
    const auto link = m_links.find(effect.link);
    if (link != m_links.end()) link->second->send(std::move(effect.message));
}

void Head::carry(CloseLink& effect)
{
    // Not inside a call from that link.
    const auto link = m_links.find(effect.link);
    if (link == m_links.end()) return;
    m_loop.post([closed = std::shared_ptr<net::NodeLink>(std::move(link->second))] {});
    m_links.erase(link);
}

void Head::carry(RecordRun& effect)
{
    Done done;
    if (effect.tell)
        done = [this, alive = m_alive, run = effect.run.row.id](std::string problem) {
            if (*alive) drive(RunRecorded{run, std::move(problem)});
        };
    m_parts.journal.record(std::move(effect.run), std::move(done));
}

void Head::carry(AppendRecord& effect)
{
    m_parts.recorder.append(effect.run, effect.number, effect.bytes, [this, alive = m_alive, run = effect.run, epoch = effect.homeEpoch, number = effect.number](std::string problem) {
        if (*alive) drive(BlocksRecorded{run, epoch, number, std::move(problem)});
    });
}

void Head::carry(LoadTrace& effect)
{
    m_parts.recorder.load(effect.run, [this, alive = m_alive, run = effect.run.id](std::shared_ptr<trace::RunStore> store, std::string problem) {
        if (*alive) drive(TraceLoaded{run, std::move(store), std::move(problem)});
    });
}

void Head::carry(AnswerIntent& effect)
{
    auto waiting = m_replies.extract(effect.ticket);
    ORRERY_ASSERT_NOTE(!waiting.empty(), "a question is answered once");
    waiting.mapped()(std::move(effect.reply));
}

void Head::carry(AnswerPreview& effect)
{
    auto waiting = m_previews.extract(effect.ticket);
    ORRERY_ASSERT_NOTE(!waiting.empty(), "a question is answered once");
    waiting.mapped()(std::move(effect.preview));
}

void Head::carry(AnswerBytes& effect)
{
    auto waiting = m_chunks.extract(effect.ticket);
    ORRERY_ASSERT_NOTE(!waiting.empty(), "a question is answered once");
    waiting.mapped()(std::move(effect.chunk));
}

void Head::carry(ScanPlugins&)
{
    m_parts.plugins.scan([this, alive = m_alive](std::shared_ptr<const types::Catalog> catalog, std::string problem) {
        if (*alive) drive(PluginsScanned{std::move(catalog), std::move(problem)});
    });
}

void Head::carry(StartNode& effect)
{
    m_parts.launcher.start(effect.wish, effect.name, [this, alive = m_alive, launch = effect.launch](std::int64_t pid, std::string problem) {
        if (*alive) drive(NodeStarted{launch, pid, std::move(problem)});
    });
}

void Head::carry(EndHead&)
{
    m_loop.post([this, alive = m_alive] {
        if (*alive && m_ended) m_ended();
    });
}

void Head::settle()
{
    publishCans();
    askLoaded();
    armTick();
    armWatches();
}

void Head::publishCans()
{
    if (m_cansVersion == m_table.version()) return;
    m_cansVersion = m_table.version();
    CanBoard::All all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = m_table.can(static_cast<types::Verb>(i));
    m_parts.cans.write(std::move(all));
}

// One timer at the earliest deadline; a deadline that moved away only costs a look.
void Head::armTick()
{
    const TimeNs at = m_table.nextDeadlineNs();
    if (at < 0 || (m_tick != 0 && m_tickNs <= at)) return;
    if (m_tick != 0) m_loop.cancel(m_tick);
    m_tickNs = at;
    m_tick = m_loop.after(std::max<TimeNs>(0, at - m_parts.clock.monoNs()), [this] {
        m_tick = 0;
        drive(Tick{});
    });
}

void Head::armWatches()
{
    const TimeNs at = m_watchers.nextDueNs();
    if (at < 0 || (m_watchTimer != 0 && m_watchNs <= at)) return;
    if (m_watchTimer != 0) m_loop.cancel(m_watchTimer);
    m_watchNs = at;
    m_watchTimer = m_loop.after(std::max<TimeNs>(0, at - m_parts.clock.monoNs()), [this] {
        m_watchTimer = 0;
        giveDeltas();
    });
}

void Head::giveDeltas()
{
    for (auto& due : m_watchers.due(now())) {
        const auto watch = m_deltas.find(due.watch);
        if (watch == m_deltas.end()) continue; // a callback before it ended this watch
        const auto callback = watch->second;   // it may end itself
        callback(std::move(due.delta));
    }
    armWatches();
}

void Head::ask(types::Query query, Done1<types::Page> done)
{
    ORRERY_ON(m_loop);
    if (!*m_alive) return done(fail(Errc::Unavailable, "the head of the cluster has ended"));
    const bool ofRun = query.table == types::taskSchema().name || query.table == types::objectSchema().name;
    const Run* run = ofRun ? m_table.runs().find(query.run) : nullptr;
    auto asked = std::make_unique<TableAsk>(m_table, std::move(query), now(), std::move(done));
    if (run && run->loadable()) {
        m_askLater.emplace_back(run->row.id, std::move(asked));
        return drive(TraceWanted{run->row.id});
    }
    m_asks.push_back(std::move(asked));
    askSoon();
}

void Head::askSoon()
{
    if (m_asks.empty() || std::exchange(m_asking, true)) return;
    m_loop.post([this, alive = m_alive] {
        if (*alive) askSlice();
    });
}

// Questions whose trace has come, or will not come.
void Head::askLoaded()
{
    std::erase_if(m_askLater, [this](auto& waiting) {
        const Run* run = m_table.runs().find(waiting.first);
        if (run && run->loading) return false;
        m_asks.push_back(std::move(waiting.second));
        return true;
    });
    askSoon();
}

// One slice of the oldest question, then it goes to the end of the queue: a long one delays nobody's short one.
void Head::askSlice()
{
    m_asking = false;
    if (m_asks.empty()) return;
    auto ask = std::move(m_asks.front());
    m_asks.pop_front();
    const TimeNs until = m_parts.clock.monoNs() + kAskSliceNs;
    const bool done = ask->work([this, until] { return m_parts.clock.monoNs() >= until; });
    if (!done) m_asks.push_back(std::move(ask));
    askSoon();
}

} // namespace orrery::head
