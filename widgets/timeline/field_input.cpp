// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// The mouse and the keys of TrackField.
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/span_words.h"
#include "widgets/timeline/track_field.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <cmath>

namespace orrery::widgets {

using types::TimeNs;

namespace {

constexpr double kDragPx = 4;      // nearer to the press it is a click
constexpr double kWheelZoom = 1.2; // a notch
constexpr double kKeyZoom = 1.5;
constexpr int kNotch = 120;        // eighths of a degree
constexpr int kWheelRows = 3;

} // namespace

void TrackField::mousePressEvent(QMouseEvent* event)
{
    m_hover->dismiss();
    m_pressed = m_last = event->position();
    m_panRest = 0;
    if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && (event->modifiers() & Qt::ShiftModifier) != 0)) {
        m_drag = Drag::Pan;
        setCursor(Qt::ClosedHandCursor);
    } else if (event->button() == Qt::LeftButton) {
        m_drag = Drag::Press;
    }
}

void TrackField::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF at = event->position();
    if (m_drag == Drag::Pan) {
        m_panRest += column(m_last.x() - at.x());
        const int columns = static_cast<int>(m_panRest);
        m_panRest -= columns;
        m_state.pan(columns);
        m_state.scrollTo(m_state.scrollY() + qRound(m_last.y()) - qRound(at.y()));
        m_last = at;
        return;
    }
    if (m_drag == Drag::Press && std::abs(at.x() - m_pressed.x()) >= kDragPx) m_drag = Drag::Area;
    if (m_drag == Drag::Area) {
        const double left = std::min(m_pressed.x(), at.x()), right = std::max(m_pressed.x(), at.x());
        m_state.setArea(TimeArea{m_state.scale().timeAt(column(left)), m_state.scale().timeAt(column(right))});
        return;
    }
    if (m_drag == Drag::None) hover(at);
}

void TrackField::mouseReleaseEvent(QMouseEvent* event)
{
    const Drag drag = std::exchange(m_drag, Drag::None);
    unsetCursor();
    if (drag == Drag::Press && event->button() == Qt::LeftButton) click(event->position());
}

void TrackField::leaveEvent(QEvent*)
{
    m_hover->dismiss();
    m_state.selection().hover(std::nullopt);
}

void TrackField::focusInEvent(QFocusEvent* event)
{
    m_ring = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
    update();
}

void TrackField::focusOutEvent(QFocusEvent*)
{
    m_ring = false;
    update();
}

void TrackField::click(QPointF at)
{
    if (const auto span = spanUnder(at)) m_state.select(*span);
    else if (const auto transfer = transferUnder(at)) m_state.select(*transfer); // who made it
    else m_state.setArea(std::nullopt);
}

void TrackField::hover(QPointF at)
{
    const auto span = spanUnder(at);
    if (!span && hoverTransfer(at)) return;
    if (!span) {
        m_hover->dismiss();
        m_state.selection().hover(std::nullopt);
        return;
    }
    m_state.selection().hover(TaskRef{span->row, span->vertex, span->index});
    const RunModel& model = m_state.model();
    const auto worker = model.workers().find(span->track);
    const QString place = worker == model.workers().end() ? tr("track %1").arg(span->track)
                                                          : tr("%1 worker %2").arg(RunModel::nodeLetter(worker->second.node)).arg(model.workerNumber(span->track));
    const bool cut = (span->flags & types::kSpanCut) != 0;
    QString state = stateText(types::spanOutcome(span->flags), cut, span->open);
    if (types::spanAttempt(span->flags) > 1) state += tr(", attempt %1").arg(types::spanAttempt(span->flags));
    if (const auto strip = m_picture.strips().find(span->track); strip != m_picture.strips().end() && !span->open) {
        const auto here = m_state.scale().first + static_cast<std::int64_t>(std::floor(column(at.x())));
        for (const MergedRun& run : strip->second.runs())
            if (run.count > 1 && here >= run.left && here < run.right) state += tr(" · one of %1 merged here: W comes closer").arg(countText(run.count));
    }
    m_hover->show(at.toPoint(),
                  {model.taskName(span->vertex, span->index) + QStringLiteral("   ") + durationText(span->endNs - span->startNs),
                   tr("%1, from %2").arg(place, instantText(span->startNs - m_state.beginNs())), state},
                  cut ? types::TaskState::Failed : types::spanOutcome(span->flags));
}

bool TrackField::hoverTransfer(QPointF at)
{
    const auto span = transferUnder(at);
    if (!span) return false;
    m_state.selection().hover(TaskRef{span->row, span->vertex, span->index});
    const int from = types::transferFrom(span->flags);
    const QString to = RunModel::nodeLetter(span->track);
    const QString way = from < 0 ? tr("brought to node %1").arg(to) : tr("brought from node %1 to node %2").arg(RunModel::nodeLetter(static_cast<std::uint16_t>(from)), to);
    m_hover->show(at.toPoint(), {m_state.model().taskName(span->vertex, span->index) + QStringLiteral("   ") + durationText(span->endNs - span->startNs),
                                 tr("%1, from %2").arg(way, instantText(span->startNs - m_state.beginNs()))}, std::nullopt);
    return true;
}

void TrackField::wheelEvent(QWheelEvent* event)
{
    m_hover->dismiss();
    const QPoint turned = event->angleDelta();
    if ((event->modifiers() & Qt::ControlModifier) != 0) {
        m_state.zoom(column(event->position().x()), std::pow(kWheelZoom, static_cast<double>(turned.y()) / kNotch));
    } else if ((event->modifiers() & Qt::ShiftModifier) != 0 || std::abs(turned.x()) > std::abs(turned.y())) {
        const int way = turned.x() != 0 ? turned.x() : turned.y();
        m_state.pan(-way * m_state.scale().width / (kNotch * 10));
    } else {
        m_wheelRest += turned.y() * kWheelRows * metric::kTrack;
        const int pixels = m_wheelRest / kNotch;
        m_wheelRest -= pixels * kNotch;
        m_state.scrollTo(m_state.scrollY() - pixels);
    }
    event->accept();
}

bool TrackField::takesKey(const QKeyEvent& event) const
{
    if ((event.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) != 0) return false;
    switch (event.key()) {
    case Qt::Key_W: case Qt::Key_S: case Qt::Key_A: case Qt::Key_D: case Qt::Key_F: case Qt::Key_Home: case Qt::Key_End: case Qt::Key_Escape:
    case Qt::Key_Period: case Qt::Key_Comma: case Qt::Key_Slash: case Qt::Key_Up: case Qt::Key_Down: case Qt::Key_PageUp: case Qt::Key_PageDown: return true;
    default: return false;
    }
}

bool TrackField::event(QEvent* event)
{
    // Letters mean something only here; shortcuts of the window do not take them away.
    if (event->type() == QEvent::ShortcutOverride && takesKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void TrackField::keyPressEvent(QKeyEvent* event)
{
    if (!takesKey(*event)) {
        QWidget::keyPressEvent(event);
        return;
    }
    m_hover->dismiss();
    const QPointF mouse = mapFromGlobal(QCursor::pos());
    const double x = rect().contains(mouse.toPoint()) && underMouse() ? column(mouse.x()) : m_state.scale().width / 2.0;
    const int part = m_state.scale().width / 8;
    switch (event->key()) {
    case Qt::Key_W: m_state.zoom(x, kKeyZoom); break;
    case Qt::Key_S: m_state.zoom(x, 1 / kKeyZoom); break;
    case Qt::Key_A: m_state.pan(-part); break;
    case Qt::Key_D: m_state.pan(part); break;
    case Qt::Key_F: focusChoice(); break;
    case Qt::Key_Home: m_state.goHome(); break;
    case Qt::Key_End: m_state.goLive(); break;
    case Qt::Key_Period: step(1); break;
    case Qt::Key_Comma: step(-1); break;
    case Qt::Key_Slash: Q_EMIT filterWanted(); break;
    case Qt::Key_Up: m_state.scrollTo(m_state.scrollY() - metric::kTrack); break;
    case Qt::Key_Down: m_state.scrollTo(m_state.scrollY() + metric::kTrack); break;
    case Qt::Key_PageUp: m_state.scrollTo(m_state.scrollY() - m_state.height()); break;
    case Qt::Key_PageDown: m_state.scrollTo(m_state.scrollY() + m_state.height()); break;
    case Qt::Key_Escape:
        if (m_state.area()) m_state.setArea(std::nullopt);
        else if (m_state.selection().task()) m_state.selection().clear();
        else Q_EMIT cleared();
        break;
    default: break;
    }
}

void TrackField::focusChoice()
{
    if (m_state.area()) m_state.show(m_state.area()->fromNs, m_state.area()->toNs);
    else if (const auto span = m_state.selected()) {
        m_state.bringIntoView(span->track);
        m_state.centre(span->startNs + (span->endNs - span->startNs) / 2, span->endNs - span->startNs);
    } else Q_EMIT message(tr("Select a task or drag over a stretch of time first."));
}

void TrackField::step(int way)
{
    const auto from = m_state.selected();
    std::optional<FoundSpan> to;
    if (from) {
        if (const auto* track = m_state.set().find(from->track)) to = spanBeside(*track, from->startNs, way, m_state.nowNs());
    } else {
        for (const TrackRow& row : m_state.rows()) // the first in view
            for (const std::uint16_t number : row.tracks)
                if (const auto* track = m_state.set().find(number); track != nullptr && !to && row.bottom() > m_state.scrollY())
                    to = spanBeside(*track, m_state.scale().leftNs(), 1, m_state.nowNs());
    }
    if (!to) {
        Q_EMIT message(way > 0 ? tr("No later task on this track.") : tr("No earlier task on this track."));
        return;
    }
    m_state.select(*to);
    m_state.bringIntoView(to->track);
    const TimeScale& scale = m_state.scale();
    if (to->startNs < scale.leftNs() || to->startNs >= scale.rightNs()) m_state.pan(static_cast<int>(scale.xOf(to->startNs)) - scale.width / 2);
}

} // namespace orrery::widgets
