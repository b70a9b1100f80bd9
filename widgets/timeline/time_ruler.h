// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TimeRuler: the instants above the field, the head of the line of now, and how long the chosen stretch of time is.
// Thread: UI.

#include "widgets/timeline/timeline_state.h"

#include <QWidget>

namespace orrery::widgets {

class TimeRuler final : public QWidget {
    Q_OBJECT
public:
    TimeRuler(TimelineState& state, QWidget* parent);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintArea(QPainter& painter);
    double x(types::TimeNs at) const { return m_state.scale().xOf(at) / m_state.ratio(); }
    TimelineState& m_state;
};

} // namespace orrery::widgets
