// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/member_codec.h"

#include <cmath>

namespace orrery::archive {

using base::ByteReader;
using base::Bytes;
using base::ByteWriter;
using types::FunctionInfo;
using types::NodeRow;
using types::PluginInfo;
using types::Port;
using types::Resources;
using types::WorkerRow;

namespace {

base::Error notOne(const char* what) { return base::fail(base::Errc::BadInput, std::string("The bytes are not ") + what + "."); }

void put(ByteWriter& out, const Resources& resources)
{
    out.list(resources.entries(), [](ByteWriter& w, const Resources::Entry& entry) {
        w.put(entry.name);
        w.put(entry.units);
    });
}

void get(ByteReader& in, Resources& resources)
{
    in.list(12, [&](ByteReader& r) {
        const std::string name = r.text();
        const auto units = r.get<std::int64_t>();
        // set() checks the name; setUnits() then keeps the amount exactly.
        if (units > 0 && resources.set(name, 1).ok()) resources.setUnits(name, units);
    });
}

double finite(double value) { return std::isfinite(value) ? value : 0; }

void put(ByteWriter& out, const std::vector<Port>& ports)
{
    out.list(ports, [](ByteWriter& w, const Port& port) {
        w.put(port.name);
        w.put(port.type);
        w.put(port.doc);
        w.put(port.optional);
    });
}

void get(ByteReader& in, std::vector<Port>& ports)
{
    in.list(13, [&](ByteReader& r) {
        Port& port = ports.emplace_back();
        r.get(port.name);
        r.get(port.type);
        r.get(port.doc);
        port.optional = r.get<std::uint8_t>() != 0;
    });
}

} // namespace

Bytes writeNodes(const std::vector<NodeRow>& nodes)
{
    ByteWriter out;
    out.list(nodes, [](ByteWriter& w, const NodeRow& n) {
        w.put(n.node); w.put(n.id); w.put(n.name); w.put(n.host); w.put(n.state); w.put(n.pid);
        put(w, n.total);
        put(w, n.free);
        w.put(n.cpuShare); w.put(n.memoryBytes); w.put(n.memoryTotalBytes); w.put(n.storeBytes); w.put(n.storeCapacityBytes); w.put(n.storeObjects);
        w.put(n.netInBytes); w.put(n.netOutBytes); w.put(n.workers); w.put(n.workersBusy); w.put(n.heartbeatNs); w.put(n.why);
    });
    return out.take();
}

base::Result<std::vector<NodeRow>> readNodes(std::span<const std::byte> bytes)
{
    std::vector<NodeRow> nodes;
    ByteReader in(bytes);
    bool fine = true;
    in.list(100, [&](ByteReader& r) {
        NodeRow& n = nodes.emplace_back();
        r.get(n.node); r.get(n.id); r.get(n.name); r.get(n.host);
        const auto state = r.get<std::uint8_t>();
        fine = fine && state <= static_cast<std::uint8_t>(types::NodeState::Dead);
        n.state = static_cast<types::NodeState>(state);
        r.get(n.pid);
        get(r, n.total);
        get(r, n.free);
        n.cpuShare = finite(r.get<double>());
        r.get(n.memoryBytes); r.get(n.memoryTotalBytes); r.get(n.storeBytes); r.get(n.storeCapacityBytes); r.get(n.storeObjects);
        r.get(n.netInBytes); r.get(n.netOutBytes); r.get(n.workers); r.get(n.workersBusy); r.get(n.heartbeatNs); r.get(n.why);
    });
    if (!fine || !in.ok() || !in.atEnd()) return notOne("rows of nodes");
    return nodes;
}

Bytes writeWorkers(const std::vector<WorkerRow>& workers)
{
    ByteWriter out;
    out.list(workers, [](ByteWriter& w, const WorkerRow& r) {
        w.put(r.track); w.put(r.node); w.put(r.id); w.put(r.pid); w.put(r.alive); w.put(r.exit); w.put(r.rssBytes); w.put(r.tasksDone); w.put(r.running); w.put(r.startNs); w.put(r.endNs);
    });
    return out.take();
}

base::Result<std::vector<WorkerRow>> readWorkers(std::span<const std::byte> bytes)
{
    std::vector<WorkerRow> workers;
    ByteReader in(bytes);
    in.list(60, [&](ByteReader& r) {
        WorkerRow& w = workers.emplace_back();
        r.get(w.track); r.get(w.node); r.get(w.id); r.get(w.pid);
        w.alive = r.get<std::uint8_t>() != 0;
        r.get(w.exit); r.get(w.rssBytes); r.get(w.tasksDone); r.get(w.running); r.get(w.startNs); r.get(w.endNs);
    });
    if (!in.ok() || !in.atEnd()) return notOne("rows of workers");
    return workers;
}

Bytes writePlugin(const PluginInfo& plugin)
{
    ByteWriter out;
    out.put(plugin.name); out.put(plugin.version); out.put(plugin.doc); out.put(plugin.path); out.put(plugin.sha256); out.put(plugin.interfaceHash); out.put(plugin.forkSafe);
    out.list(plugin.functions, [](ByteWriter& w, const FunctionInfo& f) {
        w.put(f.name); w.put(f.label); w.put(f.doc); w.put(f.category); w.put(f.icon);
        put(w, f.inputs);
        put(w, f.outputs);
        w.put(f.paramSchema);
        put(w, f.resources);
        w.put(f.retries); w.put(f.pure); w.put(f.computedPorts);
    });
    out.list(plugin.pages, [](ByteWriter& w, const std::string& page) { w.put(page); });
    return out.take();
}

base::Result<PluginInfo> readPlugin(std::span<const std::byte> bytes)
{
    PluginInfo plugin;
    ByteReader in(bytes);
    in.get(plugin.name); in.get(plugin.version); in.get(plugin.doc); in.get(plugin.path); in.get(plugin.sha256); in.get(plugin.interfaceHash);
    plugin.forkSafe = in.get<std::uint8_t>() != 0;
    in.list(42, [&](ByteReader& r) {
        FunctionInfo& f = plugin.functions.emplace_back();
        r.get(f.name); r.get(f.label); r.get(f.doc); r.get(f.category); r.get(f.icon);
        get(r, f.inputs);
        get(r, f.outputs);
        r.get(f.paramSchema);
        get(r, f.resources);
        r.get(f.retries);
        f.pure = r.get<std::uint8_t>() != 0;
        f.computedPorts = r.get<std::uint8_t>() != 0;
    });
    in.list(4, [&](ByteReader& r) { plugin.pages.push_back(r.text()); });
    if (!in.ok() || !in.atEnd()) return notOne("the description of a plugin");
    return plugin;
}

} // namespace orrery::archive
