// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// InputsPage: where the values of a task come from and where they go: one link for each wire. Choosing one goes there: to the
// task of the same map index where there is one, else to the vertex. Thread: UI. Asks: RowSource, when a link is chosen.

#include "widgets/inspector/subject.h"
#include "widgets/models/ports.h"

#include <QWidget>

namespace orrery::widgets {

class KeyValueList;
class SectionHead;

class InputsPage final : public QWidget {
    Q_OBJECT
public:
    InputsPage(GraphModel& graph, RunModel& run, Selection& selection, RowSource& rows, QWidget* parent = nullptr);
    ~InputsPage() override;
    void setSubject(const Subject& subject);
    bool hasContent() const { return !m_inputs.empty() || !m_outputs.empty(); }
    QStringList texts() const; // "tile: tiles_list [5]"
    void follow(bool input, int row);

private:
    struct Link {
        QString port, type;
        QString vertex, otherPort;             // at the other end
        std::optional<std::uint32_t> mapIndex; // of the task there; none: the vertex as a whole
        QString text() const;
    };
    std::vector<Link> linksOf(const types::Graph& graph, const Subject& subject, bool inputs) const;
    void fill(KeyValueList* list, SectionHead* head, const std::vector<Link>& links);
    GraphModel& m_graph;
    RunModel& m_run;
    Selection& m_selection;
    RowSource& m_rows;
    Subject m_subject;
    std::vector<Link> m_inputs, m_outputs;
    SectionHead* m_inputsHead;
    KeyValueList* m_inputsList;
    SectionHead* m_outputsHead;
    KeyValueList* m_outputsList;
    Ticket m_ticket = 0;
};

} // namespace orrery::widgets
