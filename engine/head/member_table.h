// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// MemberTable: the nodes of the cluster and their workers, as the head knows them.
// A node is (id, incarnation). The id keeps its number ("A" is 0) for life; a higher incarnation of an id is another life of
// it: what the earlier one held is gone. A lower incarnation is stale and refused. A node is dead when nothing was heard of
// it for kDeadAfterNs, by the time handed in; one that comes back with the same incarnation is taken in again.
// Worker numbers (tracks) are given to nodes in blocks; a worker with any other number is not taken in. When all are given, the blocks of
// lives that are over are given again, the one that ended first before others: what is known of its workers goes.
// Thread: the head's loop. Pure.
// Invariants (audit): a link belongs to one member; blocks of tracks do not overlap; a dead member has no link and no live
// worker; every worker's track lies in a block of its node.

#include "engine/head/events.h"
#include "engine/head/bounds.h"

#include <map>
#include <string>
#include <vector>

namespace orrery::head {

// "node A (local)": how sentences name a node.
std::string nodeText(const types::NodeRow& row);

class MemberTable {
public:
    struct Member {
        types::NodeRow row;
        std::uint64_t incarnation = 0;
        std::string address;          // where other nodes of this machine reach it
        std::string tcp;              // where those of other machines do
        LinkId link = 0;              // 0: not connected now
        TimeNs heardNs = 0;
        std::uint16_t firstTrack = 0; // newest block
        std::uint16_t tracks = 0;
        std::uint16_t adoptable = 0;  // numbers that it may still claim: an earlier head gave them
        bool leaving = false;         // was told to stop
        std::uint64_t version = 0;    // of the last change, from the head's counter
        bool alive() const { return row.state != types::NodeState::Dead; }
        bool usable() const { return row.state == types::NodeState::Alive && link != 0 && !leaving; }
    };
    struct Worker {
        types::WorkerRow row;
        std::uint64_t version = 0;
        bool lostWithNode = false;    // thought dead because its node was: the node may come back with it
    };
    struct Joined {
        enum class How : std::uint8_t { New, Again, NewLife, Refused };
        How how = How::Refused;
        std::uint16_t number = 0;
        bool wasDead = false;
        LinkId oldLink = 0; // to be closed; 0: none
        std::string why;    // Refused
    };

    // version: the head's counter of changes, shared by all its tables.
    explicit MemberTable(std::uint64_t& version) : m_version(version) {}
    // A head that starts: nodes that were there are waited for, kDeadAfterNs from now.
    void restore(const std::vector<StoredNode>& nodes, TimeNs now);

    Joined join(LinkId link, const net::RegisterNode& message, TimeNs now);
    // The member of a link; null: it has not registered.
    Member* byLink(LinkId link);
    // False: the heartbeat is not of a registered link and was ignored.
    bool heartbeat(LinkId link, const net::Heartbeat& message, TimeNs now);
    // The member that lost its link, null if it had none.
    Member* linkGone(LinkId link);
    // Few numbers are left in its newest block; REQUIRES: a heartbeat was just taken.
    bool tracksLow(const Member& member) const;
    // Another block. False: there is none.
    bool grantTracks(Member& member);
    std::vector<std::uint16_t> overdue(TimeNs now) const;
    void markDead(Member& member, std::string why, TimeNs now);
    void markLeaving(Member& member);
    // It is to leave and goes on until it is told to stop. how: what it still does, shown beside its state.
    void markDraining(Member& member, std::string how);
    // When overdue() may next have something to say; -1: never.
    TimeNs nextDeadlineNs() const;

    Member* find(std::uint16_t number);
    const Member* find(std::uint16_t number) const;
    Member* find(const NodeId& id);
    const Worker* worker(std::uint16_t track) const;
    const std::map<std::uint16_t, Member>& members() const { return m_members; }
    const std::map<std::uint16_t, Worker>& workers() const { return m_workers; }
    std::size_t usableCount() const;
    bool anyAlive() const;
    std::uint64_t nodesVersion() const { return m_nodesVersion; } // of the newest change of any node row
    StoredNode stored(const Member& member) const;
    std::string audit() const;

private:
    struct Block {
        std::uint16_t first = 0, count = 0, node = 0;
        std::uint16_t highest = 0; // track seen in it
        std::uint64_t ended = 0;   // the how-manieth life that ended had it; 0: it lives
    };
    void touch(Member& member);
    void noteWorker(Member& member, types::WorkerRow row);
    void trimWorkers();
    std::string freeName(const std::string& wanted) const;

    std::uint64_t& m_version;
    std::uint64_t m_nodesVersion = 0;
    std::map<std::uint16_t, Member> m_members; // by number
    std::map<NodeId, std::uint16_t> m_numbers;
    std::map<LinkId, std::uint16_t> m_links;
    std::map<std::uint16_t, Worker> m_workers; // by track
    std::map<std::uint16_t, Block> m_blocks;   // by first track
    std::uint32_t m_nextNumber = 0;
    std::uint32_t m_nextTrack = 0;
    std::uint64_t m_lastEnded = 0;
};

} // namespace orrery::head
