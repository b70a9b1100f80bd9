// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// makePreview: a small picture of a value, made where the value lies: an image scaled down, the head of a table or text, a few
// facts. Cost is bounded by what is shown plus, for numbers, one pass over at most kPreviewScanMax elements.

#include "engine/types/session_values.h"

namespace orrery::types {

inline constexpr std::uint64_t kPreviewScanMax = 4u << 20;

base::Result<Preview> makePreview(std::span<const std::byte> value, const PreviewWish& wish);

} // namespace orrery::types
