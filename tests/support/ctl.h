// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// orreryctl as a user runs it, and what its clusters leave on the machine. A cluster is known by the ClusterHome its processes carry in
// their environment. Thread: the test's; each call waits for its program.

#include "tests/support/cluster_home.h"
#include "tests/support/patience.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>

namespace orrery::tests {

struct Said {
    int code = -1; // of exit; -1: it did not end in time or crashed
    QString out, err;
    QString firstErr() const { return err.section(u'\n', 0, 0); }
    QJsonArray rows() const { return QJsonDocument::fromJson(out.toUtf8()).object().value(QStringLiteral("rows")).toArray(); }
};

inline Said finish(QProcess& program, int seconds = 60)
{
    Said said;
    // A program that has ended already is not waited for: that would be a failure to Qt.
    if (program.state() != QProcess::NotRunning && !program.waitForFinished(seconds * 1000 * kSlower)) {
        program.kill();
        program.waitForFinished();
        said.err = QStringLiteral("it did not end in time");
        return said;
    }
    said.code = program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1;
    said.out = QString::fromUtf8(program.readAllStandardOutput());
    said.err = QString::fromUtf8(program.readAllStandardError());
    return said;
}

inline void startCtl(QProcess& program, const QStringList& words) { program.start(QStringLiteral(ORRERY_BUILD_DIR "/bin/orreryctl"), words); }

inline Said ctl(const QStringList& words, int seconds = 60)
{
    QProcess program;
    startCtl(program, words);
    return finish(program, seconds);
}

struct Process {
    qint64 pid = 0;
    QString name;
};

// Every process whose clusters live in this home; not those that have ended and only wait to be reaped.
inline QList<Process> processesOf(const ClusterHome& home)
{
    QList<Process> found;
    const QByteArray mark = QByteArray("XDG_RUNTIME_DIR=") + QByteArray::fromStdString(home.path("run"));
    const auto pids = QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[0-9]*")}, QDir::Dirs);
    for (const QString& pid : pids) {
        QFile environment(QStringLiteral("/proc/%1/environ").arg(pid)), name(QStringLiteral("/proc/%1/comm").arg(pid));
        if (pid.toLongLong() == ::getpid() || gone(pid.toLongLong()) || !environment.open(QIODevice::ReadOnly) || !name.open(QIODevice::ReadOnly)) continue;
        if (environment.readAll().split('\0').contains(mark)) found.append({pid.toLongLong(), QString::fromUtf8(name.readAll()).trimmed()});
    }
    return found;
}

} // namespace orrery::tests
