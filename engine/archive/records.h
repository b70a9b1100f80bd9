// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the control store keeps, as values. The head has values of its own for the same things (roles do not include each
// other); host copies field by field.

#include "engine/types/run.h"

#include <string>
#include <variant>
#include <vector>

namespace orrery::archive {

using base::TimeNs;

struct RunEntry {
    types::RunRow row;              // row.id, row.number: identity; the rest as of now
    std::string document;           // canonical .orrery text
    std::uint64_t homeEpoch = 0;
    base::NodeId home;              // null: none
};

struct NodeEntry {
    base::NodeId id;
    std::uint64_t incarnation = 0;
    std::uint16_t number = 0;
    std::uint16_t firstTrack = 0;
    std::uint16_t tracks = 0;
    std::string name;
    std::string host;
    std::int64_t pid = 0;
    bool gone = false;
    bool remote = false;
};

// A join token; its secret is nowhere. What the numbers mean is their maker's (engine/security).
struct TokenEntry {
    std::uint64_t id = 0;
    std::string secretDigest;       // hex
    std::string role, nodeName, usedBy;
    std::int64_t state = 0;
    TimeNs madeWallNs = 0, expiresWallNs = 0, endedWallNs = 0;
};
struct DropToken { std::uint64_t id = 0; };
// A member that enrolled, and the token that it spent: both or none.
struct EnrolEntry {
    TokenEntry token;
    std::string serial, role, id;   // of the certificate
    std::string keyDigest;          // hex
    TimeNs notBeforeWallNs = 0, notAfterWallNs = 0;
    std::string host, nodeName;
};

struct DenyEntry {
    std::string id;                 // of the member
    TimeNs atWallNs = 0;
};

// Inserts, or replaces what is there with the same id.
using Entry = std::variant<RunEntry, NodeEntry, TokenEntry, DropToken, EnrolEntry, DenyEntry>;

// Everything the store knows when a head starts.
struct Loaded {
    base::ClusterId cluster;
    std::uint64_t headEpoch = 0;    // of the head that starts now; one more than that of the last
    TimeNs createdWallNs = 0;
    std::vector<RunEntry> runs;     // by number
    std::vector<NodeEntry> nodes;   // by number; those gone too
    std::vector<TokenEntry> tokens; // by the time they were made
    std::vector<EnrolEntry> members; // by the time they enrolled; of token only the id
    std::vector<DenyEntry> denied;
};

} // namespace orrery::archive
