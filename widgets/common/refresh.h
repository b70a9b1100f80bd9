// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Refresh: many signals, one piece of work. ask() says that something changed; the work runs when the event loop comes round,
// once an interval at most, never while the widget is hidden, and catches up when it is shown.
// Thread: UI. Lives: as a child of the widget.

#include <QElapsedTimer>
#include <QEvent>
#include <QTimer>
#include <QWidget>
#include <algorithm>
#include <functional>

namespace orrery::widgets {

inline constexpr int kFrameMs = 16;

class Refresh final : public QObject {
public:
    Refresh(QWidget* widget, int intervalMs, std::function<void()> work) : QObject(widget), m_widget(widget), m_intervalMs(intervalMs), m_work(std::move(work))
    {
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            if (m_due && m_widget->isVisible()) now();
        });
        widget->installEventFilter(this);
    }
    void ask()
    {
        m_due = true;
        if (m_widget->isVisible() && !m_timer.isActive()) m_timer.start(waitMs());
    }
    void now()
    {
        m_due = false;
        m_last.start();
        m_work();
    }
    bool isDue() const { return m_due; }

protected:
    bool eventFilter(QObject* object, QEvent* event) override
    {
        if (object == m_widget && event->type() == QEvent::Show && m_due) now();
        return false;
    }

private:
    int waitMs() const { return m_last.isValid() ? static_cast<int>(std::max<qint64>(0, m_intervalMs - m_last.elapsed())) : 0; }
    QWidget* m_widget;
    int m_intervalMs;
    QElapsedTimer m_last;
    QTimer m_timer;
    std::function<void()> m_work;
    bool m_due = true; // the first show fills the widget
};

} // namespace orrery::widgets
