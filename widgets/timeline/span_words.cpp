// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/span_words.h"

#include <QCoreApplication>
#include <cmath>
#include <utility>

namespace orrery::widgets {

using types::TaskState;
using types::TimeNs;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Timeline", text); }

struct Unit {
    double ns;
    const char* name;
};
constexpr Unit kUnits[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}};

QString minutes(TimeNs ns, int decimals)
{
    const bool negative = ns < 0;
    const double seconds = std::abs(static_cast<double>(ns)) / 1e9;
    const auto whole = static_cast<std::int64_t>(seconds) / 60;
    const QString rest = QString::number(seconds - static_cast<double>(whole) * 60, 'f', decimals).rightJustified(decimals > 0 ? decimals + 3 : 2, u'0');
    return (negative ? QStringLiteral("-") : QString()) + QStringLiteral("%1 min %2 s").arg(whole).arg(rest);
}

} // namespace

QString instantText(TimeNs sinceBegin)
{
    if (std::abs(sinceBegin) >= 60 * base::kSecond) return minutes(sinceBegin, 3);
    return QString::number(static_cast<double>(sinceBegin) / 1e9, 'f', 3) + QStringLiteral(" s");
}

QString tickText(TimeNs sinceBegin, TimeNs step)
{
    if (step >= 60 * base::kSecond) return QStringLiteral("%1 min").arg(sinceBegin / (60 * base::kSecond));
    // Below a millisecond a tick in seconds has more digits than room; the unit follows the step.
    const Unit& unit = step >= base::kMillisecond ? kUnits[0] : step >= base::kMicrosecond ? kUnits[1] : kUnits[2];
    const double digit = std::log10(unit.ns / static_cast<double>(step));
    const int decimals = digit <= 0 ? 0 : static_cast<int>(std::ceil(digit - 1e-9));
    if (unit.ns == 1e9 && sinceBegin >= 60 * base::kSecond) return minutes(sinceBegin, decimals);
    return QString::number(static_cast<double>(sinceBegin) / unit.ns, 'f', decimals) + u' ' + QString::fromUtf8(unit.name);
}

QString stateText(TaskState outcome, bool cut, bool open)
{
    if (open) return tr("running");
    if (cut) return tr("cut off");
    switch (outcome) {
    case TaskState::Failed: return tr("failed");
    case TaskState::Retrying: return tr("failed, tried again");
    case TaskState::Cancelled: return tr("cancelled");
    case TaskState::Cached: return tr("cached");
    default: return tr("done");
    }
}

QString exitText(const types::WorkerRow& worker)
{
    QString text = QString::fromStdString(worker.exit);
    for (const QLatin1String begin : {QLatin1String("it was "), QLatin1String("it ")}) // of a sentence; here it stands alone
        if (text.startsWith(begin)) {
            text.remove(0, begin.size());
            break;
        }
    return text.isEmpty() ? tr("ended") : text;
}

QString workersText(int workers) { return workers == 1 ? tr("1 worker") : tr("%1 workers").arg(workers); }

} // namespace orrery::widgets
