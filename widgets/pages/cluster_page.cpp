// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/cluster_page.h"

#include "widgets/common/dock_title.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/worker_heat.h"

#include <QVBoxLayout>

namespace orrery::widgets {

ClusterPage::ClusterPage(RunModel& run, Selection& selection, QWidget* parent)
    : QWidget(parent), m_nodes(new ClusterPanel(run, selection, this)), m_heat(new WorkerHeat(run, selection, this))
{
    m_nodes->setAcross();
    auto* title = new DockTitle(nullptr, this);
    title->setTitle(tr("Workers"));
    title->setDetail(tr("busy with the shown run, last 60 s"));
    title->addCorner(new HeatScale(title));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_nodes);
    column->addWidget(title);
    column->addWidget(m_heat, 1);
}

} // namespace orrery::widgets
