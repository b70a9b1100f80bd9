// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The head's table: links, nodes, and the end of the cluster.
#include "engine/head/head_table.h"

#include <algorithm>

namespace orrery::head {

using base::Errc;
using base::fail;
using base::LogLevel;

void HeadTable::on(LinkMade& event)
{
    if (!m_members.byLink(event.link)) m_strangers[event.link] = m_now.monoNs + kRequestNs;
}

void HeadTable::on(LinkGone& event)
{
    m_strangers.erase(event.link);
    auto* member = m_members.linkGone(event.link);
    if (!member) return;
    failRequests(member->row.node, "the connection to " + nodeText(member->row) + " broke before it answered; try again");
    // A local process is gone when the launcher says so; another one when its link ends after it was told to.
    if (member->leaving && !isLocal(*member)) nodeDead(*member, "it was told to stop");
    else m_story.tell(m_now.monoNs, nodeText(member->row), "the connection broke");
}

void HeadTable::on(FromLink& event)
{
    if (auto* hello = std::get_if<net::RegisterNode>(&event.message)) return registered(event.link, *hello);
    auto* member = m_members.byLink(event.link);
    if (!member) return; // it has not registered, or its link was replaced
    const std::uint16_t number = member->row.node;
    if (auto* beat = std::get_if<net::Heartbeat>(&event.message)) {
        const bool wasOverdue = m_now.monoNs - member->heardNs >= kDeadAfterNs;
        m_members.heartbeat(event.link, *beat, m_now.monoNs);
        if (wasOverdue) placeRuns(); // it was passed over
        if (m_members.tracksLow(*member) && m_members.grantTracks(*member)) {
            give(RecordNode{m_members.stored(*member)});
            welcome(*member);
        }
    } else if (auto* traced = std::get_if<net::TraceBlock>(&event.message)) {
        block(*member, *traced);
    } else if (auto* logs = std::get_if<net::LogLines>(&event.message)) {
        for (auto& line : logs->lines) line.node = number;
        for (const auto& [runNumber, run] : m_runs.all())
            if (!run.terminal() && run.homed && run.home == number && !run.recordBroken) give(AppendLogs{run.row.id, logs->lines});
        for (auto& line : logs->lines) m_logs.add(std::move(line));
        ++m_version;
    } else if (auto* end = std::get_if<net::RunEnded>(&event.message)) {
        ended(*member, *end);
    } else if (auto* reply = std::get_if<net::Answer>(&event.message)) {
        answered(*member, *reply);
    } else if (auto* drained = std::get_if<net::DrainState>(&event.message)) {
        drainSaid(*member, *drained);
    }
}

void HeadTable::registered(LinkId link, net::RegisterNode& message)
{
    m_strangers.erase(link);
    // A link speaks for one node.
    if (const auto* speaker = m_members.byLink(link); speaker && speaker->row.id != message.node) {
        give(CloseLink{link});
        LinkGone gone{link};
        return on(gone);
    }
    const auto refuseNode = [&](const std::string& why) {
        say(LogLevel::Warn, 0, "a node on " + message.host + " was refused: " + why);
        give(Send{link, net::StopNode{true}});
        give(CloseLink{link});
    };
    if (m_shutdown) return refuseNode("the cluster is being shut down");
    if (message.node.isNull()) return refuseNode("it has no id");
    auto* before = m_members.find(message.node);
    const bool newLife = before && message.incarnation > before->incarnation;
    if (before && !before->alive() && !before->leaving && message.incarnation == before->incarnation) {
        // Given up on is given up on: its tasks were given to others. It comes back as another life of itself.
        m_strangers[link] = m_now.monoNs + kRequestNs;
        return give(Send{link, net::StartAnew{}});
    }
    const bool leaving = before && before->leaving && !newLife;
    if (newLife && before->alive()) nodeDead(*before, "it started anew");
    const auto joined = m_members.join(link, message, m_now.monoNs);
    if (joined.how == MemberTable::Joined::How::Refused) return refuseNode(joined.why);
    auto& member = *m_members.find(joined.number);
    if (joined.oldLink != 0) {
        give(CloseLink{joined.oldLink});
        failRequests(joined.number, nodeText(member.row) + " connected anew before it answered; try again");
    }
    const bool fresh = joined.how != MemberTable::Joined::How::Again;
    if (newLife)
        for (auto& [number, run] : m_runs.all()) run.holders.erase(joined.number);
    if (fresh || joined.wasDead) {
        give(RecordNode{m_members.stored(member)});
        if (isLocal(member)) give(WatchNode{member.row.pid});
        const std::string text = fresh ? "joined" : "is back";
        m_story.tell(m_now.monoNs, nodeText(member.row), text);
        say(LogLevel::Info, joined.number, nodeText(member.row) + " on " + member.row.host + " " + text + " with " + member.row.total.text());
    }
    welcome(member, message.nodeNowNs);
    if (leaving) {
        // The order to stop may have been lost with the link.
        m_members.markLeaving(member);
        give(Send{link, net::StopNode{false}});
        return;
    }
    if (message.draining || draining(joined.number)) beginDrain(member);
    if (m_catalog) give(Send{link, net::UseCatalog{m_catalog}}); // before it hears of homes that want its help
    give(Send{link, homesNow()}); // before it hears of them
    tellPeers();
    bringUpToDate(member);
    if (draining(joined.number)) give(Send{link, net::DrainNode{}});
    for (auto launch = m_launches.begin(); launch != m_launches.end(); ++launch) {
        if (launch->pid != member.row.pid || !isLocal(member)) continue;
        answer(launch->ticket, types::Reply{{}, nodeText(member.row) + " joined", {}});
        m_launches.erase(launch);
        break;
    }
    placeRuns();
}

void HeadTable::welcome(const MemberTable::Member& member, TimeNs nodeNowNs)
{
    net::Welcome message;
    message.headEpoch = m_headEpoch;
    message.number = member.row.node;
    message.clusterNowNs = m_now.monoNs;
    message.firstTrack = member.firstTrack;
    message.tracks = member.tracks;
    message.nodeNowNs = nodeNowNs;
    give(Send{member.link, std::move(message)});
}

// Everybody hears of everybody: homes find guests by it, and who was given up on is heard no more.
void HeadTable::tellPeers()
{
    net::UsePeers message;
    for (const auto& [number, member] : m_members.members())
        message.peers.push_back({number, member.row.id, member.incarnation, member.address, member.alive() && !member.leaving, member.row.total, member.tcp, draining(number)});
    for (const auto& [number, member] : m_members.members())
        if (member.link != 0) give(Send{member.link, message});
}

// What the node should have been told while it was away. All of it may be a repetition.
void HeadTable::bringUpToDate(const MemberTable::Member& member)
{
    for (auto& [number, run] : m_runs.all()) {
        const bool home = run.homed && run.home == member.row.node;
        if (home && run.objectsKept) {
            if (run.terminal()) continue;
            give(Send{member.link, homeRun(run)});
            if (run.row.state == RunState::Stopping) give(Send{member.link, net::StopHomeRun{run.row.id}});
            acknowledge(run);
        } else if (run.openBefore && !run.terminal() && !(member.address.empty() && member.tcp.empty())) {
            continue; // what it has the next home may take over; who was its home before hears of that one
        } else if (run.openBefore || run.holders.count(member.row.node)) {
            give(Send{member.link, net::ForgetRun{run.row.id}});
        }
    }
}

void HeadTable::nodeDead(MemberTable::Member& member, const std::string& why)
{
    if (!member.alive()) return;
    const std::uint16_t number = member.row.node;
    const bool wanted = member.leaving;
    const LinkId link = member.link;
    if (m_drains.erase(number) > 0) m_members.markLeaving(member); // if it comes back as it was it is to go
    failRequests(number, nodeText(member.row) + " is gone: " + why);
    m_members.markDead(member, wanted ? std::string() : why, m_now.monoNs);
    if (link != 0) give(CloseLink{link});
    tellPeers();
    give(RecordNode{m_members.stored(member)});
    m_story.tell(m_now.monoNs, nodeText(member.row), "is gone: " + why);
    say(wanted ? LogLevel::Info : LogLevel::Error, number, nodeText(member.row) + " is gone: " + why);
    for (auto removal = m_removals.begin(); removal != m_removals.end();) {
        if (removal->node != number) {
            ++removal;
            continue;
        }
        answer(removal->ticket, types::Reply{{}, nodeText(member.row) + " is gone" + (removal->note.empty() ? "" : "; " + removal->note), {}});
        removal = m_removals.erase(removal);
    }
    // Numbers first: a run that ends here may push an older one out of the book.
    std::vector<std::uint32_t> homed;
    for (const auto& [runNumber, run] : m_runs.all())
        if (run.homed && run.home == number) homed.push_back(runNumber);
    for (const auto runNumber : homed) {
        const auto found = m_runs.all().find(runNumber);
        if (found == m_runs.all().end()) continue;
        Run& run = found->second;
        if (run.terminal()) {
            if (!std::exchange(run.objectsKept, false)) continue;
            m_runs.touch(run);
            // What its guests have is nobody's: they would keep it for a next home, and who drains would wait for one.
            for (const auto& [other, guest] : m_members.members())
                if (guest.link != 0) give(Send{guest.link, net::ForgetRun{run.row.id}});
        } else {
            homeLost(run, nodeText(member.row) + " is gone: " + why, !wanted);
        }
    }
    placeRuns();
    tickDrains(); // nobody may be left to take what others have
}

void HeadTable::addNode(Ticket ticket, const types::AddNode& wish)
{
    if (!m_options.whyNoNodes.empty()) return answer(ticket, fail(Errc::Refused, m_options.whyNoNodes));
    if (!(wish.cpus >= 0) || wish.cpus > 65536) return answer(ticket, fail(Errc::BadInput, "a node has between 0 and 65536 CPUs (0: the default)"));
    std::string name = "local";
    const auto taken = [&] {
        for (const auto& [number, member] : m_members.members())
            if (member.alive() && member.row.name == name) return true;
        return std::any_of(m_launches.begin(), m_launches.end(), [&](const Launch& launch) { return launch.name == name; });
    };
    for (int i = 2; taken(); ++i) name = "local-" + std::to_string(i);
    m_launches.push_back({++m_lastLaunch, ticket, name, 0, m_now.monoNs + kNodeStartNs});
    give(StartNode{m_lastLaunch, wish, name});
}

void HeadTable::on(NodeStarted& event)
{
    const auto launch = std::find_if(m_launches.begin(), m_launches.end(), [&](const Launch& l) { return l.number == event.launch; });
    if (launch == m_launches.end()) {
        // Nobody waits for it any more: the cluster is ending.
        if (event.pid > 0 && m_shutdown) give(KillNode{event.pid});
        return;
    }
    if (!event.problem.empty()) {
        say(LogLevel::Error, 0, "a node could not be started: " + event.problem);
        answer(launch->ticket, fail(Errc::Failed, "a node could not be started: " + event.problem));
        m_launches.erase(launch);
        return;
    }
    launch->pid = event.pid;
    for (const auto& [number, member] : m_members.members()) {
        if (!member.usable() || member.row.pid != event.pid || !isLocal(member)) continue;
        answer(launch->ticket, types::Reply{{}, nodeText(member.row) + " joined", {}});
        m_launches.erase(launch);
        return;
    }
}

void HeadTable::on(NodeExited& event)
{
    for (auto launch = m_launches.begin(); launch != m_launches.end(); ++launch) {
        if (launch->pid != event.pid) continue;
        const std::string why = launch->name + " ended before it joined: " + event.why;
        say(LogLevel::Error, 0, "node " + why);
        answer(launch->ticket, fail(Errc::Failed, "node " + why + "; its output is in the log folder of the cluster"));
        m_launches.erase(launch);
        break;
    }
    for (const auto& [number, member] : m_members.members()) {
        if (!member.alive() || member.row.pid != event.pid || !isLocal(member)) continue;
        return nodeDead(*m_members.find(number), event.why);
    }
}

void HeadTable::removeNode(Ticket ticket, const types::RemoveNode& wish)
{
    auto* member = m_members.find(wish.node);
    if (!member || !member->alive()) return answer(ticket, fail(Errc::NotFound, "there is no such node (any more)"));
    if (wish.kill) {
        if (!isLocal(*member)) return answer(ticket, fail(Errc::Refused, nodeText(member->row) + " runs on " + member->row.host + "; only a node of this machine can be killed from here"));
        give(KillNode{member->row.pid});
    } else if (draining(member->row.node)) {
        // It goes as soon as it can.
    } else if (!member->leaving && member->link != 0 && !(member->address.empty() && member->tcp.empty()) && somebodyStays(member->row.node)) {
        beginDrain(*member);
        tellPeers();
        give(Send{member->link, net::DrainNode{}});
    } else {
        if (member->link != 0) give(Send{member->link, net::StopNode{false}});
        else if (!isLocal(*member)) return answer(ticket, fail(Errc::Unavailable, nodeText(member->row) + " is not connected; it is given up on after 6 s without a sign of life"));
        m_members.markLeaving(*member);
        tickDrains(); // it will not take what others have
    }
    m_removals.push_back({member->row.node, ticket, m_now.monoNs + kNodeStopNs, wish.kill});
}

void HeadTable::shutdown(Ticket ticket)
{
    if (m_shutdown) {
        if (m_shutdown->told) answer(ticket, types::Reply{{}, "the cluster has ended", {}});
        else m_shutdown->tickets.push_back(ticket);
        return;
    }
    say(LogLevel::Info, 0, "the cluster is being shut down");
    for (auto& waiting : std::exchange(m_starts, {})) answer(waiting.ticket, fail(Errc::Refused, "the cluster is being shut down; nothing new begins"));
    std::vector<std::uint32_t> open;
    for (const auto& [number, run] : m_runs.all())
        if (!run.terminal()) open.push_back(number);
    for (const auto number : open)
        if (const auto run = m_runs.all().find(number); run != m_runs.all().end()) finish(run->second, RunState::Stopped, "the cluster was shut down");
    for (const auto& launch : std::exchange(m_launches, {})) {
        answer(launch.ticket, fail(Errc::Cancelled, "the cluster is being shut down"));
        if (launch.pid > 0) give(KillNode{launch.pid});
    }
    m_drains.clear();
    for (const auto& [number, entry] : m_members.members()) {
        if (!entry.alive()) continue;
        auto& member = *m_members.find(number);
        m_members.markLeaving(member);
        if (member.link != 0) give(Send{member.link, net::StopNode{true}});
    }
    m_shutdown = Shutdown{{ticket}, m_now.monoNs + kNodeStopNs, false, false};
    ++m_version;
}

void HeadTable::checkShutdown()
{
    if (m_shutdown->told || m_members.anyAlive()) return;
    m_shutdown->told = true;
    for (const auto ticket : m_shutdown->tickets) answer(ticket, types::Reply{{}, "the cluster has ended", {}});
    give(EndHead{});
}

void HeadTable::tickNodes()
{
    tickDrains();
    for (const auto number : m_members.overdue(m_now.monoNs)) {
        auto& member = *m_members.find(number);
        nodeDead(member, member.row.state == types::NodeState::Joining ? "it did not come back after the head started anew" : "nothing was heard of it for 6 s");
    }
    for (auto launch = m_launches.begin(); launch != m_launches.end();) {
        if (launch->deadlineNs > m_now.monoNs) {
            ++launch;
            continue;
        }
        const std::string why = "node " + launch->name + " was started and did not join within " + std::to_string(kNodeStartNs / base::kSecond) + " s";
        say(LogLevel::Error, 0, why);
        answer(launch->ticket, fail(Errc::Failed, why + "; its output is in the log folder of the cluster"));
        if (launch->pid > 0) give(KillNode{launch->pid});
        launch = m_launches.erase(launch);
    }
    std::vector<std::uint16_t> given;
    for (auto& removal : m_removals) {
        if (removal.deadlineNs > m_now.monoNs || (draining(removal.node) && !removal.killed)) continue;
        const auto* member = m_members.find(removal.node);
        removal.deadlineNs = m_now.monoNs + kNodeStopNs;
        if (!removal.killed && isLocal(*member)) {
            removal.killed = true;
            give(KillNode{member->row.pid});
        } else {
            given.push_back(removal.node);
        }
    }
    for (const auto number : given) nodeDead(*m_members.find(number), "it was told to stop and did not answer");
    if (!m_shutdown || m_shutdown->told || m_shutdown->deadlineNs > m_now.monoNs) return;
    m_shutdown->deadlineNs = m_now.monoNs + kNodeStopNs;
    std::vector<std::uint16_t> left;
    for (const auto& [number, member] : m_members.members()) {
        if (!member.alive()) continue;
        if (!m_shutdown->killed && isLocal(member)) give(KillNode{member.row.pid});
        else left.push_back(number);
    }
    m_shutdown->killed = true;
    for (const auto number : left) nodeDead(*m_members.find(number), "it was told to stop and did not answer");
}

} // namespace orrery::head
