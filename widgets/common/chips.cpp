// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/chips.h"

#include "widgets/common/color_math.h"
#include "widgets/common/house_paint.h"

#include <QFontMetrics>
#include <QPainter>

namespace orrery::widgets {

namespace {

constexpr int kTagPad = 6, kTagHeight = 18;

QFont letterFont()
{
    QFont font = Theme::of().font(FontRole::Caption);
    font.setWeight(QFont::DemiBold);
    return font;
}

} // namespace

QColor nodeFill(int number) { return mixed(color(Token::Panel), Theme::of().node(number), Theme::of().isDark() ? .33 : .30); }

void paintNodeChip(QPainter& painter, const QRectF& rect, int number, const QString& letter, bool lost)
{
    paint::fillRound(painter, rect, lost ? color(Token::BarEmpty) : nodeFill(number), 3);
    painter.save();
    painter.setFont(letterFont());
    painter.setPen(color(lost ? Token::Muted : Token::Text));
    painter.drawText(rect, Qt::AlignCenter, letter);
    painter.restore();
}

int tagWidth(const QString& text) { return QFontMetrics(Theme::of().font(FontRole::Secondary)).horizontalAdvance(text) + 2 * kTagPad; }

int paintTag(QPainter& painter, const QPoint& leftMiddle, const QString& text)
{
    const QRect box(leftMiddle.x(), leftMiddle.y() - kTagHeight / 2, tagWidth(text), kTagHeight);
    paint::fillRound(painter, box, color(Token::BarEmpty), 3);
    painter.save();
    painter.setFont(Theme::of().font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(box, Qt::AlignCenter, text);
    painter.restore();
    return box.width();
}

NodeChip::NodeChip(int number, const QString& letter, QWidget* parent) : QWidget(parent), m_number(number), m_letter(letter)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Node %1").arg(letter));
}

void NodeChip::setNode(int number, const QString& letter, bool lost)
{
    if (number == m_number && letter == m_letter && lost == m_lost) return;
    m_number = number;
    m_letter = letter;
    m_lost = lost;
    setAccessibleName(lost ? tr("Node %1, lost").arg(letter) : tr("Node %1").arg(letter));
    updateGeometry();
    update();
}

QSize NodeChip::sizeHint() const { return {std::max(kChip, QFontMetrics(letterFont()).horizontalAdvance(m_letter) + 6), kChip}; }

void NodeChip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintNodeChip(painter, rect(), m_number, m_letter, m_lost);
}

TypeTag::TypeTag(const QString& text, QWidget* parent) : QWidget(parent), m_text(text)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(text);
}

void TypeTag::setText(const QString& text)
{
    if (text == m_text) return;
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

QSize TypeTag::sizeHint() const { return {tagWidth(m_text), kTagHeight}; }

void TypeTag::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintTag(painter, {0, height() / 2}, m_text);
}

HintChip::HintChip(const QString& keys, QWidget* parent) : QWidget(parent), m_keys(keys)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_TransparentForMouseEvents);
}

void HintChip::setKeys(const QString& keys)
{
    m_keys = keys;
    updateGeometry();
    update();
}

QSize HintChip::sizeHint() const { return {m_keys.isEmpty() ? 0 : paint::keyHint(nullptr, {}, m_keys, true), kTagHeight}; }

void HintChip::paintEvent(QPaintEvent*)
{
    if (m_keys.isEmpty()) return;
    QPainter painter(this);
    paint::keyHint(&painter, rect(), m_keys, isEnabled());
}

} // namespace orrery::widgets
