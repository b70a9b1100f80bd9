// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SHA-256, through OpenSSL: as lower-case hex for people and files, as bytes for pins and secrets. Thread: any.

#include "engine/base/result.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace orrery::security {

using Digest = std::array<std::byte, 32>;

std::string sha256(std::string_view text);
base::Result<std::string> sha256OfFile(const std::string& path);

Digest digestOf(std::span<const std::byte> bytes);
// In a time that does not depend on where they differ.
bool sameDigest(const Digest& a, const Digest& b);
std::string hexOf(std::span<const std::byte> bytes);

} // namespace orrery::security
