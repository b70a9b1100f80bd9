// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Workshop: task libraries of one's own, made from the window and built again each time their source is saved, for as long as the
// window lives. Those made in an earlier session are watched again. It compiles on threads of its own; what came of it is told here.
// Thread: UI. The destructor ends what is being compiled, within some 2 s.

#include "engine/base/fd.h"
#include "engine/host/plugin_watch.h"

#include <QObject>
#include <QStringList>

#include <memory>
#include <vector>

namespace orrery::app {

inline constexpr int kLibrariesWatchedMax = 16; // each has a thread and a watch of the system; the oldest is let go

class Workshop final : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    ~Workshop() override;
    static QString usualFolder(); // where new libraries go, unless a person says otherwise
    void make(const QString& name, const QString& folder); // made() or refused() once; one at a time
    bool making() const { return m_making; }
    void watchAgain(); // those of earlier sessions

Q_SIGNALS:
    void made(const QString& source, const QString& function); // it is among the user's libraries
    void refused(const QString& sentence);
    void built(const QString& text); // again, because it was saved
    void broken(const QString& sentence);

private:
    void takeMade(const base::Result<types::PluginInfo>& result, const QString& source);
    void takeNews(const QString& folder, const host::PluginNews& news);
    void watch(const QString& folder, host::PluginWatch::First first);
    base::UniqueFd m_stop;
    std::thread m_maker;
    bool m_making = false;
    std::vector<std::unique_ptr<host::PluginWatch>> m_watches;
};

} // namespace orrery::app
