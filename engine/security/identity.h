// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Identity: who this process is in the network: its private key, its certificate and the authority it trusts.
// Files: <folder>/member.key (0600), member.crt, cluster.crt. The key is made here and never leaves the machine; a
// certificate is renewed for the same key, so no moment exists in which key and certificate do not belong together.
// Thread: any; values after load(). The calls that name a folder block on the disk.

#include "engine/base/bytes.h"
#include "engine/security/peer_identity.h"

#include <filesystem>

namespace orrery::security {

class Identity {
public:
    // The request (PKCS#10, DER) for the key in the folder, which is made when it is not there yet.
    static base::Result<base::Bytes> request(const std::filesystem::path& folder);
    // Puts a certificate and its authority beside the key. Refused, and nothing changed, unless the three fit each
    // other now.
    static base::Result<Identity> install(const std::filesystem::path& folder, std::string_view certificatePem,
                                          std::string_view authorityPem, TimeNs nowWallNs);
    // NotFound: this machine has not joined. Refused: what peerIdentity() refuses, an expired certificate among it.
    static base::Result<Identity> load(const std::filesystem::path& folder, TimeNs nowWallNs);

    const PeerIdentity& who() const { return m_who; }
    const Trust& trust() const { return m_trust; }
    TimeNs notAfterWallNs() const { return m_notAfter; }
    // From then on a new certificate is asked for: two thirds of this one's life, so that a head may be away for the
    // last third.
    TimeNs renewAtWallNs() const { return m_renewAt; }
    bool mustRenew(TimeNs nowWallNs) const { return nowWallNs >= m_renewAt; }

    const std::string& certificatePem() const { return m_certificatePem; }
    EVP_PKEY* key() const { return m_key.get(); }
    // For a library that wants it as text (gRPC); wipe() it after use.
    base::Result<std::string> privateKeyPem() const;

private:
    static base::Result<Identity> fit(KeyHandle key, std::string_view certificatePem, std::string_view authorityPem,
                                      TimeNs nowWallNs, const std::string& where);
    std::shared_ptr<EVP_PKEY> m_key; // never changed
    Trust m_trust;
    PeerIdentity m_who;
    std::string m_certificatePem;
    TimeNs m_notAfter = 0, m_renewAt = 0;
};

} // namespace orrery::security
