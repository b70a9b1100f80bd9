// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TimeScale: instants to columns of device pixels and back. Columns are counted from the run's begin, not from the left edge,
// so panning by whole columns moves pixels without changing one of them.
// Pure. Thread: any. Bounds: kFinestNs to kCoarsestNs a column; columns stay exact to 2^53.

#include "engine/types/run.h"

#include <QString>
#include <vector>

namespace orrery::widgets {

class TimeScale {
public:
    static constexpr double kFinestNs = 0.5, kCoarsestNs = 3.6e12;

    types::TimeNs originNs = 0;
    double nsPerColumn = 1e6;
    std::int64_t first = 0; // column at the left edge
    int width = 1;          // columns in view

    std::int64_t columnOf(types::TimeNs at) const;
    types::TimeNs timeOf(std::int64_t column) const; // of its left edge
    // Of the left edge; fractions of a column count.
    double xOf(types::TimeNs at) const { return static_cast<double>(at - originNs) / nsPerColumn - static_cast<double>(first); }
    types::TimeNs timeAt(double x) const;
    types::TimeNs leftNs() const { return timeOf(first); }
    types::TimeNs rightNs() const { return timeOf(first + width); }

    void pan(int columns) { first += columns; }
    // factor > 1 comes closer; the instant under x stays there.
    void zoom(double x, double factor);
    // [fromNs, toNs) fills the middle; margin: share of the width left free on either side.
    void show(types::TimeNs fromNs, types::TimeNs toNs, double marginLeft, double marginRight);
    bool operator==(const TimeScale&) const = default;
};

inline constexpr int kTickPx = 104; // marks of the ruler and lines of the grid are at least as far apart

struct Tick {
    types::TimeNs at = 0;
    QString text; // "5.1 s", relative to the origin
};

// Round instants in view, at least minColumns apart.
std::vector<Tick> ticksOf(const TimeScale& scale, int minColumns);

} // namespace orrery::widgets
