// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// PanelStage: a shown timeline panel over a model of its own, with a mouse and what tests look for in pictures.
// Thread: the test's. REQUIRES: installTheme() was called.

#include "tests/widgets/timeline/timeline_world.h"
#include "widgets/common/buttons.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/theme.h"
#include "widgets/models/selection.h"
#include "widgets/timeline/field_overlay.h"
#include "widgets/timeline/timeline_footer.h"
#include "widgets/timeline/timeline_panel.h"
#include "widgets/timeline/track_field.h"
#include "widgets/timeline/track_tree.h"

#include <QDeadlineTimer>
#include <QMouseEvent>
#include <QTest>
#include <QTimer>
#include <QWheelEvent>
#include <algorithm>

namespace orrery::tests {

using namespace orrery::widgets;

struct PanelStage {
    RunModel model;
    Selection selection;
    TimelinePanel panel{model, selection};
    TrackField& field = *panel.findChild<TrackField*>();
    TrackTree& tree = *panel.findChild<TrackTree*>();
    TimelineState& state = *panel.findChild<TimelineState*>();
    TimelineFooter& footer = *panel.findChild<TimelineFooter*>();
    explicit PanelStage(QSize size = {1400, 420})
    {
        panel.resize(size);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        field.setFocus();
    }
    // Until the panel has taken what the model has, and painted it.
    void settle()
    {
        QDeadlineTimer late(5'000);
        QTimer::singleShot(5'000, &panel, [] {}); // wakes the loop when nothing else does
        while ((&state.set() != model.spans().get() || !state.filter().complete()) && !late.hasExpired()) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QVERIFY(!late.hasExpired());
        field.repaint();
        QCoreApplication::processEvents();
    }
    void show(const TimelineWorld& world, base::TimeNs now)
    {
        model.take(world.at(now, true));
        settle();
    }
    FoundSpan found(const types::Attempt& a) const { return {a.worker, a.row, a.mapIndex, a.vertex, 0, a.startNs, a.endNs, false}; }
    QPoint middleOf(const types::Attempt& a) const { return FieldOverlay::boxOf(state, found(a)).center().toPoint(); }
    void wheel(QPoint at, int notches, Qt::KeyboardModifiers keys = {})
    {
        QWheelEvent event(at, field.mapToGlobal(at), {}, {0, 120 * notches}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&field, &event);
        field.repaint();
    }
    void drag(QPoint from, QPoint to, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers keys = {})
    {
        QTest::mousePress(&field, button, keys, from);
        for (int i = 1; i <= 10; ++i) {
            const QPoint at = from + (to - from) * i / 10;
            QMouseEvent move(QEvent::MouseMove, at, field.mapToGlobal(at), Qt::NoButton, button, keys);
            QCoreApplication::sendEvent(&field, &move);
        }
        QTest::mouseRelease(&field, button, keys, to);
        field.repaint();
    }
    QAbstractButton& resume() { return *field.findChild<FlatButton*>(QString(), Qt::FindDirectChildrenOnly); }
    EmptyState& empty() { return *field.findChild<EmptyState*>(); }
};

inline const types::Attempt& wideOne(const TimelineWorld& world, base::TimeNs after, std::uint16_t vertex = 2)
{
    return *std::find_if(world.attempts().begin(), world.attempts().end(),
                         [&](const types::Attempt& a) { return a.vertex == vertex && a.startNs > world.beginNs() + after && a.endNs - a.startNs > 200 * base::kMillisecond; });
}

inline int countColour(const QImage& image, const QRect& rect, const QColor& wanted)
{
    int count = 0;
    for (int y = std::max(0, rect.top()); y <= std::min(rect.bottom(), image.height() - 1); ++y)
        for (int x = std::max(0, rect.left()); x <= std::min(rect.right(), image.width() - 1); ++x) count += (image.pixel(x, y) & 0xffffffu) == (wanted.rgb() & 0xffffffu);
    return count;
}

} // namespace orrery::tests
