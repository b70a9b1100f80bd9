// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ORRERY_ASSERT: a condition that only a bug of ours can break. Stays on in release: better one process less than wrong results.
// The process aborts after one line on stderr. User errors and peers' errors are Results, never asserts.

namespace orrery::base {
[[noreturn]] void assertFailed(const char* condition, const char* file, int line, const char* note);
}

#define ORRERY_ASSERT(condition)                                                                                        \
    (static_cast<bool>(condition) ? void(0) : ::orrery::base::assertFailed(#condition, __FILE__, __LINE__, ""))
#define ORRERY_ASSERT_NOTE(condition, note)                                                                             \
    (static_cast<bool>(condition) ? void(0) : ::orrery::base::assertFailed(#condition, __FILE__, __LINE__, note))
