// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Keys of members and the requests (PKCS#10) by which an authority learns the public half. A request says nothing but
// the key and that its sender holds it: subject, names and extensions in it are not looked at.
// Thread: any; values.

#include "engine/base/bytes.h"
#include "engine/security/openssl_handles.h"

namespace orrery::security {

inline constexpr std::size_t kRequestBytesMax = 4096; // one for P-256 takes 190

base::Result<KeyHandle> makeKey(); // P-256
base::Result<std::string> keyPem(EVP_PKEY* key); // PKCS#8; wipe() it after use
// where: what the sentence names. Refused when it is no private key of P-256.
base::Result<KeyHandle> keyFromPem(std::string_view pem, const std::string& where);

base::Result<base::Bytes> makeRequest(EVP_PKEY* key);
// The public key of a stranger's request. Refused: too large, not read whole, not P-256, or not signed by its own key.
base::Result<KeyHandle> keyOfRequest(std::span<const std::byte> der);

} // namespace orrery::security
