// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values as files, for --out and the window's Save: image png, table csv, bytes by their magic else bin, string txt, tensor npy, the
// rest json (formats page).

#include "engine/base/result.h"

#include <span>
#include <string>

namespace orrery::host {

// Extension without the dot.
std::string valueExtension(std::span<const std::byte> value);
// Writes whole or not at all (a temporary name first).
base::Result<void> writeValue(std::span<const std::byte> value, const std::string& path);

} // namespace orrery::host
