// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// FarNode: `orreryd node` of a machine that has the programs and nothing else: a home of its own, an empty folder of plugins.
// The program that runs it may be another one (prefix), which puts it onto another machine. Thread: the test's.

#include "tests/support/ctl.h"

#include <QProcessEnvironment>

namespace orrery::tests {

class FarNode {
public:
    FarNode(const ClusterHome& home, const QString& name, QStringList prefix = {}) : m_name(name), m_prefix(std::move(prefix)), m_folder(QString::fromStdString(home.path("machine-")) + name)
    {
        for (const char* part : {"/run", "/data", "/plugins"}) {
            QDir().mkpath(m_folder + QLatin1String(part));
            QFile::setPermissions(m_folder + QLatin1String(part), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
        m_program.setProcessChannelMode(QProcess::SeparateChannels);
    }
    ~FarNode() { kill(); }
    QString folder() const { return m_folder; }
    QString memberFolder() const { return m_folder + QStringLiteral("/data/orrery/members/") + m_name; }

    void start(const QStringList& how, const QByteArray& token)
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_folder + QStringLiteral("/run"));
        environment.insert(QStringLiteral("XDG_DATA_HOME"), m_folder + QStringLiteral("/data"));
        environment.insert(QStringLiteral("ORRERY_PLUGINS"), m_folder + QStringLiteral("/plugins"));
        m_program.setProcessEnvironment(environment);
        QStringList words = m_prefix + QStringList{QStringLiteral(ORRERY_BUILD_DIR "/bin/orreryd"), QStringLiteral("node"), QStringLiteral("--name"), m_name, QStringLiteral("--cpus"), QStringLiteral("1"), QStringLiteral("--store-bytes"), QString::number(256 << 20)} + how;
        const QString program = words.takeFirst();
        m_program.start(program, words);
        m_program.write(token.isEmpty() ? token : token + '\n');
        m_program.closeWriteChannel();
    }
    // Of one that is not let in.
    Said runToEnd(const QStringList& how, const QByteArray& token)
    {
        start(how, token);
        return finish(m_program, 30);
    }
    QByteArray said()
    {
        m_said += m_program.readAllStandardError();
        return m_said;
    }
    bool ends() { return m_program.state() == QProcess::NotRunning || m_program.waitForFinished(15'000); }
    void kill()
    {
        if (m_program.state() == QProcess::NotRunning) return;
        m_program.kill();
        m_program.waitForFinished();
    }

private:
    const QString m_name;
    const QStringList m_prefix;
    const QString m_folder;
    QProcess m_program;
    QByteArray m_said;
};

} // namespace orrery::tests
