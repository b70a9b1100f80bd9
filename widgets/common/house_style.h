// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// HouseStyle: the look of every stock widget: Fusion's behaviour, painted by the theme's tokens.
// Flat fill, 1 px lines, radius 4; no frame, no groove, no glow. Sizes come from metric.
// Thread: UI. Lives: with the application, which owns it.

#include <QProxyStyle>

namespace orrery::widgets {

class HouseStyle final : public QProxyStyle {
    Q_OBJECT
public:
    HouseStyle() : QProxyStyle(QStringLiteral("fusion")) {}
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* result) const override;
};

} // namespace orrery::widgets
