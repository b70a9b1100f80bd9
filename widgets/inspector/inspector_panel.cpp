// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/inspector_panel.h"

#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/tab_bar.h"
#include "widgets/inspector/attempts_list.h"
#include "widgets/inspector/inputs_page.h"
#include "widgets/inspector/inspector_head.h"
#include "widgets/inspector/log_page.h"
#include "widgets/inspector/params_page.h"
#include "widgets/inspector/value_page.h"
#include "widgets/inspector/why_page.h"
#include "widgets/models/leading_state.h"

#include <QBoxLayout>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStackedWidget>

namespace orrery::widgets {

namespace {

constexpr int kRefreshMs = 100;

QScrollArea* scrolling(QWidget* page)
{
    auto* area = new QScrollArea;
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setWidget(page);
    return area;
}

} // namespace

InspectorPanel::InspectorPanel(GraphModel& graph, RunModel& run, Selection& selection, RowSource& rows,
                               ByteSource& bytes, QWidget* parent)
    : QWidget(parent), m_graph(graph), m_run(run), m_selection(selection), m_facts(rows), m_maker(rows),
      m_head(new InspectorHead(this)), m_tabs(new TabBar(this)), m_stack(new QStackedWidget(this)),
      m_value(new ValuePage(run, bytes)), m_params(new ParamsPage(graph, run)),
      m_inputs(new InputsPage(graph, run, selection, rows)), m_why(new WhyPage(run)), m_log(new LogPage(run)),
      m_empty(new EmptyState({}, {}, this)), m_body(new QWidget(this))
{
    build();
    m_refresh = new Refresh(this, kRefreshMs, [this] { refresh(); });
    const auto selected = [this] { // at once: what one clicks is shown in the same frame
        if (isVisible()) m_refresh->now();
        else m_refresh->ask();
    };
    connect(&selection, &Selection::changed, this, selected);
    connect(&graph, &GraphModel::graphChanged, this, selected);
    for (const auto signal : {&RunModel::shownRunChanged, &RunModel::countsChanged, &RunModel::spansChanged,
                              &RunModel::logsChanged, &RunModel::nodesChanged, &RunModel::workersChanged})
        connect(&run, signal, m_refresh, &Refresh::ask);
    connect(&run, &RunModel::rowsChanged, this, [this] {
        if (!isVisible()) return m_refresh->ask();
        m_facts.ask();
        m_maker.ask();
    });
    for (FactsSource* facts : {&m_facts, &m_maker}) connect(facts, &FactsSource::answered, this, selected);
    connect(m_params, &ParamsPage::renamed, this,
            [this](const QString& vertex) { m_selection.selectVertices({vertex}); });
    connect(m_value, &ValuePage::openRequested, this, &InspectorPanel::openRequested);
    connect(m_value, &ValuePage::saveRequested, this, &InspectorPanel::saveRequested);
    connect(m_value, &ValuePage::producerRequested, this, [this] {
        if (const auto maker = m_maker.task(); maker.known() && m_maker.wish())
            m_selection.selectVertices({m_maker.wish()->vertex});
        m_selection.reveal();
    });
    connect(m_value, &ValuePage::outputChosen, this, &InspectorPanel::chooseOutput);
    connect(m_tabs, &QTabBar::currentChanged, this, &InspectorPanel::chooseTab);
}

void InspectorPanel::build()
{
    for (QWidget* page : {static_cast<QWidget*>(m_value), static_cast<QWidget*>(m_params),
                          static_cast<QWidget*>(m_inputs), static_cast<QWidget*>(m_why)})
        m_stack->addWidget(scrolling(page));
    m_stack->addWidget(m_log);
    auto* body = new QVBoxLayout(m_body);
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(4, 0, 4, 0);
    row->addWidget(m_tabs, 1);
    body->addWidget(m_head);
    body->addLayout(row);
    auto* line = new QWidget(m_body);
    line->setFixedHeight(1);
    line->setAutoFillBackground(true);
    line->setBackgroundRole(QPalette::Mid);
    body->addWidget(line);
    body->addWidget(m_stack, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_empty);
    column->addWidget(m_body, 1);
}

QSize InspectorPanel::sizeHint() const
{
    return {metric::kInspector, 480};
}

const types::Graph& InspectorPanel::subjectGraph() const
{
    return m_subject.task && m_run.graph() ? *m_run.graph() : m_graph.graph();
}

const types::FunctionInfo* InspectorPanel::function() const
{
    const types::Vertex* vertex = subjectGraph().find(m_subject.vertex.toStdString());
    return vertex ? m_graph.functionOf(*vertex) : nullptr;
}

std::optional<TaskRef> InspectorPanel::task() const
{
    if (m_subject.task) return m_subject.task;
    if (m_subject.kind != Subject::Kind::Vertex || m_subject.tasks != 1 || !m_facts.task().known()) return std::nullopt;
    return TaskRef{m_facts.task().row, static_cast<std::uint16_t>(m_subject.runVertex), 0};
}

// What is asked of the tables: the task itself, and for a vertex that has no outputs the task that made what it took in.
void InspectorPanel::wish()
{
    const auto* run = m_run.shownRun();
    std::optional<FactsSource::Wish> own, maker;
    if (run && m_subject.task) own = FactsSource::Wish{run->id, m_subject.task->row, {}, 0};
    else if (run && m_subject.kind == Subject::Kind::Vertex && m_subject.tasks == 1)
        own = FactsSource::Wish{run->id, types::kNoRow, m_subject.vertex, 0};
    const types::FunctionInfo* info = function();
    if (own && info && info->outputs.empty()) {
        for (const auto& edge : subjectGraph().edges) {
            if (edge.to.vertex != m_subject.vertex.toStdString()) continue;
            const types::Vertex* producer = subjectGraph().find(edge.from.vertex);
            const types::FunctionInfo* made = producer ? m_graph.functionOf(*producer) : nullptr;
            if (!made) continue;
            for (std::size_t i = 0; i < made->outputs.size(); ++i)
                if (made->outputs[i].name == edge.from.port) m_makerOutput = static_cast<std::uint16_t>(i);
            maker = FactsSource::Wish{run->id, types::kNoRow, QString::fromStdString(edge.from.vertex), 0};
            break;
        }
    }
    m_facts.setWish(own);
    m_maker.setWish(maker);
}

void InspectorPanel::refresh()
{
    m_subject = subjectOf(m_selection, m_graph, m_run);
    takeOutput();
    wish();
    const bool empty = m_subject.kind == Subject::Kind::None || m_subject.kind == Subject::Kind::Several;
    m_body->setVisible(!empty);
    m_empty->setVisible(empty);
    if (empty) {
        m_empty->setWords(m_subject.kind == Subject::Kind::Several
                              ? tr("%1 tasks are selected.").arg(m_subject.several)
                              : tr("Click a task or a tile: its value, parameters and story stand here."),
                          {});
        m_pages.clear();
        return;
    }
    const auto shown = task();
    m_attempts = shown ? attemptsOf(*m_run.spans(), shown->row, m_run.nowNs()) : std::vector<AttemptFacts>();
    showHead();
    if (m_subject.kind == Subject::Kind::Worker) showWorker();
    else showValue();
    m_params->setVertex(m_subject.kind == Subject::Kind::Worker ? QString() : m_subject.vertex);
    Subject related = m_subject;
    related.task = shown;
    m_inputs->setSubject(related);
    m_why->setTask(m_facts.task(), m_attempts);
    m_log->setOwner(shown ? shown->row : types::kNoRow, m_subject.worker);
    m_log->take();
    showPages();
}

void InspectorPanel::showHead()
{
    InspectorHead::Words words;
    const TaskFacts& facts = m_facts.task();
    if (m_subject.kind == Subject::Kind::Worker) {
        const WorkerPlace place = placeOf(m_run, m_subject.worker);
        const auto found = m_run.workers().find(m_subject.worker);
        const bool alive = found != m_run.workers().end() && found->second.alive;
        words.icon = QStringLiteral("cpu");
        if (!alive) words.glyph = types::TaskState::Failed;
        words.title = place.worker;
        words.note = place.node < 0 ? QString() : tr("node %1").arg(place.letter);
        if (found != m_run.workers().end())
            words.id = idText(words.fullId = QString::fromStdString(found->second.id.text()));
        words.place = alive ? tr("alive") : tr("ended");
    } else if (m_subject.task || m_subject.tasks == 1) {
        words.title =
            m_subject.task ? m_run.taskName(m_subject.task->vertex, m_subject.task->mapIndex) : m_subject.vertex;
        if (facts.known()) words.glyph = facts.state;
        words.id = idText(words.fullId = facts.id);
        const int attempts = std::max({facts.attempt, static_cast<int>(m_attempts.size()), 1});
        words.place = facts.known() ? tr("attempt %1 of %2").arg(facts.attempt).arg(attempts) : QString();
        const VertexTiles* tiles = m_subject.task ? m_run.tiles(m_subject.task->vertex) : nullptr;
        if (tiles && m_subject.task->mapIndex < tiles->places.size()) {
            const auto& [column, row] = tiles->places[m_subject.task->mapIndex];
            words.note = tr("tile %1,%2").arg(column).arg(row);
        }
    } else {
        words.title = m_subject.vertex;
        const types::FunctionInfo* info = function();
        words.icon = info ? QString::fromStdString(info->icon) : QStringLiteral("warn");
        const types::Vertex* vertex = m_graph.graph().find(m_subject.vertex.toStdString());
        words.id = vertex ? QString::fromStdString(vertex->function) : QString();
        if (m_subject.tasks > 1) {
            const auto& counts = m_run.vertices()[static_cast<std::size_t>(m_subject.runVertex)].counts;
            words.glyph = leadingState(counts);
            words.note = QStringLiteral("×%1").arg(m_subject.tasks);
            words.place = tr("%1 done").arg(counts[static_cast<std::size_t>(types::TaskState::Finished)] +
                                            counts[static_cast<std::size_t>(types::TaskState::Cached)]);
        }
    }
    m_head->setWords(words);
}

void InspectorPanel::showPages()
{
    QList<Page> pages;
    for (const Page page : {Page::Value, Page::Params, Page::Inputs, Page::Why, Page::Log})
        if (hasPage(page)) pages << page;
    if (pages != m_pages) {
        const QSignalBlocker quiet(m_tabs);
        while (m_tabs->count() > 0) m_tabs->removeTab(0);
        for (const Page page : pages) {
            const int at = m_tabs->add(pageName(page));
            m_tabs->setTabData(at, static_cast<int>(page));
        }
        m_pages = pages;
    }
    const Page page = pages.contains(m_wanted) || pages.isEmpty() ? m_wanted : pages.first();
    m_page = page;
    const QSignalBlocker quiet(m_tabs);
    m_tabs->setCurrentIndex(static_cast<int>(pages.indexOf(page)));
    m_stack->setCurrentIndex(static_cast<int>(page));
    m_stack->setVisible(!pages.isEmpty());
}

bool InspectorPanel::hasPage(Page page) const
{
    const bool worker = m_subject.kind == Subject::Kind::Worker;
    switch (page) {
    case Page::Value: return worker || m_subject.task || m_subject.tasks > 0;
    case Page::Params: return !worker && m_graph.graph().find(m_subject.vertex.toStdString());
    case Page::Inputs: return !worker && m_inputs->hasContent();
    case Page::Why: return !worker && m_facts.wish().has_value();
    case Page::Log: return m_log->lines() > 0;
    }
    return false;
}

QString InspectorPanel::pageName(Page page) const
{
    switch (page) {
    case Page::Value: return m_subject.kind == Subject::Kind::Worker ? tr("Worker") : tr("Value");
    case Page::Params: return tr("Params");
    case Page::Inputs: return tr("Inputs");
    case Page::Why: return tr("Why");
    case Page::Log: return tr("Log");
    }
    return {};
}

void InspectorPanel::chooseTab(int index)
{
    if (index < 0 || index >= m_pages.size()) return;
    m_wanted = m_pages[index];
    m_page = m_wanted;
    m_stack->setCurrentIndex(static_cast<int>(m_page));
}

void InspectorPanel::showPage(Page page)
{
    m_wanted = page;
    if (m_body->isVisible()) showPages();
}

} // namespace orrery::widgets
