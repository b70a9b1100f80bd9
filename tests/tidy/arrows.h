// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which folder may use which, read from the table of ARCHITECTURE.md, and held against includes and links.
// Thread: any; pure functions over texts.

#include "tests/tidy/tree.h"

#include <QHash>
#include <QSet>

namespace orrery::tidy {

// What one folder may use. Patterns hold `*` for any name: "engine/*".
struct Allowed {
    QStringList folders;
    QSet<QString> libraries;
};

// By folder, or by a pattern of folders ("plugins/*"); "engine/*_service" is added to what the folder may use by itself.
struct Arrows {
    QHash<QString, Allowed> byFolder;
    // Nothing when the table does not speak about the folder.
    const Allowed* find(const QString& folder) const;
};

// The table whose head is "| folder | may use | libraries |"; short names ("types") stand for folders of engine.
// Problems: a row that cannot be read, a folder twice; and no table at all.
Arrows readArrows(const QString& architecture, Problems& problems);

// Includes of a C or C++ file that its folder may not use: of folders, of libraries, of generated protocol headers outside
// engine/rpc and files named x_service, of umbrella headers of Qt; and includes that do not begin at the root.
Problems checkIncludes(const File& file, const Arrows& arrows);

// Module short names to folders, from every CMakeLists.txt: orrery_module(base ...) in engine/base says base -> engine/base.
QHash<QString, QString> readModules(const Files& lists);

// Links of a folder's CMakeLists.txt (DEPENDS, LIBS, target_link_libraries) that the folder may not use.
Problems checkLinks(const File& list, const Arrows& arrows, const QHash<QString, QString>& modules);

// The libraries that a worker may not carry, found in what `ldd` printed.
Problems checkWorkerLibraries(const QString& lddOutput);

} // namespace orrery::tidy
