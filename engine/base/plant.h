// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Planted bugs: known mistakes behind flags, so that the tests can prove that they would be found. In every build but the one
// of the planted tests ORRERY_PLANTED() is the constant false and costs nothing.

#ifdef ORRERY_PLANTS
#include <string>
namespace orrery::base {
inline std::string g_plant; // the one that is on
}
#define ORRERY_PLANTED(name) (::orrery::base::g_plant == (name))
#else
#define ORRERY_PLANTED(name) false
#endif
