// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RunsPanel: the runs of this cluster, newest first, with state, tasks and duration. Thread: UI. Reads: RunModel.

#include "widgets/common/refresh.h"
#include "widgets/models/run_model.h"

#include <QWidget>

class QListView;

namespace orrery::widgets {

class EmptyState;
class RunsModel;

class RunsPanel final : public QWidget {
    Q_OBJECT
public:
    explicit RunsPanel(RunModel& run, QWidget* parent = nullptr);
    QListView* view() const { return m_view; }

Q_SIGNALS:
    void showRunRequested(const orrery::base::RunId& run);

private:
    void refresh();
    RunModel& m_run;
    RunsModel* m_model;
    QListView* m_view;
    EmptyState* m_empty;
    Refresh* m_refresh;
    std::uint32_t m_marked = 0; // the shown run that the view was moved to
};

} // namespace orrery::widgets
