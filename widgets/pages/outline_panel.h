// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// OutlinePanel: the tasks of the graph in the order they run, with their state in the shown run. Thread: UI.
// Reads: GraphModel, RunModel, Selection. Writes: Selection; a double click reveals.

#include "widgets/common/refresh.h"
#include "widgets/models/graph_model.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <QWidget>

class QListView;

namespace orrery::widgets {

class EmptyState;
class OutlineModel;

class OutlinePanel final : public QWidget {
    Q_OBJECT
public:
    OutlinePanel(GraphModel& graph, RunModel& run, Selection& selection, QWidget* parent = nullptr);
    QListView* view() const { return m_view; }

private:
    void refresh();
    void takeSelection(); // of the window into the view
    void giveSelection();
    Selection& m_selection;
    OutlineModel* m_model;
    QListView* m_view;
    EmptyState* m_empty;
    Refresh* m_refresh;
    bool m_taking = false;
};

} // namespace orrery::widgets
