// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ClusterPage: the cluster in the whole width: the cards of the nodes in a row, below them how busy each worker was.
// Thread: UI. Lives: in the middle of the window.

#include <QWidget>

namespace orrery::widgets {

class ClusterPanel;
class RunModel;
class Selection;
class WorkerHeat;

class ClusterPage final : public QWidget {
    Q_OBJECT
public:
    ClusterPage(RunModel& run, Selection& selection, QWidget* parent = nullptr);
    ClusterPanel& nodes() { return *m_nodes; }
    WorkerHeat& heat() { return *m_heat; }

private:
    ClusterPanel* m_nodes;
    WorkerHeat* m_heat;
};

} // namespace orrery::widgets
