// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What goes into the head's table and what comes out of it. Plain values: a test writes them down, the shell (head.h) makes
// them from links, sessions, the journal and the clock, and carries the effects out in the order in which they are given.
// A Ticket names whoever waits for an answer (the shell keeps the callback); the table answers every ticket exactly once.

#include "engine/base/log.h"
#include "engine/head/stored.h"
#include "engine/net/node_link.h"
#include "engine/trace/run_store.h"

#include <optional>
#include <variant>
#include <vector>

namespace orrery::head {

using base::NodeId;
using base::RunId;
using base::TimeNs;
using LinkId = std::uint64_t; // one connection of a node; never used twice by one head
using Ticket = std::uint64_t; // 0: nobody waits

// The clocks as the shell read them for this event. mono is the cluster clock.
struct Now {
    TimeNs monoNs = 0;
    TimeNs wallNs = 0;
};

// ---- in ----
struct LinkMade { LinkId link = 0; };
struct LinkGone { LinkId link = 0; };
struct FromLink { LinkId link = 0; net::FromNode message; };
struct Wanted { Ticket ticket = 0; types::Intent intent; };
struct PreviewWanted { Ticket ticket = 0; types::PreviewWish wish; };
struct BytesWanted { Ticket ticket = 0; types::ObjectAddress object; types::Range range; };
struct RunRecorded { RunId run; std::string problem; };                   // empty: it is durable
struct BlocksRecorded { RunId run; std::uint64_t homeEpoch = 0; std::uint64_t upTo = 0; std::string problem; };
struct PluginsScanned { std::shared_ptr<const types::Catalog> catalog; std::string problem; };
struct NodeStarted { std::uint64_t launch = 0; std::int64_t pid = 0; std::string problem; }; // the launcher's answer
struct NodeExited { std::int64_t pid = 0; std::string why; };             // a process the launcher started or watches is gone
struct TraceWanted { RunId run; };                                        // somebody looks at a run whose trace is not in memory; null: newest
struct TraceLoaded { RunId run; std::shared_ptr<trace::RunStore> store; std::string problem; }; // the recorder's answer; null: not to be had
struct Noted { base::LogLevel level = base::LogLevel::Info; std::string text; }; // of what is no role's: into the log of the cluster
struct Tick {};
using Event = std::variant<LinkMade, LinkGone, FromLink, Wanted, PreviewWanted, BytesWanted, RunRecorded, BlocksRecorded, PluginsScanned, NodeStarted,
                           NodeExited, TraceWanted, TraceLoaded, Noted, Tick>;

// ---- out ----
struct Send { LinkId link = 0; net::ToNode message; };
struct CloseLink { LinkId link = 0; };
struct RecordRun { StoredRun run; bool tell = false; };                   // into the journal; tell: RunRecorded comes back
struct RecordNode { StoredNode node; };
struct OpenRecord { StoredRun run; RecordWorld world; };                  // a fresh .orun; one of an earlier home is replaced
struct AppendRecord { RunId run; std::uint64_t homeEpoch = 0; std::uint64_t number = 0; types::BlockBytes bytes; };
struct AppendLogs { RunId run; std::vector<types::LogLine> lines; };
struct CloseRecord { StoredRun run; RecordWorld world; };
struct LoadTrace { types::RunRow run; };                                  // TraceLoaded comes back
struct AnswerIntent { Ticket ticket = 0; base::Result<types::Reply> reply; };
struct AnswerPreview { Ticket ticket = 0; base::Result<types::Preview> preview; };
struct AnswerBytes { Ticket ticket = 0; base::Result<types::Chunk> chunk; };
struct ScanPlugins {};
struct StartNode { std::uint64_t launch = 0; types::AddNode wish; std::string name; };
struct WatchNode { std::int64_t pid = 0; };                               // a local node: tell when its process ends
struct KillNode { std::int64_t pid = 0; };                                // SIGKILL; only processes the launcher started or watches
struct EndHead {};                                                        // every node is gone; nothing follows
using Effect = std::variant<Send, CloseLink, RecordRun, RecordNode, OpenRecord, AppendRecord, AppendLogs, CloseRecord, LoadTrace, AnswerIntent, AnswerPreview, AnswerBytes,
                            ScanPlugins, StartNode, WatchNode, KillNode, EndHead>;
using Effects = std::vector<Effect>;

} // namespace orrery::head
