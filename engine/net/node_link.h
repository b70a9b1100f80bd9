// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// NodeLink: the messages between a head and a node, as values, and the two ends of the link that carries them.
// Transport: a loopback in one process (tests, simulator) or one gRPC stream over a Unix socket (engine/rpc); both keep
// order while the link stands and lose what was under way when it breaks. So every message may be lost or doubled over a
// reconnect: handlers are idempotent, trace blocks are kept until acknowledged by number.
// Thread: send() from the owner's loop; received messages and closed() are posted to that loop.

#include "engine/base/loop.h"
#include "engine/types/session_values.h"

#include <functional>

namespace orrery::net {

// ---- node -> head ----
struct RegisterNode {
    base::NodeId node;
    std::uint64_t incarnation = 0; // durable counter of the node, +1 a start
    std::string name, host;
    std::string address;           // Unix socket where other nodes of the head's machine reach it; empty: they do not
    std::int64_t pid = 0;
    types::Resources total;
    std::uint64_t storeCapacityBytes = 0;
    types::TimeNs nodeNowNs = 0;   // its monotonic clock, for the offset
    std::string tcp;               // "<numeric address>:<port>" where nodes of other machines reach it; empty: they do not
    bool remote = false;           // stamped by the head's server: the link came over the network
    bool draining = false;         // an earlier head told it to leave
};
struct Heartbeat { types::NodeRow row; types::TimeNs nodeNowNs = 0; std::vector<types::WorkerRow> workers; }; // workers: changed ones
struct TraceBlock { base::RunId run; std::uint64_t number = 0; types::BlockBytes bytes; }; // number: 1, 2, ... per run and home epoch
struct LogLines { std::vector<types::LogLine> lines; };
struct RunEnded { base::RunId run; std::uint64_t homeEpoch = 0; types::RunState state = types::RunState::Succeeded; std::string error; std::uint64_t reexecuted = 0; };
struct Answer { std::uint64_t request = 0; std::variant<base::Error, types::Preview, types::Chunk, types::Reply> value; };
struct AskPlugin { std::string sha256; std::uint64_t offset = 0; }; // a piece of a plugin's file, from there on
struct RenewCertificate { base::Bytes request; };                   // PKCS#10, DER, of the same key
// How far a node that drains has come; told when it changes, and once a second. resting: runs at home here of which nothing runs any more,
// with their epochs: another node may be their home. done: nothing of value is left here.
struct DrainState {
    std::uint32_t tasks = 0, values = 0; // that run, that lie here still
    std::uint32_t moved = 0, left = 0;   // values that lie elsewhere now; that could not be moved
    std::vector<std::pair<base::RunId, std::uint64_t>> resting;
    bool done = false;
    bool operator==(const DrainState&) const = default;
};
using FromNode = std::variant<RegisterNode, Heartbeat, TraceBlock, LogLines, RunEnded, Answer, AskPlugin, RenewCertificate, DrainState>;

// ---- head -> node ----
struct Welcome { std::uint64_t headEpoch = 0; std::uint16_t number = 0; types::TimeNs clusterNowNs = 0; std::uint16_t firstTrack = 0, tracks = 0; types::TimeNs nodeNowNs = 0; }; // tracks: numbers for its workers; nodeNowNs: of the registration that it answers, 0: of none
struct UseCatalog { std::shared_ptr<const types::Catalog> catalog; };
struct HomeRun { base::RunId run; std::uint64_t homeEpoch = 0; std::shared_ptr<const types::Graph> graph; bool again = false; bool moved = false; }; // again: it had another home, whose guests may hold values. moved: and lost nothing, so who is slow to say what it has is worth waiting for
struct StopHomeRun { base::RunId run; };
struct ForgetRun { base::RunId run; };  // free its objects
struct AckBlocks { base::RunId run; std::uint64_t upTo = 0; };
struct AskPreview { std::uint64_t request = 0; types::PreviewWish wish; };
struct AskBytes { std::uint64_t request = 0; types::ObjectAddress object; types::Range range; };
struct AskKillWorker { std::uint64_t request = 0; std::uint16_t track = 0; };
struct StopNode { bool now = false; };
// It is to leave: what it has goes to others first. It takes no new run, and says by DrainState how far it is.
struct DrainNode {};
// The nodes of the cluster, all of them, each time something of this changes. A dead one stays in the list.
struct PeerNode { std::uint16_t number = 0; base::NodeId node; std::uint64_t incarnation = 0; std::string address; bool alive = true; types::Resources total; std::string tcp = {}; bool draining = false; };
struct UsePeers { std::vector<PeerNode> peers; };
// It was given up on: what it did since is nobody's. It lets go of everything and registers with a higher incarnation.
struct StartAnew {};
// The piece that was asked for, at most kPluginPieceBytes; a problem: it cannot be had. total: of the whole file.
struct PluginPiece { std::string sha256; std::uint64_t offset = 0, total = 0; base::Bytes bytes; std::string problem; };
struct UseCertificate { std::string pem; }; // for the key that asked
// To each heartbeat with a row: its nodeNowNs, and the cluster's clock when it was read.
struct ClockIs { types::TimeNs nodeNowNs = 0, clusterNowNs = 0; };
// The head listens from now on: a node of its machine becomes a member, by key and certificate in the folder, and opens a port of its own.
struct OpenNetwork { std::string folder, listen, advertise; }; // as the arguments of orreryd node
struct UseDenied { std::vector<std::string> ids; }; // members that were taken out, all of them
// Who is home of which run: the only one that may open it at another node, with this epoch. types::kNoNode: nobody any more, of this epoch or an
// earlier one. all: of no other run anybody is.
struct HomeIs { base::RunId run; std::uint16_t node = types::kNoNode; std::uint64_t epoch = 0; };
struct UseHomes { std::vector<HomeIs> homes; bool all = false; };
using ToNode = std::variant<Welcome, UseCatalog, HomeRun, StopHomeRun, ForgetRun, AckBlocks, AskPreview, AskBytes, AskKillWorker, StopNode, UsePeers, StartAnew, PluginPiece, UseCertificate, ClockIs, OpenNetwork, DrainNode, UseDenied, UseHomes>;

inline constexpr std::size_t kPluginPieceBytes = 1u << 20;
inline constexpr std::uint64_t kPluginBytesMax = 512u << 20; // of one plugin's file

// Of a home: "3.1" is the first one that head 3 gave.
constexpr std::uint64_t homeEpochOf(std::uint64_t headEpoch, std::uint32_t home) { return (headEpoch << 20) + home; }
inline std::string epochText(std::uint64_t homeEpoch) { return std::to_string(homeEpoch >> 20) + "." + std::to_string(homeEpoch & 0xfffff); }

// The node's end.
struct HeadLink {
    virtual ~HeadLink() = default;
    virtual void send(FromNode message) = 0;
};
// The head's end, one a connected node.
struct NodeLink {
    virtual ~NodeLink() = default;
    virtual void send(ToNode message) = 0;
};

} // namespace orrery::net
