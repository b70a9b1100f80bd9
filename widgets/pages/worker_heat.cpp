// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/worker_heat.h"

#include "widgets/common/chips.h"
#include "widgets/common/format.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace orrery::widgets {

namespace {

constexpr int kLabels = 200, kRight = 12, kRowMost = 56, kRowLeast = 6, kTextLeast = 12;
constexpr double kFaint = .06, kStrong = .68; // of the mix, for an idle and a busy cell
constexpr int kScaleCells = 5, kScaleCell = 16;

QColor heat(double share)
{
    const Theme& theme = Theme::of();
    const QColor hot = theme.mix(color(Token::Muted), color(Token::Accent), .28);
    return theme.mix(color(Token::Canvas), hot, kFaint + (kStrong - kFaint) * std::clamp(share, 0.0, 1.0));
}

} // namespace

std::vector<double> busyShares(const types::TrackSpans& track, types::TimeNs fromNs, types::TimeNs toNs, std::size_t cells)
{
    std::vector<double> shares(cells, 0.0);
    if (cells == 0 || toNs <= fromNs) return shares;
    const double cellNs = static_cast<double>(toNs - fromNs) / static_cast<double>(cells);
    const auto add = [&](types::TimeNs start, types::TimeNs end) {
        const double from = static_cast<double>(std::max(start, fromNs) - fromNs) / cellNs, to = static_cast<double>(std::min(end, toNs) - fromNs) / cellNs;
        if (to <= from) return;
        for (auto cell = static_cast<std::size_t>(from); cell < cells && static_cast<double>(cell) < to; ++cell)
            shares[cell] += std::min(to, static_cast<double>(cell) + 1) - std::max(from, static_cast<double>(cell));
    };
    for (const auto& block : track.blocks) {
        const auto [first, last] = block->range(fromNs, toNs);
        for (std::size_t i = first; i < last; ++i) add(block->startNs(i), block->endNs(i));
    }
    for (const auto& open : track.open) add(open.startNs, toNs);
    return shares;
}

WorkerHeat::WorkerHeat(RunModel& run, Selection& selection, QWidget* parent) : QWidget(parent), m_run(run), m_selection(selection)
{
    setMouseTracking(true);
    setMinimumHeight(60);
    setAccessibleName(tr("How busy each worker was in the last minute"));
    m_refresh = new Refresh(this, 1000 / kHeatPerSecond, [this] { refresh(); });
    for (const auto signal : {&RunModel::ticked, &RunModel::shownRunChanged}) connect(&run, signal, m_refresh, &Refresh::ask);
    connect(&selection, &Selection::changed, this, qOverload<>(&QWidget::update));
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize WorkerHeat::sizeHint() const { return {800, std::max<int>(60, static_cast<int>(m_rows.size()) * kRowMost)}; }

void WorkerHeat::refresh()
{
    const types::TimeNs to = m_run.nowNs(), from = to - kHeatNs;
    m_rows.clear();
    for (const auto& [track, worker] : m_run.workers()) {
        if (!worker.alive && worker.endNs < from) continue;
        Row row{worker.node, track, m_run.workerNumber(track), false, !worker.alive, 0, 0, std::vector<double>(kHeatCells, 0.0)};
        if (const auto* node = m_run.node(worker.node); node && node->join.atNs > from) row.joined = std::min(static_cast<std::size_t>((node->join.atNs - from) / kHeatCellNs), kHeatCells);
        if (const auto* spans = m_run.spans()->find(track)) row.cells = busyShares(*spans, from, to, kHeatCells);
        const auto part = kHeatCells - static_cast<std::size_t>(base::kSecond / kHeatCellNs);
        for (std::size_t i = part; i < kHeatCells; ++i) row.last += row.cells[i] / static_cast<double>(kHeatCells - part);
        m_rows.push_back(std::move(row));
    }
    std::stable_sort(m_rows.begin(), m_rows.end(), [](const Row& a, const Row& b) { return a.node < b.node; });
    for (std::size_t i = 0; i < m_rows.size(); ++i) m_rows[i].first = i == 0 || m_rows[i].node != m_rows[i - 1].node;
    update();
}

int WorkerHeat::rowHeight() const { return std::clamp(height() / std::max(1, static_cast<int>(m_rows.size())), kRowLeast, kRowMost); }

QRect WorkerHeat::rowRect(std::size_t row) const { return {kLabels, static_cast<int>(row) * rowHeight(), width() - kLabels - kRight, rowHeight()}; }

int WorkerHeat::rowAt(const QPoint& at) const
{
    const int row = at.y() / rowHeight();
    return at.y() >= 0 && row < static_cast<int>(m_rows.size()) ? row : -1;
}

QString WorkerHeat::tip(const QPoint& at) const
{
    const int row = rowAt(at);
    if (row < 0) return {};
    const QRect cells = rowRect(static_cast<std::size_t>(row));
    if (!cells.contains(at)) return {};
    const auto cell = static_cast<std::size_t>(at.x() - cells.left()) * kHeatCells / static_cast<std::size_t>(cells.width());
    const Row& worker = m_rows[static_cast<std::size_t>(row)];
    return tr("%1 worker %2, %3 ago: %4 busy")
        .arg(RunModel::nodeLetter(worker.node))
        .arg(worker.number)
        .arg(ageText(kHeatNs - static_cast<types::TimeNs>(cell) * kHeatCellNs), percentText(std::min(1.0, worker.cells[cell])));
}

void WorkerHeat::paintRow(QPainter& painter, std::size_t at) const
{
    const Row& row = m_rows[at];
    const QRect cells = rowRect(at);
    const bool words = rowHeight() >= kTextLeast;
    if (row.first) {
        if (at > 0) painter.fillRect(0, cells.top(), width(), 1, color(Token::LineInside));
        const int top = cells.top() + std::max(0, (rowHeight() - kChip) / 2);
        paintNodeChip(painter, QRectF(12, top, kChip, kChip), row.node, RunModel::nodeLetter(row.node), row.lost);
        const auto* node = m_run.node(row.node);
        painter.setFont(Theme::of().font(FontRole::Ui));
        painter.setPen(color(row.lost ? Token::Lost : Token::Text));
        painter.drawText(QRect(36, top, kLabels - 36 - 80, kChip), Qt::AlignVCenter, painter.fontMetrics().elidedText(node ? QString::fromStdString(node->name) : QString(), Qt::ElideRight, kLabels - 36 - 80));
    }
    if (words) {
        painter.setFont(Theme::of().font(FontRole::MonoSmall));
        painter.setPen(color(row.lost ? Token::Lost : Token::Muted));
        painter.drawText(QRect(kLabels - 84, cells.top(), 30, cells.height()), Qt::AlignVCenter | Qt::AlignRight, QStringLiteral("w%1").arg(row.number));
        painter.drawText(QRect(kLabels - 54, cells.top(), 46, cells.height()), Qt::AlignVCenter | Qt::AlignRight, row.lost ? tr("lost") : percentText(std::min(1.0, row.last)));
    }
    for (std::size_t i = row.joined; i < kHeatCells; ++i) {
        const int left = cells.left() + static_cast<int>(i) * cells.width() / static_cast<int>(kHeatCells);
        const int right = cells.left() + static_cast<int>(i + 1) * cells.width() / static_cast<int>(kHeatCells);
        painter.fillRect(QRect(left, cells.top() + 1, std::max(1, right - left - 1), cells.height() - 1), heat(row.cells[i]));
    }
    if (m_selection.worker() != row.track) return;
    painter.setPen(QPen(color(Token::Accent), 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(cells.adjusted(-2, 0, 1, 0));
}

// Where a node was not there yet, it says since when it is, once for all its rows.
void WorkerHeat::paintJoined(QPainter& painter, std::size_t first) const
{
    const Row& row = m_rows[first];
    const auto* node = m_run.node(row.node);
    if (row.joined == 0 || !node) return;
    std::size_t rows = 1;
    while (first + rows < m_rows.size() && !m_rows[first + rows].first) ++rows;
    const QRect cells = rowRect(first);
    const QRect before(cells.left(), cells.top(), static_cast<int>(row.joined) * cells.width() / static_cast<int>(kHeatCells) - 8, static_cast<int>(rows) * cells.height());
    const QString ago = ageText(m_run.nowNs() - node->join.atNs);
    painter.setFont(Theme::of().font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    const QString text = node->join.enrolNs > 0 ? tr("joined with a token %1 ago").arg(ago) : tr("joined %1 ago").arg(ago);
    if (painter.fontMetrics().horizontalAdvance(text) < before.width() && painter.fontMetrics().height() <= before.height()) painter.drawText(before, Qt::AlignRight | Qt::AlignVCenter, text);
}

void WorkerHeat::paintCursor(QPainter& painter) const
{
    const QRect cells(kLabels, 0, width() - kLabels - kRight, static_cast<int>(m_rows.size()) * rowHeight());
    if (!m_cursor || *m_cursor < cells.left() || *m_cursor > cells.right()) return;
    painter.fillRect(*m_cursor, cells.top(), 1, cells.height(), color(Token::Text));
}

void WorkerHeat::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), color(Token::Canvas));
    painter.fillRect(0, 0, kLabels - 1, height(), color(Token::Panel));
    if (m_rows.empty()) {
        painter.setFont(Theme::of().font(FontRole::Secondary));
        painter.setPen(color(Token::Muted));
        painter.drawText(rect(), Qt::AlignCenter, tr("No worker yet. Nodes start them with the first tasks."));
        return;
    }
    for (std::size_t i = 0; i < m_rows.size(); ++i) paintRow(painter, i);
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        if (m_rows[i].first) paintJoined(painter, i);
    paintCursor(painter);
}

void WorkerHeat::mousePressEvent(QMouseEvent* event)
{
    const int row = rowAt(event->pos());
    if (event->button() == Qt::LeftButton && row >= 0) m_selection.selectWorker(m_rows[static_cast<std::size_t>(row)].track);
}

void WorkerHeat::mouseMoveEvent(QMouseEvent* event)
{
    m_cursor = event->pos().x();
    update();
}

void WorkerHeat::leaveEvent(QEvent*)
{
    m_cursor.reset();
    update();
}

bool WorkerHeat::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString text = tip(help->pos());
    if (text.isEmpty()) QToolTip::hideText();
    else QToolTip::showText(help->globalPos(), text, this);
    return true;
}

HeatScale::HeatScale(QWidget* parent) : QWidget(parent)
{
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize HeatScale::sizeHint() const { return {20 + kScaleCells * kScaleCell + 56, metric::kRow}; }

void HeatScale::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(Theme::of().font(FontRole::Caption));
    painter.setPen(color(Token::Muted));
    painter.drawText(QRect(0, 0, 14, height()), Qt::AlignVCenter | Qt::AlignRight, QStringLiteral("0"));
    for (int i = 0; i < kScaleCells; ++i)
        painter.fillRect(QRect(20 + i * kScaleCell, height() / 2 - 5, kScaleCell, 10), heat(i / static_cast<double>(kScaleCells - 1)));
    painter.drawText(QRect(26 + kScaleCells * kScaleCell, 0, 50, height()), Qt::AlignVCenter, QStringLiteral("100 %"));
}

} // namespace orrery::widgets
