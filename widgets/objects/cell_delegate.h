// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CellDelegate: cells of a PagedTableModel as people read them. A panel says what a cell shows (CellLook), from left to right:
// glyph, swatch, node letters, text; a row that is not here yet is a short muted bar. Ground and hover are RowDelegate's.
// Thread: UI.

#include "widgets/common/table_view.h"
#include "widgets/models/paged_table_model.h"

#include <functional>
#include <optional>

namespace orrery::widgets {

struct CellLook {
    QString text;
    Token ink = Token::Text;
    FontRole font = FontRole::Ui;
    Qt::TextElideMode elide = Qt::ElideRight;
    std::optional<types::TaskState> glyph;
    QColor swatch;         // valid: a small square of it
    QStringList nodes;     // letters
};

// REQUIRES: row is here.
using CellLookOf = std::function<CellLook(const PagedTableModel& model, int row, int column)>;

class CellDelegate final : public RowDelegate {
    Q_OBJECT
public:
    CellDelegate(QAbstractItemView* view, PagedTableModel& model, CellLookOf look);
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index) override;

protected:
    void paintContent(QPainter& painter, const QRect& rect, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    PagedTableModel& m_model;
    CellLookOf m_look;
};

// "A": 0, "AA": 26; -1: no letter of a node.
int nodeNumber(const QString& letter);

} // namespace orrery::widgets
