// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/search_field.h"

#include "widgets/common/buttons.h"
#include "widgets/common/chips.h"
#include "widgets/common/icons.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyle>
#include <QTimer>

namespace orrery::widgets {

namespace {
constexpr int kIconLeft = 8, kTextLeft = 22, kRight = 4;
}

SearchField::SearchField(const QString& placeholder, const QString& keys, QWidget* parent) : QLineEdit(parent)
{
    m_keys = new HintChip(keys, this);
    m_clear = toolButton(QStringLiteral("close"), tr("Clear"), this, 20);
    m_clear->setFocusPolicy(Qt::NoFocus);
    m_clear->setCursor(Qt::ArrowCursor);
    m_clear->hide();
    m_rest = new QTimer(this);
    m_rest->setSingleShot(true);
    m_rest->setInterval(kSearchRestMs);
    setPlaceholderText(placeholder);
    setAccessibleName(placeholder);
    setFont(Theme::of().font(FontRole::Secondary));
    connect(m_clear, &QToolButton::clicked, this, &QLineEdit::clear);
    connect(m_rest, &QTimer::timeout, this, [this] { Q_EMIT searched(text()); });
    connect(this, &QLineEdit::textChanged, this, [this](const QString& now) {
        place();
        if (!now.isEmpty()) return m_rest->start();
        m_rest->stop();
        Q_EMIT searched(now);
    });
    setTall(false);
}

void SearchField::setIconName(const QString& name)
{
    m_iconName = name;
    update();
}

void SearchField::setTall(bool tall)
{
    setFixedHeight(tall ? metric::kToolButton : metric::kLineEdit);
    place();
}

void SearchField::setWrong(const QString& why)
{
    setToolTip(why);
    if (property("wrong").toBool() == !why.isEmpty()) return;
    setProperty("wrong", !why.isEmpty());
    style()->unpolish(this);
    style()->polish(this);
}

void SearchField::place()
{
    const bool empty = text().isEmpty();
    m_keys->setVisible(empty && m_keys->sizeHint().width() > 0);
    m_clear->setVisible(!empty);
    const QSize chip = m_keys->sizeHint();
    m_keys->setGeometry(width() - chip.width() - kRight - 1, (height() - chip.height()) / 2, chip.width(), chip.height());
    m_clear->move(width() - m_clear->width() - kRight + 1, (height() - m_clear->height()) / 2);
    const int right = empty ? (chip.width() > 0 ? chip.width() + 2 : 0) : m_clear->width();
    setTextMargins(kTextLeft, 0, right, 0);
}

void SearchField::resizeEvent(QResizeEvent* event)
{
    QLineEdit::resizeEvent(event);
    place();
}

void SearchField::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    QPainter painter(this);
    icon(m_iconName).paint(&painter, QRect(kIconLeft, (height() - metric::kIcon) / 2, metric::kIcon, metric::kIcon), Qt::AlignCenter,
                           isEnabled() ? QIcon::Normal : QIcon::Disabled);
}

void SearchField::tellNow()
{
    if (!m_rest->isActive()) return;
    m_rest->stop();
    Q_EMIT searched(text());
}

void SearchField::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) {
        if (!text().isEmpty()) clear();
        else clearFocus();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

} // namespace orrery::widgets
