// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// How a NodeCard looks; the design's card at 240 x 132, wider where there is room.
#include "widgets/common/chips.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/pages/node_card.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kBarLeft = 62, kBarHeight = 6, kRowTop = 51, kRowPitch = 16, kEdge = 12;
constexpr int kHistoryTop = 101, kHistoryBottom = 125;

QString amountText(std::uint64_t used, std::uint64_t total) // the total comes with the first heartbeat
{
    return total == 0 ? QStringLiteral("–") : bytesOfText(used, total);
}

double share(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0 : std::clamp(static_cast<double>(part) / static_cast<double>(whole), 0.0, 1.0);
}

void drawRight(QPainter& painter, int right, int top, int height, const QString& text)
{
    painter.drawText(QRect(0, top, right, height), Qt::AlignRight | Qt::AlignVCenter, text);
}

} // namespace

int NodeCard::barEnd() const
{
    return std::min(width() - 116, qRound(width() * 0.575));
}

types::TaskState NodeCard::glyph() const
{
    switch (m_row.state) {
    case types::NodeState::Joining: return types::TaskState::PendingFetch;
    case types::NodeState::Alive: return types::TaskState::Finished;
    case types::NodeState::Draining: return types::TaskState::Held;
    case types::NodeState::Dead: return types::TaskState::Failed;
    }
    return types::TaskState::PendingArgs;
}

std::vector<NodeCard::Bar> NodeCard::bars() const
{
    if (isLost())
        return {
            {tr("CPU"), QStringLiteral("–")}, {tr("Memory"), QStringLiteral("–")}, {tr("Store"), QStringLiteral("–")}};
    const std::uint64_t stored = std::min(m_row.storeBytes, m_row.memoryBytes);
    return {
        {tr("CPU"), percentText(m_row.cpuShare), std::clamp(m_row.cpuShare, 0.0, 1.0), 0},
        {tr("Memory"), amountText(m_row.memoryBytes, m_row.memoryTotalBytes),
         share(m_row.memoryBytes - stored, m_row.memoryTotalBytes), share(stored, m_row.memoryTotalBytes)},
        {tr("Store"), amountText(m_row.storeBytes, m_row.storeCapacityBytes), 0,
         share(m_row.storeBytes, m_row.storeCapacityBytes)},
    };
}

void NodeCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_drop < 1) {
        painter.setOpacity(m_drop);
        painter.translate(0, (m_drop - 1) * 8);
    }
    const QRectF card = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    QPainterPath outline;
    outline.addRoundedRect(card, 6, 6);
    painter.fillPath(outline, color(Token::Panel));
    painter.save();
    painter.setClipPath(outline);
    painter.fillRect(QRectF(0, 0, 4, height()), Theme::of().state(glyph()));
    painter.restore();
    painter.setPen(QPen(color(Token::Border), 1));
    painter.drawPath(outline);
    paintHead(painter);
    paintWorkers(painter);
    paintBars(painter);
    paintHistory(painter);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color(Token::Accent), 2));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 5, 5);
    }
    if (!m_plugMarked || !m_plug->isEnabled() || m_drop < 1) return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color(Token::Accent), 1));
    painter.drawRoundedRect(QRectF(m_plug->geometry()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
}

void NodeCard::paintHead(QPainter& painter) const
{
    const Theme& theme = Theme::of();
    drawStateGlyph(painter, QRectF(12, 9, 14, 14), glyph());
    paintNodeChip(painter, QRectF(32, 8, 18, kChip), m_node, RunModel::nodeLetter(m_node), isLost());

    const QString age = heardText();
    painter.setFont(theme.font(FontRole::Secondary));
    painter.setPen(color(isLost() ? Token::Failed : Token::Muted));
    const int ageRight = (isLost() ? m_more->x() : m_plug->x()) - 4;
    drawRight(painter, ageRight, 6, 20, age);
    const QString tag = tr("head");
    const int tagRoom = m_ofHead ? tagWidth(tag) + 8 : 0;
    const int room = ageRight - painter.fontMetrics().horizontalAdvance(age) - 8 - 56 - tagRoom;
    painter.setFont(theme.font(FontRole::Title));
    painter.setPen(color(isLost() ? Token::Muted : Token::Text));
    const QString name = QString::fromStdString(m_row.name);
    const QString shown = painter.fontMetrics().elidedText(name, Qt::ElideRight, room);
    painter.drawText(QRect(56, 6, room, 20), Qt::AlignVCenter, shown);
    const int after = 56 + painter.fontMetrics().horizontalAdvance(shown) + 8;
    if (m_ofHead) paintTag(painter, {after, 16}, tag);
    if (!m_elsewhere && !m_row.remote) return;
    const QString address = QString::fromStdString(m_row.address);
    const QString host = m_row.remote && !address.isEmpty() ? address.left(address.lastIndexOf(u':')) : QString::fromStdString(m_row.host);
    painter.setFont(theme.font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    const int hostRoom = 56 + room - after;
    if (hostRoom > 24)
        painter.drawText(QRect(after, 6, hostRoom, 20), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(host, Qt::ElideMiddle, hostRoom));
}

void NodeCard::paintWorkers(QPainter& painter) const
{
    const QColor idle = Theme::of().mix(color(Token::Panel), color(Token::Muted), 0.6);
    for (std::size_t i = 0; i < m_workers.size(); ++i) {
        const Worker& worker = m_workers[i];
        const QRectF square = squareRect(i);
        if (square.isEmpty()) {
            paintBusyBar(painter);
            break;
        }
        if (worker.alive && !worker.running.isEmpty()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(Theme::of().mix(color(Token::Panel), Theme::of().state(types::TaskState::Running), 0.8));
            painter.drawRoundedRect(square, 2, 2);
        } else {
            painter.setPen(QPen(worker.alive || isLost() ? idle : color(Token::Failed), 1));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(square.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
            if (!worker.alive) {
                painter.drawLine(square.topLeft() + QPointF(3.5, 3.5), square.bottomRight() - QPointF(3.5, 3.5));
                painter.drawLine(square.topRight() + QPointF(-3.5, 3.5), square.bottomLeft() + QPointF(3.5, -3.5));
            }
        }
        if (m_selection.worker() != worker.track) continue;
        painter.setPen(QPen(color(Token::Accent), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(square.adjusted(-2, -2, 2, 2), 3, 3);
    }
    painter.setFont(Theme::of().font(FontRole::Caption));
    painter.setPen(color(Token::Muted));
    drawRight(painter, width() - kEdge, 32, 16, workersText());
}

void NodeCard::paintBusyBar(QPainter& painter) const
{
    const QRectF bar(kEdge, 34, workersRoom(), 12);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color(Token::BarEmpty));
    painter.drawRoundedRect(bar, 2, 2);
    painter.setBrush(Theme::of().mix(color(Token::Panel), Theme::of().state(types::TaskState::Running), 0.8));
    painter.drawRoundedRect(
        QRectF(bar.left(), bar.top(), bar.width() * busy() / static_cast<double>(m_workers.size()), bar.height()), 2,
        2);
}

void NodeCard::paintBars(QPainter& painter) const
{
    int top = kRowTop;
    for (const Bar& bar : bars()) {
        painter.setFont(Theme::of().font(FontRole::Caption));
        painter.setPen(color(Token::Muted));
        painter.drawText(QRect(kEdge, top, kBarLeft - kEdge, kRowPitch), Qt::AlignVCenter, bar.name);
        const QRectF track(kBarLeft, top + (kRowPitch - kBarHeight) / 2, barEnd() - kBarLeft, kBarHeight);
        QPainterPath shape;
        shape.addRoundedRect(track, 2, 2);
        painter.fillPath(shape, color(Token::BarEmpty));
        painter.save();
        painter.setClipPath(shape);
        const double used = track.width() * bar.share,
                     stored = bar.store > 0 ? std::max(1.0, track.width() * bar.store) : 0;
        painter.fillRect(QRectF(track.left(), track.top(), used, track.height()), color(Token::Load));
        painter.fillRect(QRectF(track.left() + used, track.top(), stored, track.height()), color(Token::StoreOwn));
        painter.restore();
        painter.setFont(Theme::of().font(FontRole::MonoSmall));
        painter.setPen(color(isLost() ? Token::Muted : Token::Text));
        drawRight(painter, width() - kEdge, top, kRowPitch, bar.value);
        top += kRowPitch;
    }
}

void NodeCard::paintHistory(QPainter& painter) const
{
    const QRectF field(kEdge, kHistoryTop, barEnd() - kEdge, kHistoryBottom - kHistoryTop);
    painter.setPen(QPen(color(Token::LineInside), 1));
    painter.drawLine(QPointF(field.left(), field.bottom() + 0.5), QPointF(width() - kEdge, field.bottom() + 0.5));
    if (m_cpu.size() > 1) {
        QPolygonF line;
        for (const QPointF& point : m_cpu)
            line << QPointF(field.left() + point.x() * field.width(),
                            field.bottom() - point.y() * (field.height() - 1));
        QPolygonF area = line;
        area << QPointF(line.last().x(), field.bottom()) << QPointF(line.first().x(), field.bottom());
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(Token::LoadFill));
        painter.drawPolygon(area);
        painter.setPen(QPen(color(Token::Load), 0));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(line);
        if (isLost()) {
            painter.setPen(QPen(color(Token::Failed), 1.6, Qt::SolidLine, Qt::RoundCap));
            const QPointF end(line.last().x(), field.bottom() - 4);
            painter.drawLine(end + QPointF(-3, -3), end + QPointF(3, 3));
            painter.drawLine(end + QPointF(-3, 3), end + QPointF(3, -3));
        }
    }
    painter.setFont(Theme::of().font(FontRole::MonoSmall));
    painter.setPen(color(Token::Muted));
    const auto row = [&](double top, const QString& arrow, double perSecond) {
        const QString text = isLost() ? QStringLiteral("–") : rateText(perSecond);
        drawRight(painter, width() - kEdge, static_cast<int>(top), 13, text);
        icon(arrow, Token::Muted).paint(&painter, QRect(width() - 88, static_cast<int>(top), 13, 13));
    };
    row(kHistoryTop, QStringLiteral("down"), m_netIn);
    row(kHistoryTop + 13, QStringLiteral("up"), m_netOut);
}

} // namespace orrery::widgets
