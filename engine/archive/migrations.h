// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The steps from an empty file to today's tables, in order, one SQL text each (resources/sql). Step n makes user_version n.
// A step that was released is never changed; a new one is added.

#include <span>
#include <string_view>

namespace orrery::archive {

std::span<const std::string_view> controlMigrations();
std::span<const std::string_view> orunMigrations();

} // namespace orrery::archive
