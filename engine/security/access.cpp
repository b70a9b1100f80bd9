// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/access.h"

#include "engine/types/table_schema.h"

#include <fmt/format.h>

#include <array>

namespace orrery::security {
namespace {

using Roles = std::uint8_t; // a bit a role

constexpr Roles of(Role role)
{
    return static_cast<Roles>(1u << static_cast<unsigned>(role));
}

constexpr Roles kNobody = 0;
constexpr Roles kAdmin = of(Role::Admin);
constexpr Roles kOperator = kAdmin | of(Role::Operator);
constexpr Roles kViewer = kOperator | of(Role::Viewer);
constexpr Roles kNode = of(Role::Node);
constexpr Roles kHead = of(Role::Head);

constexpr std::array<std::string_view, kRoles> kRoleNames = {"viewer", "operator", "admin", "node", "head"};

// No default: the compiler names a verb that is forgotten here, and one that comes from nowhere falls through to
// nobody.
constexpr Roles rolesFor(Verb verb)
{
    switch (verb) {
    case Verb::Can:
    case Verb::Watch:
    case Verb::Ask: return kViewer;
    // Values are what people work on, not the state of the cluster.
    case Verb::Preview:
    case Verb::Fetch:
    case Verb::StartRun:
    case Verb::StopRun:
    case Verb::KillWorker:
    case Verb::RemoveNode: return kOperator;
    // Code that begins to be trusted, processes on machines, the end of everything.
    case Verb::AddNode:
    case Verb::KillNode:
    case Verb::Shutdown:
    case Verb::RescanPlugins:
    case Verb::MakeToken:
    case Verb::ListTokens:
    case Verb::RevokeToken:
    case Verb::Listen:
    case Verb::ListMembers:
    case Verb::RemoveMember: return kAdmin;
    case Verb::RegisterNode:
    case Verb::Heartbeat:
    case Verb::TraceBlock:
    case Verb::LogLines:
    case Verb::RunEnded:
    case Verb::Answer:
    case Verb::AskPlugin:
    case Verb::RenewCertificate:
    case Verb::DrainState:
    case Verb::PeerFrame:
    case Verb::BulkRequest: return kNode;
    case Verb::Welcome:
    case Verb::UseCatalog:
    case Verb::HomeRun:
    case Verb::StopHomeRun:
    case Verb::ForgetRun:
    case Verb::AckBlocks:
    case Verb::AskPreview:
    case Verb::AskBytes:
    case Verb::AskKillWorker:
    case Verb::StopNode:
    case Verb::UsePeers:
    case Verb::StartAnew:
    case Verb::PluginPiece:
    case Verb::UseCertificate:
    case Verb::ClockIs:
    case Verb::OpenNetwork:
    case Verb::DrainNode:
    case Verb::UseDenied:
    case Verb::UseHomes: return kHead;
    }
    return kNobody;
}

constexpr bool allNamedInOrder()
{
    for (std::size_t i = 0; i < std::size(detail::kVerbNames); ++i)
        if (static_cast<std::size_t>(detail::kVerbNames[i].verb) != i) return false;
    return true;
}
static_assert(allNamedInOrder());

} // namespace

std::string_view roleName(Role role)
{
    const auto at = static_cast<std::size_t>(role);
    return at < kRoles ? kRoleNames[at] : "none";
}

std::optional<Role> roleNamed(std::string_view name)
{
    for (std::size_t i = 0; i < kRoles; ++i)
        if (kRoleNames[i] == name) return static_cast<Role>(i);
    return std::nullopt;
}

bool isPlainName(std::string_view name, std::size_t bytesMax)
{
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    return !name.empty() && name.size() <= bytesMax && name.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string_view verbName(Verb verb)
{
    return verb <= kLastVerb ? detail::kVerbNames[static_cast<std::size_t>(verb)].name : "unknown";
}

bool mayCall(Role role, Verb verb)
{
    return static_cast<std::size_t>(role) < kRoles && (rolesFor(verb) & of(role)) != 0;
}

bool mayRead(Role role, std::string_view table)
{
    return types::findTable(table) != nullptr && mayCall(role, Verb::Ask);
}

base::Result<void> needCall(Role role, Verb verb)
{
    if (mayCall(role, verb)) return {};
    return base::fail(base::Errc::Refused,
                      fmt::format("{} is not allowed for the role {}.", verbName(verb), roleName(role)));
}

Verb verbOf(const types::Intent& intent)
{
    return std::visit(
        []<typename T>(const T& wish) {
            if constexpr (std::is_same_v<T, types::RemoveNode>) return wish.kill ? Verb::KillNode : Verb::RemoveNode;
            else return verbFor<T>();
        },
        intent);
}

} // namespace orrery::security
