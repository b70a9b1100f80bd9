// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CanvasArea: the middle of the window: the row with the document's name and the zoom, the strip of the run, the canvas, and
// what floats over it (coach card, toasts, and in narrow windows the inspector as a drawer).
// Thread: UI. Lives: with the window.

#include "widgets/graph/graph_canvas.h"
#include "widgets/pages/run_strip.h"

#include <QPointer>
#include <QWidget>

class QLabel;
class QToolButton;

namespace orrery::widgets {
class CoachCard;
class DockTitle;
}

namespace orrery::app {

class CanvasArea final : public QWidget {
    Q_OBJECT
public:
    CanvasArea(widgets::GraphModel& graph, widgets::RunModel& run, widgets::Selection& selection, QWidget* parent);
    widgets::GraphCanvas& canvas() { return *m_canvas; }
    widgets::RunStrip& strip() { return *m_strip; }
    void addButton(QAction* action, const QString& iconName); // right end of the document's row
    void setCoach(widgets::CoachCard* card); // null: none; owned here
    // A line at the bottom that goes by itself; action may be null.
    void toast(const QString& text, types::TaskState state, QAction* action = nullptr);
    // A panel over the right end of the canvas, opened and closed by a button; null: none. Not owned.
    void setDrawer(QWidget* panel);
    bool hasDrawer() const { return m_drawer != nullptr; }
    void toggleDrawer();

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void place();
    void nameDocument();
    widgets::GraphModel& m_graph;
    widgets::DockTitle* m_title;
    QLabel* m_zoom;
    QToolButton* m_drawerButton;
    widgets::RunStrip* m_strip;
    widgets::GraphCanvas* m_canvas;
    QPointer<widgets::CoachCard> m_coach;
    QPointer<QWidget> m_drawer;
};

} // namespace orrery::app
