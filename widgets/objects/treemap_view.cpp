// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/treemap_view.h"

#include "widgets/common/chips.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/objects/cell_delegate.h"

#include <QFontMetrics>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kGap = 2;
constexpr int kHead = 20;
constexpr int kInset = 8;
constexpr int kHeadBlockMin = 36; // a block that is lower or narrower has no head
constexpr int kLineCellMin = 4;   // cells under so many pixels are drawn without lines

QColor headColor(const ObjectGroup& group) { return group.function.isEmpty() ? color(Token::BarEmpty) : Theme::of().functionSpan(group.function); }
QColor bodyColor(const ObjectGroup& group) { return Theme::of().mix(color(Token::Canvas), headColor(group), .62); }
QColor lineColor(const ObjectGroup& group) { return Theme::of().mix(color(Token::Canvas), headColor(group), .30); }


} // namespace

TreemapView::TreemapView(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Objects by producer"));
    connect(&Theme::of(), &Theme::changed, this, [this] {
        m_stale = true;
        update();
    });
}

void TreemapView::setTally(ObjectTally tally)
{
    m_tally = std::move(tally);
    m_hover = {};
    layOut();
    update();
}

void TreemapView::setSelected(const std::optional<ObjectRef>& object)
{
    if (object == m_selected) return;
    m_selected = object;
    update();
}

void TreemapView::layOut()
{
    m_stale = true;
    m_blocks.assign(m_tally.groups.size(), {});
    std::vector<double> weights;
    for (const auto& group : m_tally.groups) weights.push_back(static_cast<double>(std::max<std::uint64_t>(group.bytes, 1)));
    const QRect place = rect().adjusted(kInset, kInset, -kInset + kGap, -kInset + kGap);
    const auto parts = squarify(weights, place);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Block& block = m_blocks[i];
        block.frame = parts[i].adjusted(0, 0, -kGap, -kGap);
        if (block.frame.isEmpty()) continue;
        const bool head = block.frame.width() >= kHeadBlockMin && block.frame.height() >= kHeadBlockMin;
        if (head) block.head = QRect(block.frame.topLeft(), QSize(block.frame.width(), kHead));
        block.cells = gridOf(static_cast<std::uint32_t>(m_tally.groups[i].marks.size()), block.frame.adjusted(0, head ? kHead : 0, 0, 0));
    }
}

// ---- painting ----

void TreemapView::paintEvent(QPaintEvent*)
{
    if (m_stale) paintAll();
    QPainter painter(this);
    painter.drawPixmap(0, 0, m_picture);
    if (m_hover.group >= 0 && !rectOf(m_hover).isEmpty()) {
        painter.setPen(QPen(color(Token::Accent), 1));
        painter.drawRect(QRectF(rectOf(m_hover)).adjusted(.5, .5, -.5, -.5));
    }
    if (!m_selected) return;
    const Hit hit = find(*m_selected);
    if (hit.group < 0 || rectOf(hit).isEmpty()) return; // too small to be drawn
    // A lone object is its whole block; a cell gets a gap, so that the line is seen among its neighbours.
    const bool alone = m_tally.groups[static_cast<std::size_t>(hit.group)].marks.size() == 1;
    const QRectF frame = alone ? QRectF(m_blocks[static_cast<std::size_t>(hit.group)].frame) : QRectF(rectOf(hit)).adjusted(-2, -2, 2, 2);
    painter.setPen(QPen(color(Token::Canvas), 1));
    painter.drawRect(frame.adjusted(2.5, 2.5, -2.5, -2.5));
    painter.setPen(QPen(color(Token::Accent), 2, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(frame.adjusted(1, 1, -1, -1));
}

void TreemapView::paintAll()
{
    m_stale = false;
    m_picture = QPixmap(size() * devicePixelRatioF());
    m_picture.setDevicePixelRatio(devicePixelRatioF());
    m_picture.fill(color(Token::Canvas));
    QPainter painter(&m_picture);
    for (std::size_t i = 0; i < m_blocks.size(); ++i)
        if (!m_blocks[i].frame.isEmpty()) paintBlock(painter, m_tally.groups[i], m_blocks[i]);
}

void TreemapView::paintBlock(QPainter& painter, const ObjectGroup& group, const Block& block) const
{
    const QRect body = block.frame.adjusted(0, block.head.height(), 0, 0);
    if (group.marks.size() <= 1) painter.fillRect(body, bodyColor(group));
    else paintCells(painter, group, block.cells);
    if (block.head.isNull()) return;
    paintHead(painter, group, block.head);
    if (group.marks.size() <= 1) paintSingle(painter, group, body);
}

// In pixels of the device, so that all lines are of one width at any scale.
void TreemapView::paintCells(QPainter& painter, const ObjectGroup& group, const CellGrid& cells) const
{
    const qreal ratio = devicePixelRatioF();
    const auto device = [ratio](const QRect& rect) {
        const int left = qRound(rect.left() * ratio), top = qRound(rect.top() * ratio);
        return QRect(left, top, qRound((rect.left() + rect.width()) * ratio) - left, qRound((rect.top() + rect.height()) * ratio) - top);
    };
    const int line = std::max(1, static_cast<int>(ratio));
    const QRect first = device(cells.cell(0));
    const bool lines = std::min(first.width(), first.height()) >= kLineCellMin * line;
    painter.save();
    painter.scale(1 / ratio, 1 / ratio);
    painter.fillRect(device(cells.place), color(Token::Window));
    for (std::uint32_t i = 0; i < cells.count; ++i) {
        const QRect cell = device(cells.cell(i));
        if (lines) painter.fillRect(cell, lineColor(group));
        painter.fillRect(lines ? cell.adjusted(0, 0, -line, -line) : cell, bodyColor(group));
    }
    painter.restore();
}

void TreemapView::paintHead(QPainter& painter, const ObjectGroup& group, const QRect& head) const
{
    painter.fillRect(head, headColor(group));
    QRect text = head.adjusted(kInset, 0, -kInset, 0);
    const QString bytes = bytesText(group.bytes);
    const QFontMetrics mono(Theme::of().font(FontRole::MonoSmall)), bold(Theme::of().font(FontRole::Section)), plain(Theme::of().font(FontRole::Caption));
    const QString name = group.marks.empty() ? tr("smaller ones") : group.name;
    const int nameWidth = std::min(bold.horizontalAdvance(name), text.width());
    const bool bytesFit = nameWidth + kInset + mono.horizontalAdvance(bytes) <= text.width();
    painter.setPen(color(Token::Text));
    if (bytesFit) {
        painter.setFont(Theme::of().font(FontRole::MonoSmall));
        painter.drawText(text, Qt::AlignRight | Qt::AlignVCenter, bytes);
        text.setRight(text.right() - mono.horizontalAdvance(bytes) - kInset);
    }
    painter.setFont(Theme::of().font(FontRole::Section));
    painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, bold.elidedText(name, Qt::ElideRight, text.width()));
    text.setLeft(text.left() + nameWidth + kInset);
    const QString count = tr("%1 objects").arg(countText(group.count));
    if (group.count < 2 || plain.horizontalAdvance(count) > text.width()) return;
    painter.setFont(Theme::of().font(FontRole::Caption));
    painter.setPen(Theme::of().mix(headColor(group), color(Token::Text), .72));
    painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, count);
}

// One object: its shape and where it is, at the foot.
void TreemapView::paintSingle(QPainter& painter, const ObjectGroup& group, const QRect& body) const
{
    if (group.marks.empty() || body.height() < kHead + kChip) return;
    const ObjectMark& mark = group.marks.front();
    QRect foot(body.left() + kInset, body.bottom() - kHead - 2, body.width() - 2 * kInset, kHead);
    if (!mark.node.isEmpty() && foot.width() > kChip) {
        paintNodeChip(painter, QRectF(foot.right() - kChip + 1, foot.center().y() - kChip / 2 + 1, kChip, kChip), nodeNumber(mark.node), mark.node);
        foot.setRight(foot.right() - kChip - kInset);
    }
    painter.setFont(Theme::of().font(FontRole::MonoSmall));
    painter.setPen(color(Token::Text));
    const QString shape = painter.fontMetrics().elidedText(mark.shape, Qt::ElideRight, foot.width());
    painter.drawText(foot, Qt::AlignLeft | Qt::AlignVCenter, shape);
}

void TreemapView::resizeEvent(QResizeEvent*) { layOut(); }

// ---- the mouse ----

TreemapView::Hit TreemapView::hitAt(QPoint point) const
{
    for (std::size_t i = 0; i < m_blocks.size(); ++i)
        if (m_blocks[i].frame.contains(point)) {
            const bool alone = m_tally.groups[i].marks.size() == 1;
            return {static_cast<int>(i), alone ? 0 : m_blocks[i].cells.at(point)};
        }
    return {};
}

TreemapView::Hit TreemapView::find(const ObjectRef& object) const
{
    for (std::size_t i = 0; i < m_tally.groups.size(); ++i) {
        if (m_tally.groups[i].vertex != object.task.vertex) continue;
        const auto& marks = m_tally.groups[i].marks;
        for (std::size_t k = 0; k < marks.size(); ++k)
            if (marks[k].row == object.task.row && marks[k].output == object.output) return {static_cast<int>(i), static_cast<std::int64_t>(k)};
    }
    return {};
}

QRect TreemapView::rectOf(const Hit& hit) const
{
    if (hit.group < 0) return {};
    const Block& block = m_blocks[static_cast<std::size_t>(hit.group)];
    const bool alone = m_tally.groups[static_cast<std::size_t>(hit.group)].marks.size() == 1;
    return hit.mark < 0 || alone ? block.frame : block.cells.cell(static_cast<std::uint32_t>(hit.mark));
}

QRect TreemapView::blockOf(int vertex) const
{
    for (std::size_t i = 0; i < m_tally.groups.size(); ++i)
        if (m_tally.groups[i].vertex == vertex) return m_blocks[i].frame;
    return {};
}

QRect TreemapView::cellOf(const ObjectRef& object) const { return rectOf(find(object)); }

ObjectRef TreemapView::refOf(const Hit& hit) const
{
    const ObjectGroup& group = m_tally.groups[static_cast<std::size_t>(hit.group)];
    const ObjectMark& mark = group.marks[static_cast<std::size_t>(hit.mark)];
    return {{mark.row, static_cast<std::uint16_t>(group.vertex), mark.mapIndex}, mark.output};
}

void TreemapView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) return;
    const Hit hit = hitAt(event->position().toPoint());
    if (hit.group < 0 || m_tally.groups[static_cast<std::size_t>(hit.group)].vertex < 0) return;
    if (hit.mark >= 0) Q_EMIT objectChosen(refOf(hit));
    else Q_EMIT vertexChosen(m_tally.groups[static_cast<std::size_t>(hit.group)].vertex);
}

void TreemapView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const Hit hit = hitAt(event->position().toPoint());
    if (hit.group >= 0 && hit.mark >= 0 && m_tally.groups[static_cast<std::size_t>(hit.group)].vertex >= 0) Q_EMIT objectOpened(refOf(hit));
}

void TreemapView::mouseMoveEvent(QMouseEvent* event)
{
    const Hit hit = hitAt(event->position().toPoint());
    if (hit == m_hover) return;
    m_hover = hit;
    update();
}

void TreemapView::leaveEvent(QEvent*)
{
    m_hover = {};
    update();
}

bool TreemapView::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    auto* help = static_cast<QHelpEvent*>(event);
    const Hit hit = hitAt(help->pos());
    if (hit.group < 0) QToolTip::hideText();
    else QToolTip::showText(help->globalPos(), tipOf(hit), this, rectOf(hit));
    return true;
}

QString TreemapView::tipOf(const Hit& hit) const
{
    const ObjectGroup& group = m_tally.groups[static_cast<std::size_t>(hit.group)];
    if (group.marks.empty()) return tr("%1 smaller objects, %2").arg(countText(group.count), bytesText(group.bytes));
    if (hit.mark < 0) return tr("%1: %2 objects, %3").arg(group.name, countText(group.count), bytesText(group.bytes));
    const ObjectMark& mark = group.marks[static_cast<std::size_t>(hit.mark)];
    const QString name = group.marks.size() > 1 ? QStringLiteral("%1 [%2]").arg(group.name).arg(mark.mapIndex) : group.name;
    return QStringList{name, bytesText(mark.bytes), mark.shape}.join(QStringLiteral("   "));
}

} // namespace orrery::widgets
