// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/tree.h"

#include <QDirIterator>
#include <QFile>
#include <QProcess>

namespace orrery::tidy {

namespace {

QStringList pathsByGit(const QString& root)
{
    QProcess git;
    git.setWorkingDirectory(root);
    // The checkout may belong to another user than the one who runs the tests.
    git.start(QStringLiteral("git"), {QStringLiteral("-c"), QStringLiteral("safe.directory=*"), QStringLiteral("ls-files"), QStringLiteral("-z"),
                                      QStringLiteral("--cached"), QStringLiteral("--others"), QStringLiteral("--exclude-standard")});
    if (!git.waitForFinished() || git.exitStatus() != QProcess::NormalExit || git.exitCode() != 0) return {};
    return QString::fromUtf8(git.readAllStandardOutput()).split(QChar(0), Qt::SkipEmptyParts);
}

QStringList pathsByWalk(const QString& root)
{
    QStringList paths;
    const QDir top(root);
    QDirIterator walk(root, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        const QString path = top.relativeFilePath(walk.next());
        if (!path.startsWith(QStringLiteral("build/")) && !path.startsWith(QStringLiteral(".git/"))) paths << path;
    }
    return paths;
}

} // namespace

Files readTree(const QString& root)
{
    QStringList paths = pathsByGit(root);
    if (paths.isEmpty()) paths = pathsByWalk(root);
    paths.sort();
    Files files;
    for (const QString& path : paths) {
        QFile file(root + u'/' + path);
        if (!file.open(QIODevice::ReadOnly)) continue; // deleted, and not yet said to git
        const QByteArray bytes = file.readAll();
        if (!bytes.contains('\0')) files << File{path, QString::fromUtf8(bytes)};
    }
    return files;
}

QString folderOf(const QString& path)
{
    const QStringList parts = path.split(u'/');
    if (parts.size() < 2) return {};
    static const QStringList kGrouped = {QStringLiteral("engine"), QStringLiteral("plugins"), QStringLiteral("widgets")};
    if (kGrouped.contains(parts[0]) && parts.size() > 2) return parts[0] + u'/' + parts[1];
    return parts[0];
}

QString problem(const QString& path, qsizetype line, const QString& what)
{
    return line > 0 ? QStringLiteral("%1:%2: %3").arg(path).arg(line).arg(what) : QStringLiteral("%1: %2").arg(path, what);
}

} // namespace orrery::tidy
