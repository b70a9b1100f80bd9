// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/key_sheet.h"

#include "widgets/common/theme.h"

#include <QKeyEvent>
#include <QPainter>

#include <algorithm>
#include <map>

namespace orrery::widgets {

namespace {
constexpr int kHead = 44, kRow = 24, kColumn = 300, kEdge = 20, kGroupHead = 30;
} // namespace

KeySheet::KeySheet(QWidget* window) : QWidget(window)
{
    hide();
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Keys"));
    window->installEventFilter(this);
}

void KeySheet::setActions(const QList<QAction*>& actions)
{
    m_actions.clear();
    for (QAction* action : actions) m_actions << action;
}

void KeySheet::addKeys(const QString& group, const QString& keys, const QString& text)
{
    m_extra.push_back({group, keys, text, true});
}

void KeySheet::popUp()
{
    m_filter.clear();
    setGeometry(parentWidget()->rect());
    show();
    raise();
    setFocus(Qt::ShortcutFocusReason);
}

std::vector<KeySheet::Entry> KeySheet::entries() const
{
    std::vector<Entry> all;
    for (const auto& action : m_actions) {
        if (!action || action->shortcut().isEmpty()) continue;
        QStringList keys;
        for (const auto& key : action->shortcuts()) keys << key.toString(QKeySequence::NativeText);
        const QString group = action->property(kActionGroup).toString();
        all.push_back({group.isEmpty() ? tr("Other") : group, keys.join(QStringLiteral(", ")),
                       QString(action->text()).remove(QLatin1Char('&')), action->isEnabled()});
    }
    all.insert(all.end(), m_extra.begin(), m_extra.end());
    std::erase_if(all, [&](const Entry& entry) {
        return !m_filter.isEmpty() &&
               !(entry.text + QLatin1Char(' ') + entry.keys).contains(m_filter, Qt::CaseInsensitive);
    });
    // Groups in the order of their first entry.
    std::map<QString, std::size_t> rank;
    for (const Entry& entry : all) rank.emplace(entry.group, rank.size());
    std::stable_sort(all.begin(), all.end(),
                     [&](const Entry& a, const Entry& b) { return rank[a.group] < rank[b.group]; });
    return all;
}

QStringList KeySheet::shownTexts() const
{
    QStringList texts;
    for (const Entry& entry : entries()) texts << QStringLiteral("%1: %2").arg(entry.text, entry.keys);
    return texts;
}

// Rows and group heads run down, then on into the next column; a group is not parted from its first row.
std::vector<KeySheet::Placed> KeySheet::place(const std::vector<Entry>& all, int height) const
{
    std::vector<Placed> placed;
    int column = 0, y = 0;
    QString group;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool opens = all[i].group != group;
        const int needed = kRow + (opens ? kGroupHead : 0);
        if (y + needed > height && y > 0) {
            ++column;
            y = 0;
        }
        if (opens) {
            placed.push_back({column, y, -1, all[i].group});
            y += kGroupHead;
            group = all[i].group;
        }
        placed.push_back({column, y, static_cast<int>(i), {}});
        y += kRow;
    }
    return placed;
}

QRect KeySheet::sheetRect(int columns, int height) const
{
    const QSize size(std::min(columns * kColumn + (columns + 1) * kEdge, width() - 32),
                     std::min(height + kHead + 2 * kEdge, this->height() - 32));
    return QRect(QPoint((width() - size.width()) / 2, (this->height() - size.height()) / 2), size);
}

void KeySheet::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::of();
    QPainter painter(this);
    QColor veil = color(Token::Window);
    veil.setAlphaF(0.7f);
    painter.fillRect(rect(), veil);
    const std::vector<Entry> all = entries();
    const int room = height() - 32 - kHead - 2 * kEdge;
    // As square as the window allows.
    const int wished = std::clamp(static_cast<int>(all.size()) * (kRow + 8) / 3, std::min(240, room), room);
    const std::vector<Placed> placed = place(all, wished);
    int columns = 1, bottom = kRow;
    for (const Placed& one : placed) {
        columns = std::max(columns, one.column + 1);
        bottom = std::max(bottom, one.y + kRow);
    }
    const QRect sheet = sheetRect(columns, bottom);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color(Token::Border), 1));
    painter.setBrush(color(Token::Panel));
    painter.drawRoundedRect(QRectF(sheet).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setClipRect(sheet);

    const QRect head(sheet.left() + kEdge, sheet.top(), sheet.width() - 2 * kEdge, kHead);
    painter.setFont(theme.font(FontRole::Heading));
    painter.setPen(color(Token::Text));
    painter.drawText(head, Qt::AlignVCenter, tr("Keys"));
    painter.setFont(theme.font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(head, Qt::AlignRight | Qt::AlignVCenter,
                     m_filter.isEmpty() ? tr("type to filter, Esc closes") : tr("filter: %1").arg(m_filter));
    painter.fillRect(sheet.left() + 1, sheet.top() + kHead, sheet.width() - 2, 1, color(Token::LineInside));
    if (all.empty()) painter.drawText(sheet.adjusted(0, kHead, 0, 0), Qt::AlignCenter, tr("No key matches."));

    const QPoint origin(sheet.left() + kEdge, sheet.top() + kHead + kEdge);
    for (const Placed& one : placed) {
        const QRect row(origin.x() + one.column * (kColumn + kEdge), origin.y() + one.y, kColumn, kRow);
        if (one.entry < 0) {
            painter.setFont(theme.font(FontRole::Section));
            painter.setPen(color(Token::Text));
            painter.drawText(row.adjusted(0, 0, 0, kGroupHead - kRow - 4), Qt::AlignBottom, one.group);
            continue;
        }
        paintEntry(painter, row, all[static_cast<std::size_t>(one.entry)]);
    }
}

void KeySheet::paintEntry(QPainter& painter, const QRect& row, const Entry& entry) const
{
    const Theme& theme = Theme::of();
    painter.setOpacity(entry.enabled ? 1 : 0.4);
    painter.setFont(theme.font(FontRole::Caption));
    const int chip = painter.fontMetrics().horizontalAdvance(entry.keys) + 12;
    painter.setPen(QPen(color(Token::Border), 1));
    painter.setBrush(Qt::NoBrush);
    const QRectF box(row.right() - chip + 0.5, row.center().y() - 8.5, chip, 18);
    painter.drawRoundedRect(box, 3, 3);
    painter.setPen(color(Token::Text));
    painter.drawText(box, Qt::AlignCenter, entry.keys);
    painter.setFont(theme.font(FontRole::Ui));
    painter.setPen(color(Token::Muted));
    const QRect text = row.adjusted(0, 0, -chip - 8, 0);
    painter.drawText(text, Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(entry.text, Qt::ElideRight, text.width()));
    painter.setOpacity(1);
}

void KeySheet::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape || (event->text() == u"?" && m_filter.isEmpty())) {
        hide();
        return;
    }
    if (event->key() == Qt::Key_Backspace) m_filter.chop(1);
    else if (!event->text().isEmpty() && event->text()[0].isPrint()) m_filter += event->text();
    update();
}

void KeySheet::mousePressEvent(QMouseEvent*)
{
    hide();
}

bool KeySheet::eventFilter(QObject* object, QEvent* event)
{
    if (object == parentWidget() && event->type() == QEvent::Resize && isVisible()) setGeometry(parentWidget()->rect());
    return false;
}

} // namespace orrery::widgets
