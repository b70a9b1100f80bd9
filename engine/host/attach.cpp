// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/attach.h"

#include "engine/client/session_service.h"
#include "engine/host/joiner.h"
#include "engine/host/joining.h"
#include "engine/host/member_links.h"
#include "engine/launch/cluster_dir.h"
#include "engine/security/private_file.h"

#include <filesystem>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

std::filesystem::path usersFolder() { return std::filesystem::path(launch::defaultDataDir()) / "users"; }

// Folder of the membership whose head is there; the newest, where a cluster was made anew at the same address. Empty: none.
std::filesystem::path membershipAt(const std::string& address)
{
    std::filesystem::path found;
    std::filesystem::file_time_type foundAt;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(usersFolder(), failed), end; !failed && entry != end; entry.increment(failed)) {
        std::error_code none;
        const auto head = headOf(entry->path());
        const auto at = std::filesystem::last_write_time(entry->path() / "member.crt", none);
        if (!head || *head != address || none || (!found.empty() && at < foundAt)) continue;
        found = entry->path();
        foundAt = at;
    }
    return found;
}

} // namespace

bool isNetworkAddress(const std::string& address)
{
    const auto colon = address.rfind(':');
    return address.find('/') == std::string::npos && colon != std::string::npos && colon > 0 && colon + 1 < address.size() && address.find_first_not_of("0123456789", colon + 1) == std::string::npos;
}

base::Result<std::shared_ptr<client::Session>> attachSession(const std::string& address)
{
    if (!isNetworkAddress(address)) {
        auto socket = launch::headSocketAt(address);
        if (!socket) return socket.error();
        return std::shared_ptr<client::Session>(client::connectSession(*socket, rpc::Watchful::Yes));
    }
    auto numeric = numericAddress(address);
    if (!numeric) return numeric.error();
    const auto folder = membershipAt(*numeric);
    if (folder.empty()) return fail(Errc::Unavailable, "you have not joined the cluster at " + address + "; ask who runs it for a token (orreryctl token create --role operator) and give it to orreryctl join -");
    auto links = MemberLinks::load(folder);
    if (!links) return links.error();
    return std::shared_ptr<client::Session>(client::connectSession(rpc::Target(*numeric, {}, (*links)->secure()), rpc::Watchful::Yes));
}

base::Result<std::string> joinAsUser(std::string text)
{
    const auto token = security::parseToken(text);
    security::wipe(text);
    if (!token) return token.error();
    // A cluster is known by its authority.
    const auto folder = usersFolder() / security::hexOf(token->pin).substr(0, 16);
    std::error_code failed;
    std::filesystem::create_directories(folder.parent_path(), failed);
    ORRERY_TRY(security::needPrivateFolder(folder));
    ORRERY_TRY(joinCluster(*token, folder, {}));
    const auto links = MemberLinks::load(folder);
    if (!links) return links.error();
    if ((*links)->who().role == security::Role::Node) return fail(Errc::BadInput, "that was a token for a machine, and is spent now; make one for a person: orreryctl token create --role operator");
    return headOf(folder);
}

} // namespace orrery::host
