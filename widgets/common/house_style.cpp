// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/house_style.h"

#include "widgets/common/house_paint.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenuBar>
#include <QPainter>
#include <QScrollBar>
#include <QSlider>
#include <QTabBar>
#include <QToolButton>

namespace orrery::widgets {

void HouseStyle::polish(QApplication* app)
{
    QProxyStyle::polish(app);
    app->installEventFilter(this);
}

void HouseStyle::unpolish(QApplication* app)
{
    app->removeEventFilter(this);
    QProxyStyle::unpolish(app);
}

void HouseStyle::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    if (qobject_cast<QAbstractButton*>(widget) || qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSpinBox*>(widget)
        || qobject_cast<QSlider*>(widget) || qobject_cast<QScrollBar*>(widget) || qobject_cast<QTabBar*>(widget) || qobject_cast<QHeaderView*>(widget))
        widget->setAttribute(Qt::WA_Hover);
    if (qobject_cast<QToolButton*>(widget) || qobject_cast<QTabBar*>(widget)) widget->setFont(Theme::of().font(FontRole::Medium));
    if (auto* box = qobject_cast<QAbstractSpinBox*>(widget); box && box->minimumHeight() == 0) box->setMinimumHeight(metric::kLineEdit);
    if (auto* view = qobject_cast<QAbstractItemView*>(widget)) {
        view->setFrameShape(QFrame::NoFrame);
        view->viewport()->setAttribute(Qt::WA_Hover);
    }
}

bool HouseStyle::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress || event->type() == QEvent::KeyRelease) {
        const bool down = event->type() == QEvent::KeyPress;
        if (static_cast<QKeyEvent*>(event)->key() == Qt::Key_Alt && down != m_altDown) {
            m_altDown = down;
            if (auto* widget = qobject_cast<QWidget*>(object))
                for (auto* bar : widget->window()->findChildren<QMenuBar*>()) bar->update();
        }
    }
    return QProxyStyle::eventFilter(object, event);
}

int HouseStyle::pixelMetric(PixelMetric which, const QStyleOption* option, const QWidget* widget) const
{
    switch (which) {
    case PM_SplitterWidth:
    case PM_DockWidgetSeparatorExtent:
    case PM_MenuPanelWidth: return 1;
    case PM_MenuVMargin: return 4;
    case PM_MenuHMargin:
    case PM_MenuBarPanelWidth:
    case PM_MenuBarVMargin:
    case PM_MenuBarItemSpacing:
    case PM_DockWidgetFrameWidth:
    case PM_ToolBarFrameWidth:
    case PM_ToolBarHandleExtent:
    case PM_TabBarTabOverlap:
    case PM_TabBarBaseHeight:
    case PM_TabBarBaseOverlap:
    case PM_TabBarTabShiftHorizontal:
    case PM_TabBarTabShiftVertical:
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
    case PM_ScrollView_ScrollBarSpacing:
    case PM_ScrollView_ScrollBarOverlap: return 0;
    case PM_DefaultFrameWidth: return widget && widget->inherits("QComboBoxPrivateContainer") ? 1 : 0;
    case PM_MenuBarHMargin: return 4;
    case PM_SpinBoxFrameWidth:
    case PM_ComboBoxFrameWidth: return 1;
    case PM_DockWidgetTitleMargin: return 6;
    case PM_ToolBarItemSpacing: return 4;
    case PM_ToolBarItemMargin: return 6;
    case PM_ToolBarSeparatorExtent: return 9;
    case PM_ToolBarIconSize:
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_TabBarIconSize:
    case PM_ListViewIconSize: return metric::kIcon;
    case PM_ScrollBarExtent: return metric::kScrollBar;
    case PM_ScrollBarSliderMin: return 24;
    case PM_TreeViewIndentation: return 14;
    case PM_FocusFrameHMargin: return 3;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight: return metric::kGlyph;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing: return metric::kPadding;
    case PM_SliderThickness:
    case PM_SliderControlThickness: return 18;
    case PM_SliderLength: return 10;
    case PM_ToolTipLabelFrameWidth: return 6;
    case PM_LayoutLeftMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutBottomMargin:
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing: return metric::kPadding;
    default: return QProxyStyle::pixelMetric(which, option, widget);
    }
}

int HouseStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* result) const
{
    switch (hint) {
    case SH_ItemView_ShowDecorationSelected:
    case SH_ScrollView_FrameOnlyAroundContents:
    case SH_Slider_StopMouseOverSlider: return 1;
    case SH_UnderlineShortcut: return m_altDown;
    case SH_ComboBox_Popup:
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
    case SH_ScrollBar_Transient:
    case SH_DialogButtonBox_ButtonsHaveIcons:
    case SH_Widget_Animation_Duration: return 0;
    case SH_Slider_AbsoluteSetButtons: return Qt::LeftButton;
    case SH_ToolTip_WakeUpDelay: return 400;
    case SH_ToolTipLabel_Opacity: return 255;
    case SH_TabBar_Alignment: return Qt::AlignLeft;
    case SH_Table_GridLineColor: return static_cast<int>(color(Token::LineInside).rgba());
    case SH_Menu_Mask:
    case SH_ToolTip_Mask:
        if (auto* mask = qstyleoption_cast<QStyleHintReturnMask*>(result); mask && option) {
            QPainterPath path;
            path.addRoundedRect(QRectF(option->rect), metric::kRadius, metric::kRadius);
            mask->region = QRegion(path.toFillPolygon().toPolygon());
        }
        return 1;
    default: return QProxyStyle::styleHint(hint, option, widget, result);
    }
}

QSize HouseStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const
{
    switch (type) {
    case CT_ToolButton:
        if (const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option)) return paint::toolButtonSize(*button, widget);
        break;
    case CT_ComboBox:
        if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option)) return paint::comboSize(*box, contents, widget);
        break;
    case CT_SpinBox: return {contents.width() + 18 + metric::kPadding, metric::kLineEdit};
    case CT_MenuItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option)) return paint::menuItemSize(*item, contents);
        break;
    case CT_MenuBarItem: return {contents.width() + 16, metric::kMenuBar};
    case CT_TabBarTab:
        if (const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(option)) return paint::tabSize(*tab, widget);
        break;
    case CT_HeaderSection:
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option)) return paint::headerSize(*header);
        break;
    case CT_ItemViewItem: {
        QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
        size.setHeight(std::max(size.height(), metric::kRow));
        return size;
    }
    case CT_ProgressBar: return {contents.width(), 8};
    default: break;
    }
    return QProxyStyle::sizeFromContents(type, option, contents, widget);
}

QRect HouseStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const
{
    switch (control) {
    case CC_ScrollBar:
        if (const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option)) return paint::scrollBarPart(*bar, part);
        break;
    case CC_Slider:
        if (const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option)) return paint::sliderPart(*bar, part);
        break;
    case CC_SpinBox:
        if (const auto* box = qstyleoption_cast<const QStyleOptionSpinBox*>(option)) return paint::spinBoxPart(*box, part);
        break;
    case CC_ComboBox:
        if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option)) return paint::comboPart(*box, part);
        break;
    case CC_ToolButton:
        if (const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option)) return paint::toolButtonPart(*button, part);
        break;
    default: break;
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

QRect HouseStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    switch (element) {
    case SE_ProgressBarGroove:
    case SE_ProgressBarContents: return option->rect;
    case SE_HeaderLabel: return option->rect;
    default: return QProxyStyle::subElementRect(element, option, widget);
    }
}

void HouseStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    if (paint::itemPrimitive(element, *option, *painter, widget) || paint::controlPrimitive(element, *option, *painter, widget)
        || paint::menuPrimitive(element, *option, *painter, widget))
        return;
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void HouseStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    if (paint::itemControl(element, *option, *painter, widget) || paint::controlElement(element, *option, *painter, widget)
        || paint::menuControl(element, *option, *painter, widget))
        return;
    if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option); box && element == CE_ComboBoxLabel) {
        paint::comboLabel(*box, *painter, widget);
        return;
    }
    if (const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(option); item && element == CE_ItemViewItem && (item->state & State_Open)) {
        QStyleOptionViewItem closed = *item; // an open branch would show its icon as if it were switched on
        closed.state &= ~State_Open;
        QProxyStyle::drawControl(element, &closed, painter, widget);
        return;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void HouseStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const
{
    if (!paint::complexControl(control, *option, *painter, widget)) QProxyStyle::drawComplexControl(control, option, painter, widget);
}

} // namespace orrery::widgets
