// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/key_value_list.h"

#include "widgets/common/chips.h"
#include "widgets/common/house_paint.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

namespace orrery::widgets {

namespace {
constexpr int kGap = 8;
const QFont& valueFont(const KeyValue& row) { return Theme::of().font(row.prose ? FontRole::Secondary : FontRole::Mono); }
} // namespace

KeyValueList::KeyValueList(Values values, QWidget* parent) : QWidget(parent), m_values(values)
{
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void KeyValueList::setRows(const QList<KeyValue>& rows)
{
    if (rows == m_rows) return;
    const bool taller = rows.size() != m_rows.size();
    m_rows = rows;
    bool links = false;
    QStringList words;
    for (const KeyValue& row : m_rows) {
        links |= row.link;
        words << row.key + u' ' + row.value + (row.note.isEmpty() ? QString() : u' ' + row.note);
    }
    m_current = -1;
    setFocusPolicy(links ? Qt::TabFocus : Qt::NoFocus);
    setAccessibleName(words.join(QStringLiteral(", ")));
    if (taller) updateGeometry();
    update();
}

void KeyValueList::setLines(bool lines)
{
    m_lines = lines;
    update();
}

void KeyValueList::setInsets(int left, int right)
{
    m_left = left;
    m_right = right;
    update();
}

void KeyValueList::setColumn(int x)
{
    m_column = x;
    update();
}

QSize KeyValueList::sizeHint() const { return {240, static_cast<int>(m_rows.size()) * metric::kRow}; }

QSize KeyValueList::minimumSizeHint() const { return {120, sizeHint().height()}; }

int KeyValueList::rowAt(int y) const
{
    const int row = y / metric::kRow;
    return y >= 0 && row < m_rows.size() ? row : -1;
}

// A shape gives up its spaces before it gives up a figure.
static QString fitted(QString text, const QFontMetrics& metrics, int room)
{
    if (metrics.horizontalAdvance(text) > room) text.replace(QStringLiteral(" × "), QStringLiteral("×"));
    return metrics.elidedText(text, Qt::ElideMiddle, room);
}

QRect KeyValueList::valueRect(int row) const
{
    const KeyValue& fact = m_rows[row];
    const Theme& theme = Theme::of();
    QRect rect(m_left, row * metric::kRow, width() - m_left - m_right, metric::kRow);
    const int label = QFontMetrics(theme.font(FontRole::Secondary)).horizontalAdvance(fact.key);
    rect.setLeft(rect.left() + (m_values == Values::InColumn ? std::max(m_column, label + kGap) : label + 2 * kGap));
    if (!fact.note.isEmpty()) rect.setRight(rect.right() - QFontMetrics(theme.font(FontRole::Secondary)).horizontalAdvance(fact.note) - kGap);
    if (fact.node >= 0) rect.setLeft(rect.left() + kChip + 6);
    const QFontMetrics metrics(valueFont(fact));
    const int width = std::min(rect.width(), metrics.horizontalAdvance(fitted(fact.value, metrics, rect.width())) + 1);
    if (m_values == Values::AtRight) rect.setLeft(rect.right() + 1 - width);
    else rect.setWidth(width);
    return rect;
}

void KeyValueList::paintRow(QPainter& painter, int row) const
{
    const KeyValue& fact = m_rows[row];
    const Theme& theme = Theme::of();
    const QRect line(m_left, row * metric::kRow, width() - m_left - m_right, metric::kRow);
    painter.setFont(theme.font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft, fact.key);
    if (!fact.note.isEmpty()) painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, fact.note);

    const QRect value = valueRect(row);
    if (fact.node >= 0) paintNodeChip(painter, QRectF(value.left() - kChip - 6, value.center().y() - kChip / 2 + 1, kChip, kChip), fact.node, fact.nodeLetter);
    painter.setFont(valueFont(fact));
    painter.setPen(color(fact.link ? Token::Link : Token::Text));
    painter.drawText(value, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, fitted(fact.value, painter.fontMetrics(), value.width()));
    if (m_lines && row + 1 < m_rows.size()) painter.fillRect(QRect(line.left(), line.bottom(), line.width(), 1), color(Token::LineInside));
    if (row == m_current && hasFocus()) paint::strokeRound(painter, value.adjusted(-4, 2, 4, -2), color(Token::Accent), 2);
}

void KeyValueList::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    for (int row = 0; row < m_rows.size(); ++row)
        if (event->rect().intersects(QRect(0, row * metric::kRow, width(), metric::kRow))) paintRow(painter, row);
}

void KeyValueList::mouseMoveEvent(QMouseEvent* event)
{
    const int row = rowAt(event->pos().y());
    const bool over = row >= 0 && m_rows[row].link && valueRect(row).contains(event->pos());
    setCursor(over ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void KeyValueList::mousePressEvent(QMouseEvent* event)
{
    const int row = rowAt(event->pos().y());
    if (event->button() == Qt::LeftButton && row >= 0 && m_rows[row].link && valueRect(row).contains(event->pos())) Q_EMIT linkActivated(row);
    else QWidget::mousePressEvent(event);
}

void KeyValueList::moveTo(int step)
{
    for (int row = m_current + step; row >= 0 && row < m_rows.size(); row += step)
        if (m_rows[row].link) {
            m_current = row;
            update();
            return;
        }
}

void KeyValueList::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Down: moveTo(1); break;
    case Qt::Key_Up: moveTo(-1); break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0) Q_EMIT linkActivated(m_current);
        break;
    default: QWidget::keyPressEvent(event);
    }
}

void KeyValueList::contextMenuEvent(QContextMenuEvent* event)
{
    const int row = rowAt(event->pos().y());
    if (row < 0) return;
    QMenu menu;
    QAction* one = menu.addAction(tr("Copy %1").arg(m_rows[row].key));
    QAction* all = menu.addAction(tr("Copy all"));
    const QAction* chosen = menu.exec(event->globalPos());
    QStringList lines;
    if (chosen == one) lines << m_rows[row].value;
    else if (chosen == all)
        for (const KeyValue& fact : m_rows) lines << fact.key + u'\t' + fact.value;
    if (!lines.isEmpty()) QGuiApplication::clipboard()->setText(lines.join(u'\n'));
}

bool KeyValueList::event(QEvent* event)
{
    if (event->type() == QEvent::FocusIn && m_current < 0) moveTo(1);
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos().y());
        const bool cut = row >= 0 && QFontMetrics(valueFont(m_rows[row])).horizontalAdvance(m_rows[row].value) + 1 > valueRect(row).width();
        if (cut) QToolTip::showText(help->globalPos(), m_rows[row].value, this);
        else QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace orrery::widgets
