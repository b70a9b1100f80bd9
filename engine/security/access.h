// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who may send what: roles, and for each kind of message the roles that may send it. What has no entry, nobody may
// send. A kind has the name of its type in the protocol, so a new message without an entry is found by name
// (verbFor<T>() does not compile, tst_access fails) and this folder needs nothing of the one that declares it. What a
// session calls without a type of its own has the name of the call.
// Thread: any; constants and pure functions.

#include "engine/base/result.h"
#include "engine/types/session_values.h"

#include <optional>
#include <string_view>

namespace orrery::security {

// Of a certificate. Workers have none: they have no identity in the network.
enum class Role : std::uint8_t { Viewer, Operator, Admin, Node, Head };
inline constexpr std::size_t kRoles = 5;
std::string_view roleName(Role role); // "viewer"
std::optional<Role> roleNamed(std::string_view name);
// 1 to bytesMax letters, digits, - . _ : all that an id, a node or a host may be called by a stranger.
bool isPlainName(std::string_view name, std::size_t bytesMax);

enum class Verb : std::uint8_t {
    // a session's calls, at a head
    Can, Watch, Ask, Preview, Fetch,
    // types::Intent; KillNode is RemoveNode with kill
    StartRun, StopRun, KillWorker, AddNode, RemoveNode, KillNode, Shutdown, RescanPlugins,
    MakeToken, ListTokens, RevokeToken, Listen, ListMembers, RemoveMember,
    // net::FromNode, at a head
    RegisterNode, Heartbeat, TraceBlock, LogLines, RunEnded, Answer, AskPlugin, RenewCertificate, DrainState,
    // net::ToNode, at a node
    Welcome, UseCatalog, HomeRun, StopHomeRun, ForgetRun, AckBlocks, AskPreview, AskBytes, AskKillWorker, StopNode, UsePeers, StartAnew, PluginPiece, UseCertificate, ClockIs, OpenNetwork, DrainNode, UseDenied, UseHomes,
    // between nodes: whatever a frame carries, and objects of the bulk plane
    PeerFrame, BulkRequest,
};
inline constexpr Verb kLastVerb = Verb::BulkRequest;
std::string_view verbName(Verb verb); // as the enum; for refusals and the audit

bool mayCall(Role role, Verb verb);
// Rows of a table (types::findTable). An unknown one: nobody.
bool mayRead(Role role, std::string_view table);
// Refused, with the sentence for the peer.
base::Result<void> needCall(Role role, Verb verb);

Verb verbOf(const types::Intent& intent);
constexpr std::optional<Verb> verbNamed(std::string_view name);

namespace detail {
struct VerbName { Verb verb; std::string_view name; };
#define ORRERY_VERB(name) VerbName{Verb::name, #name}
inline constexpr VerbName kVerbNames[] = {
    ORRERY_VERB(Can), ORRERY_VERB(Watch), ORRERY_VERB(Ask), ORRERY_VERB(Preview), ORRERY_VERB(Fetch),
    ORRERY_VERB(StartRun), ORRERY_VERB(StopRun), ORRERY_VERB(KillWorker), ORRERY_VERB(AddNode),
    ORRERY_VERB(RemoveNode), ORRERY_VERB(KillNode), ORRERY_VERB(Shutdown), ORRERY_VERB(RescanPlugins),
    ORRERY_VERB(MakeToken), ORRERY_VERB(ListTokens), ORRERY_VERB(RevokeToken), ORRERY_VERB(Listen), ORRERY_VERB(ListMembers), ORRERY_VERB(RemoveMember),
    ORRERY_VERB(RegisterNode), ORRERY_VERB(Heartbeat), ORRERY_VERB(TraceBlock), ORRERY_VERB(LogLines),
    ORRERY_VERB(RunEnded), ORRERY_VERB(Answer), ORRERY_VERB(AskPlugin), ORRERY_VERB(RenewCertificate), ORRERY_VERB(DrainState), ORRERY_VERB(Welcome), ORRERY_VERB(UseCatalog), ORRERY_VERB(HomeRun),
    ORRERY_VERB(StopHomeRun), ORRERY_VERB(ForgetRun), ORRERY_VERB(AckBlocks), ORRERY_VERB(AskPreview),
    ORRERY_VERB(AskBytes), ORRERY_VERB(AskKillWorker), ORRERY_VERB(StopNode), ORRERY_VERB(UsePeers), ORRERY_VERB(StartAnew),
    ORRERY_VERB(PluginPiece), ORRERY_VERB(UseCertificate), ORRERY_VERB(ClockIs), ORRERY_VERB(OpenNetwork), ORRERY_VERB(DrainNode), ORRERY_VERB(UseDenied), ORRERY_VERB(UseHomes), ORRERY_VERB(PeerFrame), ORRERY_VERB(BulkRequest),
};
#undef ORRERY_VERB
static_assert(std::size(kVerbNames) == static_cast<std::size_t>(kLastVerb) + 1);

// The name of a type without its namespaces, as the compiler writes it.
template <typename T>
constexpr std::string_view bareName()
{
    // "... [with T = orrery::net::Answer; ...", "... [T = orrery::net::Answer]"
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_prefix(text.find("T = ") + 4);
    text = text.substr(0, text.find_first_of(";]"));
    const auto colon = text.rfind(':');
    return colon == std::string_view::npos ? text : text.substr(colon + 1);
}
} // namespace detail

constexpr std::optional<Verb> verbNamed(std::string_view name)
{
    for (const auto& entry : detail::kVerbNames)
        if (entry.name == name) return entry.verb;
    return std::nullopt;
}

// Of a message by its type: for the one function of each service that lets messages in.
template <typename T>
constexpr Verb verbFor()
{
    constexpr auto verb = verbNamed(detail::bareName<T>());
    static_assert(verb.has_value(), "this kind of message has no entry in engine/security/access.h");
    return *verb;
}

} // namespace orrery::security
