// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/card_run.h"

#include "widgets/models/leading_state.h"

#include <QCoreApplication>
#include <QLocale>

namespace orrery::widgets {

using types::TaskState;

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("CardRun", text);
}

} // namespace

QString withCommas(std::uint64_t number)
{
    return QLocale::c().toString(static_cast<qulonglong>(number));
}

std::uint32_t CardRun::started() const
{
    return done() + count(TaskState::Running) + count(TaskState::Failed) + count(TaskState::Retrying);
}

types::TaskState stateOf(const types::VertexCounts& counts)
{
    const TaskState state = leadingState(counts.counts);
    const auto has = [&](TaskState which) { return counts.counts[static_cast<std::size_t>(which)] > 0; };
    const bool waits = state == TaskState::PendingArgs || state == TaskState::PendingAssignment ||
                       state == TaskState::PendingFetch || state == TaskState::Submitted;
    return waits && (has(TaskState::Finished) || has(TaskState::Cached)) ? TaskState::Running
                                                                         : state; // a map between two of its tasks
}

CardRun cardRun(const types::VertexCounts& counts)
{
    CardRun run;
    run.shown = true;
    run.vertex = counts.vertex;
    run.counts = counts.counts;
    run.tasks = counts.tasks;
    run.busyNs = counts.busyNs;
    run.state = stateOf(counts);
    return run;
}

QString lineOf(const CardRun& run)
{
    if (!run.shown || run.tasks == 0) return {};
    const auto line = [](std::uint32_t count, const char* word) { return withCommas(count) + u' ' + tr(word); };
    if (run.count(TaskState::Failed) > 0) return line(run.count(TaskState::Failed), "failed");
    if (run.count(TaskState::Running) > 0) return line(run.count(TaskState::Running), "run");
    if (run.count(TaskState::Retrying) > 0) return line(run.count(TaskState::Retrying), "retry");
    if (run.count(TaskState::Held) > 0) return line(run.count(TaskState::Held), "held");
    if (run.count(TaskState::PendingFetch) > 0) return line(run.count(TaskState::PendingFetch), "fetch");
    if (run.ready() > 0) return line(run.ready(), "ready");
    if (run.count(TaskState::PendingArgs) > 0) return line(run.count(TaskState::PendingArgs), "wait");
    if (run.done() == run.tasks) return tr("all done");
    return line(run.count(TaskState::Cancelled) + run.count(TaskState::Skipped), "skipped");
}

QString sentenceOf(const CardRun& run)
{
    if (!run.shown) return tr("not run");
    QString text = QString::fromLatin1(types::paletteName(run.state).data(),
                                       static_cast<qsizetype>(types::paletteName(run.state).size()));
    if (run.tasks > 1) text += tr(", %1 of %2").arg(withCommas(run.done()), withCommas(run.tasks));
    if (run.count(TaskState::Failed) > 0) text += tr(", %1 failed").arg(withCommas(run.count(TaskState::Failed)));
    return text;
}

} // namespace orrery::widgets
