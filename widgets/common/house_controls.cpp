// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Boxes to tick, progress, tabs, bars, frames and separators (rules 1, 2, 14, 15).
#include "widgets/common/color_math.h"
#include "widgets/common/house_paint.h"

#include <QAbstractScrollArea>
#include <QFrame>
#include <QPainter>

namespace orrery::widgets::paint {

namespace {

// Of the text, and of the accent line, from the tab's edge. A bar with the property "compact" has them closer.
struct TabSpace {
    int padding;
    int inset;
};
TabSpace tabSpace(const QWidget* widget) { return widget && widget->property("compact").toBool() ? TabSpace{9, 4} : TabSpace{11, 6}; }

void indicator(const QStyleOption& option, QPainter& painter, bool round)
{
    const QRectF box(option.rect);
    const qreal radius = round ? box.width() / 2 : 3;
    const double opacity = option.state & QStyle::State_Enabled ? 1 : kDisabledOpacity;
    const bool on = option.state & (QStyle::State_On | QStyle::State_NoChange);
    if (on) {
        fillRound(painter, box, faded(color(Token::Primary), opacity), radius);
        const QColor ink = faded(color(Token::OnAccent), opacity);
        if (round) fillRound(painter, box.adjusted(4, 4, -4, -4), ink, radius);
        else if (option.state & QStyle::State_NoChange) fillRound(painter, QRectF(box.left() + 3, box.center().y() - 1, box.width() - 6, 2), ink, 1);
        else check(painter, box, ink);
    } else {
        fillRound(painter, box, color(Token::Window), radius);
        strokeRound(painter, box, faded(color(option.state & QStyle::State_MouseOver ? Token::Text : Token::Muted), opacity), 1, radius);
    }
    if ((option.state & QStyle::State_HasFocus) && (option.state & QStyle::State_KeyboardFocusChange))
        strokeRound(painter, box, color(Token::Accent), 2, radius);
}

void progress(const QStyleOptionProgressBar& option, QPainter& painter, bool groove)
{
    constexpr int height = 6;
    const QRectF bar(option.rect.left(), option.rect.center().y() - height / 2 + 1, option.rect.width(), height);
    if (groove) {
        fillRound(painter, bar, color(Token::BarEmpty), 2);
        return;
    }
    const qint64 range = static_cast<qint64>(option.maximum) - option.minimum;
    QRectF done = bar;
    if (range > 0) done.setWidth(bar.width() * (static_cast<double>(option.progress) - option.minimum) / static_cast<double>(range));
    if (done.width() >= 1) fillRound(painter, done, color(range > 0 ? Token::Accent : Token::Load), 2);
}

void tabShape(const QStyleOptionTab& option, QPainter& painter, const QWidget* widget)
{
    if (!(option.state & QStyle::State_Selected)) return;
    const int inset = tabSpace(widget).inset;
    painter.fillRect(QRect(option.rect.left() + inset, option.rect.bottom() - 1, option.rect.width() - 2 * inset, 2), color(Token::Accent));
}

void tabLabel(const QStyleOptionTab& option, QPainter& painter, const QWidget* widget)
{
    const bool bright = option.state & (QStyle::State_Selected | QStyle::State_MouseOver);
    const TabSpace space = tabSpace(widget);
    QRect rect = option.rect.adjusted(space.padding, 0, -space.padding, -1);
    if (!option.icon.isNull()) {
        option.icon.paint(&painter, QRect(rect.left(), rect.top() + (rect.height() - metric::kIcon) / 2, metric::kIcon, metric::kIcon));
        rect.setLeft(rect.left() + metric::kIcon + 6);
    }
    painter.setFont(Theme::of().font(FontRole::Medium));
    painter.setPen(textColor(option, bright ? Token::Text : Token::Muted));
    painter.drawText(rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine | Qt::TextHideMnemonic, option.text);
    if ((option.state & QStyle::State_HasFocus) && (option.state & QStyle::State_KeyboardFocusChange))
        strokeRound(painter, option.rect.adjusted(space.inset - 2, 4, 2 - space.inset, -4), color(Token::Accent), 2);
}

// A frame is a line only where somebody drew one on purpose.
void shapedFrame(const QStyleOptionFrame& option, QPainter& painter)
{
    const QColor line = color(Token::LineInside);
    const QPoint c = option.rect.center();
    if (option.frameShape == QFrame::HLine) painter.fillRect(QRect(option.rect.left(), c.y(), option.rect.width(), 1), line);
    else if (option.frameShape == QFrame::VLine) painter.fillRect(QRect(c.x(), option.rect.top(), 1, option.rect.height()), line);
}

void dockTitle(const QStyleOptionDockWidget& option, QPainter& painter)
{
    painter.fillRect(option.rect, color(Token::Panel));
    painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), color(Token::Border));
    painter.setFont(Theme::of().font(FontRole::Medium));
    painter.setPen(textColor(option));
    painter.drawText(option.rect.adjusted(metric::kTextInset, 0, -metric::kTextInset, 0), Qt::AlignVCenter | Qt::AlignLeft, option.title);
}

} // namespace

int tabPadding(const QWidget* bar) { return tabSpace(bar).padding; }

QSize tabSize(const QStyleOptionTab& option, const QWidget* bar)
{
    const int icon = option.icon.isNull() ? 0 : metric::kIcon + 6;
    return {QFontMetrics(Theme::of().font(FontRole::Medium)).horizontalAdvance(option.text) + icon + 2 * tabPadding(bar), metric::kTabRow};
}

bool controlPrimitive(QStyle::PrimitiveElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget)
{
    switch (element) {
    case QStyle::PE_IndicatorCheckBox:
    case QStyle::PE_IndicatorItemViewItemCheck: indicator(option, painter, false); return true;
    case QStyle::PE_IndicatorRadioButton: indicator(option, painter, true); return true;
    case QStyle::PE_Frame:
        if (widget && widget->inherits("QComboBoxPrivateContainer")) strokeRound(painter, option.rect, color(Token::Border), 1, 0);
        return true;
    case QStyle::PE_FrameLineEdit:
    case QStyle::PE_PanelLineEdit:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(&option); frame && frame->lineWidth > 0) editFrame(painter, option, option.rect);
        return true;
    case QStyle::PE_FrameGroupBox:
    case QStyle::PE_FrameTabWidget:
    case QStyle::PE_FrameTabBarBase:
    case QStyle::PE_FrameDockWidget:
    case QStyle::PE_FrameStatusBarItem:
    case QStyle::PE_FrameWindow:
    case QStyle::PE_IndicatorToolBarHandle: return true;
    case QStyle::PE_PanelStatusBar:
        painter.fillRect(option.rect, color(Token::Panel));
        painter.fillRect(QRect(option.rect.left(), option.rect.top(), option.rect.width(), 1), color(Token::Border));
        return true;
    case QStyle::PE_PanelToolBar:
    case QStyle::PE_PanelScrollAreaCorner: painter.fillRect(option.rect, color(Token::Panel)); return true;
    case QStyle::PE_IndicatorToolBarSeparator: {
        constexpr int height = 20;
        const QPoint c = option.rect.center();
        if (option.state & QStyle::State_Horizontal) painter.fillRect(QRect(c.x(), c.y() - height / 2 + 1, 1, height), color(Token::Border));
        else painter.fillRect(QRect(c.x() - height / 2 + 1, c.y(), height, 1), color(Token::Border));
        return true;
    }
    case QStyle::PE_IndicatorDockWidgetResizeHandle: painter.fillRect(option.rect, color(Token::Border)); return true;
    default: return false;
    }
}

bool controlElement(QStyle::ControlElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget)
{
    switch (element) {
    case QStyle::CE_ProgressBarGroove:
    case QStyle::CE_ProgressBarContents:
        if (const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(&option)) progress(*bar, painter, element == QStyle::CE_ProgressBarGroove);
        return true;
    case QStyle::CE_ProgressBarLabel: return true;
    case QStyle::CE_TabBarTabShape:
        if (const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(&option)) tabShape(*tab, painter, widget);
        return true;
    case QStyle::CE_TabBarTabLabel:
        if (const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(&option)) tabLabel(*tab, painter, widget);
        return true;
    case QStyle::CE_ShapedFrame:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(&option)) {
            if (frame->frameShape != QFrame::HLine && frame->frameShape != QFrame::VLine) return false; // PE_Frame
            shapedFrame(*frame, painter);
        }
        return true;
    case QStyle::CE_Splitter: painter.fillRect(option.rect, color(Token::Border)); return true;
    case QStyle::CE_ToolBar:
        painter.fillRect(option.rect, color(Token::Panel));
        painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), color(Token::Border));
        return true;
    case QStyle::CE_DockWidgetTitle:
        if (const auto* dock = qstyleoption_cast<const QStyleOptionDockWidget*>(&option)) dockTitle(*dock, painter);
        return true;
    case QStyle::CE_RubberBand:
        painter.fillRect(option.rect, faded(color(Token::Accent), .15));
        strokeRound(painter, option.rect, color(Token::Accent), 1, 0);
        return true;
    default: return false;
    }
}

} // namespace orrery::widgets::paint
