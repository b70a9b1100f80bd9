// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunPorts: what a run on this node needs of the node's process, be it at home or a guest here; and ValuesOfRun, which gives
// node::RunValues the store and the bulk plane through it.
// Runs on: node loop.

#include "engine/net/peer_link.h"
#include "engine/node/run_values.h"
#include "engine/owner/run_table.h"

namespace orrery::host {

struct RunPorts {
    virtual ~RunPorts() = default;
    virtual void toGuest(std::uint16_t node, net::ToGuest message) = 0;
    virtual void toHome(std::uint16_t node, net::ToHome message) = 0;
    // Room for a copy: an object of the store.
    virtual void room(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) = 0;
    virtual void pull(std::uint16_t node, base::RunId run, const net::ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done) = 0;
    virtual void freeObject(const types::Place& place) = 0;
    virtual base::TimeNs nowNs() const = 0;
    virtual void after(base::TimeNs delay, std::function<void()> run) = 0;
    // Lanes of every run are filled soon, not inside the call.
    virtual void pumpSoon() = 0;
};

class ValuesOfRun final : public node::RunValues::Port {
public:
    // way: of what came; this node's clock.
    using Copied = std::function<void(const net::ObjectKey&, bool gone, const owner::Way& way)>;
    ValuesOfRun(RunPorts& ports, base::RunId run, Copied copied) : m_ports(ports), m_run(run), m_copied(std::move(copied)) {}
    void room(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) override { m_ports.room(bytes, std::move(done)); }
    void pull(std::uint16_t node, const net::ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done) override
    {
        // RunValues holds this port as long as a pull of it is under way.
        m_ports.pull(node, m_run, key, into, [this, node, startNs = m_ports.nowNs(), done = std::move(done)](base::Result<void> pulled) {
            m_way = {node, startNs, m_ports.nowNs()};
            done(std::move(pulled));
        });
    }
    void freeObject(const types::Place& place) override { m_ports.freeObject(place); }
    void after(base::TimeNs delay, std::function<void()> run) override { m_ports.after(delay, std::move(run)); }
    void copied(const net::ObjectKey& key, bool gone) override { m_copied(key, gone, gone ? owner::Way() : m_way); }

private:
    RunPorts& m_ports;
    const base::RunId m_run;
    const Copied m_copied;
    owner::Way m_way; // of the pull that ended last
};

} // namespace orrery::host
