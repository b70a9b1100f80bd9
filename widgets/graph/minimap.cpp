// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/minimap.h"

#include "widgets/common/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr QSize kSize(208, 92), kSmallSize(108, 44);
constexpr double kMargin = 6, kBlockMin = 1.5;

} // namespace

Minimap::Minimap(QWidget* parent) : QWidget(parent)
{
    setFixedSize(kSize);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Overview of the graph"));
    setCursor(Qt::ArrowCursor);
    connect(&Theme::of(), &Theme::changed, this, [this] {
        m_image = {};
        update();
    });
}

void Minimap::setSmall(bool small)
{
    if (size() == (small ? kSmallSize : kSize)) return;
    setFixedSize(small ? kSmallSize : kSize);
    fit();
}

void Minimap::setBlocks(std::vector<MinimapBlock> blocks)
{
    m_blocks = std::move(blocks);
    m_image = {};
    fit();
}

void Minimap::setView(const QRectF& world)
{
    if (m_view == world) return;
    m_view = world;
    fit();
}

// All cards and what is seen of the plane near them; a view far away from everything does not shrink the graph to nothing.
void Minimap::fit()
{
    QRectF cards;
    for (const auto& block : m_blocks) cards = cards.united(block.rect);
    const QRectF near = cards.adjusted(-cards.width() / 2 - 200, -cards.height() / 2 - 200, cards.width() / 2 + 200,
                                       cards.height() / 2 + 200);
    const QRectF world = cards.isEmpty() ? m_view : cards.united(m_view & near);
    const double scale = std::min((width() - 2 * kMargin) / std::max(world.width(), 1.0),
                                  (height() - 2 * kMargin) / std::max(world.height(), 1.0));
    update();
    if (m_held || (world == m_world && scale == m_scale)) return;
    m_world = world;
    m_scale = scale;
    m_image = {};
}

QPointF Minimap::worldOf(const QPointF& point) const
{
    return m_world.center() + (point - QPointF(width() / 2.0, height() / 2.0)) / m_scale;
}
QPointF Minimap::pointOf(const QPointF& world) const
{
    return (world - m_world.center()) * m_scale + QPointF(width() / 2.0, height() / 2.0);
}

void Minimap::drawBlocks()
{
    const qreal ratio = devicePixelRatioF();
    m_image = QImage(size() * ratio, QImage::Format_ARGB32_Premultiplied);
    m_image.setDevicePixelRatio(ratio);
    m_image.fill(Qt::transparent);
    QPainter painter(&m_image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(color(Token::Border));
    painter.setBrush(color(Token::Window));
    painter.drawRoundedRect(QRectF(rect()).adjusted(.5, .5, -.5, -.5), metric::kRadius, metric::kRadius);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const auto& block : m_blocks) {
        const QPointF corner = pointOf(block.rect.topLeft());
        painter.fillRect(QRectF(corner, QSizeF(std::max(block.rect.width() * m_scale, kBlockMin),
                                               std::max(block.rect.height() * m_scale, kBlockMin))),
                         block.color);
    }
}

void Minimap::paintEvent(QPaintEvent*)
{
    if (m_image.isNull()) drawBlocks();
    QPainter painter(this);
    painter.drawImage(0, 0, m_image);
    QRectF frame =
        QRectF(pointOf(m_view.topLeft()), pointOf(m_view.bottomRight())) & QRectF(rect()).adjusted(3, 3, -3, -3);
    if (frame.isEmpty()) return;
    painter.setPen(color(Token::Muted));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(frame.toAlignedRect().adjusted(0, 0, -1, -1));
}

void Minimap::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) return;
    m_held = true;
    Q_EMIT lookAt(worldOf(event->position()));
}

void Minimap::mouseReleaseEvent(QMouseEvent*)
{
    m_held = false;
    fit();
}

void Minimap::wheelEvent(QWheelEvent* event)
{
    event->ignore();
} // the canvas's

void Minimap::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton) Q_EMIT lookAt(worldOf(event->position()));
}

} // namespace orrery::widgets
