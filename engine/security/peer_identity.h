// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Trust: the certificate of a cluster's authority, which every member has. peerIdentity(): who a peer is by its
// certificate. A peer is its one name, the URI orrery://<cluster>/<role>/<id>; subject, host name and address mean
// nothing.
// Thread: any; values, no files, no clock.

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/security/access.h"
#include "engine/security/date_text.h"
#include "engine/security/openssl_handles.h"
#include "engine/security/sha256.h"

#include <initializer_list>
#include <memory>

namespace orrery::security {

using base::TimeNs;

inline constexpr std::size_t kPeerIdMax = 64;
inline constexpr std::size_t kChainMax = 4; // certificates of a chain that are looked at

struct PeerIdentity {
    base::ClusterId cluster;
    Role role = Role::Viewer;
    std::string id; // of a node: base::NodeId's text; else letters, digits, - . _
    bool operator==(const PeerIdentity&) const = default;
};

bool isPeerId(Role role, std::string_view id);
std::string identityUri(const PeerIdentity& who);
base::Result<PeerIdentity> parseIdentityUri(std::string_view uri);

class Trust {
public:
    // The one certificate in the text. Refused unless it is an authority of ours: its own issuer, P-256, for one
    // cluster.
    static base::Result<Trust> fromPem(std::string_view pem);
    // Of a chain that a peer sends, the authority whose key has this digest: how a joiner knows the cluster of its
    // token.
    static base::Result<Trust> pinned(std::string_view chainPem, const Digest& pin);
    static base::Result<Trust> pinned(STACK_OF(X509)* chain, const Digest& pin);
    static base::Result<Trust> of(X509Handle certificate);

    const base::ClusterId& cluster() const { return m_cluster; }
    // SHA-256 of the public key (SPKI); stays when the certificate is renewed.
    const Digest& pin() const { return m_pin; }
    // The pin for people, "3f2a 91c0 ...".
    std::string fingerprint() const;
    const std::string& pem() const { return m_pem; }
    TimeNs notBeforeWallNs() const { return m_notBefore; }
    TimeNs notAfterWallNs() const { return m_notAfter; }
    X509* certificate() const { return m_certificate.get(); }

private:
    std::shared_ptr<X509> m_certificate; // never changed
    base::ClusterId m_cluster;
    Digest m_pin{};
    std::string m_pem;
    TimeNs m_notBefore = 0, m_notAfter = 0;
};

// Refused, in one sentence: of another authority, expired or not valid yet, no name or several, not for both ends of a
// link.
base::Result<PeerIdentity> peerIdentity(X509* certificate, const Trust& trust, TimeNs nowWallNs);
// The first certificate of a chain.
base::Result<PeerIdentity> peerIdentity(std::string_view chainPem, const Trust& trust, TimeNs nowWallNs);
// Refused also when the role is none of these.
base::Result<void> needRole(const PeerIdentity& who, std::initializer_list<Role> roles);

// ---- for the rest of this folder ----
// At most kChainMax; those before the first that cannot be read.
std::vector<X509Handle> certificatesIn(std::string_view pem);
std::string pemOf(X509* certificate);
Digest pinOf(X509* certificate);
Digest pinOf(EVP_PKEY* key);
bool isP256(EVP_PKEY* key);
base::Result<TimeNs> wallNsOf(const ASN1_TIME* time);

} // namespace orrery::security
