// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TrackField: the part of the timeline where time runs to the right. Draws the picture and what lies over it; turns the mouse
// and the keys into changes of the state.
//   wheel: tracks up and down · Ctrl+wheel: zoom at the mouse · drag: a stretch of time · Shift+drag, middle drag: pan
//   W S zoom · A D pan · F to the selection or the stretch · Home whole run · End live · , . span before, after · Esc clear
// Thread: UI.

#include "widgets/timeline/field_picture.h"
#include "widgets/timeline/hover_card.h"

#include <QWidget>

namespace orrery::widgets {

class TrackField final : public QWidget {
    Q_OBJECT
public:
    TrackField(TimelineState& state, QWidget* parent);
    const FieldPicture& picture() const { return m_picture; }
    std::optional<FoundSpan> spanNear(const types::TrackSpans& track, double x) const; // x: of the widget
    std::optional<FoundSpan> spanUnder(QPointF at) const;
    std::optional<FoundSpan> transferUnder(QPointF at) const; // track: the node that got it
    const HoverCard& hoverCard() const { return *m_hover; }
    void reveal(); // the selected task's span: in the middle, with a blink

Q_SIGNALS:
    void painted();               // counts may be others
    void message(const QString& text);
    void filterWanted();          // "/"
    void cleared();               // Esc with nothing left to clear here

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Drag : std::uint8_t { None, Press, Area, Pan };
    void fit();
    void hover(QPointF at);
    bool hoverTransfer(QPointF at); // false: there is none
    void click(QPointF at);
    void step(int way);
    void focusChoice();
    bool takesKey(const QKeyEvent& event) const;
    double column(double x) const { return x * m_state.ratio(); }

    TimelineState& m_state;
    FieldPicture m_picture;
    HoverCard* m_hover;
    bool m_stale = true;
    bool m_blink = false;
    bool m_ring = false;    // the keyboard brought the focus here
    Drag m_drag = Drag::None;
    QPointF m_pressed, m_last;
    double m_panRest = 0;   // of a column, not yet panned
    int m_wheelRest = 0;
};

} // namespace orrery::widgets
