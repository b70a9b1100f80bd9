// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How much slower everything is under the sanitizer that this was built with (measured: the tasks of the deep zoom, on two CPUs).
// A limit of a wait is multiplied by it; a promise that is checked in many rounds has fewer of them.

namespace orrery::tests {

#if defined(__SANITIZE_THREAD__)
inline constexpr int kSlower = 10;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr int kSlower = 3;
#else
inline constexpr int kSlower = 1;
#endif
constexpr int rounds(int usual) { return kSlower == 1 ? usual : usual / 5; }

} // namespace orrery::tests
