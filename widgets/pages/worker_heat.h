// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// WorkerHeat: how busy each worker was over the last minute with tasks of the shown run: a row a worker, grouped by node, a cell
// half a second. The mouse reads one instant; a click selects the worker. Load is no state: it has no colour of one.
// Thread: UI. Reads: RunModel's spans, kHeatPerSecond times a second at most, only while seen. Cost: the spans of that minute.

#include "widgets/common/refresh.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace orrery::widgets {

inline constexpr int kHeatPerSecond = 4;
inline constexpr types::TimeNs kHeatNs = 60 * base::kSecond, kHeatCellNs = base::kSecond / 2;
inline constexpr std::size_t kHeatCells = kHeatNs / kHeatCellNs;

// Busy share, 0..1, of each of `cells` equal parts of [fromNs, toNs). What runs now counts until toNs.
std::vector<double> busyShares(const types::TrackSpans& track, types::TimeNs fromNs, types::TimeNs toNs, std::size_t cells);

class WorkerHeat final : public QWidget {
    Q_OBJECT
public:
    WorkerHeat(RunModel& run, Selection& selection, QWidget* parent = nullptr);
    std::size_t rows() const { return m_rows.size(); }
    QRect rowRect(std::size_t row) const; // of the cells
    QString tip(const QPoint& at) const;  // "A worker 1, 4.5 s ago: 92 % busy"; empty beside the cells
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Row {
        std::uint16_t node = 0, track = 0;
        int number = 0;
        bool first = false; // of its node: the name stands here
        bool lost = false;
        double last = 0;    // over the last second
        std::size_t joined = 0; // first cell of its node's life
        std::vector<double> cells;
    };
    void refresh();
    int rowHeight() const;
    int rowAt(const QPoint& at) const; // -1: none
    void paintRow(QPainter& painter, std::size_t at) const;
    void paintJoined(QPainter& painter, std::size_t first) const;
    void paintCursor(QPainter& painter) const;

    RunModel& m_run;
    Selection& m_selection;
    Refresh* m_refresh;
    std::vector<Row> m_rows;
    std::optional<int> m_cursor; // x
};

// The title row's scale: "0 [five cells] 100 %".
class HeatScale final : public QWidget {
    Q_OBJECT
public:
    explicit HeatScale(QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace orrery::widgets
