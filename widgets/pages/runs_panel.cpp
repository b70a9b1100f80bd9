// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs_panel.h"

#include "widgets/common/empty_state.h"
#include "widgets/pages/line_delegate.h"
#include "widgets/pages/runs_model.h"

#include <QBoxLayout>
#include <QListView>

namespace orrery::widgets {

namespace {
constexpr int kRefreshMs = 200; // durations of a live run tick
} // namespace

RunsPanel::RunsPanel(RunModel& run, QWidget* parent)
    : QWidget(parent), m_run(run), m_model(new RunsModel(run, this)), m_view(new QListView(this)),
      m_empty(new EmptyState(tr("No run yet. F5 starts one."), {}, this))
{
    m_view->setModel(m_model);
    m_view->setItemDelegate(new LineDelegate(m_view));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUniformItemSizes(true);
    m_view->setMouseTracking(true);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setAccessibleName(tr("Runs"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_empty);
    column->addWidget(m_view, 1);

    const auto show = [this](const QModelIndex& index) {
        if (const auto id = m_model->runAt(index.row()); !m_run.shownRun() || m_run.shownRun()->id != id)
            Q_EMIT showRunRequested(id);
    };
    connect(m_view, &QListView::clicked, this, show);
    connect(m_view, &QListView::activated, this, show);
    m_refresh = new Refresh(this, kRefreshMs, [this] { refresh(); });
    for (const auto signal : {&RunModel::runsChanged, &RunModel::shownRunChanged, &RunModel::countsChanged})
        connect(&run, signal, m_refresh, &Refresh::ask);
}

void RunsPanel::refresh()
{
    m_model->refresh();
    m_empty->setVisible(m_model->rowCount() == 0);
    m_view->setVisible(m_model->rowCount() > 0);
    const auto* shown = m_run.shownRun();
    if (!shown || shown->number == m_marked) return;
    m_marked = shown->number;
    m_view->setCurrentIndex(m_model->index(m_model->rowOf(shown->number)));
}

} // namespace orrery::widgets
