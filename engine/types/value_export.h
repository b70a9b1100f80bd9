// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values as files, the same for --out and the window's Save (formats page): image png, table csv, bytes by their magic else
// bin, string txt, tensor npy, the rest json. Pure: who writes the file, and who encodes a picture, is the caller's matter.

#include "engine/types/value.h"

#include <optional>

namespace orrery::types {

inline constexpr std::size_t kExtensionHead = 128; // so much of a value's begin tells its extension

// Without the dot; "bin" for what is no value. head: the value or its first kExtensionHead bytes.
std::string valueExtension(std::span<const std::byte> head);
// The bytes of the file; none for an image, which its caller encodes.
std::optional<std::string> exportValue(const ValueView& view);

} // namespace orrery::types
