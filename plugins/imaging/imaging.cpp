// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/imaging/steps.h"

ORRERY_PLUGIN("imaging", "0.1.0", "Pictures: a zoom into the Mandelbrot set in tiles, filters, composition, PNG files.")
{
    using namespace orrery::imaging;
    plugin.forkSafe();
    addFractal(plugin);
    addFilters(plugin);
    addCompose(plugin);
    addAnnotate(plugin);
    addPng(plugin);
    addSave(plugin);
}
