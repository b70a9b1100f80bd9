// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/card_run.h"

#include <QCoreApplication>
#include <QLocale>

namespace orrery::widgets {

using types::TaskState;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("CardRun", text); }

} // namespace

QString withCommas(std::uint64_t number) { return QLocale::c().toString(static_cast<qulonglong>(number)); }

std::uint32_t CardRun::started() const { return done() + count(TaskState::Running) + count(TaskState::Failed) + count(TaskState::Retrying); }

types::TaskState stateOf(const types::VertexCounts& counts)
{
    const auto has = [&](TaskState state) { return counts.counts[static_cast<std::size_t>(state)] > 0; };
    // What a person must see first, then what happens, then what is missing.
    for (const TaskState state : {TaskState::Failed, TaskState::Held, TaskState::Running, TaskState::Retrying}) {
        if (has(state)) return state;
    }
    const bool open = has(TaskState::PendingArgs) || has(TaskState::PendingAssignment) || has(TaskState::PendingFetch) || has(TaskState::Submitted);
    const bool some = has(TaskState::Finished) || has(TaskState::Cached);
    if (open && some) return TaskState::Running; // a map between two of its tasks
    for (const TaskState state : {TaskState::PendingFetch, TaskState::Submitted, TaskState::PendingAssignment, TaskState::PendingArgs, TaskState::Cancelled, TaskState::Skipped}) {
        if (has(state)) return state;
    }
    if (has(TaskState::Finished)) return TaskState::Finished;
    return has(TaskState::Cached) ? TaskState::Cached : TaskState::PendingArgs;
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
    QString text = QString::fromLatin1(types::paletteName(run.state).data(), static_cast<qsizetype>(types::paletteName(run.state).size()));
    if (run.tasks > 1) text += tr(", %1 of %2").arg(withCommas(run.done()), withCommas(run.tasks));
    if (run.count(TaskState::Failed) > 0) text += tr(", %1 failed").arg(withCommas(run.count(TaskState::Failed)));
    return text;
}

} // namespace orrery::widgets
