// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Joiner: how this machine becomes a member of a cluster: with a token, once; and what it kept of it, from then on.
// Files: <folder>/member.key, member.crt, cluster.crt (security::Identity), head.address, starts.
// Thread: any; blocks on the network and the disk.

#include "engine/base/result.h"
#include "engine/security/join_token.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace orrery::host {

struct Membership {
    std::filesystem::path folder;
    std::string head;       // "<numeric address>:<port>" of the head for members
    std::string local;      // numeric address of this machine as the head is reached from
    std::uint64_t life = 0; // higher at each start from this folder
};

// The text of a token as it was given to a program; "-": a line of the standard input. forWhom: what of `token create` makes another.
base::Result<std::string> tokenText(const std::string& given, const std::string& forWhom = {});
// Asks the head for a certificate of a key that is made here. One sentence says why not; the token is in none.
base::Result<void> joinCluster(const security::JoinToken& token, const std::filesystem::path& folder, const std::string& nodeName);
// Where the head of that joining is reached. NotFound: nobody has joined from here.
base::Result<std::string> headOf(const std::filesystem::path& folder);
// What an earlier joining left; counts this start. NotFound: nobody has joined from here.
base::Result<Membership> readMembership(const std::filesystem::path& folder);

} // namespace orrery::host
