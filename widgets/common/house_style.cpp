// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/house_style.h"

#include "widgets/common/theme.h"

namespace orrery::widgets {

int HouseStyle::pixelMetric(PixelMetric which, const QStyleOption* option, const QWidget* widget) const
{
    switch (which) {
    case PM_SplitterWidth:
    case PM_DockWidgetSeparatorExtent: return 1;
    case PM_ScrollBarExtent: return metric::kScrollBar;
    case PM_TreeViewIndentation: return 14;
    default: return QProxyStyle::pixelMetric(which, option, widget);
    }
}

int HouseStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* result) const
{
    switch (hint) {
    case SH_ItemView_ShowDecorationSelected: return 1;
    default: return QProxyStyle::styleHint(hint, option, widget, result);
    }
}

} // namespace orrery::widgets
