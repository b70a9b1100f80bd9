// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Tool buttons, combos, spin boxes, sliders and scroll bars (rules 4, 7, 9, 10, 14).
#include "widgets/common/color_math.h"
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QAbstractScrollArea>
#include <QPainter>
#include <QToolButton>
#include <algorithm>

namespace orrery::widgets::paint {

namespace {

constexpr int kPad = 8;          // inside buttons and combos
constexpr int kGap = 6;          // icon to text to key
constexpr int kChevron = 16;
constexpr int kSpinArrows = 18;
constexpr int kHandleWidth = 10, kHandleHeight = 14, kGroove = 4;
constexpr int kThumb = 4, kThumbMin = 24;

QString keysOf(const QWidget* widget) { return widget ? widget->property("keys").toString() : QString(); }

bool showsText(const QStyleOptionToolButton& option) { return option.toolButtonStyle != Qt::ToolButtonIconOnly && !option.text.isEmpty(); }
bool showsIcon(const QStyleOptionToolButton& option) { return option.toolButtonStyle != Qt::ToolButtonTextOnly && !option.icon.isNull(); }
bool splitMenu(const QStyleOptionToolButton& option) { return option.features & QStyleOptionToolButton::MenuButtonPopup; }
bool wholeMenu(const QStyleOptionToolButton& option)
{
    return !splitMenu(option) && (option.features & QStyleOptionToolButton::HasMenu) && showsText(option);
}

void toolButton(const QStyleOptionToolButton& option, QPainter& painter, const QWidget* widget)
{
    const bool enabled = option.state & QStyle::State_Enabled;
    const bool over = enabled && (option.state & QStyle::State_MouseOver);
    const bool down = enabled && (option.state & QStyle::State_Sunken);
    if (down) fillRound(painter, option.rect, color(Token::Pressed));
    else if (over || (option.state & QStyle::State_On)) fillRound(painter, option.rect, color(Token::Hover));
    focusRing(painter, option, option.rect);

    QRect rect = option.rect;
    const QColor quiet = textColor(option, over ? Token::Text : Token::Muted);
    if (splitMenu(option) || wholeMenu(option)) {
        drawChevron(painter, QRectF(rect.right() + 1 - kChevron - 2, rect.top(), kChevron, rect.height()), true, quiet);
        rect.setRight(rect.right() - kChevron);
    }
    const auto mode = !enabled ? QIcon::Disabled : over ? QIcon::Active : QIcon::Normal;
    const auto state = option.state & QStyle::State_On ? QIcon::On : QIcon::Off;
    const QSize size = option.iconSize.isEmpty() ? QSize(metric::kIcon, metric::kIcon) : option.iconSize;
    if (!showsText(option)) {
        const QRect box(rect.left() + (rect.width() - size.width()) / 2, rect.top() + (rect.height() - size.height()) / 2, size.width(), size.height());
        option.icon.paint(&painter, box, Qt::AlignCenter, mode, state);
        return;
    }
    rect.adjust(kPad, 0, -kPad, 0);
    if (showsIcon(option)) {
        option.icon.paint(&painter, QRect(QPoint(rect.left(), rect.top() + (rect.height() - size.height()) / 2), size), Qt::AlignCenter, mode, state);
        rect.setLeft(rect.left() + size.width() + kGap);
    }
    if (const QString keys = keysOf(widget); !keys.isEmpty()) rect.setRight(rect.right() - keyHint(&painter, rect, keys, enabled) - kGap);
    painter.setFont(option.font);
    painter.setPen(textColor(option));
    painter.drawText(rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine | Qt::TextHideMnemonic, option.text);
}

void combo(const QStyleOptionComboBox& option, QPainter& painter)
{
    QStyleOptionComboBox frame = option;
    if (option.state & QStyle::State_On) frame.state |= QStyle::State_HasFocus; // its list is open
    editFrame(painter, frame, option.rect);
    drawChevron(painter, QRectF(option.rect.right() + 1 - kChevron - 5, option.rect.top(), kChevron, option.rect.height()), true, textColor(option, Token::Muted));
}

void spinBox(const QStyleOptionSpinBox& option, QPainter& painter)
{
    editFrame(painter, option, option.rect);
    if (!(option.state & QStyle::State_MouseOver) || !(option.state & QStyle::State_Enabled)) return;
    if (option.buttonSymbols == QAbstractSpinBox::NoButtons) return;
    const auto arrow = [&](QStyle::SubControl part, QAbstractSpinBox::StepEnabledFlag can, bool down) {
        const QRectF box = spinBoxPart(option, part);
        const bool hot = option.activeSubControls == part;
        painter.save();
        if (!down) {
            painter.translate(box.center());
            painter.scale(1, -1);
            painter.translate(-box.center());
        }
        const QColor ink = color(hot ? Token::Text : Token::Muted);
        drawChevron(painter, box, true, option.stepEnabled & can ? ink : faded(ink, kDisabledOpacity));
        painter.restore();
    };
    arrow(QStyle::SC_SpinBoxUp, QAbstractSpinBox::StepUpEnabled, false);
    arrow(QStyle::SC_SpinBoxDown, QAbstractSpinBox::StepDownEnabled, true);
}

void slider(const QStyleOptionSlider& option, QPainter& painter)
{
    const bool flat = option.orientation == Qt::Horizontal;
    const QRect handle = sliderPart(option, QStyle::SC_SliderHandle);
    const QRectF groove = sliderPart(option, QStyle::SC_SliderGroove);
    const double opacity = option.state & QStyle::State_Enabled ? 1 : kDisabledOpacity;
    fillRound(painter, groove, color(Token::BarEmpty), 2);
    QRectF done = groove;
    if (flat && !option.upsideDown) done.setRight(handle.center().x());
    else if (flat) done.setLeft(handle.center().x());
    else if (option.upsideDown) done.setTop(handle.center().y());
    else done.setBottom(handle.center().y());
    fillRound(painter, done, faded(color(Token::StoreOwn), opacity), 2);
    const bool hot = option.state & QStyle::State_Enabled && option.activeSubControls & QStyle::SC_SliderHandle;
    fillRound(painter, handle, faded(color(hot ? Token::Accent : Token::Text), opacity), 2.5);
    if ((option.state & QStyle::State_HasFocus) && (option.state & QStyle::State_KeyboardFocusChange))
        strokeRound(painter, handle, color(Token::Accent), 2, 2.5);
}

// The bar lies on what its view lies on.
QColor beneath(const QWidget* bar)
{
    for (const QWidget* at = bar; at; at = at->parentWidget())
        if (const auto* area = qobject_cast<const QAbstractScrollArea*>(at); area && area->viewport() && area->viewport()->autoFillBackground())
            return area->viewport()->palette().color(area->viewport()->backgroundRole());
    return color(Token::Panel);
}

void scrollBar(const QStyleOptionSlider& option, QPainter& painter, const QWidget* widget)
{
    painter.fillRect(option.rect, beneath(widget));
    if (option.minimum >= option.maximum) return;
    const QRectF place = scrollBarPart(option, QStyle::SC_ScrollBarSlider);
    const qreal inset = (metric::kScrollBar - kThumb) / 2.0;
    const QRectF thumb = option.orientation == Qt::Horizontal ? place.adjusted(1, inset, -1, -inset) : place.adjusted(inset, 1, -inset, -1);
    const bool hot = option.state & (QStyle::State_MouseOver | QStyle::State_Sunken);
    fillRound(painter, thumb, color(hot ? Token::ScrollThumbHover : Token::ScrollThumb), kThumb / 2.0);
}

} // namespace

QSize toolButtonSize(const QStyleOptionToolButton& option, const QWidget* widget)
{
    const QSize icon = option.iconSize.isEmpty() ? QSize(metric::kIcon, metric::kIcon) : option.iconSize;
    const int chevron = splitMenu(option) || wholeMenu(option) ? kChevron : 0;
    const int height = std::max(metric::kToolButton, icon.height() + 12);
    if (!showsText(option)) return {std::max(metric::kToolButton, icon.width() + 12) + chevron, height};
    int width = 2 * kPad + chevron + QFontMetrics(option.font).size(Qt::TextSingleLine | Qt::TextHideMnemonic, option.text).width() + 1;
    if (showsIcon(option)) width += icon.width() + kGap;
    if (const QString keys = keysOf(widget); !keys.isEmpty()) width += kGap + keyHint(nullptr, {}, keys, true);
    return {width, height};
}

QRect toolButtonPart(const QStyleOptionToolButton& option, QStyle::SubControl part)
{
    const int menu = splitMenu(option) ? kChevron + 4 : 0;
    if (part == QStyle::SC_ToolButtonMenu) return menu ? QRect(option.rect.right() + 1 - menu, option.rect.top(), menu, option.rect.height()) : QRect();
    return option.rect.adjusted(0, 0, -menu, 0);
}

QSize comboSize(const QStyleOptionComboBox&, const QSize& contents, const QWidget* widget)
{
    int label = 0;
    if (const QString text = widget ? widget->property("label").toString() : QString(); !text.isEmpty())
        label = QFontMetrics(Theme::of().font(FontRole::Secondary)).horizontalAdvance(text) + kGap;
    return {contents.width() + label + 2 * kPad + kChevron + 4, metric::kLineEdit};
}

void comboLabel(const QStyleOptionComboBox& option, QPainter& painter, const QWidget* widget)
{
    QRect rect = comboPart(option, QStyle::SC_ComboBoxEditField);
    if (option.editable) return;
    const auto word = [&](const QFont& font, const QString& text, Token ink) {
        painter.setFont(font);
        painter.setPen(textColor(option, ink));
        const QString shown = painter.fontMetrics().elidedText(text, Qt::ElideRight, rect.width());
        painter.drawText(rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, shown);
        rect.setLeft(rect.left() + painter.fontMetrics().horizontalAdvance(shown) + kGap);
    };
    painter.save();
    if (const QString label = widget ? widget->property("label").toString() : QString(); !label.isEmpty())
        word(Theme::of().font(FontRole::Secondary), label, Token::Muted);
    if (!option.currentIcon.isNull()) {
        option.currentIcon.paint(&painter, QRect(rect.left(), rect.top() + (rect.height() - metric::kIcon) / 2, metric::kIcon, metric::kIcon));
        rect.setLeft(rect.left() + metric::kIcon + kGap);
    }
    QFont value = Theme::of().font(FontRole::Secondary);
    value.setWeight(QFont::Medium);
    word(value, option.currentText, Token::Text);
    painter.restore();
}

QRect comboPart(const QStyleOptionComboBox& option, QStyle::SubControl part)
{
    switch (part) {
    case QStyle::SC_ComboBoxArrow: return {option.rect.right() + 1 - kChevron - kPad, option.rect.top(), kChevron + kPad, option.rect.height()};
    case QStyle::SC_ComboBoxEditField: return option.rect.adjusted(kPad, 1, -kChevron - kPad, -1);
    case QStyle::SC_ComboBoxListBoxPopup: return option.rect.translated(0, 2);
    default: return option.rect;
    }
}

QRect spinBoxPart(const QStyleOptionSpinBox& option, QStyle::SubControl part)
{
    const int arrows = option.buttonSymbols == QAbstractSpinBox::NoButtons ? 0 : kSpinArrows;
    const QRect& all = option.rect;
    const int half = all.height() / 2;
    switch (part) {
    case QStyle::SC_SpinBoxUp: return arrows ? QRect(all.right() + 1 - arrows, all.top() + 1, arrows - 1, half - 1) : QRect();
    case QStyle::SC_SpinBoxDown: return arrows ? QRect(all.right() + 1 - arrows, all.top() + half, arrows - 1, all.height() - half - 1) : QRect();
    case QStyle::SC_SpinBoxEditField: return all.adjusted(kPad - 2, 1, -arrows - 2, -1);
    default: return all;
    }
}

QRect sliderPart(const QStyleOptionSlider& option, QStyle::SubControl part)
{
    const bool flat = option.orientation == Qt::Horizontal;
    const QRect& all = option.rect;
    if (part == QStyle::SC_SliderGroove) {
        if (flat) return {all.left() + kHandleWidth / 2, all.center().y() - kGroove / 2 + 1, all.width() - kHandleWidth, kGroove};
        return {all.center().x() - kGroove / 2 + 1, all.top() + kHandleWidth / 2, kGroove, all.height() - kHandleWidth};
    }
    if (part != QStyle::SC_SliderHandle) return all;
    const int span = (flat ? all.width() : all.height()) - kHandleWidth;
    const int at = QStyle::sliderPositionFromValue(option.minimum, option.maximum, option.sliderPosition, span, option.upsideDown);
    if (flat) return {all.left() + at, all.center().y() - kHandleHeight / 2 + 1, kHandleWidth, kHandleHeight};
    return {all.center().x() - kHandleHeight / 2 + 1, all.top() + at, kHandleHeight, kHandleWidth};
}

QRect scrollBarPart(const QStyleOptionSlider& option, QStyle::SubControl part)
{
    const bool flat = option.orientation == Qt::Horizontal;
    const int length = flat ? option.rect.width() : option.rect.height();
    const qint64 range = static_cast<qint64>(option.maximum) - option.minimum;
    int thumb = length;
    if (range > 0) {
        const auto share = static_cast<int>(length * static_cast<qint64>(option.pageStep) / (range + option.pageStep));
        thumb = std::clamp(share, std::min(kThumbMin, length), length);
    }
    const int at = QStyle::sliderPositionFromValue(option.minimum, option.maximum, option.sliderPosition, length - thumb, option.upsideDown);
    const auto piece = [&](int from, int size) {
        const QRect rect = flat ? QRect(option.rect.left() + from, option.rect.top(), size, option.rect.height())
                                : QRect(option.rect.left(), option.rect.top() + from, option.rect.width(), size);
        return QStyle::visualRect(option.direction, option.rect, rect);
    };
    switch (part) {
    case QStyle::SC_ScrollBarSlider: return piece(at, thumb);
    case QStyle::SC_ScrollBarSubPage: return piece(0, at);
    case QStyle::SC_ScrollBarAddPage: return piece(at + thumb, length - at - thumb);
    case QStyle::SC_ScrollBarGroove: return piece(0, length);
    default: return {}; // no arrows
    }
}

bool complexControl(QStyle::ComplexControl control, const QStyleOptionComplex& option, QPainter& painter, const QWidget* widget)
{
    switch (control) {
    case QStyle::CC_ToolButton:
        if (const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(&option)) toolButton(*button, painter, widget);
        return true;
    case QStyle::CC_ComboBox:
        if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(&option)) combo(*box, painter);
        return true;
    case QStyle::CC_SpinBox:
        if (const auto* box = qstyleoption_cast<const QStyleOptionSpinBox*>(&option)) spinBox(*box, painter);
        return true;
    case QStyle::CC_Slider:
        if (const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(&option)) slider(*bar, painter);
        return true;
    case QStyle::CC_ScrollBar:
        if (const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(&option)) scrollBar(*bar, painter, widget);
        return true;
    default: return false;
    }
}

} // namespace orrery::widgets::paint
