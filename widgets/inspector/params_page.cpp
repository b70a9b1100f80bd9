// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/params_page.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/section_head.h"
#include "widgets/inspector/vertex_editor.h"

#include <QBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>

namespace orrery::widgets {

namespace {

QJsonObject paramsOf(const types::Vertex* vertex)
{
    return vertex ? QJsonDocument::fromJson(QByteArray::fromStdString(vertex->params)).object() : QJsonObject();
}

} // namespace

ParamsPage::ParamsPage(GraphModel& graph, RunModel& run, QWidget* parent)
    : QWidget(parent), m_graph(graph), m_run(run), m_column(new QVBoxLayout(this)),
      m_none(new TextLabel({}, FontRole::Secondary, Token::Muted, this)), m_editor(new VertexEditor(graph, this))
{
    m_column->setContentsMargins(0, metric::kPadding, 0, metric::kPadding);
    m_column->setSpacing(0);
    m_none->setWordWrap(true);
    m_none->setContentsMargins(metric::kTextInset, 4, metric::kTextInset, 8);
    m_column->addWidget(m_none);
    auto* head = new SectionHead(tr("Task"), this);
    head->setBody(m_editor);
    m_column->addSpacing(6);
    m_column->addWidget(head);
    m_column->addWidget(m_editor);
    m_column->addStretch();
    connect(m_editor, &VertexEditor::renamed, this, &ParamsPage::renamed);
}

void ParamsPage::setVertex(const QString& vertex)
{
    const bool another = m_vertex != vertex;
    if (another) {
        m_vertex = vertex;
        for (ParamRow* row : m_rows) row->setProblem({});
        m_editor->setVertex(vertex);
    }
    show(another);
}

void ParamsPage::refresh()
{
    show(false);
}

void ParamsPage::rebuild(const types::FunctionInfo* function)
{
    // A row whose signal is being handled may be among them.
    for (ParamRow* row : m_rows) {
        row->hide();
        row->deleteLater();
    }
    m_rows.clear();
    int place = 1; // after m_none
    for (const ParamField& field : paramFields(function ? function->paramSchema : std::string())) {
        auto* row = new ParamRow(field, this);
        connect(row, &ParamRow::entered, this, [this, row](const QByteArray& json, int gesture) {
            row->setProblem(m_graph.setParameter(m_vertex, row->field().name, json, gesture));
        });
        connect(row, &ParamRow::resetRequested, this,
                [this, row] { row->setProblem(m_graph.resetParameter(m_vertex, row->field().name)); });
        m_column->insertWidget(place++, row);
        m_rows << row;
    }
}

void ParamsPage::show(bool afresh)
{
    const types::Vertex* vertex = m_graph.graph().find(m_vertex.toStdString());
    const types::FunctionInfo* function = vertex ? m_graph.functionOf(*vertex) : nullptr;
    const QString name = vertex ? QString::fromStdString(vertex->function) : QString();
    const std::string schema = function ? function->paramSchema : std::string();
    if (m_function != name || m_schema != schema) {
        m_function = name;
        m_schema = schema;
        rebuild(function);
    }
    m_none->setText(!vertex     ? QString()
                    : !function ? tr("No loaded library has %1; its parameters stay as they are.").arg(name)
                                : tr("%1 has no parameters.").arg(name));
    m_none->setVisible(m_rows.isEmpty());
    const QJsonObject params = paramsOf(vertex);
    for (ParamRow* row : m_rows) {
        const QJsonValue value = params.value(row->field().name);
        row->setValue(value, afresh);
        const bool missing = value.isUndefined() && row->field().required;
        row->setHint(missing ? tr("A value is needed.") : hintFor(row->field(), value));
    }
    m_editor->refresh(afresh);
}

QString ParamsPage::hintFor(const ParamField& field, const QJsonValue& value) const
{
    const auto* run = m_run.shownRun();
    const types::Vertex* then = m_run.graph() ? m_run.graph()->find(m_vertex.toStdString()) : nullptr;
    if (!run || !then || then->function != m_function.toStdString()) return {};
    const QJsonValue was = paramsOf(then).value(field.name);
    const QJsonValue now = value.isUndefined() ? field.fallback : value,
                     before = was.isUndefined() ? field.fallback : was;
    return now == before ? QString()
                         : tr("Run %1 had %2").arg(run->number).arg(QString::fromUtf8(jsonText(before)).left(40));
}

ParamRow* ParamsPage::row(const QString& parameter) const
{
    for (ParamRow* row : m_rows)
        if (row->field().name == parameter) return row;
    return nullptr;
}

} // namespace orrery::widgets
