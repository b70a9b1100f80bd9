// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A plugin that never finishes loading.
#include <unistd.h>

namespace {
struct Hang {
    Hang()
    {
        for (;;) ::pause();
    }
} g_hang;
} // namespace
