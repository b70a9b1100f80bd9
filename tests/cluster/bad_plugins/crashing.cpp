// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A plugin that crashes while it is loaded.
#include <cstdlib>

namespace {
struct Crash {
    Crash() { std::abort(); }
} g_crash;
} // namespace
