// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// FieldOverlay: what is painted over the field's picture: tasks that run, up to now; deaths of workers; marks of the run; the
// chosen and the hovered task with their flows; the chosen stretch of time; the line of now.
// Thread: UI. Coordinates: device-independent pixels of the field.

#include "widgets/timeline/field_picture.h"

#include <QPainter>

namespace orrery::widgets {

class FieldOverlay {
public:
    FieldOverlay(QPainter& painter, const TimelineState& state, const FieldPicture& picture, QSize size) : m_painter(painter), m_state(state), m_picture(picture), m_size(size) {}
    void paint(bool blink);
    // Where a span lies; null when its row is not shown.
    static QRectF boxOf(const TimelineState& state, const FoundSpan& span);

private:
    void running();
    void runs(const types::TrackSpans& track, const QRectF& band, bool detail);
    void deaths();
    void axes();  // names at the right of the charts
    void marks();
    void outline(const FoundSpan& span, bool chosen, bool blink);
    void hovered();
    void flows();
    void arrow(const FoundSpan& from, const FoundSpan& to);
    void area();
    void now();
    double x(types::TimeNs at) const { return m_state.scale().xOf(at) / m_state.ratio(); }

    QPainter& m_painter;
    const TimelineState& m_state;
    const FieldPicture& m_picture;
    QSize m_size;
};

} // namespace orrery::widgets
