// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/rows_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QTableView>

namespace orrery::widgets {

RowsView::RowsView(QTableView* view, PagedTableModel& model) : QObject(view), m_view(view), m_model(model)
{
    // Before the view and its selection listen: what they do about it is no person's choice.
    const auto begins = [this] { m_changing = true; };
    connect(&model, &QAbstractItemModel::rowsAboutToBeInserted, this, begins);
    connect(&model, &QAbstractItemModel::rowsAboutToBeRemoved, this, begins);
    connect(&model, &QAbstractItemModel::layoutAboutToBeChanged, this, begins);
    connect(&model, &QAbstractItemModel::modelAboutToBeReset, this, begins);
    view->setModel(&model);
    const auto ends = [this] {
        m_changing = false;
        tellVisibleRows();
    };
    connect(&model, &QAbstractItemModel::rowsInserted, this, ends);
    connect(&model, &QAbstractItemModel::rowsRemoved, this, ends);
    connect(&model, &QAbstractItemModel::layoutChanged, this, ends);
    connect(&model, &QAbstractItemModel::modelReset, this, ends);
    connect(&model, &PagedTableModel::pageArrived, this, &RowsView::restore);

    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setSelectionMode(QAbstractItemView::SingleSelection);
    QHeaderView* head = view->horizontalHeader();
    head->setSortIndicator(-1, Qt::AscendingOrder);
    head->setSortIndicatorClearable(true);
    view->setSortingEnabled(true);
    connect(head, &QHeaderView::sortIndicatorChanged, view, &QTableView::scrollToTop);
    connect(view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RowsView::selectionChanged);
    connect(view, &QTableView::doubleClicked, this, &RowsView::open);
    connect(view->verticalScrollBar(), &QScrollBar::valueChanged, this, &RowsView::tellVisibleRows);
    view->installEventFilter(this);
    view->viewport()->installEventFilter(this);
}

bool RowsView::eventFilter(QObject* object, QEvent* event)
{
    switch (event->type()) {
    case QEvent::Show:
        if (object == m_view) {
            m_model.setActive(true);
            tellVisibleRows();
        }
        break;
    case QEvent::Hide:
        if (object == m_view) m_model.setActive(false);
        break;
    case QEvent::Resize:
        if (object != m_view->viewport()) break;
        if (m_cover != nullptr) m_cover->setGeometry(m_view->viewport()->rect());
        tellVisibleRows();
        break;
    case QEvent::KeyPress: {
        auto* key = static_cast<QKeyEvent*>(event);
        if (object != m_view) break;
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter) open();
        else if (key->matches(QKeySequence::Copy)) copyRow();
        else break;
        return true;
    }
    default: break;
    }
    return false;
}

void RowsView::tellVisibleRows()
{
    if (m_changing) return;
    const int first = std::max(0, m_view->rowAt(0));
    const int height = std::max(1, m_view->verticalHeader()->defaultSectionSize());
    m_model.setVisibleRows(first, m_view->viewport()->height() / height + 2);
}

// A selection, not the current row: a view that gets the keyboard makes its first row current, and nobody chose it.
void RowsView::selectionChanged()
{
    const QModelIndexList rows = m_view->selectionModel()->selectedRows();
    if (m_changing || rows.isEmpty()) return;
    const int row = rows.front().row();
    m_awaited = -1;
    if (!m_model.isLoaded(row)) {
        m_awaited = row;
        return;
    }
    m_key = m_model.key(row);
    Q_EMIT chosen(row);
}

void RowsView::setChosenKey(const QString& key)
{
    m_awaited = -1;
    if (key == m_key) return;
    m_key = key;
    restore();
}

void RowsView::restore()
{
    const QModelIndex current = m_view->currentIndex();
    if (current.row() != m_awaited) m_awaited = -1; // it went before it was here
    if (m_awaited >= 0) {
        if (!m_model.isLoaded(m_awaited)) return;
        m_awaited = -1;
        m_key = m_model.key(current.row());
        Q_EMIT chosen(current.row());
        return;
    }
    const int row = m_key.isEmpty() ? -1 : m_model.rowOf(m_key);
    if (row >= 0 && current.row() == row && m_view->selectionModel()->isRowSelected(row)) return;
    const QScopedValueRollback guard(m_changing, true);
    if (row < 0) {
        // Its row may be far away; another one must not stand for it.
        m_view->selectionModel()->clear();
        return;
    }
    const QModelIndex index = m_model.index(row, std::max(0, current.column()));
    m_view->setAutoScroll(false); // a row that moved does not drag the view along
    m_view->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_view->setAutoScroll(true);
}

void RowsView::showRow(int row)
{
    if (row < 0 || row >= m_model.rowCount()) return;
    const int first = m_view->rowAt(0), last = m_view->rowAt(m_view->viewport()->height() - 1);
    const bool seen = row >= first && (last < 0 || row < last);
    if (!seen) m_view->scrollTo(m_model.index(row, 0), QAbstractItemView::PositionAtCenter);
}

void RowsView::setCover(QWidget* cover)
{
    m_cover = cover;
    cover->setParent(m_view->viewport());
    cover->setGeometry(m_view->viewport()->rect());
}

void RowsView::copyRow() const
{
    const int row = m_view->currentIndex().row();
    if (!m_model.isLoaded(row)) return;
    QStringList cells;
    for (int column = 0; column < m_model.columnCount(); ++column) cells << m_model.index(row, column).data().toString();
    QGuiApplication::clipboard()->setText(cells.join(u'\t'));
}

void RowsView::open()
{
    const int row = m_view->currentIndex().row();
    if (m_model.isLoaded(row)) Q_EMIT opened(row);
}

} // namespace orrery::widgets
