// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values as files for --out: what their bytes are is types::exportValue's matter, pictures are encoded here.

#include "engine/base/result.h"

#include <span>
#include <string>

namespace orrery::host {

// Writes whole or not at all (a temporary name first).
base::Result<void> writeValue(std::span<const std::byte> value, const std::string& path);

} // namespace orrery::host
