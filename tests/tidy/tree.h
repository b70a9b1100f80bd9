// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tree as the tidy rules see it: texts by path. Rules are pure functions over these, so each is tried on planted texts.
// Thread: any; values.

#include <QList>
#include <QString>
#include <QStringList>

namespace orrery::tidy {

// Path from the root of the tree, with forward slashes; text as UTF-8 decoded.
struct File {
    QString path;
    QString text;
};
using Files = QList<File>;

// One sentence each: "path:line: what is wrong, and the rule".
using Problems = QStringList;

// Every text file of the checkout at `root` that git tracks or would track (what .gitignore names is left out); a tree without
// git is walked, without build/. Binary files (a zero byte) are left out. Empty when `root` cannot be read.
Files readTree(const QString& root);

// The part of `path` that owns it: "engine/base", "widgets/common", "plugins/sdk", "app", "proto", "resources", "tests" ...
QString folderOf(const QString& path);

// "path:line: what"; lines count from 1, 0 leaves the line out.
QString problem(const QString& path, qsizetype line, const QString& what);

} // namespace orrery::tidy
