// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SHA-256 as lower-case hex, through OpenSSL. Thread: any.

#include "engine/base/result.h"

#include <string>
#include <string_view>

namespace orrery::security {

std::string sha256(std::string_view text);
base::Result<std::string> sha256OfFile(const std::string& path);

} // namespace orrery::security
