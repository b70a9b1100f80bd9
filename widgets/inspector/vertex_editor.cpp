// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/vertex_editor.h"

#include "widgets/common/elided_label.h"
#include "widgets/inspector/number_box.h"
#include "widgets/inspector/text_box.h"

#include <QGridLayout>
#include <QLineEdit>

namespace orrery::widgets {

namespace {

constexpr int kRetriesMax = 100; // of the document format
constexpr double kMiB = 1024.0 * 1024.0;
constexpr int kLabelWidth = 96;

} // namespace

VertexEditor::VertexEditor(GraphModel& graph, QWidget* parent)
    : QWidget(parent), m_graph(graph), m_name(new QLineEdit(this)), m_note(new TextBox(false, this)),
      m_retries(new NumberBox(true, {0, kRetriesMax}, {}, this)), m_cpus(new NumberBox(false, {0, {}, 1}, {}, this)),
      m_gpus(new NumberBox(false, {0, {}, 1}, {}, this)), m_memory(new NumberBox(false, {0, {}, 64}, tr("MiB"), this)),
      m_problem(new TextLabel({}, FontRole::Secondary, Token::Failed, this))
{
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(metric::kTextInset, 4, metric::kPadding + metric::kLineEdit + 4, 4);
    grid->setHorizontalSpacing(4);
    grid->setVerticalSpacing(4);
    int row = 0;
    const auto add = [&](const QString& name, const QString& objectName, QWidget* editor, const QString& tip) {
        auto* label = new TextLabel(name, FontRole::Secondary, Token::Muted, this);
        label->setFixedWidth(kLabelWidth);
        label->setMinimumHeight(metric::kLineEdit);
        label->setToolTip(tip);
        editor->setToolTip(tip);
        editor->setObjectName(objectName);
        editor->setAccessibleName(name);
        grid->addWidget(label, row, 0, Qt::AlignTop);
        grid->addWidget(editor, row++, 1);
    };
    add(tr("name"), QStringLiteral("vertex.name"), m_name, tr("How wires, files and the command line call it"));
    add(tr("note"), QStringLiteral("vertex.note"), m_note, tr("For people; it changes nothing"));
    add(tr("retries"), QStringLiteral("vertex.retries"), m_retries, tr("How often a failed attempt is made again"));
    add(tr("CPUs"), QStringLiteral("vertex.cpus"), m_cpus, tr("CPUs that an attempt is given"));
    add(tr("GPUs"), QStringLiteral("vertex.gpus"), m_gpus, tr("GPUs that an attempt is given"));
    add(tr("memory"), QStringLiteral("vertex.memory"), m_memory,
        tr("Memory that an attempt is given; 0: none is set aside"));
    m_problem->setWordWrap(true);
    m_problem->hide();
    grid->addWidget(m_problem, row, 0, 1, 2);
    grid->setColumnStretch(1, 1);

    connect(m_name, &QLineEdit::editingFinished, this, &VertexEditor::rename);
    connect(m_note, &TextBox::written, this, [this](const QString& text) { m_graph.setNote(m_vertex, text); });
    connect(m_retries, &NumberBox::entered, this, &VertexEditor::setRetries);
    connect(m_cpus, &NumberBox::entered, this, [this](const QJsonValue& value) { setResource(types::kCpu, value, 1); });
    connect(m_gpus, &NumberBox::entered, this, [this](const QJsonValue& value) { setResource(types::kGpu, value, 1); });
    connect(m_memory, &NumberBox::entered, this,
            [this](const QJsonValue& value) { setResource(types::kMemory, value, kMiB); });
}

void VertexEditor::setVertex(const QString& vertex)
{
    m_vertex = vertex;
    say({});
}

void VertexEditor::refresh(bool afresh)
{
    const types::Vertex* vertex = m_graph.graph().find(m_vertex.toStdString());
    setEnabled(vertex != nullptr);
    if (!vertex) return;
    const types::FunctionInfo* function = m_graph.functionOf(*vertex);
    if (afresh || m_shownName != m_vertex) m_name->setText(m_shownName = m_vertex);
    if (const QString note = QString::fromStdString(vertex->note); afresh || m_note->lastWritten() != note)
        m_note->setWritten(note);
    const auto show = [afresh](NumberBox* box, const QJsonValue& value) {
        if (afresh || box->value() != value) box->setValue(value);
    };
    show(m_retries, vertex->retries.value_or(function ? function->retries : 0));
    const types::Resources resources = vertex->resources.value_or(function ? function->resources : types::Resources());
    show(m_cpus, resources.amount(types::kCpu));
    show(m_gpus, resources.amount(types::kGpu));
    show(m_memory, resources.amount(types::kMemory) / kMiB);
}

QString VertexEditor::problem() const
{
    return m_problem->text();
}

void VertexEditor::say(const QString& problem)
{
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
}

void VertexEditor::rename()
{
    const QString name = m_name->text().trimmed();
    if (name == m_vertex) return say({});
    const QString problem = m_graph.renameVertex(m_vertex, name);
    say(problem);
    if (problem.isEmpty()) Q_EMIT renamed(name);
}

void VertexEditor::setRetries(const QJsonValue& value)
{
    const double count = value.toDouble(-1);
    if (count < 0 || count > kRetriesMax || count != static_cast<int>(count))
        return say(tr("Retries are a whole number from 0 to %1.").arg(kRetriesMax));
    say({});
    m_graph.setRetries(m_vertex, static_cast<std::int32_t>(count));
}

void VertexEditor::setResource(std::string_view name, const QJsonValue& value, double factor)
{
    const types::Vertex* vertex = m_graph.graph().find(m_vertex.toStdString());
    if (!vertex) return;
    if (!value.isDouble()) return say(tr("This is no number."));
    const types::FunctionInfo* function = m_graph.functionOf(*vertex);
    types::Resources resources = vertex->resources.value_or(function ? function->resources : types::Resources());
    if (const auto set = resources.set(name, value.toDouble() * factor); !set)
        return say(QString::fromStdString(set.error().message));
    say({});
    m_graph.setResources(m_vertex, resources);
}

} // namespace orrery::widgets
