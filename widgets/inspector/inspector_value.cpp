// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the inspector's first page says: the value of a task, of what a sink took in, of a map as a whole, or of a worker.
#include "widgets/common/format.h"
#include "widgets/common/state_bar.h"
#include "widgets/inspector/attempts_list.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/value_page.h"
#include "widgets/inspector/why_page.h"

namespace orrery::widgets {

namespace {

QString noValueText(const TaskFacts& facts)
{
    using enum types::TaskState;
    if (!facts.known()) return InspectorPanel::tr("It has not begun; its value will stand here.");
    switch (facts.state) {
    case Running: return InspectorPanel::tr("It runs; its value will stand here.");
    case Failed: return InspectorPanel::tr("It failed, so there is no value. Why says more.");
    case Cancelled:
    case Skipped: return InspectorPanel::tr("It did not run, so there is no value.");
    default: return InspectorPanel::tr("It has not run yet; its value will stand here.");
    }
}

} // namespace

void InspectorPanel::showValue()
{
    if (m_subject.kind == Subject::Kind::Vertex && m_subject.tasks != 1) return showVertexSummary();
    const auto* run = m_run.shownRun();
    const bool ofMaker = m_maker.wish().has_value();
    const FactsSource& source = ofMaker ? m_maker : m_facts;
    const TaskFacts& facts = source.task();
    m_value->setAttempts(m_attempts, causeWords(m_facts.task().errorType));
    if (run && source.wish() && !source.hasAnswer()) return m_value->showAsking();
    if (!run || !facts.known() || !types::isGood(facts.state)) return m_value->showNoValue(noValueText(facts));
    const std::uint16_t output = ofMaker ? m_makerOutput : m_subject.output;
    ValuePage::Value value;
    value.address = {run->id, facts.row, output, -1};
    value.attempt = facts.attempt;
    const bool indexed = m_subject.task && m_subject.tasks > 1;
    const QString own =
        indexed ? QStringLiteral("%1 [%2]").arg(m_subject.vertex).arg(m_subject.task->mapIndex) : m_subject.vertex;
    value.producer = ofMaker ? source.wish()->vertex : own;
    value.fileName = m_subject.vertex;
    if (indexed) value.fileName += QStringLiteral(".%1").arg(m_subject.task->mapIndex);
    const types::FunctionInfo* info = function();
    if (info && ofMaker && !info->inputs.empty())
        value.fileName += QLatin1Char('.') + QString::fromStdString(info->inputs.front().name);
    if (info && !ofMaker)
        for (const auto& port : info->outputs) value.outputs << QString::fromStdString(port.name);
    if (info && !ofMaker && output < info->outputs.size())
        value.fileName += QLatin1Char('.') + QString::fromStdString(info->outputs[output].name);
    m_value->showValue(value, source.object(output));
}

// An output that was chosen stays for the vertex's other tasks; an object that is selected elsewhere is a choice, too.
void InspectorPanel::takeOutput()
{
    if (m_subject.vertex != m_outputOf) m_output = 0;
    m_outputOf = m_subject.vertex;
    if (m_selection.object()) m_output = m_subject.output;
    m_subject.output = m_output;
}

void InspectorPanel::chooseOutput(int output)
{
    m_output = static_cast<std::uint16_t>(output);
    if (m_selection.object()) m_selection.selectObject({m_selection.object()->task, m_output}, m_subject.vertex); // the table of objects follows
    else m_refresh->now();
}

void InspectorPanel::showVertexSummary()
{
    m_value->setAttempts({}, {});
    QList<KeyValue> rows;
    if (m_subject.runVertex >= 0 && static_cast<std::size_t>(m_subject.runVertex) < m_run.vertices().size()) {
        const auto& vertex = m_run.vertices()[static_cast<std::size_t>(m_subject.runVertex)];
        rows << KeyValue{tr("tasks"), countText(vertex.tasks)};
        for (int i = 0; i < types::kTaskStates; ++i)
            if (const auto count = vertex.counts[static_cast<std::size_t>(i)]; count > 0)
                rows << KeyValue{stateWord(static_cast<types::TaskState>(i)), countText(count)};
        const std::uint64_t done = vertex.counts[static_cast<std::size_t>(types::TaskState::Finished)];
        if (done > 0) {
            rows << KeyValue{tr("busy"), durationText(static_cast<std::int64_t>(vertex.busyNs))};
            rows << KeyValue{tr("mean"), durationText(static_cast<std::int64_t>(vertex.busyNs / done))};
        }
    }
    m_value->showSummary(rows);
}

void InspectorPanel::showWorker()
{
    m_value->setAttempts({}, {});
    QList<KeyValue> rows;
    const auto found = m_run.workers().find(m_subject.worker);
    if (found != m_run.workers().end()) {
        const types::WorkerRow& worker = found->second;
        rows << KeyValue{tr("runs"), worker.running.empty() ? (worker.alive ? tr("nothing") : QStringLiteral("–"))
                                                            : QString::fromStdString(worker.running)};
        rows << KeyValue{tr("tasks done"), countText(worker.tasksDone)};
        rows << KeyValue{tr("memory"), bytesText(worker.rssBytes)};
        rows << KeyValue{tr("pid"), QString::number(worker.pid)};
        rows << KeyValue{tr("alive for"), durationText((worker.alive ? m_run.nowNs() : worker.endNs) - worker.startNs)};
        if (!worker.exit.empty()) rows << KeyValue{tr("end"), QString::fromStdString(worker.exit)};
    }
    m_value->showSummary(rows);
}

} // namespace orrery::widgets
