// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the view thread asks of the session for its pictures, and how it answers the tickets of the Bridge.
#include "app/bridge/probe_watch.h"
#include "app/bridge/view.h"

#include <algorithm>
#include <thread>
#include <unistd.h>

namespace orrery::app {

using base::Errc;
using base::fail;

// ---- pictures and places ----

void View::askPictures()
{
    if (!m_session || !m_mirror || !m_mirrorTold) return;
    TileBoard& board = m_mirror->board();
    while (const auto list = board.nextList()) fetchList(*list, std::make_shared<base::Bytes>());
    while (m_picturesOpen < kPicturesOpenMax) {
        const auto wish = board.nextPicture(m_mirror->store());
        if (!wish) return;
        ++m_picturesOpen;
        types::PreviewWish asked;
        asked.object = {m_mirror->run(), wish->row, wish->output, -1};
        asked.pixels = static_cast<std::uint32_t>(wish->pixels());
        asked.rows = asked.textBytes = 0;
        m_session->preview(asked, later<types::Preview>([run = m_mirror->run(), wish = *wish](View& view, base::Result<types::Preview> preview) {
            --view.m_picturesOpen;
            if (preview && view.m_mirror && view.m_mirror->run() == run) view.m_mirror->board().gotPicture(wish, *preview);
            view.askPictures();
            view.flushSoon();
        }));
    }
}

void View::fetchList(const ListWish& wish, std::shared_ptr<base::Bytes> soFar)
{
    const types::ObjectAddress object{m_mirror->run(), wish.row, wish.source.output, -1};
    const types::Range range{soFar->size(), 0};
    m_session->fetch(object, range, later<types::Chunk>([wish, soFar, run = m_mirror->run()](View& view, base::Result<types::Chunk> part) {
        view.gotListPart(run, wish, soFar, std::move(part));
    }));
}

void View::gotListPart(base::RunId run, const ListWish& wish, const std::shared_ptr<base::Bytes>& soFar, base::Result<types::Chunk> part)
{
    if (!m_mirror || m_mirror->run() != run) return;
    const bool usable = part && part->total <= kListBytesMax && !part->bytes.empty() && part->bytes.size() <= part->total - std::min<std::uint64_t>(part->total, soFar->size());
    if (usable) {
        soFar->insert(soFar->end(), part->bytes.begin(), part->bytes.end());
        if (soFar->size() < part->total) return fetchList(wish, soFar);
    }
    m_mirror->board().gotList(wish.source, usable ? layoutOfList(*soFar) : std::nullopt);
    flushSoon();
}

// ---- tickets ----

void View::answer(Ticket ticket, Answer answer)
{
    if (m_open.erase(ticket) > 0) m_out.answer(ticket, std::move(answer));
}

bool View::refuse(Ticket ticket)
{
    if (m_session) return false;
    answer(ticket, fail(Errc::Unavailable, m_linkText.empty() ? "There is no cluster yet." : m_linkText));
    return true;
}

bool View::mirrored(const types::Query& query) const
{
    if (query.table != "tasks" && query.table != "objects") return false;
    if (!m_mirror || !m_mirrorTold || query.run != m_mirror->run()) return false;
    return m_mirror->complete() || !m_session; // what is here is better than nothing
}

trace::RunWorld View::world() const
{
    trace::RunWorld world;
    world.graph = m_mirror->graph();
    world.catalog = m_catalog;
    world.wallOffsetNs = m_wallOffsetNs;
    world.nowNs = m_nowNs;
    for (const auto& node : m_nodes) world.addNode(node);
    for (const auto& [track, worker] : m_workers) world.addWorker(worker);
    return world;
}

// One slice; what is left takes its turn behind what has been posted.
void View::workTables()
{
    if (m_tables.idle() || std::exchange(m_tablesPosted, true)) return;
    m_loop->post([weak = weak_from_this()] {
        const auto view = weak.lock();
        if (!view) return;
        view->m_tablesPosted = false;
        view->tablesSlice();
    });
}

void View::tablesSlice()
{
    const base::TimeNs until = m_loop->nowNs() + kTableSliceNs;
    const auto stop = [&] { return m_loop->nowNs() >= until; };
    while (!m_tables.idle() && m_mirror) {
        auto finished = m_tables.work(m_mirror->store(), [this] { return world(); }, stop);
        if (!finished) break;
        if (finished->page) {
            finished->page->epoch = m_shown.epoch;
            finished->page->seq = m_shown.seq;
            finished->page->complete = m_mirror->complete();
            answer(finished->ticket, std::move(*finished->page));
        } else {
            answer(finished->ticket, finished->page.error());
        }
        if (stop()) break;
    }
    workTables();
}

void View::ask(Ticket ticket, types::Query query)
{
    ORRERY_ON(*m_loop);
    m_open.insert(ticket);
    if (query.run.isNull() && m_mirror) query.run = m_mirror->run();
    if (mirrored(query)) {
        m_tables.add(ticket, std::move(query));
        return workTables();
    }
    if (!refuse(ticket)) m_session->ask(std::move(query), answerLater<types::Page>(ticket));
}

// Of a run that is no longer shown: the session knows it.
void View::leaveTables()
{
    for (auto& [ticket, query] : m_tables.takeAll())
        if (!refuse(ticket)) m_session->ask(std::move(query), answerLater<types::Page>(ticket));
}

void View::preview(Ticket ticket, types::PreviewWish wish)
{
    ORRERY_ON(*m_loop);
    m_open.insert(ticket);
    if (wish.object.run.isNull() && m_mirror) wish.object.run = m_mirror->run();
    if (!refuse(ticket)) m_session->preview(wish, answerLater<types::Preview>(ticket));
}

void View::fetch(Ticket ticket, types::ObjectAddress object, types::Range range)
{
    ORRERY_ON(*m_loop);
    m_open.insert(ticket);
    if (object.run.isNull() && m_mirror) object.run = m_mirror->run();
    if (!refuse(ticket)) m_session->fetch(object, range, answerLater<types::Chunk>(ticket));
}

void View::act(Ticket ticket, types::Intent intent)
{
    ORRERY_ON(*m_loop);
    m_open.insert(ticket);
    if (!refuse(ticket)) m_session->act(std::move(intent), answerLater<types::Reply>(ticket));
}

void View::probe(Ticket ticket, const std::string& document)
{
    ORRERY_ON(*m_loop);
    m_open.insert(ticket);
    if (refuse(ticket)) return;
    auto plan = planProbe(document);
    if (!plan) return answer(ticket, plan.error());
    auto probe = std::make_shared<ProbeWatch>(m_loop, m_session, std::move(*plan), [weak = weak_from_this(), ticket](base::Result<ProbeWatch::Measured> measured) {
        const auto view = weak.lock();
        if (!view) return;
        view->m_probes.erase(ticket);
        if (!measured) return view->answer(ticket, measured.error());
        const double cpus = view->cpus();
        view->answer(ticket, Probed{samplesFor(measured->tileNs, measured->plan.tiles, cpus), measured->plan.target, measured->tileNs, measured->plan.tiles, cpus});
    });
    m_probes.emplace(ticket, probe);
    probe->begin();
}

void View::drop(Ticket ticket)
{
    ORRERY_ON(*m_loop);
    m_open.erase(ticket);
    m_tables.drop(ticket);
    if (const auto probe = m_probes.find(ticket); probe != m_probes.end()) {
        probe->second->end();
        m_probes.erase(probe);
    }
}

// Nodes of one computer may offer more than it has: three nodes on two CPUs, one each.
double View::cpus() const
{
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    double here = 0, elsewhere = 0;
    for (const auto& node : m_nodes)
        if (node.state == types::NodeState::Alive) (node.host == name ? here : elsewhere) += node.total.amount(types::kCpu);
    return elsewhere + std::min(here, std::max(1.0, static_cast<double>(std::thread::hardware_concurrency())));
}

} // namespace orrery::app
