// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/logs/log_view.h"

#include "widgets/common/chips.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QDateTime>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QMenu>
#include <QPainter>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kTimeLeft = metric::kTextInset, kTimeWidth = 92, kLevelLeft = kTimeLeft + kTimeWidth + 8, kLevelWidth = 68,
              kSourceLeft = kLevelLeft + kLevelWidth + 8, kSourceWidth = 96, kTextLeft = kSourceLeft + kSourceWidth + 12;

bool isLevel(const types::LogLine& line, base::LogLevel level) { return line.level == static_cast<std::uint8_t>(level); }

} // namespace

QString levelWord(std::uint8_t level)
{
    switch (static_cast<base::LogLevel>(level)) {
    case base::LogLevel::Debug: return LogView::tr("debug");
    case base::LogLevel::Info: return LogView::tr("info");
    case base::LogLevel::Warn: return LogView::tr("warning");
    case base::LogLevel::Error: return LogView::tr("error");
    }
    return {};
}

LogView::LogView(const RunModel& run, const Selection& selection, LogLines& lines, QWidget* parent)
    : QAbstractScrollArea(parent), m_run(run), m_selection(selection), m_lines(lines)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Log lines"));
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    verticalScrollBar()->setSingleStep(3 * kLogLine);
    horizontalScrollBar()->setSingleStep(24);
    connect(&Theme::of(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
    connect(&selection, &Selection::changed, viewport(), qOverload<>(&QWidget::update));
}

// ---- following ----

void LogView::takeLines()
{
    const auto gone = static_cast<int>(m_lines.take());
    const QScopedValueRollback guard(m_moving, true);
    const int before = verticalScrollBar()->value();
    updateBars();
    if (m_follows) toEnd();
    else verticalScrollBar()->setValue(before - gone * kLogLine); // what is read stays where it is
    viewport()->update();
}

void LogView::linesReplaced()
{
    const QScopedValueRollback guard(m_moving, true);
    updateBars();
    if (m_follows) toEnd();
    viewport()->update();
}

void LogView::setFollows(bool follows)
{
    if (follows == m_follows) return;
    m_follows = follows;
    if (follows) {
        const QScopedValueRollback guard(m_moving, true);
        toEnd();
    }
    Q_EMIT followsChanged(follows);
}

void LogView::toEnd() { verticalScrollBar()->setValue(verticalScrollBar()->maximum()); }

void LogView::updateBars()
{
    const int height = static_cast<int>(m_lines.size()) * kLogLine;
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
    const int character = QFontMetrics(Theme::of().font(FontRole::Mono)).horizontalAdvance(u'0');
    const int width = kTextLeft + m_lines.columnsMost() * character + metric::kTextInset;
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setRange(0, std::max(0, width - viewport()->width()));
}

void LogView::resizeEvent(QResizeEvent*)
{
    const QScopedValueRollback guard(m_moving, true);
    updateBars();
    if (m_follows) toEnd();
}

void LogView::scrollContentsBy(int, int dy)
{
    viewport()->update();
    if (!m_moving && dy != 0) setFollows(verticalScrollBar()->value() >= verticalScrollBar()->maximum());
}

int LogView::topLine() const { return verticalScrollBar()->value() / kLogLine; }

// ---- painting ----

QString LogView::timeOf(const types::LogLine& line) const
{
    return QDateTime::fromMSecsSinceEpoch((line.atNs + m_run.wallOffsetNs()) / base::kMillisecond).time().toString(QStringLiteral("HH:mm:ss.zzz"));
}

void LogView::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), color(Token::Canvas));
    const int offset = verticalScrollBar()->value();
    const int last = std::min(static_cast<int>(m_lines.size()) - 1, (offset + viewport()->height()) / kLogLine);
    for (int place = offset / kLogLine; place <= last; ++place) {
        const auto at = static_cast<std::size_t>(place);
        paintLine(painter, m_lines.line(at), place * kLogLine - offset, isChosen(m_lines.number(at)));
    }
}

void LogView::paintLine(QPainter& painter, const types::LogLine& line, int y, bool chosen) const
{
    const QRect row(0, y, viewport()->width(), kLogLine);
    if (chosen) painter.fillRect(row, color(hasFocus() ? Token::Selection : Token::SelectionAway));
    const auto& task = m_selection.task();
    const bool related = (task && task->row != types::kNoRow && line.row == task->row) || (m_selection.worker() && line.worker == *m_selection.worker());
    if (related) painter.fillRect(QRect(0, y, 2, kLogLine), color(Token::Accent));
    const Theme& theme = Theme::of();
    const int shift = horizontalScrollBar()->value();
    const auto part = [&](int left, int width) { return QRect(left - shift, y, width, kLogLine); };
    painter.setFont(theme.font(FontRole::Mono));
    painter.setPen(color(Token::Muted));
    painter.drawText(part(kTimeLeft, kTimeWidth), Qt::AlignLeft | Qt::AlignVCenter, timeOf(line));

    const bool error = isLevel(line, base::LogLevel::Error), warning = isLevel(line, base::LogLevel::Warn);
    const QRect level = part(kLevelLeft, kLevelWidth);
    const QRect box(level.left(), level.center().y() - metric::kGlyph / 2 + 1, metric::kGlyph, metric::kGlyph);
    if (error) drawStateGlyph(painter, box, types::TaskState::Failed);
    else if (warning) painter.drawPixmap(box, iconPixmap(QStringLiteral("warn"), metric::kGlyph, color(Token::Retrying), devicePixelRatioF()));
    painter.setFont(theme.font(FontRole::Secondary));
    painter.setPen(color(error || warning ? Token::Text : Token::Muted));
    painter.drawText(level.adjusted(metric::kGlyph + 6, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, levelWord(line.level));

    paintSource(painter, line, part(kSourceLeft, kSourceWidth));
    painter.setFont(theme.font(FontRole::Mono));
    painter.setPen(color(isLevel(line, base::LogLevel::Debug) ? Token::Muted : Token::Text));
    const QString text = oneLine(line.text);
    painter.drawText(QRect(kTextLeft - shift, y, std::max(1, viewport()->width() - kTextLeft + shift), kLogLine), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text);
}

void LogView::paintSource(QPainter& painter, const types::LogLine& line, const QRect& rect) const
{
    if (line.node == kThisWindow) {
        painter.setPen(color(Token::Muted));
        painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, tr("window"));
        return;
    }
    const QString letter = RunModel::nodeLetter(line.node);
    paintNodeChip(painter, QRectF(rect.left(), rect.center().y() - kChip / 2 + 1, kChip, kChip), line.node, letter);
    const int number = line.worker == types::kNoWorker ? 0 : m_run.workerNumber(line.worker);
    painter.setPen(color(Token::Muted));
    const QString who = line.worker == types::kNoWorker ? tr("node") : number > 0 ? tr("worker %1").arg(number) : tr("worker");
    painter.drawText(rect.adjusted(kChip + 6, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, who);
}

// ---- choosing ----

int LogView::placeAt(int y) const
{
    const int place = (y + verticalScrollBar()->value()) / kLogLine;
    return y < 0 || place >= static_cast<int>(m_lines.size()) ? -1 : place;
}

bool LogView::isChosen(std::uint64_t number) const
{
    return m_anyChosen && number >= std::min(m_anchor, m_cursor) && number <= std::max(m_anchor, m_cursor);
}

void LogView::choose(int place, bool extend)
{
    const int size = static_cast<int>(m_lines.size());
    if (size == 0) return;
    place = std::clamp(place, 0, size - 1);
    m_cursor = m_lines.number(static_cast<std::size_t>(place));
    if (!extend || !m_anyChosen) m_anchor = m_cursor;
    m_anyChosen = true;
    const int top = place * kLogLine, offset = verticalScrollBar()->value();
    if (top < offset) verticalScrollBar()->setValue(top);
    else if (top + kLogLine > offset + viewport()->height()) verticalScrollBar()->setValue(top + kLogLine - viewport()->height());
    viewport()->update();
}

void LogView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) return;
    const int place = placeAt(event->pos().y());
    if (place >= 0) choose(place, event->modifiers() & Qt::ShiftModifier);
}

void LogView::mouseMoveEvent(QMouseEvent* event)
{
    if (!(event->buttons() & Qt::LeftButton) || !m_anyChosen) return;
    const int row = event->pos().y() < 0 ? topLine() - 1 : (event->pos().y() + verticalScrollBar()->value()) / kLogLine;
    choose(row, true);
}

void LogView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const int place = placeAt(event->pos().y());
    if (place < 0) return;
    const types::LogLine& line = m_lines.line(static_cast<std::size_t>(place));
    if (line.worker != types::kNoWorker) Q_EMIT workerChosen(line.worker);
}

void LogView::keyPressEvent(QKeyEvent* event)
{
    const int page = std::max(1, viewport()->height() / kLogLine - 1), size = static_cast<int>(m_lines.size());
    const int at = m_anyChosen ? static_cast<int>(m_lines.placeOf(m_cursor)) : topLine() - 1;
    const bool extend = event->modifiers() & Qt::ShiftModifier;
    if (event->matches(QKeySequence::Copy)) return copy();
    if (event->matches(QKeySequence::SelectAll)) {
        if (size == 0) return;
        m_anyChosen = true;
        m_anchor = m_lines.number(0);
        m_cursor = m_lines.number(static_cast<std::size_t>(size - 1));
        return viewport()->update();
    }
    switch (event->key()) {
    case Qt::Key_Down: return choose(at + 1, extend);
    case Qt::Key_Up: return choose(at - 1, extend);
    case Qt::Key_PageDown: return choose(at + page, extend);
    case Qt::Key_PageUp: return choose(at - page, extend);
    case Qt::Key_Home: return choose(0, extend);
    case Qt::Key_End:
        choose(size - 1, extend);
        return setFollows(true);
    default: QAbstractScrollArea::keyPressEvent(event);
    }
}

QString LogView::copyOf(const types::LogLine& line) const
{
    const QString who = line.node == kThisWindow            ? tr("window")
                        : line.worker == types::kNoWorker ? RunModel::nodeLetter(line.node) + QLatin1Char(' ') + tr("node")
                                                          : RunModel::nodeLetter(line.node) + QLatin1Char(' ') + tr("worker %1").arg(m_run.workerNumber(line.worker));
    return QStringLiteral("%1  %2  %3  %4").arg(timeOf(line), levelWord(line.level).leftJustified(7), who, QString::fromStdString(line.text));
}

QString LogView::chosenText() const
{
    QStringList lines;
    if (!m_anyChosen) return {};
    const std::size_t end = m_lines.placeOf(std::max(m_anchor, m_cursor) + 1);
    for (std::size_t i = m_lines.placeOf(std::min(m_anchor, m_cursor)); i < end; ++i) lines << copyOf(m_lines.line(i));
    return lines.join(u'\n');
}

void LogView::copy() const
{
    if (const QString text = chosenText(); !text.isEmpty()) QGuiApplication::clipboard()->setText(text);
}

void LogView::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    QAction* copies = menu.addAction(tr("Copy lines"), QKeySequence::Copy);
    copies->setEnabled(m_anyChosen);
    if (menu.exec(event->globalPos()) == copies) copy();
}

bool LogView::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
    auto* help = static_cast<QHelpEvent*>(event);
    const int place = placeAt(help->pos().y());
    const QString text = place < 0 ? QString() : QString::fromStdString(m_lines.line(static_cast<std::size_t>(place)).text);
    // Only what a line cannot show: its breaks, or its end.
    const int width = kTextLeft + QFontMetrics(Theme::of().font(FontRole::Mono)).horizontalAdvance(text) - horizontalScrollBar()->value();
    if (text.trimmed().contains(u'\n') || width > viewport()->width()) QToolTip::showText(help->globalPos(), text, viewport());
    else QToolTip::hideText();
    return true;
}

} // namespace orrery::widgets
