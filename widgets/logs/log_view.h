// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LogView: log lines, painted: time, level with its glyph, node and worker, text. Lines are chosen by click, Shift and keys and
// copied whole. While it follows, the newest line is in view; scrolling up ends that, scrolling to the end begins it again.
// Thread: UI. Cost: the visible lines.

#include "widgets/logs/log_lines.h"
#include "widgets/models/selection.h"

#include <QAbstractScrollArea>

namespace orrery::widgets {

inline constexpr int kLogLine = 20;

class LogView final : public QAbstractScrollArea {
    Q_OBJECT
public:
    LogView(const RunModel& run, const Selection& selection, LogLines& lines, QWidget* parent = nullptr);
    void takeLines();          // the model changed
    void linesReplaced();      // another filter
    bool follows() const { return m_follows; }
    void setFollows(bool follows);
    QString chosenText() const; // what copying takes; several lines
    int topLine() const;        // place of the first one that is seen

Q_SIGNALS:
    void followsChanged(bool follows);
    void workerChosen(int track); // double click on a line of a worker

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    struct Range {
        std::uint64_t first = 0, last = 0;
    };
    void updateBars();
    void toEnd();
    void paintLine(QPainter& painter, const types::LogLine& line, int y, bool chosen) const;
    void paintSource(QPainter& painter, const types::LogLine& line, const QRect& rect) const;
    int placeAt(int y) const;   // -1: no line there
    void choose(int place, bool extend);
    void copy() const;
    bool isChosen(std::uint64_t number) const;
    QString timeOf(const types::LogLine& line) const;
    QString copyOf(const types::LogLine& line) const;

    const RunModel& m_run;
    const Selection& m_selection;
    LogLines& m_lines;
    bool m_follows = true;
    bool m_moving = false;      // we move the bar ourselves
    bool m_anyChosen = false;
    std::uint64_t m_anchor = 0, m_cursor = 0; // numbers of lines
};

QString levelWord(std::uint8_t level);

} // namespace orrery::widgets
