// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/certificate_request.h"

#include "engine/security/peer_identity.h"

#include <fmt/format.h>

namespace orrery::security {

using base::Errc;
using base::fail;

base::Result<KeyHandle> makeKey()
{
    const QuietErrors quiet;
    KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    if (!key) return fail(Errc::Internal, "A private key cannot be made: " + QuietErrors::reason());
    return key;
}

base::Result<std::string> keyPem(EVP_PKEY* key)
{
    const QuietErrors quiet;
    const BioHandle bio(BIO_new(BIO_s_secmem()));
    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(Errc::Internal, "A private key cannot be written: " + QuietErrors::reason());
    return textOf(bio.get());
}

base::Result<KeyHandle> keyFromPem(std::string_view pem, const std::string& where)
{
    const QuietErrors quiet;
    const auto bio = readFrom(pem);
    KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr,
                                          const_cast<char*>(""))); // never a question on the terminal
    if (!key) return fail(Errc::BadInput, fmt::format("The file {} holds no private key that can be read.", where));
    if (!isP256(key.get()))
        return fail(Errc::BadInput, fmt::format("The private key in {} is not of the kind P-256.", where));
    return key;
}

base::Result<base::Bytes> makeRequest(EVP_PKEY* key)
{
    const QuietErrors quiet;
    const RequestHandle request(X509_REQ_new());
    base::Bytes der;
    if (request && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
        X509_REQ_set_pubkey(request.get(), key) == 1 && X509_REQ_sign(request.get(), key, EVP_sha256()) > 0)
        der = derOf(i2d_X509_REQ, const_cast<const X509_REQ*>(request.get()));
    if (der.empty()) return fail(Errc::Internal, "A certificate request cannot be made: " + QuietErrors::reason());
    return der;
}

base::Result<KeyHandle> keyOfRequest(std::span<const std::byte> der)
{
    const QuietErrors quiet;
    if (der.size() > kRequestBytesMax)
        return fail(Errc::Refused, fmt::format("The certificate request has {} bytes; {} are the most.", der.size(),
                                               kRequestBytesMax));
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const auto* const end = at + der.size();
    const RequestHandle request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
    if (!request || at != end) return fail(Errc::Refused, "The certificate request cannot be read.");
    EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
    if (!isP256(key)) return fail(Errc::Refused, "The key in the certificate request is not of the kind P-256.");
    if (X509_REQ_verify(request.get(), key) != 1)
        return fail(Errc::Refused, "The certificate request is not signed with its own key.");
    EVP_PKEY_up_ref(key);
    return KeyHandle(key);
}

} // namespace orrery::security
