// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The two charts between the tracks: what the cluster did with the run's tasks, and how busy a node's processors were.
// Thread: UI. Rectangles are device pixels of the painter's image; columns are those of the state's scale.

#include <QRect>
#include <cstdint>

class QPainter;

namespace orrery::widgets {

class TimelineState;

// Stacked, up to the number of tasks of the run: done, running, ready.
void paintActivity(QPainter& painter, const QRect& rect, const TimelineState& state);
void paintCpu(QPainter& painter, const QRect& rect, const TimelineState& state, std::uint16_t node);

} // namespace orrery::widgets
