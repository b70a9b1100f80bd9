// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// InspectorPanel: everything about what is selected: value, parameters, inputs, why, log; only the pages that have something
// to say. Thread: UI. Reads: all models; asks: RowSource, ByteSource. Edits go through GraphModel, so they can be undone.

#include "widgets/common/refresh.h"
#include "widgets/inspector/facts_source.h"
#include "widgets/models/graph_model.h"
#include "widgets/models/ports.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <QWidget>

class QStackedWidget;

namespace orrery::widgets {

class EmptyState;
class InputsPage;
class InspectorHead;
class LogPage;
class ParamsPage;
class TabBar;
class ValuePage;
class WhyPage;

class InspectorPanel final : public QWidget {
    Q_OBJECT
public:
    enum class Page : std::uint8_t { Value, Params, Inputs, Why, Log };
    InspectorPanel(GraphModel& graph, RunModel& run, Selection& selection, RowSource& rows, ByteSource& bytes,
                   QWidget* parent = nullptr);
    const QList<Page>& pages() const { return m_pages; } // shown now
    Page page() const { return m_page; }
    void showPage(Page page); // the first that is shown when it is not
    ParamsPage* params() const { return m_params; }
    ValuePage* value() const { return m_value; }
    InputsPage* inputs() const { return m_inputs; }
    WhyPage* why() const { return m_why; }
    LogPage* log() const { return m_log; }
    InspectorHead* head() const { return m_head; }
    QSize sizeHint() const override;

Q_SIGNALS:
    void openRequested(const orrery::types::ObjectAddress& object, const QString& name); // name: of a file of it, without extension
    void saveRequested(const orrery::types::ObjectAddress& object, const QString& name);

private:
    void build();
    void takeSelection();
    void wish();
    void refresh();
    void showHead();
    void showValue();
    void showVertexSummary();
    void showWorker();
    void showPages();
    void chooseTab(int index);
    void takeOutput();
    void chooseOutput(int output);
    const types::FunctionInfo* function() const;
    const types::Graph& subjectGraph() const; // that the subject belongs to: of the run for a task, else the edited one
    bool hasPage(Page page) const;
    QString pageName(Page page) const;
    std::optional<TaskRef> task() const; // the selected one, or the only one of the selected vertex

    GraphModel& m_graph;
    RunModel& m_run;
    Selection& m_selection;
    Subject m_subject;
    FactsSource m_facts; // of the task
    FactsSource m_maker; // of the task whose value a vertex without outputs shows
    std::uint16_t m_makerOutput = 0;
    QString m_outputOf; // the vertex whose output was chosen
    std::uint16_t m_output = 0;
    std::vector<AttemptFacts> m_attempts;
    InspectorHead* m_head;
    TabBar* m_tabs;
    QStackedWidget* m_stack;
    ValuePage* m_value;
    ParamsPage* m_params;
    InputsPage* m_inputs;
    WhyPage* m_why;
    LogPage* m_log;
    EmptyState* m_empty;
    QWidget* m_body;
    QList<Page> m_pages;
    Page m_page = Page::Value;
    Page m_wanted = Page::Value; // chosen last by a person; kept from one selection to the next
    Refresh* m_refresh;
};

} // namespace orrery::widgets
