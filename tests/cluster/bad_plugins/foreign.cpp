// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A library that is no plugin.
extern "C" int orrery_nothing() { return 0; }
