// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace orrery::base {

void assertFailed(const char* condition, const char* file, int line, const char* note)
{
    std::fprintf(stderr, "orrery: internal error: %s does not hold at %s:%d %s\n", condition, file, line, note);
    std::abort();
}

} // namespace orrery::base
