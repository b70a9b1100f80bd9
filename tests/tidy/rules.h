// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rules of STYLE.md that a program can check, each over one file; the last over all paths.
// Thread: any; pure functions over texts. A file that a rule does not speak about has no problems by it.

#include "tests/tidy/tree.h"

namespace orrery::tidy {

// snake_case for sources and the folders they lie in; .h and .cpp; no Manager, Handler, Helper, Util in names of files and types.
Problems checkNames(const File& file);

// At most kLinesMax lines of source, schema, script or build list.
inline constexpr qsizetype kLinesMax = 500;
Problems checkLength(const File& file);

// No colour in code of the window but in the theme's table (widgets/common/theme*.cpp): hexadecimal, by number, or by Qt's names.
Problems checkColours(const File& file);

// The two SPDX lines at the top (after #!), with the licence of the folder: GPL-3.0-or-later in app and widgets, else Apache-2.0.
Problems checkLicence(const File& file);

// A header has #pragma once, and tells after it what it is before it includes anything.
Problems checkContract(const File& file);

// No path of somebody's machine, and no note to do something later.
Problems checkLeftovers(const File& file);

// Every folder of sources below engine, plugins, widgets, app, proto, resources, installer, and tests itself, has its README.md.
Problems checkReadmes(const Files& files);

} // namespace orrery::tidy
