// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ParamsPage: the editor of one vertex: its parameters as the function's schema describes them, then name, note, retries and
// resources. Each edit is one step of undo in GraphModel; a value that is refused leaves the graph as it was and says why.
// Thread: UI.

#include "widgets/inspector/param_row.h"
#include "widgets/models/graph_model.h"
#include "widgets/models/run_model.h"

#include <QWidget>

class QVBoxLayout;

namespace orrery::widgets {

class SectionHead;
class TextLabel;
class VertexEditor;

class ParamsPage final : public QWidget {
    Q_OBJECT
public:
    ParamsPage(GraphModel& graph, RunModel& run, QWidget* parent = nullptr);
    void setVertex(const QString& vertex); // empty or unknown: nothing is shown
    const QString& vertex() const { return m_vertex; }
    void refresh();                                // values and problems of the models as they are
    ParamRow* row(const QString& parameter) const; // null: no such parameter

Q_SIGNALS:
    void renamed(const QString& vertex); // the vertex is called so now

private:
    void show(bool afresh);
    void rebuild(const types::FunctionInfo* function);
    QString hintFor(const ParamField& field, const QJsonValue& value) const; // what the shown run had instead
    GraphModel& m_graph;
    RunModel& m_run;
    QString m_vertex, m_function;
    std::string m_schema;
    QList<ParamRow*> m_rows;
    QVBoxLayout* m_column;
    TextLabel* m_none;
    VertexEditor* m_editor;
};

} // namespace orrery::widgets
