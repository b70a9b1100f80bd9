// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A node among others: runs of other homes, values that lie elsewhere, what a person looks at.
#include "engine/host/node_process.h"

#include "engine/base/log.h"
#include "engine/types/preview.h"
#include "engine/types/value.h"

#include <algorithm>

namespace orrery::host {

using base::Errc;
using base::fail;

// ---- guests ----

void NodeProcess::fromHome(std::uint16_t home, net::ToGuest message)
{
    if (m_pluginsCome && hold(home, [this, home, message] { fromHome(home, message); })) return;
    const auto run = std::visit([](const auto& held) { return held.run; }, message);
    const auto epoch = std::visit([](const auto& held) { return held.epoch; }, message);
    switch (m_homes.said(home, message)) {
    case node::KnownHomes::Verdict::Deliver: break;
    case node::KnownHomes::Verdict::Held: return;
    case node::KnownHomes::Verdict::Refused:
        return base::logf(base::LogLevel::Warn, "node", "node {} says that it is home of run {}, epoch {}: {}; it is not helped", home, run.text(), net::epochText(epoch), m_homes.wordOf(run));
    case node::KnownHomes::Verdict::Full: return m_peers->cutHome(home, "it says that it is home of more than the head has named");
    }
    auto found = m_guests.find(run);
    if (auto* open = std::get_if<net::OpenRun>(&message)) {
        if (m_drain && m_drain->done) return; // it ends in a moment
        if (!isNextHome(run, epoch)) return; // said twice, or of a home that was replaced
        if (!m_catalog || !open->graph) return;
        auto plan = types::makePlan(open->graph, *m_catalog);
        if (!plan) return base::logf(base::LogLevel::Error, "node", "a run of node {} cannot be helped with: {}", home, plan.error().message);
        orphan(run);
        auto& guest = m_guests[run] = std::make_unique<GuestHere>(GuestHere::Place{*m_node, *this, *this, m_clusterOffsetNs, m_store.capacityBytes()}, home, run, epoch, ++m_lastSubmitter, std::make_shared<const types::Plan>(std::move(*plan)));
        guest->open(m_orphans.take(run));
        return;
    }
    if (found == m_guests.end() || found->second->epoch() != epoch || found->second->home() != home) return;
    if (const auto* close = std::get_if<net::CloseRun>(&message)) {
        if (m_drain) m_drain->closed(*close);
        m_guests.erase(found);
    } else {
        found->second->on(message);
    }
}

// A run whose home is another node by now is let go of at once; its values stay for that one.
void NodeProcess::useHomes(const net::UseHomes& word)
{
    for (const auto& one : word.homes) {
        if (one.node == types::kNoNode || one.node == m_number) continue;
        const auto home = m_runs.find(one.run);
        const auto guest = m_guests.find(one.run);
        if ((home != m_runs.end() && home->second->epoch() < one.epoch) || (guest != m_guests.end() && guest->second->epoch() < one.epoch)) orphan(one.run);
    }
    for (auto& [home, said] : m_homes.use(word)) fromHome(home, std::move(said));
}

void NodeProcess::peerGone(std::uint16_t node, const std::string& why)
{
    for (auto& [id, run] : m_runs) run->guestGone(node, why);
    std::vector<base::RunId> orphans;
    for (const auto& [id, guest] : m_guests)
        if (guest->home() == node) orphans.push_back(id);
    for (const auto& id : orphans) orphan(id);
    letGoHeld(node);
    m_homes.gone(node);
    // A frozen node keeps its connections: who waits for a value of it need not wait until they are given up.
    for (const auto& [number, pull] : m_pulls)
        if (pull.first == node) m_puller->cancel(pull.second);
    flushSoon();
}

bool NodeProcess::isNextHome(base::RunId run, std::uint64_t epoch) const
{
    const auto home = m_runs.find(run);
    const auto guest = m_guests.find(run);
    return (home == m_runs.end() || home->second->epoch() < epoch) && (guest == m_guests.end() || guest->second->epoch() < epoch) && !m_orphans.isPast(run, epoch);
}

void NodeProcess::orphan(base::RunId run)
{
    const TimeNs now = m_loop.nowNs();
    if (const auto home = m_runs.find(run); home != m_runs.end()) {
        m_orphans.put(run, home->second->epoch(), home->second->give(), now);
        m_runs.erase(home);
    }
    if (const auto guest = m_guests.find(run); guest != m_guests.end()) {
        m_orphans.put(run, guest->second->epoch(), guest->second->give(), now);
        m_guests.erase(guest);
    }
    if (m_orphans.size() > 0 && m_orphanTimer == 0) m_orphanTimer = m_loop.after(node::kOrphanGraceNs, [this] { expireOrphans(); });
}

void NodeProcess::expireOrphans()
{
    m_orphanTimer = 0;
    const TimeNs now = m_loop.nowNs();
    m_orphans.expire(now);
    if (m_orphans.size() > 0) m_orphanTimer = m_loop.after(std::max<TimeNs>(m_orphans.nextNs() - now, 0), [this] { expireOrphans(); });
}

// Everything of the life that the head gave up on goes; what the head does with its runs it has done already.
void NodeProcess::startAnew()
{
    base::logf(base::LogLevel::Warn, "node", "the head gave this node up; it lets go of everything and joins anew");
    m_welcomed = false;
    m_held.clear();
    m_runs.clear();
    m_guests.clear();
    m_orphans.clear();
    m_homes.clear();
    m_drain.reset(); // of the life that is over
    ++m_incarnation;
    m_headEpoch = 0; // numbers for workers come anew
    m_peers->use({});
    registerNode();
}

void NodeProcess::toGuest(std::uint16_t node, net::ToGuest message) { m_peers->toGuest(node, message); }
void NodeProcess::toHome(std::uint16_t node, net::ToHome message) { m_peers->toHome(node, message); }

void NodeProcess::after(base::TimeNs delay, std::function<void()> run) { m_loop.after(delay, std::move(run)); }

void NodeProcess::pumpSoon()
{
    if (m_pumpTimer != 0) return;
    m_pumpTimer = m_loop.after(0, [this] {
        m_pumpTimer = 0;
        for (auto& [id, run] : m_runs) run->pump();
        for (auto& [id, guest] : m_guests) guest->pump();
    });
}

void NodeProcess::warn(std::string text)
{
    base::logLine(base::LogLevel::Warn, "node", text);
    logLine({m_loop.nowNs(), m_number, types::kNoWorker, types::kNoRow, static_cast<std::uint8_t>(base::LogLevel::Warn), std::move(text)});
}

// ---- values that lie elsewhere ----

void NodeProcess::pull(std::uint16_t node, base::RunId run, const net::ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done)
{
    const auto from = m_peers->bulkPeer(node);
    if (!m_peers->isAlive(node) || from.address.empty() || !m_puller) {
        const auto code = m_peers->isAlive(node) ? Errc::Unavailable : Errc::Lost;
        m_loop.after(0, [done = std::move(done), code] { done(fail(code, "its node cannot be reached")); });
        return;
    }
    const auto number = ++m_lastPull;
    const auto id = m_puller->pull(from, {run, key.vertex, static_cast<std::uint8_t>(key.output), key.index}, m_store.bytes(into), [this, node, number, size = into.bytes, done = std::move(done)](base::Result<void> pulled) {
        m_pulls.erase(number);
        if (pulled) m_netInBytes += size;
        // What is refused or comes wrong stays so: only silence is worth another try.
        else if (!m_peers->isAlive(node)) return done(fail(Errc::Lost, "its node is gone"));
        done(std::move(pulled));
    });
    m_pulls[number] = {node, id};
}

void NodeProcess::open(const rpc::BulkKey& key, Opened opened)
{
    const net::ObjectKey value{key.vertex, key.output, key.index};
    std::optional<types::Place> place;
    if (const auto run = m_runs.find(key.run); run != m_runs.end()) place = run->second->placeHere(value);
    if (const auto guest = m_guests.find(key.run); !place && guest != m_guests.end())
        if (const auto* here = guest->second->placeHere(value)) place = *here;
    if (!place) return opened(fail(Errc::NotFound, "it does not lie here"));
    // Held once more while it is sent: who owns it may free it.
    m_store.addObject(*place);
    m_netOutBytes += place->bytes;
    opened(rpc::BulkBytes{m_store.bytes(*place), std::shared_ptr<const void>(nullptr, [this, held = *place](const void*) { m_store.freeObject(held); })});
}

// ---- what a person looks at ----

void NodeProcess::withValue(const types::ObjectAddress& address, bool keep, WithValue then)
{
    const auto found = m_runs.find(address.run);
    if (found == m_runs.end()) return then(fail(Errc::NotFound, "the objects of this run were freed"));
    found->second->value(address.row, address.output, keep, [item = address.item, then = std::move(then)](base::Result<std::span<const std::byte>> bytes) {
        if (bytes && item >= 0) return then(types::listItem(*bytes, static_cast<std::uint64_t>(item)));
        then(std::move(bytes));
    });
}

void NodeProcess::askedPreview(const net::AskPreview& ask)
{
    // No copy stays: a window that looks at every tile would have them all on one node, and change what a lost node costs.
    withValue(ask.wish.object, false, [this, ask](base::Result<std::span<const std::byte>> bytes) {
        if (!bytes) return m_head->send(net::Answer{ask.request, bytes.error()});
        auto preview = types::makePreview(*bytes, ask.wish);
        if (!preview) return m_head->send(net::Answer{ask.request, preview.error()});
        m_head->send(net::Answer{ask.request, std::move(*preview)});
    });
}

void NodeProcess::askedBytes(const net::AskBytes& ask)
{
    // It is read on in parts: the copy stays until room is needed.
    withValue(ask.object, true, [this, ask](base::Result<std::span<const std::byte>> bytes) {
        if (!bytes) return m_head->send(net::Answer{ask.request, bytes.error()});
        types::Chunk chunk;
        chunk.total = bytes->size();
        if (ask.range.offset > chunk.total) return m_head->send(net::Answer{ask.request, fail(Errc::BadInput, "the range begins behind the end of the value")});
        const std::uint64_t left = chunk.total - ask.range.offset;
        const std::uint64_t length = std::min(ask.range.length == 0 ? left : std::min(left, ask.range.length), types::kFetchBytesMax);
        const auto part = bytes->subspan(ask.range.offset, length);
        chunk.bytes.assign(part.begin(), part.end());
        m_head->send(net::Answer{ask.request, std::move(chunk)});
    });
}

} // namespace orrery::host
