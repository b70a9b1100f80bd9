// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The C++ API for task libraries: include this, nothing else of the SDK. A C++ function becomes a remote function in one line:
//
//   #include "plugins/sdk/orrery.h"
//   using namespace orrery::plugin;
//   double add(double a, double b) { return a + b; }
//   ORRERY_PLUGIN("mylib", "1.0.0", "My first library.")
//   {
//       plugin.function<add>("add", "Adds two numbers.", in("a"), in("b"), out("sum")).pure();
//   }
//
// Which C++ type is which port: the table in function.h. Parameters: params.h. Building large results in place: outputs.h.
// The border underneath is C (orrery_plugin.h), so libraries, workers and drivers may be built by different compilers.

#include "plugins/sdk/plugin.h"
