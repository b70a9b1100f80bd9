// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values of the Session port (engine/client/session.h): what is watched, asked and wished, and what comes back.
// Thread: plain values; blocks and catalogs are immutable and shared.

#include "engine/base/bytes.h"
#include "engine/types/graph.h"
#include "engine/types/plugin_info.h"
#include "engine/types/run.h"

#include <map>
#include <memory>
#include <variant>

namespace orrery::types {

// ---- watch: what is pushed and appended ----
struct Interest {
    base::RunId run;          // null: the newest run, followed
    bool blocks = true;       // trace blocks of the run (false: counters only)
    bool logs = true;
    std::uint64_t haveBlocks = 0; // the mirror holds blocks 1..n of this run already,
    std::uint64_t haveTrace = 0;  // of this trace (Delta::trace); of another they are void and all come
    TimeNs intervalNs = 100 * base::kMillisecond;
};

// Sealed trace block: the same bytes at the node, in the head, in the .orun and in the mirror (engine/trace/block.h).
using BlockBytes = std::shared_ptr<const base::Bytes>;

struct Delta {
    std::uint64_t epoch = 0;   // of the head; another number: forget everything (resync is set too)
    std::uint64_t seq = 0;     // +1 each
    bool resync = false;
    TimeNs nowNs = 0;          // cluster clock
    std::int64_t wallOffsetNs = 0; // wall = cluster clock + this
    base::RunId run;           // the run that blocks and counts speak of
    std::vector<RunRow> runs;          // changed ones
    std::vector<VertexCounts> vertices; // changed ones, of `run`
    std::vector<NodeRow> nodes;        // all, whenever one changed
    std::vector<WorkerRow> workers;    // changed ones
    std::uint64_t firstBlock = 0;      // number of blocks.front() (from 1)
    std::vector<BlockBytes> blocks;
    std::uint64_t trace = 0;           // epoch of the home that the blocks are of; a later home begins the run's trace anew
    std::shared_ptr<const Graph> graph;     // when `run` changed
    std::shared_ptr<const Catalog> catalog; // when it changed
    std::vector<LogLine> logs;
    std::uint64_t bytes() const;       // size on the wire, for budgets and tests; graph and catalog about
};

// ---- ask: pages of tables ----
// Tables: runs (jobs), tasks, objects, nodes, workers, logs. Columns are Ray's names where Ray has them.
struct Query {
    std::string table;
    base::RunId run;           // null: newest
    std::string filter;        // grammar of filter.h; empty: all
    std::string sort;          // column, "-column": descending; empty: natural order
    std::vector<std::string> columns; // empty: all
    std::uint64_t first = 0;
    std::uint32_t count = 100;
};

using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct Page {
    std::uint64_t epoch = 0, seq = 0;
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows;
    std::uint64_t total = 0;   // rows that match
    std::uint64_t dropped = 0;
    bool complete = true;
};

// ---- fetch: bytes of a value or a preview of it ----
struct ObjectAddress {
    base::RunId run;
    std::uint32_t row = 0;
    std::uint16_t output = 0;
    std::int64_t item = -1;    // of a list; -1: whole
};

struct PreviewWish {
    ObjectAddress object;
    std::uint32_t pixels = 256; // longest side of an image
    std::uint32_t rows = 100;
    std::uint32_t textBytes = 16 * 1024;
};

struct Preview {
    enum class Kind : std::uint8_t { None, Number, Text, Image, Table, List };
    Kind kind = Kind::None;
    std::string type;          // "tensor f32 256 x 256"
    std::uint64_t bytes = 0;
    std::vector<std::pair<std::string, std::string>> facts; // name, value: dtype, shape, min, max, checksum...
    std::string text;          // Number, Text, List
    std::uint32_t width = 0, height = 0; // Image, rgba8, rows top down
    base::Bytes pixels;
    std::uint32_t fullWidth = 0, fullHeight = 0;
    std::vector<std::string> columns; // Table
    std::vector<std::vector<std::string>> rows;
    std::uint64_t totalRows = 0;
};

struct Range {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;  // 0: to the end, at most kFetchBytesMax
};
inline constexpr std::uint64_t kFetchBytesMax = 1u << 20;

struct Chunk {
    std::uint64_t total = 0;
    base::Bytes bytes;
};

// ---- act: what a person wants ----
struct StartRun {
    std::string document;      // .orrery text; validated whole by the head
    std::map<std::string, std::string> params; // "vertex.name" -> JSON text
    std::string title;
    bool probe = false;        // measures something for the program that starts it; see RunRow::isProbe()
};
struct StopRun { base::RunId run; };
struct KillWorker { std::uint16_t track = 0; };         // SIGKILL, the fault lab's plug
struct AddNode { double cpus = 0; std::uint64_t storeBytes = 0; }; // 0: defaults
struct RemoveNode { base::NodeId node; bool kill = false; };
struct Shutdown {};            // the whole cluster
struct RescanPlugins {};
struct MakeToken { std::string role = "node"; TimeNs lifeNs = 0; std::string nodeName; }; // 0: the default; a name: only a node of that name
struct ListTokens {};
struct RevokeToken { std::string id; };
struct Listen { std::string address; };                 // "<numeric address>:<port>", port 0: any; a port for members opens there, until the cluster ends
using Intent = std::variant<StartRun, StopRun, KillWorker, AddNode, RemoveNode, Shutdown, RescanPlugins, MakeToken, ListTokens, RevokeToken, Listen>;

// A join token as people see it: without its secret.
struct TokenInfo {
    std::string id, role, nodeName, state, usedBy; // state: OPEN, USED, REVOKED, EXPIRED
    TimeNs madeWallNs = 0, expiresWallNs = 0, endedWallNs = 0;
};

// How a cluster is on the network.
struct NetworkInfo {
    std::string address;       // where members reach the head; empty: it does not listen
    std::string enrol;         // where machines join now; empty: closed, as no token can be spent
    std::string fingerprint;   // of its authority, for people
    std::vector<std::string> hosts; // addresses of the head's machine that it could listen at
};

struct Reply {
    base::RunId run;           // StartRun
    std::string text;          // one sentence, may be empty; of MakeToken: the token, a secret
    std::vector<std::string> problems; // of a refused document: all of them, "pointer: sentence"
    std::vector<TokenInfo> tokens = {}; // ListTokens, newest first; MakeToken: the new one
    NetworkInfo network = {};  // ListTokens, MakeToken, Listen
};

// What a session can do now; a reason where not.
enum class Verb : std::uint8_t { Run, Stop, KillWorker, AddNode, RemoveNode, Fetch, Shutdown };
struct Can {
    bool yes = true;
    std::string why;
};

} // namespace orrery::types
