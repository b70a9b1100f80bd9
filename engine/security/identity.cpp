// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/identity.h"

#include "engine/security/certificate_request.h"
#include "engine/security/private_file.h"

#include <fmt/format.h>

namespace orrery::security {

using base::Errc;
using base::fail;

namespace {

base::Result<KeyHandle> loadKey(const std::filesystem::path& path)
{
    auto text = readWhole(path, true);
    if (!text) return text.error();
    auto key = keyFromPem(*text, path.string());
    wipe(*text);
    return key;
}

} // namespace

base::Result<base::Bytes> Identity::request(const std::filesystem::path& folder)
{
    ORRERY_TRY(needPrivateFolder(folder));
    const auto path = folder / "member.key";
    auto key = loadKey(path);
    if (!key && key.error().code == Errc::NotFound) {
        key = makeKey();
        if (!key) return key.error();
        auto text = keyPem(key->get());
        if (!text) return text.error();
        const auto written = writeWhole(path, *text, true, Replace::No);
        wipe(*text);
        if (!written.ok()) return written.error();
    }
    if (!key) return key.error();
    return makeRequest(key->get());
}

base::Result<Identity> Identity::fit(KeyHandle key, std::string_view certificatePem, std::string_view authorityPem,
                                     TimeNs nowWallNs, const std::string& where)
{
    const QuietErrors quiet;
    auto trust = Trust::fromPem(authorityPem);
    if (!trust) return trust.error();
    const auto certificates = certificatesIn(certificatePem);
    if (certificates.size() != 1)
        return fail(Errc::BadInput,
                    fmt::format("One certificate is needed for {}, and {} can be read.", where, certificates.size()));
    X509* const own = certificates.front().get();
    if (!sameDigest(pinOf(own), pinOf(key.get())))
        return fail(
            Errc::Refused,
            fmt::format(
                "The certificate for {} was made for another key than the one there; this machine has to join again.",
                where));
    auto who = peerIdentity(own, *trust, nowWallNs);
    if (!who)
        return fail(who.error().code,
                    fmt::format("The certificate for {} cannot be used. {}", where, who.error().message));
    const auto from = wallNsOf(X509_get0_notBefore(own)), to = wallNsOf(X509_get0_notAfter(own));
    if (!from || !to)
        return fail(Errc::BadInput, fmt::format("The dates of the certificate for {} cannot be read.", where));
    Identity identity;
    identity.m_key = std::shared_ptr<EVP_PKEY>(key.release(), EVP_PKEY_free);
    identity.m_trust = std::move(*trust);
    identity.m_who = std::move(*who);
    identity.m_certificatePem = pemOf(own);
    identity.m_notAfter = *to;
    identity.m_renewAt = *from + (*to - *from) / 3 * 2;
    return identity;
}

base::Result<Identity> Identity::install(const std::filesystem::path& folder, std::string_view certificatePem,
                                         std::string_view authorityPem, TimeNs nowWallNs)
{
    ORRERY_TRY(needPrivateFolder(folder));
    auto key = loadKey(folder / "member.key");
    if (!key) return key.error();
    auto identity = fit(std::move(*key), certificatePem, authorityPem, nowWallNs, folder.string());
    if (!identity) return identity.error();
    // In this order: what is there last is what load() needs to find anything, so a first joining that is cut off is
    // none.
    ORRERY_TRY(writeWhole(folder / "cluster.crt", identity->trust().pem(), false, Replace::Yes));
    ORRERY_TRY(writeWhole(folder / "member.crt", identity->certificatePem(), false, Replace::Yes));
    return identity;
}

base::Result<Identity> Identity::load(const std::filesystem::path& folder, TimeNs nowWallNs)
{
    const auto certificate = readWhole(folder / "member.crt", false);
    if (!certificate && certificate.error().code == Errc::NotFound)
        return fail(Errc::NotFound, fmt::format("This machine has not joined a cluster: there is no certificate in {}.",
                                                folder.string()));
    if (!certificate) return certificate.error();
    const auto authority = readWhole(folder / "cluster.crt", false);
    if (!authority) return authority.error();
    ORRERY_TRY(needPrivateFolder(folder));
    auto key = loadKey(folder / "member.key");
    if (!key) return key.error();
    return fit(std::move(*key), *certificate, *authority, nowWallNs, folder.string());
}

base::Result<std::string> Identity::privateKeyPem() const
{
    return keyPem(m_key.get());
}

} // namespace orrery::security
