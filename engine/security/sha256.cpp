// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/sha256.h"

#include <fstream>
#include <memory>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace orrery::security {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Context begin()
{
    Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    return context;
}

Digest finish(EVP_MD_CTX* context)
{
    Digest digest{};
    static_assert(sizeof digest == 32);
    EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.data()), nullptr);
    return digest;
}

} // namespace

Digest digestOf(std::span<const std::byte> bytes)
{
    const auto context = begin();
    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
    return finish(context.get());
}

bool sameDigest(const Digest& a, const Digest& b)
{
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hexOf(std::span<const std::byte> bytes)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        text += kDigits[std::to_integer<unsigned>(byte) >> 4];
        text += kDigits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

std::string sha256(std::string_view text)
{
    return hexOf(digestOf(std::as_bytes(std::span(text))));
}

base::Result<std::string> sha256OfFile(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::failErrno(base::Errc::NotFound, "cannot read " + path);
    const auto context = begin();
    char buffer[65536];
    while (file.read(buffer, sizeof buffer) || file.gcount() > 0)
        EVP_DigestUpdate(context.get(), buffer, static_cast<std::size_t>(file.gcount()));
    return hexOf(finish(context.get()));
}

} // namespace orrery::security
