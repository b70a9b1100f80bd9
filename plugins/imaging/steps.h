// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the files of this library add to it. Each add... registers the functions of one file.

#include "plugins/sdk/orrery.h"

namespace orrery::imaging {

void addFractal(plugin::Plugin& plugin);  // zoom window, tiles list, render
void addFilters(plugin::Plugin& plugin);  // blur, colour map, edges, sharpen
void addCompose(plugin::Plugin& plugin);  // mosaic, histogram
void addAnnotate(plugin::Plugin& plugin); // annotate
void addPng(plugin::Plugin& plugin);      // PNG encode, PNG decode
void addSave(plugin::Plugin& plugin);     // save

} // namespace orrery::imaging
