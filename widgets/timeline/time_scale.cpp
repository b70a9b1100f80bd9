// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/time_scale.h"

#include "widgets/timeline/span_words.h"

#include <algorithm>
#include <cmath>

namespace orrery::widgets {

using types::TimeNs;

std::int64_t TimeScale::columnOf(TimeNs at) const { return static_cast<std::int64_t>(std::floor(static_cast<double>(at - originNs) / nsPerColumn)); }

TimeNs TimeScale::timeOf(std::int64_t column) const { return originNs + static_cast<TimeNs>(std::ceil(static_cast<double>(column) * nsPerColumn)); }

TimeNs TimeScale::timeAt(double x) const { return originNs + static_cast<TimeNs>(std::floor((static_cast<double>(first) + x) * nsPerColumn)); }

void TimeScale::zoom(double x, double factor)
{
    const double at = (static_cast<double>(first) + x) * nsPerColumn;
    nsPerColumn = std::clamp(nsPerColumn / factor, kFinestNs, kCoarsestNs);
    first = std::llround(at / nsPerColumn - x);
}

void TimeScale::show(TimeNs fromNs, TimeNs toNs, double marginLeft, double marginRight)
{
    const double share = std::max(.05, 1 - marginLeft - marginRight);
    const double length = static_cast<double>(std::max<TimeNs>(toNs - fromNs, 1));
    nsPerColumn = std::clamp(length / (share * width), kFinestNs, kCoarsestNs);
    first = std::llround(static_cast<double>(fromNs - originNs) / nsPerColumn - marginLeft * width);
}

std::vector<Tick> ticksOf(const TimeScale& scale, int minColumns)
{
    const double wanted = std::max(scale.nsPerColumn * minColumns, 1.0);
    double step = std::pow(10.0, std::floor(std::log10(wanted)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0})
        if (step * factor >= wanted) {
            step *= factor;
            break;
        }
    if (wanted > 30e9) { // above half a minute people count in sixties
        step = 3600e9;
        for (const double seconds : {60.0, 120.0, 300.0, 600.0, 1800.0})
            if (seconds * 1e9 >= wanted) {
                step = seconds * 1e9;
                break;
            }
        while (step < wanted) step *= 2;
    }
    const auto stepNs = static_cast<TimeNs>(std::max(step, 1.0));
    std::vector<Tick> ticks;
    const TimeNs left = scale.leftNs() - scale.originNs, right = scale.rightNs() - scale.originNs;
    for (TimeNs at = left <= 0 ? 0 : (left + stepNs - 1) / stepNs * stepNs; at < right; at += stepNs) // nothing is before the begin
        ticks.push_back({scale.originNs + at, tickText(at, stepNs)});
    return ticks;
}

} // namespace orrery::widgets
