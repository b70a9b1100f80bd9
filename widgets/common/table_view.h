// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// tableView(): a QTableView with the house's look: 24 px rows, 24 px head, no grid, whole rows selected and hovered.
// TreeView: the same for trees.
// RowDelegate: paints a cell from the roles below; a panel derives from it only for what they do not say.
// Thread: UI. Cost: constant per visible cell; nothing is measured by content.

#include "widgets/common/theme.h"

#include <QStyledItemDelegate>
#include <QTableView>
#include <QTreeView>

namespace orrery::widgets {

// What a model may say about a cell beside Qt::DisplayRole, Qt::TextAlignmentRole and Qt::DecorationRole (QIcon, or QColor: a
// square of 10 px).
enum CellRole : int {
    FontCellRole = Qt::UserRole + 900, // FontRole as int; Secondary when absent
    MutedCellRole,                     // bool
    StateCellRole,                     // types::TaskState as int: its glyph before the text
    NodesCellRole,                     // QVariantList of QVariantMap{number, letter, lost}: letters instead of text
    LoadingCellRole,                   // bool: a quiet bar instead of text
    ShareCellRole,                     // double 0 to 1: a 2 px bar at the foot of the cell
};

class RowDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit RowDelegate(QAbstractItemView* view);
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
    // Ground of the row: selected, hovered, zebra. Called first.
    void paintGround(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const;
    // Content inside the insets, on the painted ground.
    virtual void paintContent(QPainter& painter, const QRect& rect, const QStyleOptionViewItem& option, const QModelIndex& index) const;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void setHovered(int row);
    QAbstractItemView* m_view;
    const QObject* m_viewport;
    int m_hovered = -1;
};

QTableView* tableView(QWidget* parent = nullptr);

// A tree whose rows begin 8 px inside the panel; no header, uniform rows.
class TreeView : public QTreeView {
    Q_OBJECT
public:
    explicit TreeView(QWidget* parent = nullptr);
};

} // namespace orrery::widgets
