// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/workshop.h"

#include "engine/host/plugin_project.h"

#include <QDir>
#include <QFileInfo>
#include <QMetaObject>
#include <QSettings>

#include <sys/eventfd.h>

namespace orrery::app {

namespace {
const QString kFolders = QStringLiteral("library/folders"); // of the settings: the newest last
}

Workshop::~Workshop()
{
    if (m_stop) ::eventfd_write(m_stop.get(), 1);
    if (m_maker.joinable()) m_maker.join();
}

QString Workshop::usualFolder() { return QDir::home().filePath(QStringLiteral("orrery")); }

void Workshop::make(const QString& name, const QString& folder)
{
    if (m_making) return Q_EMIT refused(tr("A task library is being made already; wait until it is there."));
    if (m_maker.joinable()) m_maker.join(); // it has told its result
    m_making = true;
    m_stop = base::UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const QString parent = folder.startsWith(QStringLiteral("~/")) ? QDir::home().filePath(folder.mid(2)) : folder;
    const QString source = QDir(parent).absoluteFilePath(name + u'/' + name + QStringLiteral(".cpp"));
    m_maker = std::thread([this, name = name.toStdString(), parent = parent.toStdString(), source, stop = m_stop.get()] {
        auto result = host::newPlugin(name, parent, stop);
        QMetaObject::invokeMethod(this, [this, result = std::move(result), source] { takeMade(result, source); }, Qt::QueuedConnection);
    });
}

void Workshop::takeMade(const base::Result<types::PluginInfo>& result, const QString& source)
{
    m_making = false;
    if (!result) return Q_EMIT refused(QString::fromStdString(result.error().message));
    const QString folder = QFileInfo(source).path();
    QSettings settings;
    QStringList known = settings.value(kFolders).toStringList();
    known.removeAll(folder);
    known << folder;
    settings.setValue(kFolders, known.mid(std::max<qsizetype>(0, known.size() - kLibrariesWatchedMax)));
    watch(folder, host::PluginWatch::First::Wait);
    Q_EMIT made(source, result->functions.empty() ? QString() : QString::fromStdString(result->functions.front().name));
}

void Workshop::watchAgain()
{
    QSettings settings;
    QStringList known;
    for (const auto& folder : settings.value(kFolders).toStringList())
        if (QFileInfo::exists(folder + QStringLiteral("/CMakeLists.txt"))) known << folder;
    settings.setValue(kFolders, known);
    for (const auto& folder : known) watch(folder, host::PluginWatch::First::Build); // it may have been saved meanwhile
}

void Workshop::watch(const QString& folder, host::PluginWatch::First first)
{
    if (m_watches.size() >= static_cast<std::size_t>(kLibrariesWatchedMax)) m_watches.erase(m_watches.begin());
    m_watches.push_back(std::make_unique<host::PluginWatch>(folder.toStdString(), first, [this, folder](host::PluginNews news) {
        QMetaObject::invokeMethod(this, [this, folder, news = std::move(news)] { takeNews(folder, news); }, Qt::QueuedConnection);
    }));
}

void Workshop::takeNews(const QString& folder, const host::PluginNews& news)
{
    if (news.built) Q_EMIT built(tr("The task library %1 is built, %2 s").arg(QString::fromStdString(news.built->name)).arg(news.seconds, 0, 'f', 1));
    else Q_EMIT broken(QString::fromStdString(news.built.error().message));
    if (news.over) std::erase_if(m_watches, [&](const auto& watch) { return watch->folder() == folder.toStdString(); });
}

} // namespace orrery::app
