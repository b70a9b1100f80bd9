// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Certificates for tests of the bulk plane: an authority that lives as long as the object and signs what is asked. Nothing of it
// is written anywhere. Thread: one.

#include "engine/rpc/bulk_tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace orrery::support {

class BulkAuthority {
public:
    BulkAuthority() : m_key(EVP_EC_gen("P-256")), m_certificate(signedFor("authority", m_key, nullptr, m_key)) {}
    ~BulkAuthority()
    {
        X509_free(m_certificate);
        EVP_PKEY_free(m_key);
    }
    BulkAuthority(const BulkAuthority&) = delete;
    BulkAuthority& operator=(const BulkAuthority&) = delete;

    std::string pem() const { return text(m_certificate); }
    // trusted: whose certificates the node takes; null: ours.
    rpc::BulkTlsPem node(const std::string& name, const BulkAuthority* trusted = nullptr) const
    {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = signedFor(name, key, m_certificate, m_key);
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        rpc::BulkTlsPem made{text(certificate), taken(out), trusted ? trusted->pem() : pem()};
        X509_free(certificate);
        EVP_PKEY_free(key);
        return made;
    }
    std::shared_ptr<const rpc::BulkTls> tls(const std::string& name, const BulkAuthority* trusted = nullptr) const
    {
        return rpc::BulkTls::make(node(name, trusted)).value();
    }

private:
    static std::string taken(BIO* out)
    {
        char* data = nullptr;
        const long size = BIO_get_mem_data(out, &data);
        std::string got(data, static_cast<std::size_t>(size));
        BIO_free(out);
        return got;
    }
    static std::string text(X509* certificate)
    {
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_X509(out, certificate);
        return taken(out);
    }
    static void extend(X509* certificate, X509* issuer, int what, const std::string& value)
    {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, issuer ? issuer : certificate, certificate, nullptr, nullptr, 0);
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    static X509* signedFor(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuerKey)
    {
        static long serial = 1;
        X509* certificate = X509_new();
        X509_set_version(certificate, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer ? issuer : certificate));
        extend(certificate, issuer, NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
        if (issuer) extend(certificate, issuer, NID_subject_alt_name, "DNS:" + name);
        X509_sign(certificate, issuerKey, EVP_sha256());
        return certificate;
    }

    EVP_PKEY* m_key;
    X509* m_certificate;
};

} // namespace orrery::support
