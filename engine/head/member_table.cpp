// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/member_table.h"

#include <algorithm>
#include <set>

namespace orrery::head {

using types::NodeState;

namespace {

bool same(const types::WorkerRow& a, const types::WorkerRow& b)
{
    return a.track == b.track && a.node == b.node && a.id == b.id && a.pid == b.pid && a.alive == b.alive && a.exit == b.exit && a.rssBytes == b.rssBytes &&
           a.tasksDone == b.tasksDone && a.running == b.running && a.startNs == b.startNs && a.endNs == b.endNs;
}

} // namespace

std::string nodeText(const types::NodeRow& row)
{
    std::string text = "node ";
    if (row.node < 26) text += static_cast<char>('A' + row.node);
    else text += std::to_string(row.node + 1);
    if (!row.name.empty()) text += " (" + row.name + ")";
    return text;
}

void MemberTable::restore(const std::vector<StoredNode>& nodes, TimeNs now)
{
    // Numbers go on above those that somebody may still use. Of a node's blocks the newest is known; workers in earlier ones are taken in
    // as it tells of them.
    for (const auto& stored : nodes) {
        Member member;
        member.row.node = stored.number;
        member.row.id = stored.id;
        member.row.name = stored.name;
        member.row.host = stored.host;
        member.row.pid = stored.pid;
        member.row.remote = stored.remote;
        member.row.state = NodeState::Joining;
        member.row.heartbeatNs = now;
        member.incarnation = stored.incarnation;
        member.heardNs = now;
        member.firstTrack = stored.firstTrack;
        member.tracks = stored.tracks;
        member.adoptable = kTracksAdoptedMax;
        m_blocks[stored.firstTrack] = {stored.firstTrack, stored.tracks, stored.number, stored.firstTrack};
        m_nextTrack = std::max<std::uint32_t>(m_nextTrack, std::uint32_t{stored.firstTrack} + stored.tracks);
        m_nextNumber = std::max<std::uint32_t>(m_nextNumber, stored.number + 1u);
        m_numbers[stored.id] = stored.number;
        touch(m_members[stored.number] = std::move(member));
    }
}

void MemberTable::touch(Member& member)
{
    member.version = ++m_version;
    m_nodesVersion = m_version;
}

MemberTable::Joined MemberTable::join(LinkId link, const net::RegisterNode& message, TimeNs now)
{
    Joined joined;
    const auto known = m_numbers.find(message.node);
    if (known == m_numbers.end()) {
        if (m_members.size() >= kNodesMax) {
            joined.why = "the cluster has its most of " + std::to_string(kNodesMax) + " nodes";
            return joined;
        }
        Member fresh;
        fresh.row.node = static_cast<std::uint16_t>(m_nextNumber);
        if (!grantTracks(fresh)) {
            joined.why = "all worker numbers of this cluster are used up; restart the cluster";
            return joined;
        }
        ++m_nextNumber;
        fresh.row.id = message.node;
        fresh.row.name = freeName(message.name);
        m_numbers[message.node] = fresh.row.node;
        joined.how = Joined::How::New;
        joined.number = fresh.row.node;
        m_members[fresh.row.node] = std::move(fresh);
    } else {
        Member& member = m_members[known->second];
        if (message.incarnation < member.incarnation) {
            joined.why = nodeText(member.row) + " has registered with a later incarnation already";
            return joined;
        }
        joined.number = known->second;
        joined.wasDead = !member.alive();
        joined.how = message.incarnation > member.incarnation ? Joined::How::NewLife : Joined::How::Again;
        if (joined.how == Joined::How::NewLife) {
            if (member.alive()) markDead(member, "it started anew", now);
            if (!grantTracks(member)) {
                joined.how = Joined::How::Refused;
                joined.why = "all worker numbers of this cluster are used up; restart the cluster";
                return joined;
            }
        }
        if (joined.how == Joined::How::Again && joined.wasDead) // the same life after all
            for (auto& [first, block] : m_blocks)
                if (block.node == member.row.node) block.ended = 0;
        if (member.link != 0 && member.link != link) {
            joined.oldLink = member.link;
            m_links.erase(member.link);
        }
    }
    Member& member = m_members[joined.number];
    member.incarnation = message.incarnation;
    member.address = message.address;
    member.tcp = message.tcp;
    member.row.remote = message.remote;
    member.row.address = message.tcp;
    member.link = link;
    member.heardNs = now;
    member.leaving = false;
    member.row.state = NodeState::Alive;
    member.row.why.clear();
    member.row.host = message.host;
    member.row.pid = message.pid;
    member.row.total = message.total;
    if (joined.how != Joined::How::Again) member.row.free = message.total;
    member.row.storeCapacityBytes = message.storeCapacityBytes;
    member.row.heartbeatNs = now;
    m_links[link] = joined.number;
    touch(member);
    return joined;
}

std::string MemberTable::freeName(const std::string& wanted) const
{
    const std::string base = wanted.empty() ? "node" : wanted.substr(0, 64);
    std::string name = base;
    for (int i = 2;; ++i) {
        const bool taken = std::any_of(m_members.begin(), m_members.end(), [&](const auto& entry) { return entry.second.alive() && entry.second.row.name == name; });
        if (!taken) return name;
        name = base + "-" + std::to_string(i);
    }
}

bool MemberTable::grantTracks(Member& member)
{
    while (m_nextTrack + kTracksPerBlock <= kTracksEnd) {
        const auto first = static_cast<std::uint16_t>(m_nextTrack);
        if (const auto above = m_blocks.lower_bound(static_cast<std::uint16_t>(first + kTracksPerBlock)); above != m_blocks.begin()) {
            const Block& below = std::prev(above)->second;
            if (below.first + below.count > first) { // of a node that an earlier head knew
                m_nextTrack = static_cast<std::uint32_t>(below.first) + below.count;
                continue;
            }
        }
        m_nextTrack += kTracksPerBlock;
        m_blocks[first] = {first, kTracksPerBlock, member.row.node, first};
        member.firstTrack = first;
        member.tracks = kTracksPerBlock;
        return true;
    }
    // Its own last: workers of its earlier life may be idle there and go on.
    auto oldest = m_blocks.end();
    const auto before = [&](const Block& a, const Block& b) { return std::pair(a.node == member.row.node, a.ended) < std::pair(b.node == member.row.node, b.ended); };
    for (auto block = m_blocks.begin(); block != m_blocks.end(); ++block)
        if (block->second.ended > 0 && block->second.count >= kTracksPerBlock && (oldest == m_blocks.end() || before(block->second, oldest->second))) oldest = block;
    if (oldest == m_blocks.end()) return false;
    Block& again = oldest->second;
    m_workers.erase(m_workers.lower_bound(again.first), m_workers.lower_bound(static_cast<std::uint16_t>(again.first + again.count)));
    again = {again.first, again.count, member.row.node, again.first};
    member.firstTrack = again.first;
    member.tracks = again.count;
    return true;
}

bool MemberTable::tracksLow(const Member& member) const
{
    const auto found = m_blocks.find(member.firstTrack);
    return found != m_blocks.end() && found->second.highest + kTracksLowMark >= member.firstTrack + member.tracks;
}

MemberTable::Member* MemberTable::byLink(LinkId link)
{
    const auto found = m_links.find(link);
    return found == m_links.end() ? nullptr : &m_members[found->second];
}

bool MemberTable::heartbeat(LinkId link, const net::Heartbeat& message, TimeNs now)
{
    Member* member = byLink(link);
    if (!member) return false;
    member->heardNs = now;
    // A heartbeat between the beats carries workers only.
    if (message.row.id == member->row.id) {
        auto& row = member->row;
        row.free = message.row.free;
        row.cpuShare = message.row.cpuShare;
        row.memoryBytes = message.row.memoryBytes;
        row.memoryTotalBytes = message.row.memoryTotalBytes;
        row.storeBytes = message.row.storeBytes;
        row.storeCapacityBytes = message.row.storeCapacityBytes;
        row.storeObjects = message.row.storeObjects;
        row.netInBytes = message.row.netInBytes;
        row.netOutBytes = message.row.netOutBytes;
        row.workers = message.row.workers;
        row.workersBusy = message.row.workersBusy;
        row.clockOffsetNs = message.row.clockOffsetNs;
        // For people: nothing is reckoned with, but what no node can mean is not shown either.
        constexpr TimeNs kLongest = 86'400 * base::kSecond;
        row.clockErrorNs = std::clamp<TimeNs>(message.row.clockErrorNs, -1, kLongest);
        row.join = message.row.join;
        for (auto* took : {&row.join.enrolNs, &row.join.linkNs, &row.join.pluginsNs}) *took = std::clamp<TimeNs>(*took, 0, kLongest);
        row.join.atNs = std::clamp<TimeNs>(row.join.atNs, 0, now);
        row.join.plugins = std::min<std::uint32_t>(row.join.plugins, 100'000);
        row.heartbeatNs = now;
        touch(*member);
    }
    for (const auto& worker : message.workers) noteWorker(*member, worker);
    trimWorkers();
    return true;
}

void MemberTable::noteWorker(Member& member, types::WorkerRow row)
{
    auto block = m_blocks.upper_bound(row.track);
    if (block == m_blocks.begin() || row.track >= std::prev(block)->second.first + std::prev(block)->second.count) {
        if (member.adoptable == 0 || row.track >= kTracksEnd) return; // nobody's number
        --member.adoptable;
        block = m_blocks.emplace(row.track, Block{row.track, 1, member.row.node, row.track}).first;
    } else {
        --block;
    }
    if (block->second.node != member.row.node) return; // not a number of its own
    if (row.alive) block->second.ended = 0; // it outlived the life that had it
    block->second.highest = std::max(block->second.highest, row.track);
    row.node = member.row.node;
    auto& known = m_workers[row.track];
    if (known.version != 0 && !known.row.alive && !known.lostWithNode) return; // death is final; the message is older
    if (known.version != 0 && same(known.row, row)) return;
    known.row = std::move(row);
    known.lostWithNode = false;
    known.version = ++m_version;
}

void MemberTable::trimWorkers()
{
    // The oldest dead go first: tracks are given in order.
    for (auto worker = m_workers.begin(); m_workers.size() > kWorkersKept && worker != m_workers.end();)
        worker = worker->second.row.alive ? std::next(worker) : m_workers.erase(worker);
}

MemberTable::Member* MemberTable::linkGone(LinkId link)
{
    Member* member = byLink(link);
    if (!member) return nullptr;
    m_links.erase(link);
    member->link = 0;
    touch(*member);
    return member;
}

std::vector<std::uint16_t> MemberTable::overdue(TimeNs now) const
{
    std::vector<std::uint16_t> late;
    for (const auto& [number, member] : m_members)
        if (member.alive() && now - member.heardNs >= kDeadAfterNs) late.push_back(number);
    return late;
}

TimeNs MemberTable::nextDeadlineNs() const
{
    TimeNs next = -1;
    for (const auto& [number, member] : m_members)
        if (member.alive() && (next < 0 || member.heardNs + kDeadAfterNs < next)) next = member.heardNs + kDeadAfterNs;
    return next;
}

void MemberTable::markDead(Member& member, std::string why, TimeNs now)
{
    if (member.link != 0) m_links.erase(std::exchange(member.link, 0));
    member.row.state = NodeState::Dead;
    member.row.why = std::move(why);
    member.row.free = {};
    member.row.cpuShare = 0;
    member.row.memoryBytes = member.row.storeBytes = member.row.storeObjects = 0;
    member.row.workers = member.row.workersBusy = 0;
    for (auto& [track, worker] : m_workers) {
        if (worker.row.node != member.row.node || !worker.row.alive) continue;
        worker.row.alive = false;
        worker.row.exit = "its node is gone";
        worker.row.running.clear();
        worker.row.endNs = now;
        worker.lostWithNode = true;
        worker.version = ++m_version;
    }
    ++m_lastEnded;
    for (auto& [first, block] : m_blocks)
        if (block.node == member.row.node && block.ended == 0) block.ended = m_lastEnded;
    touch(member);
    trimWorkers();
}

void MemberTable::markLeaving(Member& member)
{
    member.leaving = true;
    if (member.row.state == NodeState::Alive) member.row.state = NodeState::Draining;
    touch(member);
}

void MemberTable::markDraining(Member& member, std::string how)
{
    member.row.state = NodeState::Draining;
    member.row.why = std::move(how);
    touch(member);
}

MemberTable::Member* MemberTable::find(std::uint16_t number)
{
    const auto found = m_members.find(number);
    return found == m_members.end() ? nullptr : &found->second;
}

const MemberTable::Member* MemberTable::find(std::uint16_t number) const
{
    const auto found = m_members.find(number);
    return found == m_members.end() ? nullptr : &found->second;
}

MemberTable::Member* MemberTable::find(const NodeId& id)
{
    const auto found = m_numbers.find(id);
    return found == m_numbers.end() ? nullptr : find(found->second);
}

const MemberTable::Worker* MemberTable::worker(std::uint16_t track) const
{
    const auto found = m_workers.find(track);
    return found == m_workers.end() ? nullptr : &found->second;
}

std::size_t MemberTable::usableCount() const
{
    return static_cast<std::size_t>(std::count_if(m_members.begin(), m_members.end(), [](const auto& entry) { return entry.second.usable(); }));
}

bool MemberTable::anyAlive() const
{
    return std::any_of(m_members.begin(), m_members.end(), [](const auto& entry) { return entry.second.alive(); });
}

StoredNode MemberTable::stored(const Member& member) const
{
    return {member.row.id, member.incarnation, member.row.node, member.firstTrack, member.tracks, member.row.name, member.row.host, member.row.pid, !member.alive(), member.row.remote};
}

std::string MemberTable::audit() const
{
    std::map<LinkId, std::uint16_t> links;
    for (const auto& [number, member] : m_members) {
        if (member.row.node != number) return "members: number " + std::to_string(number) + " holds the row of " + nodeText(member.row);
        if (member.link != 0 && !links.emplace(member.link, number).second) return "members: link " + std::to_string(member.link) + " belongs to two nodes";
        if (!member.alive() && member.link != 0) return "members: " + nodeText(member.row) + " is dead and has a link";
        const auto known = m_numbers.find(member.row.id);
        if (known == m_numbers.end() || known->second != number) return "members: the id of " + nodeText(member.row) + " leads elsewhere";
        if (member.version > m_nodesVersion) return "members: " + nodeText(member.row) + " changed after the newest change";
    }
    if (links != m_links) return "members: the index of links differs from the links of the members";
    std::uint32_t end = 0;
    for (const auto& [first, block] : m_blocks) {
        if (first < end) return "members: blocks of tracks overlap at " + std::to_string(first);
        end = std::uint32_t{first} + block.count;
    }
    for (const auto& [track, worker] : m_workers) {
        const auto* member = find(worker.row.node);
        if (!member) return "members: worker " + std::to_string(track) + " has no node";
        if (worker.row.alive && !member->alive()) return "members: worker " + std::to_string(track) + " lives on a dead node";
        auto block = m_blocks.upper_bound(track);
        if (block == m_blocks.begin() || (--block)->second.node != worker.row.node || track >= block->second.first + block->second.count)
            return "members: worker " + std::to_string(track) + " has a number of none of its node's blocks";
    }
    return {};
}

} // namespace orrery::head
