// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/sha256.h"

#include <fstream>
#include <memory>
#include <openssl/evp.h>

namespace orrery::security {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string finish(EVP_MD_CTX* context)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context, digest, &size);
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += kDigits[digest[i] >> 4];
        text += kDigits[digest[i] & 15];
    }
    return text;
}

Context begin()
{
    Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    return context;
}

} // namespace

std::string sha256(std::string_view text)
{
    const auto context = begin();
    EVP_DigestUpdate(context.get(), text.data(), text.size());
    return finish(context.get());
}

base::Result<std::string> sha256OfFile(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::failErrno(base::Errc::NotFound, "cannot read " + path);
    const auto context = begin();
    char buffer[65536];
    while (file.read(buffer, sizeof buffer) || file.gcount() > 0) EVP_DigestUpdate(context.get(), buffer, static_cast<std::size_t>(file.gcount()));
    return finish(context.get());
}

} // namespace orrery::security
