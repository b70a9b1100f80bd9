// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/track_tree.h"

#include "widgets/common/chips.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/span_words.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

namespace orrery::widgets {

namespace {

constexpr int kName = 34, kGlyphSide = 11, kRight = 12, kFunction = 132;

bool isLost(const RunModel& model, std::uint16_t node)
{
    const auto* row = model.node(node);
    return row != nullptr && row->state == types::NodeState::Dead;
}

} // namespace

TrackTree::TrackTree(TimelineState& state, QWidget* parent) : QWidget(parent), m_state(state)
{
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    setAccessibleName(tr("Tracks"));
    connect(&state, &TimelineState::changed, this, qOverload<>(&QWidget::update));
    connect(&state, &TimelineState::figuresChanged, this, [this] {
        if (m_state.isCompact()) update();
    });
}

void TrackTree::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), color(Token::Panel));
    const auto& rows = m_state.rows();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const TrackRow& row = rows[i];
        const QRect rect(0, row.top - m_state.scrollY(), width() - 1, row.height);
        if (rect.bottom() < 0 || rect.top() > height()) continue;
        const bool chosen = row.kind == RowKind::Worker && m_state.selection().worker() && *m_state.selection().worker() == row.tracks.front();
        if (chosen) painter.fillRect(rect, color(Token::Selection));
        else if (static_cast<int>(i) == m_hovered && (row.kind == RowKind::Worker || row.kind == RowKind::Node)) painter.fillRect(rect, color(Token::Hover));
        switch (row.kind) {
        case RowKind::Cluster: paintCluster(painter, rect); break;
        case RowKind::Node: paintNode(painter, rect, row); break;
        case RowKind::Worker: paintWorker(painter, rect, row); break;
        case RowKind::Transfers: paintTransfers(painter, rect, row); break;
        case RowKind::Lanes: paintLanes(painter, rect, row); break;
        case RowKind::Marks:
            painter.setFont(Theme::of().font(FontRole::Secondary));
            painter.setPen(color(Token::Muted));
            painter.drawText(rect.adjusted(kName, 0, -kRight, 0), Qt::AlignVCenter | Qt::AlignLeft, tr("Marks"));
            break;
        }
        if (row.kind != RowKind::Worker) painter.fillRect(0, rect.bottom(), width(), 1, color(Token::LineInside));
    }
    painter.fillRect(width() - 1, 0, 1, height(), color(Token::Border));
}

void TrackTree::paintCluster(QPainter& painter, const QRect& rect)
{
    painter.drawPixmap(12, rect.top() + 7, iconPixmap(QStringLiteral("chart"), 14, color(Token::Muted), devicePixelRatioF()));
    painter.setFont(Theme::of().font(FontRole::Medium));
    painter.setPen(color(Token::Text));
    painter.drawText(QRect(kName, rect.top() + 4, rect.width() - kName, 20), Qt::AlignVCenter | Qt::AlignLeft, tr("Cluster"));
    painter.setFont(Theme::of().font(FontRole::Caption));
    int x = kName;
    const struct {
        Token token;
        QString text;
    } parts[] = {{Token::Running, tr("running")}, {Token::Ready, tr("ready")}, {Token::Succeeded, tr("done")}};
    for (const auto& part : parts) {
        painter.fillRect(x, rect.top() + 31, 8, 8, color(part.token));
        painter.setPen(color(Token::Muted));
        painter.drawText(QRect(x + 12, rect.top() + 25, 80, 20), Qt::AlignVCenter | Qt::AlignLeft, part.text);
        x += 26 + painter.fontMetrics().horizontalAdvance(part.text);
    }
}

void TrackTree::paintNode(QPainter& painter, const QRect& rect, const TrackRow& row)
{
    const RunModel& model = m_state.model();
    const bool known = row.node != kNoNode, lost = known && isLost(model, row.node);
    drawChevron(painter, {8.0, rect.center().y() - 5.0, 12, 12}, row.open, color(Token::Muted));
    painter.fillRect(26, rect.top() + 4, 2, rect.height() - 9, lost || !known ? color(Token::Lost) : Theme::of().node(row.node));
    painter.setFont(Theme::of().font(FontRole::Section));
    painter.setPen(color(lost ? Token::Lost : Token::Text));
    painter.drawText(rect.adjusted(kName, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, known ? tr("Node %1").arg(RunModel::nodeLetter(row.node)) : tr("Unknown"));
    int alive = 0;
    types::TimeNs lastNs = 0;
    for (const auto& [track, worker] : model.workers())
        if (worker.node == row.node) {
            alive += worker.alive;
            lastNs = std::max(lastNs, worker.endNs);
        }
    painter.setFont(Theme::of().font(FontRole::Caption));
    painter.setPen(color(lost ? Token::Failed : Token::Muted));
    const QString text = lost ? (lastNs > 0 ? tr("lost at %1").arg(instantText(lastNs - m_state.beginNs())) : tr("lost")) : !known ? QString() : workersText(alive);
    const QRect right = rect.adjusted(kName, 0, -kRight, 0);
    painter.drawText(right, Qt::AlignVCenter | Qt::AlignRight, text);
    if (!lost) return;
    const double wide = painter.fontMetrics().horizontalAdvance(text);
    drawStateGlyph(painter, {right.right() - wide - 17, rect.center().y() - 5.0, kGlyphSide, kGlyphSide}, types::TaskState::Failed);
}

void TrackTree::paintWorker(QPainter& painter, const QRect& rect, const TrackRow& row)
{
    const RunModel& model = m_state.model();
    const std::uint16_t track = row.tracks.front();
    const auto worker = model.workers().find(track);
    const auto* spans = m_state.set().find(track);
    const bool known = worker != model.workers().end(), dead = known && !worker->second.alive;
    const Token ink = dead ? Token::Lost : Token::Muted;
    painter.setFont(Theme::of().font(FontRole::Secondary));
    painter.setPen(color(ink));
    const QString name = known ? tr("worker %1").arg(model.workerNumber(track)) : tr("track %1").arg(track);
    QString count = countText(spans ? spans->spans : 0);
    if (rect.height() >= kTwoLines) { // the count has a line and a word of its own
        const QRect lines(kName, rect.center().y() - 14, rect.width() - kName, 28);
        painter.drawText(lines, Qt::AlignTop | Qt::AlignLeft, name);
        painter.setFont(Theme::of().font(FontRole::Caption));
        painter.drawText(lines, Qt::AlignBottom | Qt::AlignLeft, spans != nullptr && spans->spans == 1 ? tr("1 task") : tr("%1 tasks").arg(count));
        count.clear();
    } else {
        painter.drawText(rect.adjusted(kName, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, name);
    }
    painter.setFont(Theme::of().font(FontRole::MonoSmall));
    painter.drawText(rect.adjusted(0, 0, -kRight, 0), Qt::AlignVCenter | Qt::AlignRight, count);
    const int room = rect.width() - kRight - painter.fontMetrics().horizontalAdvance(count) - 8 - kFunction - kGlyphSide;
    const QRectF glyph(kFunction, rect.center().y() - kGlyphSide / 2.0 + .5, kGlyphSide, kGlyphSide);
    QString running;
    if (dead) drawStateGlyph(painter, glyph, types::TaskState::Failed); // its track tells how it ended
    else if (spans != nullptr && !spans->open.empty()) running = model.vertexName(spans->open.front().vertex);
    if (running.isEmpty()) return;
    drawStateGlyph(painter, glyph, types::TaskState::Running);
    painter.setFont(Theme::of().font(FontRole::Caption));
    painter.setPen(color(ink));
    painter.drawText(QRect(kFunction + kGlyphSide + 5, rect.top(), room, rect.height()), Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(running, Qt::ElideRight, room));
}

void TrackTree::paintTransfers(QPainter& painter, const QRect& rect, const TrackRow& row)
{
    painter.setFont(Theme::of().font(FontRole::Caption));
    painter.setPen(color(isLost(m_state.model(), row.node) ? Token::Lost : Token::Muted));
    painter.drawText(rect.adjusted(kName, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, tr("transfers"));
    const auto* brought = m_state.transfers().find(row.node);
    painter.setFont(Theme::of().font(FontRole::MonoSmall));
    if (brought != nullptr) painter.drawText(rect.adjusted(0, 0, -kRight, 0), Qt::AlignVCenter | Qt::AlignRight, countText(brought->spans));
}

void TrackTree::paintLanes(QPainter& painter, const QRect& rect, const TrackRow& row)
{
    const RunModel& model = m_state.model();
    const bool lost = isLost(model, row.node);
    paintNodeChip(painter, {8.0, rect.center().y() - 7.0, kChip, kChip}, row.node, row.node == kNoNode ? QStringLiteral("?") : RunModel::nodeLetter(row.node), lost || row.node == kNoNode);
    painter.setFont(Theme::of().font(FontRole::Caption));
    painter.setPen(color(lost ? Token::Lost : Token::Text));
    painter.drawText(QRect(32, rect.top() + 2, rect.width() - 34, 15), Qt::AlignVCenter | Qt::AlignLeft, workersText(static_cast<int>(row.tracks.size())));
    painter.setPen(color(lost ? Token::Failed : Token::Muted));
    const auto* node = model.node(row.node);
    if (node != nullptr) painter.drawText(QRect(32, rect.top() + 16, rect.width() - 34, 15), Qt::AlignVCenter | Qt::AlignLeft, lost ? tr("lost") : percentText(node->cpuShare));
}

int TrackTree::rowUnder(int y) const { return rowAt(m_state.rows(), y + m_state.scrollY()); }

void TrackTree::mousePressEvent(QMouseEvent* event)
{
    const int at = rowUnder(event->pos().y());
    if (at < 0 || event->button() != Qt::LeftButton) return;
    const TrackRow row = m_state.rows()[static_cast<std::size_t>(at)];
    if (row.kind == RowKind::Node) m_state.toggle(row.node);
    else if (row.kind == RowKind::Worker) m_state.selection().selectWorker(row.tracks.front());
}

void TrackTree::mouseMoveEvent(QMouseEvent* event)
{
    const int at = rowUnder(event->pos().y());
    if (at == m_hovered) return;
    m_hovered = at;
    update();
}

void TrackTree::leaveEvent(QEvent*)
{
    m_hovered = -1;
    update();
}

void TrackTree::wheelEvent(QWheelEvent* event)
{
    m_state.scrollTo(m_state.scrollY() - event->angleDelta().y() * 3 * metric::kTrack / 120);
    event->accept();
}

bool TrackTree::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int at = rowUnder(help->pos().y());
    QString text;
    if (at >= 0 && m_state.rows()[static_cast<std::size_t>(at)].kind == RowKind::Transfers) {
        text = tr("values that it brought from other nodes");
    } else if (at >= 0 && m_state.rows()[static_cast<std::size_t>(at)].kind == RowKind::Worker) {
        const auto worker = m_state.model().workers().find(m_state.rows()[static_cast<std::size_t>(at)].tracks.front());
        if (worker != m_state.model().workers().end())
            text = worker->second.alive ? tr("process %1").arg(worker->second.pid) : tr("process %1: %2").arg(worker->second.pid).arg(exitText(worker->second));
    }
    QToolTip::showText(help->globalPos(), text, this);
    return true;
}

} // namespace orrery::widgets
