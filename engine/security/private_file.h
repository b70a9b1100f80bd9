// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Files that hold keys, and the certificates beside them: written whole or not at all, durable on return, and keys read
// only when nobody else could have read or changed them. Every refusal is one sentence.
// Thread: any; blocks on the disk, so never the engine's loop.

#include "engine/base/result.h"

#include <filesystem>
#include <string>

namespace orrery::security {

inline constexpr std::size_t kPemBytesMax = 65536; // of a file, and of a chain that a peer sends

// Made 0700 when missing. Refused: not a folder, not ours, or writable for others (who could exchange what lies in it).
base::Result<void> needPrivateFolder(const std::filesystem::path& folder);

enum class Replace { Yes, No };
// 0600 (secret) or 0644, by a new file that takes the name. Replace::No: Refused when the name is taken, whoever was
// first.
base::Result<void> writeWhole(const std::filesystem::path& path, std::string_view text, bool secret, Replace replace);

// NotFound: no such file. secret: refused unless a plain file of ours that only we may read.
base::Result<std::string> readWhole(const std::filesystem::path& path, bool secret);

// Overwrites what a text holds of a key.
void wipe(std::string& text);

} // namespace orrery::security
