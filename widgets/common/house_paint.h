// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What HouseStyle paints, split by kind. Each function says whether it painted; if not, Fusion does.
// Thread: UI. Nothing here keeps anything.

#include "widgets/common/theme.h"

#include <QStyle>
#include <QStyleOption>

class QPainter;

namespace orrery::widgets::paint {

// ---- shared strokes ----
void fillRound(QPainter& painter, const QRectF& rect, const QColor& fill, qreal radius = metric::kRadius);
// The line lies inside the rectangle, on whole pixels.
void strokeRound(QPainter& painter, const QRectF& rect, const QColor& line, qreal width = 1, qreal radius = metric::kRadius);
// 2 px of accent inside a control that has the keyboard's attention; otherwise nothing.
void focusRing(QPainter& painter, const QStyleOption& option, const QRect& rect);
// Window fill and 1 px border, 2 px accent on focus: edits, combos, spin boxes.
void editFrame(QPainter& painter, const QStyleOption& option, const QRect& rect);
void check(QPainter& painter, const QRectF& box, const QColor& ink);
QColor textColor(const QStyleOption& option, Token normal = Token::Text); // 40 % when disabled
// A key in a frame, right of a label; its width without painting when painter is null.
int keyHint(QPainter* painter, const QRect& rect, const QString& keys, bool enabled);

// ---- elements ----
bool itemPrimitive(QStyle::PrimitiveElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget);
bool itemControl(QStyle::ControlElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget);
bool controlPrimitive(QStyle::PrimitiveElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget);
bool controlElement(QStyle::ControlElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget);
bool complexControl(QStyle::ComplexControl control, const QStyleOptionComplex& option, QPainter& painter, const QWidget* widget);
void comboLabel(const QStyleOptionComboBox& option, QPainter& painter, const QWidget* widget);
bool menuPrimitive(QStyle::PrimitiveElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget);
bool menuControl(QStyle::ControlElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget);

// ---- sizes and places ----
QSize toolButtonSize(const QStyleOptionToolButton& option, const QWidget* widget);
QSize comboSize(const QStyleOptionComboBox& option, const QSize& contents, const QWidget* widget);
QSize menuItemSize(const QStyleOptionMenuItem& option, const QSize& contents);
QSize tabSize(const QStyleOptionTab& option, const QWidget* bar);
int tabPadding(const QWidget* bar);
QSize headerSize(const QStyleOptionHeader& option);
QRect scrollBarPart(const QStyleOptionSlider& option, QStyle::SubControl part);
QRect sliderPart(const QStyleOptionSlider& option, QStyle::SubControl part);
QRect spinBoxPart(const QStyleOptionSpinBox& option, QStyle::SubControl part);
QRect comboPart(const QStyleOptionComboBox& option, QStyle::SubControl part);
QRect toolButtonPart(const QStyleOptionToolButton& option, QStyle::SubControl part);

} // namespace orrery::widgets::paint
