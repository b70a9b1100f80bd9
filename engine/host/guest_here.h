// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// GuestHere: a run of another node as it is here: its tasks (node::GuestRun), the values that lie here for it, and its lanes.
// Runs on: node loop.

#include "engine/host/run_ports.h"
#include "engine/node/guest_run.h"
#include "engine/node/source_lanes.h"

namespace orrery::host {

class GuestHere final : public node::GuestRun::Port {
public:
    struct Place {
        node::Node& node;
        node::ValueStore& store;
        RunPorts& ports;
        std::int64_t& clusterOffsetNs;
        std::uint64_t storeBytes; // of this node
    };
    GuestHere(Place place, std::uint16_t home, base::RunId run, std::uint64_t epoch, std::uint32_t submitter, std::shared_ptr<const types::Plan> plan);
    ~GuestHere() override;

    // Once, before all else: what lies here for an earlier home of the run.
    void open(const std::vector<node::KeptValue>& kept) { m_tasks.open(kept); }
    std::size_t tasks() const { return m_tasks.tasks(); }
    std::size_t primaries() const { return m_values.primaries(); }
    // Ends its tasks, and gives away what lies here. REQUIRES: nothing else is called afterwards.
    std::vector<node::KeptValue> give();
    void on(net::ToGuest& message);
    void pump() { m_lanes->pump(); }
    std::uint16_t home() const { return m_home; }
    std::uint64_t epoch() const { return m_tasks.epoch(); }
    std::uint64_t evict(std::uint64_t bytes) { return m_values.evict(bytes); }
    // The store is short: the home may let values go that nobody needs any more.
    void needRoom(std::uint64_t bytes) { send(net::NeedRoom{m_tasks.run(), m_tasks.epoch(), bytes}); }
    const types::Place* placeHere(const net::ObjectKey& key) const { return m_values.find(key); } // null: it does not lie here

    // ---- node::GuestRun::Port ----
    void send(net::ToHome message) override { m_place.ports.toHome(m_home, std::move(message)); }
    std::uint32_t templateId(const types::Template& wanted) override { return m_place.node.templateId(wanted); }
    std::uint32_t workersFor(const types::Resources& resources) override { return m_place.node.leases().timesIn(resources); }
    base::TimeNs cluster(base::TimeNs nodeNs) override { return nodeNs == 0 ? 0 : nodeNs + m_place.clusterOffsetNs; }
    std::uint64_t bytesAhead() override;
    net::ValueFacts facts(const types::Place& place) override;
    std::uint32_t items(const types::Place& place) override;
    void ready() override { m_place.ports.pumpSoon(); }

private:
    const Place m_place;
    const std::uint16_t m_home;
    node::RunValues m_values;
    node::GuestRun m_tasks;
    std::unique_ptr<node::SourceLanes> m_lanes;
};

} // namespace orrery::host
