// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/run_values.h"

#include "engine/base/assert.h"

#include <algorithm>

namespace orrery::node {

using base::Errc;
using base::fail;

RunValues::~RunValues()
{
    *m_alive = false;
    for (auto& [key, value] : m_values)
        if (value.place.bytes > 0) m_port->freeObject(value.place);
    for (auto& [id, bringing] : std::exchange(m_bringings, {})) bringing.done(fail(Errc::Cancelled, "its run was closed"), {});
}

void RunValues::made(const ObjectKey& key, const types::Place& place)
{
    Value& value = m_values[key];
    if (value.place.bytes > 0) {
        // Made twice: the same bytes. Whoever reads the earlier one has its place.
        if (value.pins > 0) {
            m_port->freeObject(place);
            value.primary = true;
            value.doomed = false; // it was to go, and is wanted anew
            return;
        }
        m_port->freeObject(value.place);
    }
    value.primary = true;
    value.doomed = false;
    if (value.waiting.empty()) value.place = place;
    else arrived(key, place, false);
}

const types::Place* RunValues::find(const ObjectKey& key) const
{
    const auto found = m_values.find(key);
    return found == m_values.end() || found->second.place.bytes == 0 ? nullptr : &found->second.place;
}

void RunValues::bring(std::vector<WantedValue> wanted, Brought done)
{
    Bringing bringing;
    const std::uint64_t id = ++m_lastBringing;
    for (auto& want : wanted) {
        Value& value = m_values[want.key];
        ++value.pins;
        value.used = ++m_clock;
        value.doomed = false;
        bringing.keys.push_back(want.key);
        if (value.place.bytes > 0) continue;
        ++bringing.missing;
        value.waiting.push_back(id);
        if (value.waiting.size() > 1) { // somebody brings it already, and may know of other sources
            for (const auto node : want.at)
                if (std::find(value.from.at.begin(), value.from.at.end(), node) == value.from.at.end()) value.from.at.push_back(node);
            continue;
        }
        value.from = std::move(want);
        m_queue.push_back(value.from.key);
    }
    if (bringing.missing == 0) return done({}, {});
    bringing.done = std::move(done);
    m_bringings.emplace(id, std::move(bringing));
    startPulls();
}

void RunValues::startPulls()
{
    while (m_pulling < kPullsMax && !m_queue.empty()) {
        const ObjectKey key = m_queue.front();
        m_queue.pop_front();
        const auto found = m_values.find(key);
        if (found == m_values.end() || found->second.place.bytes > 0 || found->second.waiting.empty() || found->second.round != 0) continue;
        ++m_pulling;
        found->second.round = ++m_lastRound;
        tryNext(key, m_lastRound, 0, fail(Errc::NotFound, "no node has it"));
    }
}

bool RunValues::isRound(const ObjectKey& key, std::uint64_t round) const
{
    const auto found = m_values.find(key);
    return found != m_values.end() && found->second.round == round;
}

// Its sources one after the other; the caller counts the pull. The value may have been let go and wanted anew meanwhile, from elsewhere.
void RunValues::tryNext(const ObjectKey& key, std::uint64_t round, std::size_t source, const base::Error& why)
{
    const auto found = m_values.find(key);
    const bool wanted = isRound(key, round) && !found->second.waiting.empty();
    if (!wanted || source >= found->second.from.at.size()) {
        --m_pulling;
        if (isRound(key, round)) found->second.round = 0;
        if (wanted && found->second.silent) pause(key);
        else if (wanted) failed(key, why);
        return startPulls();
    }
    if (source == 0) found->second.silent = false;
    const std::uint16_t node = found->second.from.at[source];
    // The port lives longer than we may: it gets back what nobody wants any more.
    m_port->room(found->second.from.size, [this, alive = m_alive, port = m_port, key, node, round, source](base::Result<types::Place> room) {
        if (!*alive) {
            if (room) port->freeObject(*room);
            return;
        }
        if (!room) {
            --m_pulling;
            if (isRound(key, round)) failed(key, room.error());
            return startPulls();
        }
        m_port->pull(node, key, *room, [this, alive, port, key, place = *room, round, source](base::Result<void> pulled) {
            if (!pulled || !*alive) port->freeObject(place);
            if (!*alive) return;
            if (!pulled) {
                if (isRound(key, round) && pulled.error().code == Errc::Unavailable) m_values.at(key).silent = true;
                return tryNext(key, round, source + 1, pulled.error());
            }
            --m_pulling;
            const auto value = m_values.find(key);
            if (value == m_values.end() || value->second.place.bytes > 0) {
                m_port->freeObject(place); // made here meanwhile, or nobody wants it any more
            } else {
                arrived(key, place, true);
            }
            startPulls();
        });
    });
}

void RunValues::pause(const ObjectKey& key)
{
    Value& value = m_values.at(key);
    m_port->after(value.pauseNs, [this, alive = m_alive, key] {
        if (!*alive) return;
        m_queue.push_back(key);
        startPulls();
    });
    value.pauseNs = std::min(value.pauseNs * 2, kPullPauseMaxNs);
}

// A copy is told of before who waits for it goes on: what they do with it is told after it.
void RunValues::arrived(const ObjectKey& key, const types::Place& place, bool copy)
{
    m_values.at(key).place = place;
    m_values.at(key).round = 0;
    if (copy) m_port->copied(key, false);
    const auto here = m_values.find(key);
    if (here == m_values.end()) return; // nobody waited, and it was let go of
    for (const auto id : std::exchange(here->second.waiting, {})) {
        const auto bringing = m_bringings.find(id);
        if (bringing == m_bringings.end() || --bringing->second.missing > 0) continue;
        const Brought done = std::move(bringing->second.done);
        m_bringings.erase(bringing);
        done({}, {});
    }
    // Nobody waited any more.
    if (const auto found = m_values.find(key); found != m_values.end() && found->second.pins == 0 && found->second.doomed) release(found);
}

void RunValues::failed(const ObjectKey& key, const base::Error& why)
{
    const auto found = m_values.find(key);
    if (found == m_values.end()) return;
    found->second.round = 0;
    const auto waiting = std::exchange(found->second.waiting, {});
    if (waiting.empty() && found->second.pins == 0) m_values.erase(found);
    for (const auto id : waiting) {
        const auto bringing = m_bringings.find(id);
        if (bringing == m_bringings.end()) continue;
        const Bringing given = std::move(bringing->second);
        m_bringings.erase(bringing);
        unpin(given.keys);
        given.done(why, key);
    }
}

void RunValues::release(std::map<ObjectKey, Value>::iterator value)
{
    if (value->second.place.bytes > 0) m_port->freeObject(value->second.place);
    m_values.erase(value);
}

void RunValues::unpin(const std::vector<ObjectKey>& keys)
{
    for (const auto& key : keys) {
        const auto found = m_values.find(key);
        if (found == m_values.end()) continue;
        ORRERY_ASSERT(found->second.pins > 0);
        if (--found->second.pins > 0) continue;
        // One that was never brought is nothing without who waits for it.
        if (found->second.doomed || (found->second.place.bytes == 0 && !found->second.primary)) release(found);
    }
}

void RunValues::free(const ObjectKey& key)
{
    const auto found = m_values.find(key);
    if (found == m_values.end()) return;
    found->second.primary = false;
    if (found->second.pins > 0) found->second.doomed = true;
    else release(found);
}

void RunValues::drop(const ObjectKey& key)
{
    const auto found = m_values.find(key);
    if (found == m_values.end() || found->second.primary || found->second.pins > 0 || found->second.place.bytes == 0) return;
    release(found);
    m_port->copied(key, true);
}

void RunValues::keep(const ObjectKey& key)
{
    const auto found = m_values.find(key);
    if (found != m_values.end() && found->second.place.bytes > 0) found->second.primary = true; // else it was given up, and that was told
}

std::vector<KeptValue> RunValues::here() const
{
    std::vector<KeptValue> values;
    for (const auto& [key, value] : m_values)
        if (value.place.bytes > 0) values.push_back({key, value.place, value.primary});
    return values;
}

std::vector<KeptValue> RunValues::give()
{
    auto given = here();
    m_values.clear();
    m_queue.clear();
    return given;
}

void RunValues::take(const std::vector<KeptValue>& values)
{
    for (const auto& one : values) {
        if (one.bytes) continue;
        Value& value = m_values[one.key];
        value.place = one.place;
        value.primary = one.primary;
        value.used = ++m_clock;
    }
}

std::size_t RunValues::primaries() const
{
    return static_cast<std::size_t>(std::count_if(m_values.begin(), m_values.end(), [](const auto& value) { return value.second.primary; }));
}

std::uint64_t RunValues::evict(std::uint64_t bytes)
{
    std::vector<std::pair<std::uint64_t, ObjectKey>> copies;
    for (const auto& [key, value] : m_values)
        if (!value.primary && value.pins == 0 && value.place.bytes > 0) copies.emplace_back(value.used, key);
    std::sort(copies.begin(), copies.end());
    std::uint64_t freed = 0;
    for (const auto& [used, key] : copies) {
        if (freed >= bytes) break;
        const auto found = m_values.find(key);
        freed += found->second.place.bytes;
        release(found);
        m_port->copied(key, true);
    }
    return freed;
}

std::string RunValues::audit() const
{
    for (const auto& [key, value] : m_values) {
        if (value.place.bytes == 0 && value.pins == 0) return "a value that is not here is known and nobody wants it";
        if (value.place.bytes > 0 && !value.waiting.empty()) return "a value is here and somebody waits for it";
    }
    return {};
}

} // namespace orrery::node
