// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// OpenSSL's pointers with owners, and the little that every use of it needs. For sources and tests of this folder only:
// other folders see PEM and DER. Only the public C API of OpenSSL 3.0.
// Thread: each object is used by one thread at a time; OpenSSL's queue of errors is one a thread.

#include "engine/base/bytes.h"

#include <memory>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string>

namespace orrery::security {

template <auto Free>
struct Freed {
    template <typename T>
    void operator()(T* pointer) const { Free(pointer); }
};

using BioHandle = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using BignumHandle = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using ContextHandle = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using NamesHandle = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
using ConstraintsHandle = std::unique_ptr<NAME_CONSTRAINTS, Freed<NAME_CONSTRAINTS_free>>;
using RequestHandle = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;
using StoreHandle = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContextHandle = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using TlsHandle = std::unique_ptr<SSL, Freed<SSL_free>>;
using X509Handle = std::unique_ptr<X509, Freed<X509_free>>;

// What OpenSSL reports inside its life is dropped at its end: an error left in the queue would be taken by the next
// user of the thread (gRPC's TLS among them) for one of its own.
class QuietErrors {
public:
    QuietErrors() { ERR_set_mark(); }
    ~QuietErrors() { ERR_pop_to_mark(); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
    // The newest reason, for the end of a sentence.
    static std::string reason()
    {
        const char* text = ERR_reason_error_string(ERR_peek_last_error());
        return text ? text : "no reason given";
    }
};

inline BioHandle readFrom(std::string_view text)
{
    return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}
inline std::string textOf(BIO* bio)
{
    char* at = nullptr;
    const long size = BIO_get_mem_data(bio, &at);
    return size > 0 ? std::string(at, static_cast<std::size_t>(size)) : std::string();
}

// DER of what an i2d function writes; empty: it failed.
template <typename T>
base::Bytes derOf(int (*write)(const T*, unsigned char**), const T* object)
{
    const int size = write(object, nullptr);
    if (size <= 0) return {};
    base::Bytes der(static_cast<std::size_t>(size));
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    if (write(object, &at) != size) return {};
    return der;
}

} // namespace orrery::security
