// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Forge: an authority whose key the test has, so that it can sign what no authority of ours would.
// Thread: one.

#include "tests/engine/security/security_samples.h"

#include <ctime>

namespace orrery::samples {

// What the forged certificate says; an empty text leaves the extension out. Texts are of OpenSSL's configuration.
struct Wish {
    std::string names;
    std::string usage = "clientAuth,serverAuth";
    std::string keyUsage = "critical,digitalSignature";
    std::string basic = "critical,CA:FALSE";
    TimeNs from = kNow - kMinute, to = kNow + 60 * kMinute;
    const char* curve = "P-256";
    bool namesTwice = false;
};

class Forge {
public:
    Forge() : m_authority(need(security::Authority::open(m_folder.path, kCluster, kNow)))
    {
        auto text = need(security::readWhole(m_folder.path / "authority.key", true));
        m_key = need(security::keyFromPem(text, "authority.key"));
    }
    const security::Authority& authority() const { return m_authority; }
    const security::Trust& trust() const { return m_authority.trust(); }
    static std::string uri(const std::string& path) { return "URI:orrery://" + kCluster.text() + path; }

    security::X509Handle sign(const Wish& wish) const
    {
        const security::KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", wish.curve));
        security::X509Handle made(X509_new());
        X509* const at = made.get();
        X509_set_version(at, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(at), 77);
        ASN1_TIME_set(X509_getm_notBefore(at), std::time_t(wish.from / base::kSecond));
        ASN1_TIME_set(X509_getm_notAfter(at), std::time_t(wish.to / base::kSecond));
        X509_NAME_add_entry_by_NID(X509_get_subject_name(at), NID_commonName, MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("forged"), -1, -1, 0);
        X509_set_issuer_name(at, X509_get_subject_name(trust().certificate()));
        X509_set_pubkey(at, key.get());
        add(at, NID_subject_key_identifier, "hash");
        add(at, NID_authority_key_identifier, "keyid:always");
        add(at, NID_basic_constraints, wish.basic);
        add(at, NID_key_usage, wish.keyUsage);
        add(at, NID_ext_key_usage, wish.usage);
        add(at, NID_subject_alt_name, wish.names);
        if (wish.namesTwice) add(at, NID_subject_alt_name, wish.names);
        if (X509_sign(at, m_key.get(), EVP_sha256()) <= 0) qFatal("cannot forge");
        return made;
    }

private:
    void add(X509* at, int nid, const std::string& value) const
    {
        if (value.empty()) return;
        X509V3_CTX context{};
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, trust().certificate(), at, nullptr, nullptr, 0);
        const security::ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
        if (!extension || X509_add_ext(at, extension.get(), -1) != 1) qFatal("cannot forge %s", value.c_str());
    }
    Folder m_folder;
    security::Authority m_authority;
    security::KeyHandle m_key;
};

} // namespace orrery::samples
