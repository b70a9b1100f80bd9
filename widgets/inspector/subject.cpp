// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/subject.h"

#include <algorithm>

namespace orrery::widgets {

namespace {

class PageRow {
public:
    PageRow(const types::Page& page, std::size_t row) : m_page(page), m_row(row) {}
    QString text(std::string_view column) const
    {
        const auto* cell = find(column);
        const auto* value = cell ? std::get_if<std::string>(cell) : nullptr;
        return value ? QString::fromStdString(*value) : QString();
    }
    std::int64_t number(std::string_view column, std::int64_t otherwise = -1) const
    {
        const auto* cell = find(column);
        const auto* value = cell ? std::get_if<std::int64_t>(cell) : nullptr;
        return value ? *value : otherwise;
    }

private:
    const types::Cell* find(std::string_view column) const
    {
        if (m_row >= m_page.rows.size()) return nullptr;
        for (std::size_t i = 0; i < m_page.columns.size() && i < m_page.rows[m_row].size(); ++i)
            if (m_page.columns[i] == column) return &m_page.rows[m_row][i];
        return nullptr;
    }
    const types::Page& m_page;
    std::size_t m_row;
};

types::TaskState stateOf(const QString& name)
{
    for (int i = 0; i < types::kTaskStates; ++i) {
        const auto state = static_cast<types::TaskState>(i);
        const auto text = types::jsonName(state);
        if (name == QLatin1String(text.data(), static_cast<qsizetype>(text.size()))) return state;
    }
    return types::TaskState::PendingArgs;
}

void addSpans(const types::TrackSpans& track, std::uint32_t row, std::vector<AttemptFacts>& attempts)
{
    for (const auto& block : track.blocks)
        for (std::size_t i = 0; i < block->size(); ++i) {
            if (block->row[i] != row) continue;
            const auto outcome = static_cast<types::TaskState>(block->flags[i] & types::kSpanOutcomeMask);
            attempts.push_back({1, track.track, block->startNs(i), block->endNs(i) - block->startNs(i), outcome});
        }
}

} // namespace

TaskFacts taskFacts(const types::Page& page, std::size_t at)
{
    const PageRow row(page, at);
    TaskFacts facts;
    facts.row = static_cast<std::uint32_t>(row.number("row", types::kNoRow));
    facts.state = stateOf(row.text("state"));
    facts.attempt = static_cast<int>(std::max<std::int64_t>(1, row.number("attempt", 1)));
    facts.track = static_cast<std::uint16_t>(row.number("track", types::kNoWorker));
    facts.id = row.text("task_id");
    facts.node = row.text("node");
    facts.errorType = row.text("error_type");
    facts.error = row.text("error_message");
    facts.waitReason = row.text("wait_reason");
    facts.resources = row.text("required_resources");
    facts.args = row.text("args");
    facts.returns = row.text("returns");
    facts.waitNs = row.number("wait_ns");
    facts.durationNs = row.number("duration_ns");
    facts.cpuNs = row.number("cpu_ns");
    facts.bytesOut = row.number("bytes_out");
    facts.peakBytes = row.number("peak_bytes");
    facts.startNs = row.number("start_ns");
    facts.endNs = row.number("end_ns");
    return facts;
}

std::vector<ResultFacts> resultFacts(const types::Page& page)
{
    std::vector<ResultFacts> objects;
    for (std::size_t at = 0; at < page.rows.size(); ++at) {
        const PageRow row(page, at);
        ResultFacts facts;
        facts.output = static_cast<std::uint16_t>(std::max<std::int64_t>(0, row.number("output", 0)));
        facts.id = row.text("object_id");
        facts.node = row.text("node");
        facts.state = row.text("state");
        facts.type = row.text("type");
        facts.shape = row.text("shape");
        facts.bytes = row.number("object_size");
        facts.refs = row.number("refs");
        objects.push_back(std::move(facts));
    }
    return objects;
}

std::vector<AttemptFacts> attemptsOf(const types::SpanSet& spans, std::uint32_t row, types::TimeNs nowNs)
{
    std::vector<AttemptFacts> attempts;
    if (row == types::kNoRow) return attempts;
    for (const auto& track : spans.tracks) addSpans(track, row, attempts);
    std::stable_sort(attempts.begin(), attempts.end(),
                     [](const AttemptFacts& a, const AttemptFacts& b) { return a.startNs < b.startNs; });
    for (std::size_t i = 0; i < attempts.size(); ++i) attempts[i].number = static_cast<int>(i) + 1;
    for (const auto& track : spans.tracks)
        for (const auto& open : track.open) {
            if (open.row != row) continue;
            attempts.push_back({open.attempt, track.track, open.startNs,
                                std::max<types::TimeNs>(0, nowNs - open.startNs), types::TaskState::Running});
        }
    return attempts;
}

Subject subjectOf(const Selection& selection, const GraphModel& graph, const RunModel& run)
{
    Subject subject;
    if (selection.worker()) {
        subject.kind = Subject::Kind::Worker;
        subject.worker = *selection.worker();
        return subject;
    }
    const QStringList& vertices = selection.vertices();
    subject.several = static_cast<int>(vertices.size());
    if (selection.task()) {
        subject.kind = Subject::Kind::Task;
        subject.task = selection.task();
        subject.output = selection.object() ? selection.object()->output : std::uint16_t{0};
    } else if (vertices.size() == 1) {
        subject.kind = Subject::Kind::Vertex;
    } else {
        subject.kind = vertices.isEmpty() ? Subject::Kind::None : Subject::Kind::Several;
        return subject;
    }
    if (!vertices.isEmpty()) subject.vertex = vertices.first();
    if (!subject.task && !graph.graph().find(subject.vertex.toStdString())) {
        subject.kind = Subject::Kind::None; // it was removed
        return subject;
    }
    if (run.graph())
        subject.runVertex = subject.task ? subject.task->vertex : run.graph()->indexOf(subject.vertex.toStdString());
    if (subject.runVertex >= 0 && static_cast<std::size_t>(subject.runVertex) < run.vertices().size())
        subject.tasks = run.vertices()[static_cast<std::size_t>(subject.runVertex)].tasks;
    return subject;
}

} // namespace orrery::widgets
