// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LineDelegate: one line of a list: a glyph or an icon, a text, a grey word after it, and at the right a figure or a key.
// Thread: UI.

#include <QStyledItemDelegate>

namespace orrery::widgets {

enum RowRole {
    GlyphRole = Qt::UserRole + 1, // int of types::TaskState; none: no glyph
    IconRole,                     // name of the icon set
    DetailRole,                   // grey, after the text
    FigureRole,                   // mono, at the right
    KeyRole,                      // as a bordered chip at the right
    MarkedRole,                   // bool: the one that is shown now; a medium weight
    DisabledRole,                 // bool: 40 %
    PlaceRole,                    // int: further in by so many steps
};

class LineDelegate final : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace orrery::widgets
