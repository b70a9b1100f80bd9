// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What tests of the real window share: folders of their own, the theme, and pictures where somebody wants them. Thread: UI.

#include "app/window/canvas_area.h"
#include "app/window/main_window.h"
#include "app/window/tab_dock.h"
#include "tests/support/cluster_home.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QDir>
#include <QStandardPaths>
#include <QTest>

namespace orrery::tests {

inline constexpr int kClusterMs = 30'000; // a head and a node start; a small run ends

class WindowHome {
public:
    WindowHome()
    {
        QStandardPaths::setTestModeEnabled(true);
        qputenv("XDG_CONFIG_HOME", QByteArray::fromStdString(m_home.path("config"))); // no layout of an earlier test
        widgets::installTheme(*qApp, widgets::Theme::Mode::Dark);
        widgets::Theme::of().setReduceMotion(true);
    }

private:
    ClusterHome m_home;
};

inline bool nodeIsThere(app::MainWindow& window)
{
    const auto& nodes = window.run().nodes();
    return std::any_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.state == types::NodeState::Alive; });
}

// The run that the window started last has ended well.
inline bool succeeded(app::MainWindow& window)
{
    const auto* run = window.run().shownRun();
    return run && run->state == types::RunState::Succeeded;
}

inline void shoot(app::MainWindow& window, const QString& name)
{
    const QString folder = qEnvironmentVariable("ORRERY_SHOTS");
    if (!folder.isEmpty() && QDir().mkpath(folder)) window.savePicture(QDir(folder).filePath(name + QStringLiteral(".png")));
}

} // namespace orrery::tests
