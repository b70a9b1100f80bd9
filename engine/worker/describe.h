// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// describe: opens one plugin and prints what it says of itself as one JSON document on stdout (types/plugin_info_json.h).
// Run in a throw-away process, because opening a plugin runs its code. Exit code 0, or 1 after one sentence on stderr.

#include <string>

namespace orrery::worker {

int describe(const std::string& path);

} // namespace orrery::worker
