// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// readGzip: a gzip file's contents, whole or not at all. Thread: any; a pure reader.

#include "plugins/sdk/error.h"

#include <cstdint>
#include <string>

namespace orrery::census {

inline constexpr std::uint64_t kContentsBytesMax =
    256u << 20; // of one file; the largest changelog of Debian 12 has some 5 MB

// Throws Error with the reason alone; the caller knows the path. A file that is no gzip, ends early, is damaged or holds more than
// `bytesMax` is not read in part: counting half of it would be a wrong answer.
std::string readGzip(const std::string& path, std::uint64_t bytesMax = kContentsBytesMax);

} // namespace orrery::census
