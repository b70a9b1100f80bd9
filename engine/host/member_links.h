// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// MemberLinks: how this process, a member of a cluster, meets the others over the network, from the key and the certificate in one
// folder: what its links show, whom they want to see, and what each role is let say (security/access.h; what has no entry there
// nobody may say).
// Thread: any. Lives: longer than every link made from it; what it hands out keeps it alive.

#include "engine/client/session_service.h"
#include "engine/net/node_link.h"
#include "engine/net/peer_channel.h"
#include "engine/rpc/bulk_tls.h"
#include "engine/rpc/secure.h"
#include "engine/security/identity.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <set>

namespace orrery::host {

inline constexpr base::TimeNs kLookAgainNs = base::kSecond;

class MemberLinks : public std::enable_shared_from_this<MemberLinks> {
public:
    // What security::Identity::load() says. Blocks on the disk.
    static base::Result<std::shared_ptr<MemberLinks>> load(const std::filesystem::path& folder);
    security::PeerIdentity who() const { return identity()->who(); }
    std::shared_ptr<const security::Identity> identity() const;

    std::shared_ptr<const rpc::Secure> secure();
    base::Result<std::shared_ptr<const rpc::BulkTls>> bulk();
    // At a head: a node, and it registers under the id of its certificate.
    rpc::Admit<net::FromNode> admitNodes();
    // At a head: a person's session, for what their role allows.
    client::AdmitCall admitSessions();
    // At a node: another node. Whose frame it is, is looked at where node numbers are known.
    rpc::Admit<net::PeerFrame> admitPeers();

    // Members that nobody is to hear any more; replaces what was said before.
    void deny(std::set<std::string> ids);

    // A certificate for the same key: put into the folder, and shown by what is made from now on. Blocks on the disk.
    base::Result<void> renew(const std::string& pem);

private:
    MemberLinks(std::filesystem::path folder, security::Identity identity);
    base::Result<security::PeerIdentity> known(const std::string& pem, security::Verb verb) const;
    // For a stream that stays, every kLookAgainNs: certificates expire, members are taken out.
    std::function<base::Result<void>()> standing(const std::string& pem, security::Verb verb);

    const std::filesystem::path m_folder;
    mutable std::mutex m_mutex; // guards the next two
    std::shared_ptr<const security::Identity> m_identity;
    std::set<std::string> m_denied;
};

} // namespace orrery::host
