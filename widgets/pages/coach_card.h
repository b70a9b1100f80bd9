// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CoachCard: a small card in a corner that walks a person through some steps, a line each; lines tick when they are done.
// Not modal and never in the way: who places it keeps it off selected cards. Thread: UI. Lives: over the canvas.

#include <QWidget>

#include <vector>

namespace orrery::widgets {

class CoachCard final : public QWidget {
    Q_OBJECT
public:
    explicit CoachCard(const QString& title, QWidget* parent = nullptr);
    void setLines(const QStringList& lines); // forgets what was done; the first is current
    void setText(int index, const QString& text);
    void setDone(int index);                 // the current line moves on to the first that is not done
    void setCurrent(int index);
    bool isDone(int index) const;
    int current() const { return m_current; } // -1: all done
    int doneCount() const;
    void setCompact(bool compact); // low windows: the current line only
    QSize sizeHint() const override;

Q_SIGNALS:
    void lineActivated(int index);
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRect lineRect(int index) const; // empty: not shown
    QRect closeRect() const;
    int lineAt(const QPoint& at) const; // -1: none
    void close();

    struct Line {
        QString text;
        bool done = false;
    };
    QString m_title;
    std::vector<Line> m_lines;
    int m_current = -1;
    int m_hovered = -1;
    bool m_compact = false;
    bool m_closeHovered = false;
};

} // namespace orrery::widgets
