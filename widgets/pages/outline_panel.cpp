// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/outline_panel.h"

#include "widgets/common/empty_state.h"
#include "widgets/pages/line_delegate.h"
#include "widgets/pages/outline_model.h"

#include <QBoxLayout>
#include <QItemSelectionModel>
#include <QListView>

namespace orrery::widgets {

OutlinePanel::OutlinePanel(GraphModel& graph, RunModel& run, Selection& selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_model(new OutlineModel(graph, run, this)), m_view(new QListView(this)),
      m_empty(new EmptyState(tr("The graph is empty. Press Tab on the canvas to add a task."), {}, this))
{
    m_view->setModel(m_model);
    m_view->setItemDelegate(new LineDelegate(m_view));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUniformItemSizes(true);
    m_view->setMouseTracking(true);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setAccessibleName(tr("Tasks of the graph"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_empty);
    column->addWidget(m_view, 1);

    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &OutlinePanel::giveSelection);
    connect(m_view, &QListView::activated, this, [this] { m_selection.reveal(); });
    connect(&selection, &Selection::changed, this, &OutlinePanel::takeSelection);
    m_refresh = new Refresh(this, kFrameMs, [this] { refresh(); });
    connect(&graph, &GraphModel::graphChanged, m_refresh, &Refresh::ask);
    connect(&run, &RunModel::countsChanged, m_refresh, &Refresh::ask);
    connect(&run, &RunModel::shownRunChanged, m_refresh, &Refresh::ask);
}

void OutlinePanel::refresh()
{
    m_model->refresh();
    m_empty->setVisible(m_model->rowCount() == 0);
    m_view->setVisible(m_model->rowCount() > 0);
    takeSelection();
}

void OutlinePanel::takeSelection()
{
    m_taking = true;
    QItemSelection rows;
    QModelIndex last;
    for (const QString& vertex : m_selection.vertices()) {
        const int row = m_model->rowOf(vertex);
        if (row < 0) continue;
        last = m_model->index(row);
        rows.select(last, last);
    }
    m_view->selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect);
    if (last.isValid()) {
        m_view->selectionModel()->setCurrentIndex(last, QItemSelectionModel::NoUpdate);
        m_view->scrollTo(last);
    }
    m_taking = false;
}

void OutlinePanel::giveSelection()
{
    if (m_taking) return;
    QStringList vertices;
    for (const QModelIndex& index : m_view->selectionModel()->selectedIndexes())
        vertices << m_model->vertexAt(index.row());
    m_selection.selectVertices(vertices);
}

} // namespace orrery::widgets
