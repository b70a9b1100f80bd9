// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/authority.h"

#include "engine/security/certificate_request.h"
#include "engine/security/private_file.h"

#include <fmt/format.h>

#include <ctime>

namespace orrery::security {

using base::Errc;
using base::fail;

namespace {

base::Error cannotSign()
{
    return fail(Errc::Internal, "A certificate cannot be made: " + QuietErrors::reason());
}

bool addExtension(X509* certificate, X509* issuer, int nid, const std::string& value)
{
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// 128 random bits, never zero: too many to guess, and too many to meet twice.
bool setSerial(X509* certificate, std::string& text)
{
    const BignumHandle number(BN_new());
    if (!number || BN_rand(number.get(), 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1 || BN_is_zero(number.get()))
        return false;
    base::Bytes bytes(16);
    if (BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()), 16) != 16) return false;
    text = hexOf(bytes);
    return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool setDate(ASN1_TIME* at, TimeNs wallNs)
{
    return ASN1_TIME_set(at, static_cast<std::time_t>(wallNs / base::kSecond)) != nullptr;
}

bool setName(X509_NAME* name, const std::string& commonName)
{
    const auto* text = reinterpret_cast<const unsigned char*>(commonName.data());
    return X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>("Orrery"), -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, text, static_cast<int>(commonName.size()),
                                      -1, 0) == 1;
}

base::Result<X509Handle> authorityCertificate(EVP_PKEY* key, base::ClusterId cluster, TimeNs nowWallNs)
{
    const QuietErrors quiet;
    X509Handle made(X509_new());
    X509* const at = made.get();
    std::string serial;
    const bool ok = at && X509_set_version(at, X509_VERSION_3) == 1 && setSerial(at, serial) &&
                    setDate(X509_getm_notBefore(at), nowWallNs - kBackdated) &&
                    setDate(X509_getm_notAfter(at), nowWallNs + kAuthorityLife) &&
                    setName(X509_get_subject_name(at), cluster.text()) &&
                    X509_set_issuer_name(at, X509_get_subject_name(at)) == 1 && X509_set_pubkey(at, key) == 1 &&
                    addExtension(at, at, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    addExtension(at, at, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    addExtension(at, at, NID_subject_key_identifier, "hash") &&
                    // Of a name orrery://<cluster>/..., the cluster is the host, to which a constraint on URIs applies.
                    addExtension(at, at, NID_name_constraints, "critical,permitted;URI:" + cluster.text()) &&
                    X509_sign(at, key, EVP_sha256()) > 0;
    if (!ok) return cannotSign();
    return made;
}

} // namespace

base::Result<Authority> Authority::make(base::ClusterId cluster, TimeNs nowWallNs)
{
    auto key = makeKey();
    if (!key) return key.error();
    auto certificate = authorityCertificate(key->get(), cluster, nowWallNs);
    if (!certificate) return certificate.error();
    auto trust = Trust::of(std::move(*certificate));
    if (!trust) return trust.error();
    return Authority(std::move(*key), std::move(*trust));
}

base::Result<Authority> Authority::open(const std::filesystem::path& folder, base::ClusterId cluster, TimeNs nowWallNs)
{
    ORRERY_TRY(needPrivateFolder(folder));
    const auto keyPath = folder / "authority.key", certificatePath = folder / "authority.crt";
    auto keyText = readWhole(keyPath, true);
    auto certificateText = readWhole(certificatePath, false);
    if (!keyText && keyText.error().code != Errc::NotFound) return keyText.error();
    if (!certificateText && certificateText.error().code != Errc::NotFound) return certificateText.error();
    if (!keyText && certificateText.ok())
        return fail(Errc::Refused, fmt::format("The certificate {} is there, but its key {} is not. Put the key back; "
                                               "or remove the certificate, and every node has to join again.",
                                               certificatePath.string(), keyPath.string()));
    KeyHandle key;
    if (keyText.ok()) {
        auto read = keyFromPem(*keyText, keyPath.string());
        wipe(*keyText);
        if (!read) return read.error();
        key = std::move(*read);
    } else {
        auto made = makeKey();
        if (!made) return made.error();
        key = std::move(*made);
        auto text = keyPem(key.get());
        if (!text) return text.error();
        // The key first: a certificate is made again from its key, never the other way round.
        const auto written = writeWhole(keyPath, *text, true, Replace::No);
        wipe(*text);
        if (!written.ok()) return written.error();
    }
    if (!certificateText) {
        auto made = authorityCertificate(key.get(), cluster, nowWallNs);
        if (!made) return made.error();
        certificateText = pemOf(made->get());
        ORRERY_TRY(writeWhole(certificatePath, *certificateText, false, Replace::No));
    }
    auto trust = Trust::fromPem(*certificateText);
    if (!trust) return fail(trust.error().code, fmt::format("{}: {}", certificatePath.string(), trust.error().message));
    if (!sameDigest(trust->pin(), pinOf(key.get())))
        return fail(
            Errc::Refused,
            fmt::format("The key {} does not belong to the certificate {}; one of them comes from another place.",
                        keyPath.string(), certificatePath.string()));
    if (trust->cluster() != cluster)
        return fail(Errc::Refused, fmt::format("The authority in {} is the one of cluster {}, and this is cluster {}.",
                                               folder.string(), trust->cluster().text(), cluster.text()));
    return Authority(std::move(key), std::move(*trust));
}

base::Result<Issued> Authority::issue(std::span<const std::byte> requestDer, Role role, const std::string& id,
                                      TimeNs nowWallNs) const
{
    const QuietErrors quiet;
    if (!isPeerId(role, id))
        return fail(Errc::BadInput,
                    "A member's id is made of letters, digits and - . _, and of a node it is the node's id.");
    if (nowWallNs < m_trust.notBeforeWallNs() || nowWallNs >= m_trust.notAfterWallNs())
        return fail(Errc::Refused, fmt::format("The cluster's authority is valid from {} to {}, and it is {}: compare "
                                               "the clock, or begin a new authority.",
                                               dateText(m_trust.notBeforeWallNs()), dateText(m_trust.notAfterWallNs()),
                                               dateText(nowWallNs)));
    const auto key = keyOfRequest(requestDer);
    if (!key) return key.error();
    Issued issued;
    issued.who = {m_trust.cluster(), role, id};
    issued.keyDigest = pinOf(key->get());
    // A certificate knows whole seconds.
    issued.notBeforeWallNs =
        std::max(nowWallNs - kBackdated, m_trust.notBeforeWallNs()) / base::kSecond * base::kSecond;
    issued.notAfterWallNs =
        std::min(nowWallNs + (role == Role::Head ? kHeadLife : kMemberLife), m_trust.notAfterWallNs()) / base::kSecond *
        base::kSecond;
    const X509Handle made(X509_new());
    X509* const at = made.get();
    X509* const issuer = m_trust.certificate();
    const bool ok = at && X509_set_version(at, X509_VERSION_3) == 1 && setSerial(at, issued.serial) &&
                    setDate(X509_getm_notBefore(at), issued.notBeforeWallNs) &&
                    setDate(X509_getm_notAfter(at), issued.notAfterWallNs) && setName(X509_get_subject_name(at), id) &&
                    X509_set_issuer_name(at, X509_get_subject_name(issuer)) == 1 &&
                    X509_set_pubkey(at, key->get()) == 1 &&
                    addExtension(at, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    addExtension(at, issuer, NID_key_usage, "critical,digitalSignature") &&
                    addExtension(at, issuer, NID_ext_key_usage, "clientAuth,serverAuth") &&
                    addExtension(at, issuer, NID_subject_alt_name, "URI:" + identityUri(issued.who)) &&
                    addExtension(at, issuer, NID_subject_key_identifier, "hash") &&
                    addExtension(at, issuer, NID_authority_key_identifier, "keyid:always") &&
                    X509_sign(at, m_key.get(), EVP_sha256()) > 0;
    if (!ok) return cannotSign();
    issued.pem = pemOf(at);
    // What leaves here is what every peer will accept, or it does not leave.
    const auto who = peerIdentity(at, m_trust, nowWallNs);
    if (!who) return who.error();
    ORRERY_ASSERT(*who == issued.who);
    return issued;
}

} // namespace orrery::security
