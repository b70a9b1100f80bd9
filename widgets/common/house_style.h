// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// HouseStyle: the look of every stock widget: Fusion's behaviour, painted by the theme's tokens.
// Flat fill, 1 px lines, radius 4; no frame, no groove, no glow. Sizes come from metric.
// Properties that it reads: "keys" of a QToolButton (a key cap at its right), "label" of a QComboBox (muted, before the value).
// Thread: UI. Lives: with the application, which owns it.

#include <QProxyStyle>

namespace orrery::widgets {

class HouseStyle final : public QProxyStyle {
    Q_OBJECT
public:
    HouseStyle() : QProxyStyle(QStringLiteral("fusion")) {}

    using QProxyStyle::polish;
    void polish(QWidget* widget) override;
    void polish(QApplication* app) override;
    void unpolish(QApplication* app) override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* result) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const override;
    QRect subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const override;

protected:
    bool eventFilter(QObject* object, QEvent* event) override; // Alt shows mnemonics
private:
    bool m_altDown = false;
};

} // namespace orrery::widgets
