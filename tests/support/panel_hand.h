// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What tests of panels share: the theme once, a window that is shown, a picture saved where ORRERY_SHOTS says.
// Thread: UI.

#include "widgets/common/theme.h"

#include <QApplication>
#include <QTest>
#include <QWidget>

namespace orrery::tests {

// Installs the dark theme when it is first called.
inline widgets::Theme& theme()
{
    static widgets::Theme& one = widgets::installTheme(*qApp, widgets::Theme::Mode::Dark);
    return one;
}

[[nodiscard]] inline bool showAt(QWidget& widget, int width, int height)
{
    widget.resize(width, height);
    widget.show();
    return QTest::qWaitForWindowExposed(&widget);
}

// A grab in both themes. False: nothing was painted, or a file could not be written. The theme is dark afterwards.
[[nodiscard]] inline bool shoot(QWidget& widget, const QString& name)
{
    const QString folder = qEnvironmentVariable("ORRERY_SHOTS");
    bool painted = true;
    for (const bool dark : {false, true}) {
        theme().setMode(dark ? widgets::Theme::Mode::Dark : widgets::Theme::Mode::Light);
        QTest::qWait(0);
        const QImage picture = widget.grab().toImage();
        painted = painted && !picture.isNull();
        const QString scale = qFuzzyCompare(widget.devicePixelRatioF(), 1.0) ? QString() : QStringLiteral("-%1").arg(widget.devicePixelRatioF());
        const QString file = QStringLiteral("%1/%2-%3%4.png").arg(folder, name, dark ? QStringLiteral("dark") : QStringLiteral("light"), scale);
        if (!folder.isEmpty()) painted = painted && picture.save(file);
    }
    return painted;
}

} // namespace orrery::tests
