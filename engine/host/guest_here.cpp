// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/guest_here.h"

#include "engine/host/home_run.h"

#include <algorithm>

namespace orrery::host {

GuestHere::GuestHere(Place place, std::uint16_t home, base::RunId run, std::uint64_t epoch, std::uint32_t submitter, std::shared_ptr<const types::Plan> plan)
    : m_place(place), m_home(home),
      m_values(std::make_shared<ValuesOfRun>(place.ports, run, [this, run, epoch](const net::ObjectKey& key, bool gone, const owner::Way& way) {
          send(net::ValueCopied{run, epoch, key, gone, way.from, cluster(way.startNs), cluster(way.endNs)});
      })), m_tasks(run, epoch, std::move(plan), m_values, *this),
      m_lanes(std::make_unique<node::SourceLanes>(place.node, submitter, m_tasks, place.store))
{
}

GuestHere::~GuestHere() { m_lanes.reset(); } // before what the lanes speak to

void GuestHere::on(net::ToGuest& message)
{
    const bool cancelled = m_tasks.cancelled();
    m_tasks.on(message, m_place.node.loop().nowNs());
    if (!cancelled && m_tasks.cancelled()) m_lanes->cancelAll();
}

std::vector<node::KeptValue> GuestHere::give()
{
    m_lanes.reset();
    return m_values.give();
}

std::uint32_t GuestHere::items(const types::Place& place) { return itemsOf(m_place.store.bytes(place)); }
std::uint64_t GuestHere::bytesAhead() { return m_place.storeBytes / 4; }

net::ValueFacts GuestHere::facts(const types::Place& place) { return factsOf(m_place.store.bytes(place)); }

} // namespace orrery::host
