// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Toast: one line that says what has just happened, over the bottom of a widget, with at most one action. Stays kToastMs, longer
// while the mouse is over it or the keyboard in it; Esc closes it. A new one takes the place of the one before.
// Thread: UI. Lives: until it closes; deletes itself. Screen readers are told its text.

#include "widgets/common/theme.h"

#include <QSize>
#include <QWidget>
#include <optional>

class QTimer;

namespace orrery::widgets {

inline constexpr int kToastMs = 8'000;
inline constexpr int kToastInMs = 160;

struct ToastText {
    QString title;                          // 13/600
    QString detail;                         // muted, after it
    QString action;                         // "" for none
    std::optional<types::TaskState> state;  // its glyph, and the bar at the left; accent without one
};

class Toast final : public QWidget {
    Q_OBJECT
public:
    // Over the bottom of `over`, 12 px inside, centred. `taken`: what stands in the corner at the bottom right (from that corner); the
    // toast goes beside it, or above where its words would not fit.
    static Toast* show(QWidget* over, const ToastText& text, QSize taken = {});
    const ToastText& text() const { return m_text; }

Q_SIGNALS:
    void actionTriggered();

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    Toast(QWidget* over, const ToastText& text, QSize taken);
    void place(double shown); // 0 below its place, 1 in place
    void vanish();
    ToastText m_text;
    QSize m_taken;
    QTimer* m_timer;
    double m_shown = 1;
};

} // namespace orrery::widgets
