// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/inspector_head.h"

#include "widgets/common/icons.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QMenu>
#include <QPainter>

namespace orrery::widgets {

namespace {
constexpr int kTextLeft = 38, kTop = 10, kFirst = 24, kSecond = 20;
} // namespace

InspectorHead::InspectorHead(QWidget* parent) : QWidget(parent)
{
    setFixedHeight(sizeHint().height());
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void InspectorHead::setWords(const Words& words)
{
    if (m_words == words) return;
    m_words = words;
    setAccessibleName(QStringLiteral("%1, %2, %3").arg(words.title, words.note, words.place));
    setToolTip(words.fullId);
    update();
}

void InspectorHead::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::of();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRect mark(16, kTop + kFirst / 2 - 8, 16, 16);
    if (m_words.glyph) drawStateGlyph(painter, QRectF(mark).adjusted(1, 1, -1, -1), *m_words.glyph);
    else if (!m_words.icon.isEmpty()) icon(m_words.icon, Token::Muted).paint(&painter, mark);

    const int right = width() - metric::kTextInset;
    const auto line = [&](int top, int height, FontRole leftRole, Token leftInk, const QString& left,
                          const QString& note) {
        painter.setFont(theme.font(FontRole::Secondary));
        painter.setPen(color(Token::Muted));
        painter.drawText(QRect(kTextLeft, top, right - kTextLeft, height), Qt::AlignRight | Qt::AlignVCenter, note);
        const int room = right - kTextLeft - (note.isEmpty() ? 0 : painter.fontMetrics().horizontalAdvance(note) + 8);
        painter.setFont(theme.font(leftRole));
        painter.setPen(color(leftInk));
        painter.drawText(QRect(kTextLeft, top, room, height), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(left, Qt::ElideMiddle, room));
    };
    line(kTop, kFirst, FontRole::Heading, Token::Text, m_words.title, m_words.note);
    line(kTop + kFirst, kSecond, FontRole::Mono, Token::Muted, m_words.id, m_words.place);
}

void InspectorHead::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    QAction* name = menu.addAction(tr("Copy name"));
    QAction* id = menu.addAction(tr("Copy id"));
    id->setEnabled(!m_words.fullId.isEmpty());
    const QAction* chosen = menu.exec(event->globalPos());
    if (chosen == name) QGuiApplication::clipboard()->setText(m_words.title);
    if (chosen == id) QGuiApplication::clipboard()->setText(m_words.fullId);
}

} // namespace orrery::widgets
