// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/inputs_page.h"

#include "widgets/common/key_value_list.h"
#include "widgets/common/section_head.h"

#include <QBoxLayout>

#include <utility>

namespace orrery::widgets {

QString InputsPage::Link::text() const
{
    return mapIndex ? QStringLiteral("%1 [%2]").arg(vertex).arg(*mapIndex) : vertex;
}

InputsPage::InputsPage(GraphModel& graph, RunModel& run, Selection& selection, RowSource& rows, QWidget* parent)
    : QWidget(parent), m_graph(graph), m_run(run), m_selection(selection), m_rows(rows),
      m_inputsHead(new SectionHead(tr("Inputs"), this)),
      m_inputsList(new KeyValueList(KeyValueList::Values::InColumn, this)),
      m_outputsHead(new SectionHead(tr("Read by"), this)),
      m_outputsList(new KeyValueList(KeyValueList::Values::InColumn, this))
{
    m_inputsHead->setLine(false);
    m_inputsHead->setBody(m_inputsList);
    m_outputsHead->setBody(m_outputsList);
    m_inputsList->setInsets(30, metric::kTextInset);
    m_outputsList->setInsets(30, metric::kTextInset);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, metric::kPadding);
    column->setSpacing(0);
    for (QWidget* part : {static_cast<QWidget*>(m_inputsHead), static_cast<QWidget*>(m_inputsList),
                          static_cast<QWidget*>(m_outputsHead), static_cast<QWidget*>(m_outputsList)})
        column->addWidget(part);
    column->addStretch();
    connect(m_inputsList, &KeyValueList::linkActivated, this, [this](int row) { follow(true, row); });
    connect(m_outputsList, &KeyValueList::linkActivated, this, [this](int row) { follow(false, row); });
}

InputsPage::~InputsPage()
{
    if (m_ticket != 0) m_rows.drop(m_ticket);
}

std::vector<InputsPage::Link> InputsPage::linksOf(const types::Graph& graph, const Subject& subject, bool inputs) const
{
    std::vector<Link> links;
    const std::string id = subject.vertex.toStdString();
    const types::Vertex* self = graph.find(id);
    const types::FunctionInfo* function = self ? m_graph.functionOf(*self) : nullptr;
    const auto tasksOf = [&](const std::string& vertex) {
        const int at = m_run.graph() ? m_run.graph()->indexOf(vertex) : -1;
        return at >= 0 && static_cast<std::size_t>(at) < m_run.vertices().size()
                   ? m_run.vertices()[static_cast<std::size_t>(at)].tasks
                   : 0;
    };
    for (const auto& edge : graph.edges) {
        const auto& own = inputs ? edge.to : edge.from;
        const auto& other = inputs ? edge.from : edge.to;
        if (own.vertex != id) continue;
        Link link{QString::fromStdString(own.port),
                  {},
                  QString::fromStdString(other.vertex),
                  QString::fromStdString(other.port),
                  {}};
        if (const auto* port = function ? inputs ? function->input(own.port) : function->output(own.port) : nullptr)
            link.type = QString::fromStdString(port->type);
        // Index to index where both are maps of equal width; a single task has index 0 and is called by its vertex alone.
        const std::uint32_t there = tasksOf(other.vertex);
        const bool sameIndex = edge.mode == types::EdgeMode::Each || edge.mode == types::EdgeMode::One;
        if (subject.task && there > 1 && sameIndex && there == subject.tasks) link.mapIndex = subject.task->mapIndex;
        links.push_back(std::move(link));
    }
    return links;
}

void InputsPage::setSubject(const Subject& subject)
{
    m_subject = subject;
    const bool ofRun = subject.task && m_run.graph(); // a task belongs to the graph that ran
    const types::Graph& graph = ofRun ? *m_run.graph() : m_graph.graph();
    m_inputs = linksOf(graph, subject, true);
    m_outputs = linksOf(graph, subject, false);
    fill(m_inputsList, m_inputsHead, m_inputs);
    fill(m_outputsList, m_outputsHead, m_outputs);
    m_outputsHead->setLine(!m_inputs.empty());
}

void InputsPage::fill(KeyValueList* list, SectionHead* head, const std::vector<Link>& links)
{
    QList<KeyValue> rows;
    for (const Link& link : links) {
        KeyValue row{link.port, link.text(), link.type};
        row.link = true;
        rows << row;
    }
    list->setRows(rows);
    head->setValue(QString::number(links.size()));
    head->setVisible(!links.empty());
    list->setVisible(!links.empty() && head->isOpen());
}

QStringList InputsPage::texts() const
{
    QStringList texts;
    for (const Link& link : m_inputs) texts << QStringLiteral("%1: %2").arg(link.port, link.text());
    for (const Link& link : m_outputs) texts << QStringLiteral("%1 > %2").arg(link.port, link.text());
    return texts;
}

void InputsPage::follow(bool input, int at)
{
    const auto& links = input ? m_inputs : m_outputs;
    if (at < 0 || static_cast<std::size_t>(at) >= links.size()) return;
    const Link link = links[static_cast<std::size_t>(at)];
    const auto* run = m_run.shownRun();
    const int vertex = m_run.graph() ? m_run.graph()->indexOf(link.vertex.toStdString()) : -1;
    if (!m_subject.task || !run || vertex < 0 || static_cast<std::size_t>(vertex) >= m_run.vertices().size() ||
        (!link.mapIndex && m_run.vertices()[static_cast<std::size_t>(vertex)].tasks != 1))
    {
        m_selection.selectVertices({link.vertex});
        return m_selection.reveal();
    }
    if (m_ticket != 0) m_rows.drop(std::exchange(m_ticket, 0));
    const std::uint32_t mapIndex = link.mapIndex.value_or(0);
    types::Query query;
    query.table = "tasks";
    query.run = run->id;
    query.filter = "vertex = \"" + link.vertex.toStdString() + "\" and map_index = " + std::to_string(mapIndex);
    query.count = 1;
    m_ticket = m_rows.ask(std::move(query), [this, link, vertex, mapIndex](base::Result<types::Page> page) {
        m_ticket = 0;
        const TaskFacts facts = page && !page->rows.empty() ? taskFacts(*page, 0) : TaskFacts();
        if (facts.known())
            m_selection.selectTask({facts.row, static_cast<std::uint16_t>(vertex), mapIndex}, link.vertex);
        else m_selection.selectVertices({link.vertex});
        m_selection.reveal();
    });
}

} // namespace orrery::widgets
