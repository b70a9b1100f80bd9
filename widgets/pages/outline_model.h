// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// OutlineModel: the vertices of the edited graph in the order they run, with what the shown run says of each.
// Rows come and go by exact begin/end calls only when the graph's vertices change; counts change in place. Thread: UI.

#include "widgets/models/graph_model.h"
#include "widgets/models/run_model.h"

#include <QAbstractListModel>

namespace orrery::widgets {

class OutlineModel final : public QAbstractListModel {
    Q_OBJECT
public:
    OutlineModel(GraphModel& graph, RunModel& run, QObject* parent = nullptr);
    void refresh(); // reads both models again
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QString vertexAt(int row) const;
    int rowOf(const QString& vertex) const; // -1: none

private:
    struct Row {
        QString id, function, icon, figure;
        int state = -1; // of types::TaskState; -1: no run has it
        bool operator==(const Row&) const = default;
    };
    std::vector<Row> read() const;
    GraphModel& m_graph;
    RunModel& m_run;
    std::vector<Row> m_rows;
};

} // namespace orrery::widgets
