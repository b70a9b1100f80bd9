// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// OmniboxModel: what the omnibox found, best first. Rows are replaced whole with each search (kHitsMax at most). Thread: UI.

#include "widgets/models/graph_model.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <QAbstractListModel>
#include <QAction>
#include <QPointer>

#include <vector>

namespace orrery::widgets {

inline constexpr std::size_t kHitsMax = 200;

struct Hit {
    enum class Kind : std::uint8_t { Action, Vertex, Task, Object, Problem, Note };
    Kind kind = Kind::Note;
    QString text, detail, key, icon;
    int glyph = -1; // of types::TaskState
    bool disabled = false;
    int score = 0;
    QPointer<QAction> action;
    QString vertex; // of Vertex, Task, Object, Problem
    TaskRef task;
    std::uint16_t output = 0;
    QString pointer; // of Problem
};

// ---- what is found without asking anybody ----
std::vector<Hit> findActions(const QList<QPointer<QAction>>& actions, const QString& text);
std::vector<Hit> findVertices(const GraphModel& graph, const QString& text);
std::vector<Hit> findProblems(const GraphModel& graph, const QString& text);
// ---- rows of the tables of tasks and objects ----
std::vector<Hit> hitsOfPage(const types::Page& page, bool objects, const RunModel& run);

class OmniboxModel final : public QAbstractListModel {
    Q_OBJECT
public:
    using QAbstractListModel::QAbstractListModel;
    void setHits(std::vector<Hit> hits); // sorted by score, then as they come
    const Hit* hit(int row) const;       // null: no such row
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<Hit> m_hits;
};

} // namespace orrery::widgets
