// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/peer_identity.h"

#include "engine/security/private_file.h"

#include <fmt/format.h>

#include <ctime>
#include <limits>
#include <openssl/core_names.h>

namespace orrery::security {

using base::Errc;
using base::fail;

namespace {

constexpr std::string_view kScheme = "orrery://";
constexpr std::size_t kUriMax = 160;

std::string_view viewOf(const ASN1_STRING* text)
{
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

// The cluster whose names this authority may sign, from its name constraint: one host, and nothing else.
base::Result<base::ClusterId> clusterOf(X509* authority)
{
    int critical = 0;
    const ConstraintsHandle constraints(
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(authority, NID_name_constraints, &critical, nullptr)));
    const auto bad =
        fail(Errc::Refused, "The authority's certificate is not bound to one cluster of Orrery, so it is not used.");
    if (!constraints || critical != 1 || constraints->excludedSubtrees ||
        sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) != 1)
        return bad;
    const GENERAL_NAME* name = sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, 0)->base;
    if (name->type != GEN_URI) return bad;
    const auto cluster = base::ClusterId::parse(viewOf(name->d.uniformResourceIdentifier));
    return cluster.ok() ? cluster : bad;
}

base::Error refusal(int code, int depth, X509* certificate, const Trust& trust)
{
    const auto from = wallNsOf(X509_get0_notBefore(certificate)), to = wallNsOf(X509_get0_notAfter(certificate));
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        if (depth > 0)
            return fail(Errc::Refused, fmt::format("The certificate of the cluster's authority expired on {}; the "
                                                   "cluster needs a new authority, and its nodes join again.",
                                                   dateText(trust.notAfterWallNs())));
        return fail(Errc::Refused, fmt::format("The peer's certificate expired on {}; it has to join again.",
                                               to.ok() ? dateText(*to) : "a date that cannot be read"));
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return fail(Errc::Refused,
                    fmt::format("The peer's certificate is valid only from {}; compare the clocks of the two machines.",
                                dateText(depth > 0   ? trust.notBeforeWallNs()
                                         : from.ok() ? *from
                                                     : 0)));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return fail(
            Errc::Refused,
            fmt::format("The peer's certificate was not signed by the authority of cluster {} (fingerprint {}).",
                        trust.cluster().text(), trust.fingerprint()));
    case X509_V_ERR_PERMITTED_VIOLATION:
        return fail(Errc::Refused, "The peer's certificate names another cluster than its authority may sign for.");
    default:
        return fail(Errc::Refused,
                    fmt::format("The peer's certificate does not hold: {}.", X509_verify_cert_error_string(code)));
    }
}

base::Result<void> checkChain(X509* certificate, const Trust& trust, TimeNs nowWallNs)
{
    const StoreHandle store(X509_STORE_new());
    const StoreContextHandle context(X509_STORE_CTX_new());
    if (!store || !context || X509_STORE_add_cert(store.get(), trust.certificate()) != 1 ||
        X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr) != 1)
        return fail(Errc::Internal, "A certificate cannot be checked: " + QuietErrors::reason());
    X509_VERIFY_PARAM* wish = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(wish, static_cast<std::time_t>(nowWallNs / base::kSecond));
    X509_VERIFY_PARAM_set_flags(wish, X509_V_FLAG_X509_STRICT | X509_V_FLAG_USE_CHECK_TIME);
    X509_VERIFY_PARAM_set_depth(wish, 0); // signed by the authority itself
    if (X509_verify_cert(context.get()) == 1) return {};
    return refusal(X509_STORE_CTX_get_error(context.get()), X509_STORE_CTX_get_error_depth(context.get()), certificate,
                   trust);
}

base::Result<PeerIdentity> nameOf(X509* certificate)
{
    int found = 0;
    const NamesHandle names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr)));
    if (!names && found == -1)
        return fail(Errc::Refused, "The peer's certificate has no name of the form orrery://cluster/role/id.");
    if (!names) return fail(Errc::Refused, "The names in the peer's certificate cannot be read, or stand there twice.");
    if (sk_GENERAL_NAME_num(names.get()) != 1)
        return fail(Errc::Refused,
                    fmt::format("The peer's certificate has {} names, where a member of a cluster has one.",
                                sk_GENERAL_NAME_num(names.get())));
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
    if (name->type != GEN_URI)
        return fail(Errc::Refused, "The peer's certificate has no name of the form orrery://cluster/role/id.");
    return parseIdentityUri(viewOf(name->d.uniformResourceIdentifier));
}

} // namespace

// ---- names ----

bool isPeerId(Role role, std::string_view id)
{
    if (role == Role::Node) {
        const auto node = base::NodeId::parse(id);
        return node.ok() && node->text() == id && !node->isNull();
    }
    return isPlainName(id, kPeerIdMax);
}

std::string identityUri(const PeerIdentity& who)
{
    return fmt::format("{}{}/{}/{}", kScheme, who.cluster.text(), roleName(who.role), who.id);
}

base::Result<PeerIdentity> parseIdentityUri(std::string_view uri)
{
    // The text is a stranger's, so it is never quoted.
    const auto bad =
        fail(Errc::Refused, "The peer's certificate has a name that is not of the form orrery://cluster/role/id.");
    if (uri.size() > kUriMax || !uri.starts_with(kScheme)) return bad;
    const std::string_view rest = uri.substr(kScheme.size());
    const auto first = rest.find('/');
    const auto second = first == std::string_view::npos ? std::string_view::npos : rest.find('/', first + 1);
    if (second == std::string_view::npos) return bad;
    const auto cluster = base::ClusterId::parse(rest.substr(0, first));
    if (!cluster || cluster->isNull()) return bad;
    const auto role = roleNamed(rest.substr(first + 1, second - first - 1));
    if (!role) return fail(Errc::Refused, "The peer's certificate names a role that this Orrery does not know.");
    PeerIdentity who{*cluster, *role, std::string(rest.substr(second + 1))};
    // One way only to write a name: what is compared as text elsewhere is the same everywhere.
    if (!isPeerId(who.role, who.id) || identityUri(who) != uri) return bad;
    return who;
}

base::Result<void> needRole(const PeerIdentity& who, std::initializer_list<Role> roles)
{
    std::string wanted;
    for (const Role role : roles) {
        if (role == who.role) return {};
        wanted += (wanted.empty() ? "" : " or ") + std::string(roleName(role));
    }
    return fail(Errc::Refused,
                fmt::format("The peer has the role {}, and {} is needed here.", roleName(who.role), wanted));
}

// ---- checks ----

base::Result<PeerIdentity> peerIdentity(X509* certificate, const Trust& trust, TimeNs nowWallNs)
{
    const QuietErrors quiet;
    if (!certificate) return fail(Errc::Refused, "The peer showed no certificate.");
    if (X509_get_extension_flags(certificate) & (EXFLAG_CA | EXFLAG_INVALID))
        return fail(Errc::Refused,
                    "The peer's certificate is one of an authority or is not well formed, and no member's.");
    const auto chain = checkChain(certificate, trust, nowWallNs);
    if (!chain.ok()) return chain.error();
    constexpr std::uint32_t kBothEnds = XKU_SSL_SERVER | XKU_SSL_CLIENT;
    if (!(X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) ||
        X509_get_extended_key_usage(certificate) != kBothEnds ||
        !(X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE))
        return fail(Errc::Refused, "The peer's certificate was not made for both ends of a link.");
    if (!isP256(X509_get0_pubkey(certificate))) return fail(Errc::Refused, "The peer's key is not of the kind P-256.");
    auto who = nameOf(certificate);
    // A second lock: the name constraint of the authority has been looked at already.
    if (who.ok() && who->cluster != trust.cluster())
        return fail(Errc::Refused, "The peer's certificate is one of another cluster.");
    return who;
}

base::Result<PeerIdentity> peerIdentity(std::string_view chainPem, const Trust& trust, TimeNs nowWallNs)
{
    const QuietErrors quiet;
    const auto chain = certificatesIn(chainPem);
    if (chain.empty()) return fail(Errc::Refused, "The peer showed no certificate that can be read.");
    return peerIdentity(chain.front().get(), trust, nowWallNs);
}

// ---- trust ----

base::Result<Trust> Trust::of(X509Handle certificate)
{
    const QuietErrors quiet;
    if (!certificate) return fail(Errc::BadInput, "There is no certificate of an authority.");
    X509* const at = certificate.get();
    const std::uint32_t flags = X509_get_extension_flags(at);
    if ((flags & EXFLAG_INVALID) || !(flags & EXFLAG_CA) || X509_get_pathlen(at) != 0 ||
        !(X509_get_key_usage(at) & KU_KEY_CERT_SIGN) || X509_self_signed(at, 1) != 1 || !isP256(X509_get0_pubkey(at)))
        return fail(Errc::Refused, "The certificate is not one of an authority of Orrery (its own issuer, P-256, "
                                   "without authorities below it).");
    auto cluster = clusterOf(at);
    if (!cluster) return cluster.error();
    const auto from = wallNsOf(X509_get0_notBefore(at)), to = wallNsOf(X509_get0_notAfter(at));
    if (!from || !to) return fail(Errc::Refused, "The dates of the authority's certificate cannot be read.");
    Trust trust;
    trust.m_cluster = *cluster;
    trust.m_pin = pinOf(at);
    trust.m_pem = pemOf(at);
    trust.m_notBefore = *from;
    trust.m_notAfter = *to;
    trust.m_certificate = std::shared_ptr<X509>(certificate.release(), X509_free);
    return trust;
}

base::Result<Trust> Trust::fromPem(std::string_view pem)
{
    const QuietErrors quiet;
    auto found = certificatesIn(pem);
    if (found.size() != 1)
        return fail(Errc::BadInput,
                    fmt::format("One certificate of an authority is needed, and {} can be read.", found.size()));
    return of(std::move(found.front()));
}

base::Result<Trust> Trust::pinned(std::string_view chainPem, const Digest& pin)
{
    const QuietErrors quiet;
    for (auto& certificate : certificatesIn(chainPem))
        if (sameDigest(pinOf(certificate.get()), pin)) return of(std::move(certificate));
    return fail(
        Errc::Refused,
        "The head that answered is not the one of the token: its authority has another key. Nothing was sent to it.");
}

base::Result<Trust> Trust::pinned(STACK_OF(X509) * chain, const Digest& pin)
{
    std::string pem;
    for (int i = 0; i < sk_X509_num(chain) && static_cast<std::size_t>(i) < kChainMax; ++i)
        pem += pemOf(sk_X509_value(chain, i));
    return pinned(pem, pin);
}

std::string Trust::fingerprint() const
{
    const std::string hex = hexOf(m_pin);
    std::string text;
    for (std::size_t i = 0; i < hex.size(); i += 4) text += (i ? " " : "") + hex.substr(i, 4);
    return text;
}

// ---- certificates ----

std::vector<X509Handle> certificatesIn(std::string_view pem)
{
    const QuietErrors quiet;
    std::vector<X509Handle> found;
    if (pem.empty() || pem.size() > kPemBytesMax) return found;
    const auto bio = readFrom(pem);
    while (found.size() < kChainMax) {
        // An empty passphrase: never a question on the terminal.
        X509Handle next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, const_cast<char*>("")));
        if (!next) break;
        found.push_back(std::move(next));
    }
    return found;
}

std::string pemOf(X509* certificate)
{
    const BioHandle bio(BIO_new(BIO_s_mem()));
    return bio && PEM_write_bio_X509(bio.get(), certificate) == 1 ? textOf(bio.get()) : std::string();
}

Digest pinOf(EVP_PKEY* key)
{
    return digestOf(derOf(i2d_PUBKEY, const_cast<const EVP_PKEY*>(key)));
}
Digest pinOf(X509* certificate)
{
    return digestOf(derOf(i2d_X509_PUBKEY, const_cast<const X509_PUBKEY*>(X509_get_X509_PUBKEY(certificate))));
}

bool isP256(EVP_PKEY* key)
{
    char group[32] = {};
    std::size_t size = 0;
    int spelledOut =
        0; // the curve written as its numbers and not as its name: checks of chains refuse it, and we earlier
    if (key && EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &spelledOut) == 1 &&
        spelledOut)
        return false;
    return key && EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
           std::string_view(group, size) == "prime256v1";
}

base::Result<TimeNs> wallNsOf(const ASN1_TIME* time)
{
    std::tm parts{};
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return fail(Errc::BadInput, "A date in a certificate cannot be read.");
    const std::time_t seconds = ::timegm(&parts);
    constexpr std::int64_t kMax = std::numeric_limits<TimeNs>::max() / base::kSecond; // the year 2262
    return std::min<std::int64_t>(std::max<std::int64_t>(seconds, 0), kMax) * base::kSecond;
}

} // namespace orrery::security
