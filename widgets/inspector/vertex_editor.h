// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// VertexEditor: what is said of a vertex beside its parameters: name, note, retries, resources. Thread: UI.

#include "widgets/models/graph_model.h"

#include <QWidget>

class QLineEdit;

namespace orrery::widgets {

class NumberBox;
class TextBox;
class TextLabel;

class VertexEditor final : public QWidget {
    Q_OBJECT
public:
    explicit VertexEditor(GraphModel& graph, QWidget* parent = nullptr);
    void setVertex(const QString& vertex);
    void refresh(bool afresh); // false: what a person is writing stays where the value is the same one
    QString problem() const;

Q_SIGNALS:
    void renamed(const QString& vertex);

private:
    void say(const QString& problem);
    void rename();
    void setRetries(const QJsonValue& value);
    void setResource(std::string_view name, const QJsonValue& value, double factor);
    GraphModel& m_graph;
    QString m_vertex;
    QString m_shownName;
    QLineEdit* m_name;
    TextBox* m_note;
    NumberBox* m_retries;
    NumberBox* m_cpus;
    NumberBox* m_gpus;
    NumberBox* m_memory; // MiB
    TextLabel* m_problem;
};

} // namespace orrery::widgets
