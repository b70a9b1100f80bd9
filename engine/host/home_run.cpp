// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/home_run.h"

namespace orrery::host {

namespace {
constexpr std::size_t kRefusedAtOnce = 1024;
} // namespace

HomeRun::HomeRun(Place place, base::RunId run, std::uint64_t homeEpoch, std::uint32_t submitter, std::shared_ptr<const types::Plan> plan)
    : m_place(place), m_run(run), m_homeEpoch(homeEpoch),
      m_values(std::make_shared<ValuesOfRun>(place.ports, run, [this](const net::ObjectKey& key, bool gone, const owner::Way& way) { copyHere(key, gone, way); })), m_table(run, submitter, std::move(plan), *this, place.nodeNumber), m_guests(m_table, homeEpoch, *this),
      m_tasks(m_table, *this, place.nodeNumber), m_moves(m_table, m_guests, *this), m_writer(run, place.nodeNumber, homeEpoch),
      m_unfit(m_table.classes(), place.node.leases().total(), place.unfitWaitNs)
{
    for (const auto& vertex : m_table.plan().vertices) m_templates.push_back(m_place.node.templateId(types::templateOf(vertex)));
    std::vector<std::uint32_t> workers;
    for (const auto& wanted : m_table.classes()) {
        m_fits.push_back(m_place.node.everFits(wanted));
        workers.push_back(m_place.node.leases().timesIn(wanted));
    }
    m_guests.setHomeWorkers(std::move(workers));
    m_lanes = std::make_unique<node::SourceLanes>(m_place.node, submitter, *this, m_place.store);
}

HomeRun::~HomeRun()
{
    *m_alive = false;
    m_lanes.reset();
    m_quiet = m_untold = true;
    m_table.forget(m_place.node.loop().nowNs());
}

void HomeRun::forget()
{
    m_lanes.reset();
    m_untold = true;
    m_table.forget(m_place.node.loop().nowNs());
    m_guests.close();
}

std::vector<node::KeptValue> HomeRun::give()
{
    m_lanes.reset();
    std::vector<node::KeptValue> kept;
    for (const auto& [key, place] : m_table.valuesAt(m_place.nodeNumber)) kept.push_back({key, place, true});
    for (const auto& copy : m_values.give()) kept.push_back(copy);
    for (auto& one : m_table.inlineValues(net::kInventoryInlineMax)) kept.push_back({one.key, {}, false, std::move(one.bytes), one.items});
    m_given = true;
    return kept;
}

void HomeRun::rest()
{
    if (std::exchange(m_rests, true)) return;
    m_guests.pause();
    m_lanes->pump(); // what is in lanes ends there; nobody waits for more
}

std::size_t HomeRun::tasks() const { return m_guests.tasks() + m_lanes->tasks(); }
bool HomeRun::resting() const { return m_rests && m_table.started() && !m_table.ended() && tasks() == 0; }

void HomeRun::start(const std::vector<node::KeptValue>& kept, bool again, bool moved)
{
    for (const auto& one : kept) {
        if (one.bytes) (void)m_table.adopt(one.key, one.items, {m_place.nodeNumber, true, {}, one.bytes});
        else if (!m_table.adopt(one.key, itemsOf(m_place.store.bytes(one.place)), {m_place.nodeNumber, true, one.place})) m_place.store.freeObject(one.place);
    }
    if (again) m_unfit.takenOver(m_place.node.loop().nowNs());
    m_gathering = again && !m_guests.heard();
    if (!m_gathering) return begin();
    m_place.ports.after(moved ? owner::kInventoryWaitMovedNs : owner::kInventoryWaitNs, [this, alive = m_alive] {
        if (!*alive) return;
        m_gatheredLong = true;
        gathered();
    });
}

void HomeRun::gathered()
{
    if (m_gathering && m_guests.heard(m_gatheredLong)) begin();
}

void HomeRun::begin()
{
    m_gathering = false;
    m_table.start(m_place.node.loop().nowNs());
    pump();
    checkEnd();
}

void HomeRun::stop()
{
    const TimeNs now = m_place.node.loop().nowNs();
    m_table.stop(now);
    m_tasks.stop(now);
    m_lanes->cancelAll();
    m_guests.cancelAll();
    if (m_gathering) begin();
    checkEnd();
}

// What no node can run waits as long as one may come, then it fails with the reason.
void HomeRun::refuseUnfit(TimeNs now)
{
    using Kind = owner::UnfitWait::Verdict::Kind;
    for (std::size_t i = 0; i < m_fits.size(); ++i) {
        if (m_fits[i] || m_table.ready(i) == 0) continue;
        const auto verdict = m_unfit.look(i, now);
        if (verdict.kind == Kind::Waits && !verdict.text.empty()) m_place.warn("tasks of " + m_run.text() + " " + verdict.text);
        if (verdict.kind != Kind::Refused) continue;
        while (m_table.ready(i) > 0)
            for (const auto row : m_table.take(i, kRefusedAtOnce, m_place.nodeNumber, now)) m_table.refuse(row, verdict.text, now);
    }
    checkEnd();
    const TimeNs next = m_unfit.nextNs(now);
    if (next == 0 || m_unfitLookNs == next) return;
    m_unfitLookNs = next;
    m_place.ports.after(next - now, [this, alive = m_alive] {
        if (!*alive) return;
        m_unfitLookNs = 0; // it may have come early
        pump();
    });
}

void HomeRun::pump()
{
    const TimeNs now = m_place.node.loop().nowNs();
    if (m_rests) return m_guests.pump(now); // the next home does the rest
    m_moves.pump(now); // first: what was lost with a guest that is let go is to be made again here, and nothing else may happen any more
    refuseUnfit(now);
    m_lanes->pump();
    if (m_guests.guests() == 0) return;
    m_guests.pump(now);
    // What home keeps for itself is looked at again: it may have been held up meanwhile, and nothing else would say so.
    for (std::size_t i = 0; i < m_fits.size() && !m_pumpsLater; ++i) {
        if (m_table.ready(i) == 0 || !m_table.staysHome(i, now)) continue;
        m_pumpsLater = true;
        m_place.ports.after(owner::kKeepsUpNs, [this, alive = m_alive] {
            if (!*alive) return;
            m_pumpsLater = false;
            pump();
        });
    }
    // Nothing is left here while a guest has more than it can begin: it gives some back, if it could begin here now.
    for (std::size_t i = 0; i < m_fits.size() && m_lanes->idle(); ++i)
        if (m_fits[i] && m_tasks.ready(i) == 0 && (m_lanes->hasIdle(i) || m_table.classes()[i].fits(m_place.node.leases().free()))) m_guests.recall(i);
}

void HomeRun::guestGone(std::uint16_t node, const std::string& why)
{
    m_unfit.gone(node, m_place.node.loop().nowNs());
    if (!m_guests.has(node)) return;
    m_guests.gone(node, "its node is gone: " + why, m_place.node.loop().nowNs());
    gathered();
    m_place.ports.pumpSoon();
    checkEnd();
}

void HomeRun::guestLeaves(std::uint16_t node)
{
    m_unfit.gone(node, m_place.node.loop().nowNs());
    m_guests.leave(node);
    m_place.ports.pumpSoon();
}

void HomeRun::guestSaid(std::uint16_t node, net::ToHome& message)
{
    if (auto* done = std::get_if<net::TaskDone>(&message)) {
        done->startNs = own(done->startNs);
        done->endNs = own(done->endNs);
    } else if (auto* began = std::get_if<net::TaskBegan>(&message)) {
        began->atNs = own(began->atNs);
    } else if (auto* copied = std::get_if<net::ValueCopied>(&message)) {
        copied->startNs = own(copied->startNs);
        copied->endNs = own(copied->endNs);
    }
    m_guests.on(node, message, m_place.node.loop().nowNs());
    gathered();
    m_place.ports.pumpSoon();
    checkEnd();
}

void HomeRun::copyHere(const net::ObjectKey& key, bool gone, const owner::Way& way)
{
    const auto row = m_table.rowOf(key.vertex, key.index);
    if (row == types::kNoRow) return;
    const TimeNs now = m_place.node.loop().nowNs();
    if (gone) m_table.copyGone(row, key.output, m_place.nodeNumber, now);
    else if (m_table.value(row, key.output)) m_table.copied(row, key.output, m_place.nodeNumber, now, way);
    else m_values.free(key); // it was let go while it came
    if (m_toldEnd && m_dirty) m_place.ended(); // nothing else would send it
}

std::vector<std::uint32_t> HomeRun::take(std::size_t classIndex, std::size_t max, TimeNs now)
{
    if (m_rests) return {};
    return m_tasks.take(classIndex, max, std::size_t{m_place.node.leases().workers()} + 1, now);
}

void HomeRun::recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now)
{
    m_tasks.left(row);
    m_table.recalled(row, attempt, now);
    changed();
}

// A task of this node is over, or came back: others may take what is ready now, and nobody what fits nowhere. The lanes here are
// filled by themselves.
void HomeRun::changed()
{
    bool look = m_guests.guests() > 0;
    for (std::size_t i = 0; i < m_fits.size(); ++i) look = look || (!m_fits[i] && m_table.ready(i) > 0);
    if (look) m_place.ports.pumpSoon();
    checkEnd();
}

void HomeRun::checkEnd()
{
    if (!m_table.ended() || std::exchange(m_ended, true)) return;
    m_place.ended();
}

bool HomeRun::finished(const types::ResultRecord& result, node::Track track, TimeNs now)
{
    m_tasks.left(result.row);
    const bool counts = m_table.finished(result, track, m_place.nodeNumber, now);
    changed();
    return counts;
}

void HomeRun::refuse(std::uint32_t row, const std::string& why, TimeNs now)
{
    m_tasks.left(row);
    m_table.refuse(row, why, now);
    changed();
}

types::TaskRecord HomeRun::record(std::uint32_t row, TimeNs now)
{
    return m_tasks.record(row, m_templates[m_table.vertexOf(row)], now);
}

void HomeRun::lost(std::uint32_t row, std::uint8_t attempt, node::Track track, types::Cause cause, const std::string& why, TimeNs now)
{
    m_tasks.left(row);
    m_table.lost(row, attempt, track, cause, why, 0, now);
    changed();
}

std::uint64_t HomeRun::release(std::uint64_t bytes) { return m_table.release(bytes, m_place.nodeNumber, m_place.node.loop().nowNs()); }

void HomeRun::value(std::uint32_t row, std::uint16_t output, bool keep, std::function<void(base::Result<std::span<const std::byte>>)> done)
{
    const owner::Value* value = m_table.value(row, output);
    const auto notThere = base::fail(base::Errc::NotFound, "this value is not there: it is not made yet, or the store gave it up when its last reader was through and room was needed");
    if (!value) return done(notThere);
    if (value->where == owner::Value::Where::Inline) return done(std::span<const std::byte>(*value->bytes));
    if (value->node == m_place.nodeNumber) return done(std::span<const std::byte>(m_place.store.bytes(value->place)));
    const auto key = m_guests.keyOf(row, output);
    net::WantedValue want{key, value->place.bytes, m_table.copiesOf(row, output)};
    std::erase(want.at, m_place.nodeNumber);
    want.at.insert(want.at.begin(), value->node);
    keep = keep || m_values.find(key);
    if (!keep) m_lookedAt.insert(key);
    m_values.bring({std::move(want)}, [this, alive = m_alive, key, keep, done = std::move(done)](base::Result<void> brought, const net::ObjectKey&) {
        if (!brought) {
            if (*alive && !m_values.find(key)) m_lookedAt.erase(key);
            return done(base::fail(brought.error().code, "the value lies on another node and cannot be brought here: " + brought.error().message));
        }
        done(std::span<const std::byte>(m_place.store.bytes(*m_values.find(key))));
        m_values.unpin({key});
        if (keep) return;
        m_values.drop(key);
        // Somebody else wanted it too, so it stays.
        if (m_lookedAt.erase(key) > 0 && m_values.find(key)) toldLate(key);
    });
}

void HomeRun::toldLate(const net::ObjectKey& key)
{
    const auto row = m_table.rowOf(key.vertex, key.index);
    const owner::Value* value = m_table.value(row, key.output);
    const TimeNs now = m_place.node.loop().nowNs();
    if (value && value->node != m_place.nodeNumber && m_table.isAt(row, key.output, m_place.nodeNumber)) copied(row, key.output, m_place.nodeNumber, {types::kNoNode, now, now});
}

std::optional<types::Place> HomeRun::placeHere(const net::ObjectKey& key) const
{
    const auto row = m_table.rowOf(key.vertex, key.index);
    const owner::Value* value = row == types::kNoRow ? nullptr : m_table.value(row, key.output);
    if (value && value->where == owner::Value::Where::Store && value->node == m_place.nodeNumber) return value->place;
    const auto* copy = m_values.find(key);
    return copy ? std::optional(*copy) : std::nullopt;
}

} // namespace orrery::host
