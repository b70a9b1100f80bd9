// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/canvas_area.h"

#include "widgets/common/buttons.h"
#include "widgets/common/dock_title.h"
#include "widgets/common/tab_bar.h"
#include "widgets/common/toast.h"
#include "widgets/pages/coach_card.h"

#include <QAction>
#include <QLabel>
#include <QVBoxLayout>

namespace orrery::app {

namespace {

constexpr int kInset = 12;
constexpr int kDrawerWidth = 296;
constexpr int kLowCanvas = 340; // under it the coach card shows its current line only

} // namespace

CanvasArea::CanvasArea(widgets::GraphModel& graph, widgets::RunModel& run, widgets::Selection& selection, QWidget* parent) : QWidget(parent), m_graph(graph)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_title = new widgets::DockTitle(nullptr, this);
    m_title->tabs()->add(graph.title());
    m_zoom = new QLabel(m_title);
    m_zoom->setFont(widgets::Theme::of().font(widgets::FontRole::Secondary));
    m_zoom->setContentsMargins(0, 0, 4, 0);
    m_title->addCorner(m_zoom);
    m_drawerButton = widgets::toolButton(QStringLiteral("panel"), tr("Inspector"), m_title);
    m_drawerButton->setCheckable(true);
    m_drawerButton->hide();
    connect(m_drawerButton, &QToolButton::clicked, this, &CanvasArea::toggleDrawer);
    column->addWidget(m_title);
    m_strip = new widgets::RunStrip(run, this);
    column->addWidget(m_strip);
    m_canvas = new widgets::GraphCanvas(graph, run, selection, this);
    column->addWidget(m_canvas, 1);
    m_canvas->installEventFilter(this);
    setMinimumSize(240, 160);
    const auto zoomed = [this](double zoom) { m_zoom->setText(QStringLiteral("%1 %").arg(qRound(zoom * 100))); };
    connect(m_canvas, &widgets::GraphCanvas::zoomChanged, this, zoomed);
    zoomed(1);
    connect(&graph, &widgets::GraphModel::documentChanged, this, &CanvasArea::nameDocument);
    connect(&graph.undoStack(), &QUndoStack::indexChanged, this, &CanvasArea::nameDocument);
    nameDocument();
}

void CanvasArea::nameDocument()
{
    m_title->tabs()->setTabText(0, m_graph.title() + (m_graph.isModified() ? QStringLiteral(" \u2022") : QString()));
}

void CanvasArea::addButton(QAction* action, const QString& iconName)
{
    auto* button = widgets::toolButton(iconName, action->text(), m_title);
    connect(button, &QToolButton::clicked, action, &QAction::trigger);
    m_title->addCorner(button);
    m_title->addCorner(m_drawerButton); // stays the last
}

void CanvasArea::setCoach(widgets::CoachCard* card)
{
    if (m_coach) m_coach->deleteLater();
    m_coach = card;
    m_canvas->setMinimapLeft(card != nullptr);
    if (!card) return;
    card->setParent(this);
    card->show();
    place();
}

void CanvasArea::toast(const QString& text, types::TaskState state, QAction* action)
{
    const int cut = text.indexOf(QStringLiteral(" \u00b7 "));
    widgets::ToastText words{text.left(cut < 0 ? text.size() : cut), cut < 0 ? QString() : text.mid(cut + 3), action ? tr("Show") : QString(), state};
    // Beside the coach card: what it says is about the lines there.
    const QSize taken = isVisible() && m_coach && m_coach->isVisibleTo(this) ? QSize(width() - m_coach->x(), height() - m_coach->y()) : QSize();
    auto* toast = widgets::Toast::show(isVisible() ? static_cast<QWidget*>(this) : window(), words, taken);
    if (action) connect(toast, &widgets::Toast::actionTriggered, action, &QAction::trigger);
}

void CanvasArea::setDrawer(QWidget* panel)
{
    if (m_drawer && m_drawer != panel) m_drawer->hide();
    m_drawer = panel;
    m_drawerButton->setVisible(panel != nullptr);
    if (!panel) return;
    panel->setParent(this);
    panel->setAutoFillBackground(true);
    panel->setVisible(m_drawerButton->isChecked());
    place();
}

void CanvasArea::toggleDrawer()
{
    if (!m_drawer) return;
    m_drawer->setVisible(!m_drawer->isVisible());
    m_drawerButton->setChecked(m_drawer->isVisible());
    place();
}

void CanvasArea::place()
{
    const QRect canvas = m_canvas->geometry();
    int right = canvas.right() + 1;
    if (m_drawer && m_drawer->isVisibleTo(this)) {
        m_drawer->setGeometry(right - kDrawerWidth, m_strip->y(), kDrawerWidth, height() - m_strip->y());
        m_drawer->raise();
        right -= kDrawerWidth;
    }
    if (m_coach) {
        m_coach->setCompact(canvas.height() < kLowCanvas);
        const QSize size = m_coach->sizeHint();
        m_coach->setGeometry(right - kInset - size.width(), canvas.bottom() + 1 - kInset - size.height(), size.width(), size.height());
        m_coach->raise();
    }
}

void CanvasArea::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    place();
}

bool CanvasArea::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_canvas && event->type() == QEvent::Resize) place();
    return QWidget::eventFilter(object, event);
}

} // namespace orrery::app
