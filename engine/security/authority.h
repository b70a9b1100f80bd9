// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Authority: the key of a cluster, and what it signs: certificates of its members, from their requests. In a head.
// Files: <folder>/authority.key (0600) and authority.crt. The key makes the cluster: without it no node joins any more,
// and who copies it can be every node.
// Thread: one at a time; open() blocks on the disk, issue() takes 1 ms of CPU. The time comes in.

#include "engine/security/peer_identity.h"

#include <filesystem>

namespace orrery::security {

inline constexpr TimeNs kDay = base::kSecond * 24 * 3600;
inline constexpr TimeNs kAuthorityLife = kDay * 5 * 365;
inline constexpr TimeNs kMemberLife = 7 * kDay;
inline constexpr TimeNs kHeadLife = 30 * kDay;
inline constexpr TimeNs kBackdated = base::kSecond * 5 * 60; // clocks of two machines may differ by that much

struct Issued {
    PeerIdentity who;
    std::string pem;
    std::string serial; // 32 hex digits; what a deny list and the audit name
    Digest keyDigest{}; // of the public key
    TimeNs notBeforeWallNs = 0, notAfterWallNs = 0;
};

class Authority {
public:
    // The authority in the folder, or at first start a new one. Refused: a key that others could have read, a key
    // without its certificate's pair, or files of another cluster. A key alone is a first start that was cut off: its
    // certificate is made again.
    static base::Result<Authority> open(const std::filesystem::path& folder, base::ClusterId cluster, TimeNs nowWallNs);
    // One that lies in no folder.
    static base::Result<Authority> make(base::ClusterId cluster, TimeNs nowWallNs);

    const Trust& trust() const { return m_trust; }
    // A certificate for the key of the request; what else stands in the request is ignored. Ends with the authority at
    // the latest.
    base::Result<Issued> issue(std::span<const std::byte> requestDer, Role role, const std::string& id,
                               TimeNs nowWallNs) const;

private:
    Authority(KeyHandle key, Trust trust) : m_key(std::move(key)), m_trust(std::move(trust)) {}
    KeyHandle m_key;
    Trust m_trust;
};

} // namespace orrery::security
