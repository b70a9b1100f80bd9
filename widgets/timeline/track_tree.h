// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TrackTree: the names of the rows at the left of the field, with what each worker runs now and how many tasks it did.
// A click on a node folds it, a click on a worker selects it.
// Thread: UI.

#include "widgets/timeline/timeline_state.h"

#include <QWidget>

class QPainter;

namespace orrery::widgets {

inline constexpr int kLanesTree = 120; // its width when nodes share rows

class TrackTree final : public QWidget {
    Q_OBJECT
public:
    TrackTree(TimelineState& state, QWidget* parent);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool event(QEvent* event) override;

private:
    void paintCluster(QPainter& painter, const QRect& rect);
    void paintNode(QPainter& painter, const QRect& rect, const TrackRow& row);
    void paintWorker(QPainter& painter, const QRect& rect, const TrackRow& row);
    void paintTransfers(QPainter& painter, const QRect& rect, const TrackRow& row);
    void paintLanes(QPainter& painter, const QRect& rect, const TrackRow& row);
    int rowUnder(int y) const;
    TimelineState& m_state;
    int m_hovered = -1;
};

} // namespace orrery::widgets
