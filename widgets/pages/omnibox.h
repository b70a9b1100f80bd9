// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Omnibox: one field that finds everything: commands with their keys, tasks of the graph; "@" tasks of the run, "#" objects,
// "!" problems, ">" commands only. Enter goes there: a command leaves as a signal, anything else is selected and revealed.
// A command that is disabled is listed and says why (its status tip). Thread: UI. Asks: RowSource, one page at a time.

#include "widgets/models/graph_model.h"
#include "widgets/models/ports.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <QAction>
#include <QList>
#include <QPointer>
#include <QWidget>

#include <vector>

class QListView;

namespace orrery::widgets {

struct Hit;
class OmniboxModel;
class SearchField;

class Omnibox final : public QWidget {
    Q_OBJECT
public:
    Omnibox(GraphModel& graph, RunModel& run, Selection& selection, RowSource& rows, QWidget* parent = nullptr);
    ~Omnibox() override;
    void setActions(const QList<QAction*>& actions); // all that the window has
    void open(const QString& prefix = {});           // focus, with ">" or "@" typed already
    SearchField* field() const { return m_field; }
    QListView* list() const { return m_list; }
    QSize sizeHint() const override;

Q_SIGNALS:
    void actionChosen(QAction* action);         // who listens triggers it
    void problemChosen(const QString& pointer); // JSON pointer into the document

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void search();
    void ask(const QString& table, const QString& filter);
    void answered(const QString& table, const base::Result<types::Page>& page);
    void show(std::vector<Hit> hits);
    void showPopup();
    void hidePopup();
    void leave(); // back to where the focus was
    void choose(int row);
    void move(int by);

    GraphModel& m_graph;
    RunModel& m_run;
    Selection& m_selection;
    RowSource& m_rows;
    QList<QPointer<QAction>> m_actions;
    SearchField* m_field;
    QPointer<QWidget> m_popup; // a child of the window while it is shown
    QListView* m_list;
    OmniboxModel* m_model;
    QPointer<QWidget> m_before; // had the focus
    Ticket m_ticket = 0;
};

} // namespace orrery::widgets
