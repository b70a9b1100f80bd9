// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/head_table.h"

#include <algorithm>
#include <set>

namespace orrery::head {

using base::Errc;
using base::fail;

HeadTable::HeadTable(Stored stored, TableOptions options, Now now, Effects& out)
    : m_headEpoch(stored.headEpoch), m_cluster(stored.cluster), m_options(std::move(options)), m_now(now), m_out(&out)
{
    m_members.restore(stored.nodes, now.monoNs);
    for (const auto& [number, member] : m_members.members())
        if (isLocal(member)) give(WatchNode{member.row.pid});
    restoreRuns(stored.runs);
    m_out = nullptr;
}

void HeadTable::apply(Event event, Now now, Effects& out)
{
    m_now = now;
    m_out = &out;
    std::visit([this](auto& e) { on(e); }, event);
    if (m_shutdown) checkShutdown();
    m_out = nullptr;
}

void HeadTable::on(Wanted& event)
{
    const Ticket ticket = event.ticket;
    // A shutdown may be asked for twice; everything else comes too late.
    if (m_shutdown && !std::holds_alternative<types::Shutdown>(event.intent))
        return answer(ticket, fail(Errc::Refused, "the cluster is being shut down; nothing new begins"));
    if (auto* start = std::get_if<types::StartRun>(&event.intent)) startRun(ticket, *start);
    else if (const auto* stop = std::get_if<types::StopRun>(&event.intent)) stopRun(ticket, *stop);
    else if (const auto* kill = std::get_if<types::KillWorker>(&event.intent)) killWorker(ticket, *kill);
    else if (const auto* add = std::get_if<types::AddNode>(&event.intent)) addNode(ticket, *add);
    else if (const auto* remove = std::get_if<types::RemoveNode>(&event.intent)) removeNode(ticket, *remove);
    else if (std::holds_alternative<types::Shutdown>(event.intent)) shutdown(ticket);
    else if (std::holds_alternative<types::RescanPlugins>(event.intent)) {
        // One scan at a time. The one under way may have passed what was changed just now, so who asks meanwhile gets the next.
        if (m_scanning) return m_scanLater.push_back(ticket);
        m_scanning = true;
        m_scanTickets.push_back(ticket);
        give(ScanPlugins{});
    } else answer(ticket, fail(Errc::Refused, "this head does not know that request; it is older than the program that asks"));
}

void HeadTable::on(PluginsScanned& event)
{
    auto tickets = std::exchange(m_scanTickets, std::exchange(m_scanLater, {}));
    m_scanning = !m_scanTickets.empty();
    if (m_scanning) give(ScanPlugins{});
    if (event.problem.empty() && event.catalog) {
        m_catalog = event.catalog;
        m_catalogVersion = ++m_version;
        for (const auto& [number, member] : m_members.members())
            if (member.link != 0) give(Send{member.link, net::UseCatalog{m_catalog}});
        std::size_t functions = 0;
        for (const auto& plugin : m_catalog->plugins) functions += plugin.functions.size();
        for (const auto& problem : m_catalog->problems) say(base::LogLevel::Error, 0, "plugin " + problem.path + ": " + problem.message);
        const std::string text = std::to_string(m_catalog->plugins.size()) + " plugins with " + std::to_string(functions) + " functions";
        for (const auto ticket : tickets) answer(ticket, types::Reply{{}, text, {}});
    } else {
        const std::string why = event.problem.empty() ? "the plugins could not be read" : event.problem;
        say(base::LogLevel::Error, 0, why);
        if (!m_catalog) m_catalog = std::make_shared<const types::Catalog>(types::Catalog{{}, {{"", why}}}); // starts do not wait for ever
        for (const auto ticket : tickets) answer(ticket, fail(Errc::Failed, why));
    }
    auto starts = std::exchange(m_starts, {});
    for (auto& waiting : starts) startRun(waiting.ticket, waiting.wish);
    placeRuns();
}

void HeadTable::on(Tick&)
{
    tickNodes();
    for (const auto& request : m_requests.takeOverdue(m_now.monoNs)) {
        const auto* member = m_members.find(request.node);
        refuse(request, Errc::Unavailable, (member ? nodeText(member->row) : "the node") + " did not answer within " + std::to_string(kRequestNs / base::kSecond) + " s; try again");
    }
    for (auto stranger = m_strangers.begin(); stranger != m_strangers.end();) {
        if (stranger->second > m_now.monoNs) {
            ++stranger;
            continue;
        }
        give(CloseLink{stranger->first});
        stranger = m_strangers.erase(stranger);
    }
}

TimeNs HeadTable::nextDeadlineNs() const
{
    TimeNs next = m_members.nextDeadlineNs();
    const auto consider = [&next](TimeNs at) {
        if (at >= 0 && (next < 0 || at < next)) next = at;
    };
    consider(m_requests.nextDeadlineNs());
    for (const auto& [link, at] : m_strangers) consider(at);
    for (const auto& launch : m_launches) consider(launch.deadlineNs);
    for (const auto& removal : m_removals)
        if (!draining(removal.node) || removal.killed) consider(removal.deadlineNs);
    for (const auto& [number, drain] : m_drains) consider(drain.homesNs != 0 ? drain.homesNs : drain.stopNs);
    if (m_shutdown && !m_shutdown->told) consider(m_shutdown->deadlineNs);
    return next;
}

types::Can HeadTable::can(types::Verb verb) const
{
    using types::Verb;
    if (m_shutdown) return {false, "The cluster is being shut down."};
    switch (verb) {
    case Verb::Run:
    case Verb::Stop:
    case Verb::Shutdown: return {};
    case Verb::AddNode: return m_options.whyNoNodes.empty() ? types::Can{} : types::Can{false, m_options.whyNoNodes};
    case Verb::KillWorker:
    case Verb::RemoveNode:
    case Verb::Fetch: break;
    }
    return m_members.usableCount() > 0 ? types::Can{} : types::Can{false, "No node is there."};
}

void HeadTable::say(base::LogLevel level, std::uint16_t node, std::string text)
{
    types::LogLine line;
    line.atNs = m_now.monoNs;
    line.node = node;
    line.level = static_cast<std::uint8_t>(level);
    line.text = std::move(text);
    m_logs.add(std::move(line));
    ++m_version;
}

void HeadTable::answer(Ticket ticket, base::Result<types::Reply> reply)
{
    if (ticket != 0) give(AnswerIntent{ticket, std::move(reply)});
}

std::size_t HeadTable::openTickets() const
{
    std::size_t open = m_requests.size();
    const auto held = [&open](Ticket ticket) { open += ticket != 0 ? 1 : 0; };
    for (const auto ticket : m_scanTickets) held(ticket);
    for (const auto ticket : m_scanLater) held(ticket);
    for (const auto& waiting : m_starts) held(waiting.ticket);
    for (const auto& launch : m_launches) held(launch.ticket);
    for (const auto& removal : m_removals) held(removal.ticket);
    if (m_shutdown && !m_shutdown->told)
        for (const auto ticket : m_shutdown->tickets) held(ticket);
    for (const auto& [number, run] : m_runs.all()) held(run.ticket);
    return open;
}

std::string HeadTable::audit() const
{
    for (const auto& part : {m_members.audit(), m_runs.audit(), m_logs.audit()})
        if (!part.empty()) return part;
    for (const auto& [number, run] : m_runs.all()) {
        if (run.version > m_version) return "head: " + run.name() + " changed after the newest change";
        if (run.terminal() || !run.homed) continue;
        const auto* home = m_members.find(run.home);
        if (!home || !home->alive()) return "head: " + run.name() + " runs on a node that is dead";
    }
    for (const auto& [number, drain] : m_drains) {
        const auto* member = m_members.find(number);
        if (!member || !member->alive() || member->leaving) return "head: node " + std::to_string(number) + " drains and is gone, or told to stop";
    }
    for (const auto& [id, request] : m_requests.all()) {
        const auto* member = m_members.find(request.node);
        if (!member || member->link == 0) return "head: request " + std::to_string(id) + " waits for a node that is not connected";
    }
    if (m_catalog && !m_starts.empty()) return "head: starts wait although the plugins are known";
    std::set<std::uint64_t> launches;
    for (const auto& launch : m_launches)
        if (!launches.insert(launch.number).second) return "head: a node is launched twice under one number";
    if (m_shutdown && m_runs.active() > 0) return "head: runs are open although the cluster is being shut down";
    for (const auto& [number, run] : m_runs.all()) {
        if (!m_catalog || m_shutdown || !run.placeable()) continue;
        for (const auto& [node, member] : m_members.members())
            if (member.usable() && m_now.monoNs - member.heardNs < kDeadAfterNs) return "head: " + run.name() + " waits although " + nodeText(member.row) + " is there";
    }
    return {};
}

} // namespace orrery::head
