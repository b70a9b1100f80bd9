// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/drivers.h"

#include "engine/base/log.h"
#include "engine/types/param_check.h"
#include "engine/types/vertex_ports.h"

#include <sys/epoll.h>
#include <unistd.h>

namespace orrery::host {

using base::Errc;
using base::fail;

Drivers::Drivers(base::EpollLoop& loop, node::Node& node, node::ValueStore& store, std::uint32_t& lastSubmitter)
    : m_loop(loop), m_node(node), m_store(store), m_lastSubmitter(lastSubmitter)
{
}

Drivers::~Drivers()
{
    *m_alive = false;
    m_drivers.clear();
    if (!m_listener) return;
    m_loop.unwatch(m_listener.get());
    ::unlink(m_path.c_str());
}

base::Result<void> Drivers::listen(const std::string& path)
{
    if (m_listener && ::access(path.c_str(), F_OK) == 0) return {};
    auto listener = base::SeqSocket::listen(path);
    if (!listener) return listener.error();
    if (m_listener) m_loop.unwatch(m_listener.get());
    m_path = path;
    m_listener = std::move(*listener);
    m_loop.watch(m_listener.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
    return {};
}

void Drivers::accept()
{
    auto socket = base::SeqSocket::accept(m_listener.get());
    if (!socket) {
        if (socket.error().code == Errc::Refused) base::logf(base::LogLevel::Warn, "node", "{}", socket.error().message);
        return;
    }
    if (m_drivers.size() >= kDriversMax) return; // closing the socket tells the program
    const node::SubmitterId id = ++m_lastSubmitter;
    auto driver = std::make_unique<node::DriverLanes>(m_node, id, std::move(*socket), m_store, *this, [this, id, alive = m_alive] {
        if (*alive) m_drivers.erase(id);
    });
    if (auto begun = driver->begin(); !begun) {
        base::logf(base::LogLevel::Warn, "node", "a driver could not attach: {}", begun.error().message);
        return;
    }
    m_drivers.emplace(id, std::move(driver));
}

void Drivers::segmentAdded(const node::ValueStore::Segment& segment)
{
    for (auto& [id, driver] : m_drivers) driver->segmentAdded(segment);
}

void Drivers::segmentDropped(std::uint32_t segment)
{
    for (auto& [id, driver] : m_drivers) driver->segmentDropped(segment);
}

base::Result<node::FunctionPort::Found> Drivers::findFunction(const std::string& function, const std::string& params)
{
    const types::FunctionInfo* info = m_catalog ? m_catalog->function(function) : nullptr;
    if (!info) return fail(Errc::NotFound, "the function " + function + " is in none of the plugins that this node knows; orreryctl plugin list shows them");
    if (!m_node.everFits(info->resources)) return fail(Errc::Refused, function + " needs " + info->resources.text() + " and this node has " + m_node.leases().total().text());
    auto complete = types::completeParams(*info, params);
    if (!complete) return complete.error();
    types::Template made;
    made.plugin = m_catalog->pluginOf(function)->path;
    made.function = function;
    made.params = *complete;
    std::vector<types::Problem> problems;
    const auto ports = types::withPorts(*info, *complete, {}, problems);
    if (!problems.empty()) return fail(Errc::BadInput, function + " " + problems.front().text());
    made.inputs = static_cast<std::uint16_t>(ports->inputs.size());
    made.outputs = static_cast<std::uint16_t>(ports->outputs.size());
    return Found{m_node.templateId(made), info->resources, made.outputs};
}

} // namespace orrery::host
