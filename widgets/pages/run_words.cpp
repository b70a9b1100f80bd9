// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/run_words.h"

#include "widgets/common/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace orrery::widgets {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Pages)
};

} // namespace

QString counted(std::int64_t number, const QString& one, const QString& many)
{
    return countText(static_cast<std::uint64_t>(number)) + QLatin1Char(' ') + (number == 1 ? one : many);
}

types::TaskState runGlyph(types::RunState state)
{
    switch (state) {
    case types::RunState::Queued: return types::TaskState::PendingArgs;
    case types::RunState::Running: return types::TaskState::Running;
    case types::RunState::Stopping: return types::TaskState::Held;
    case types::RunState::Succeeded: return types::TaskState::Finished;
    case types::RunState::Failed: return types::TaskState::Failed;
    case types::RunState::Stopped: return types::TaskState::Cancelled;
    }
    return types::TaskState::PendingArgs;
}

QString runLabel(const types::RunRow& run)
{
    const auto word = [&] {
        switch (run.state) {
        case types::RunState::Queued: return Words::tr("queued");
        case types::RunState::Running: return Words::tr("live");
        case types::RunState::Stopping: return Words::tr("stopping");
        case types::RunState::Succeeded: return Words::tr("done");
        case types::RunState::Failed: return Words::tr("failed");
        case types::RunState::Stopped: return Words::tr("stopped");
        }
        return QString();
    };
    return Words::tr("Run %1 · %2").arg(run.number).arg(word());
}

std::uint32_t doneTasks(const types::StateCounts& counts)
{
    return counts[static_cast<std::size_t>(types::TaskState::Finished)] +
           counts[static_cast<std::size_t>(types::TaskState::Cached)];
}

QString runTimeText(types::TimeNs duration)
{
    if (duration < base::kSecond || duration >= 60 * base::kSecond) return durationText(duration);
    return QStringLiteral("%1 s").arg(static_cast<double>(duration) / 1e9, 0, 'f', 1);
}

types::TimeNs runDuration(const types::RunRow& run, types::TimeNs nowNs)
{
    if (run.startNs == 0) return 0;
    return std::max<types::TimeNs>(0, (run.endNs != 0 ? run.endNs : nowNs) - run.startNs);
}

} // namespace orrery::widgets
