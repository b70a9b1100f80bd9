// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/toast.h"

#include "widgets/common/buttons.h"
#include "widgets/common/color_math.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QTimer>
#include <QVariantAnimation>

namespace orrery::widgets {

namespace {

constexpr int kWidth = 392, kHeight = 40, kInset = 12, kRise = 8, kBar = 4, kRadius = 6;

} // namespace

Toast* Toast::show(QWidget* over, const ToastText& text, QSize taken)
{
    for (auto* before : over->findChildren<Toast*>(Qt::FindDirectChildrenOnly)) delete before;
    auto* toast = new Toast(over, text, taken);
    toast->QWidget::show();
    toast->raise();
    QAccessibleEvent alert(toast, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
    return toast;
}

Toast::Toast(QWidget* over, const ToastText& text, QSize taken) : QWidget(over), m_text(text), m_taken(taken)
{
    setAccessibleName(text.detail.isEmpty() ? text.title : text.title + QStringLiteral(", ") + text.detail);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(kBar + 8 + (text.state ? metric::kGlyph + 10 : 4), 0, 6, 0);
    row->setSpacing(8);
    auto* title = new ElidedLabel(text.title, FontRole::Title, Token::Text, this);
    row->addWidget(title);
    if (!text.detail.isEmpty()) row->addWidget(new ElidedLabel(text.detail, FontRole::Ui, Token::Muted, this));
    row->addStretch(1);
    if (!text.action.isEmpty()) {
        auto* action = new FlatButton(text.action, FlatButton::Kind::Plain, this);
        row->addWidget(action);
        connect(action, &QPushButton::clicked, this, [this] {
            Q_EMIT actionTriggered();
            vanish();
        });
    }
    auto* close = toolButton(QStringLiteral("close"), tr("Dismiss"), this);
    row->addWidget(close);
    connect(close, &QToolButton::clicked, this, &Toast::vanish);

    m_timer = new QTimer(this);
    m_timer->setSingleShot(true);
    m_timer->setInterval(kToastMs);
    connect(m_timer, &QTimer::timeout, this, [this] {
        if (underMouse() || (focusWidget() && focusWidget()->hasFocus())) m_timer->start();
        else vanish();
    });
    m_timer->start();
    over->installEventFilter(this);
    if (Theme::of().reduceMotion()) {
        place(1);
        return;
    }
    place(0);
    auto* in = new QVariantAnimation(this);
    in->setDuration(kToastInMs);
    in->setStartValue(0.0);
    in->setEndValue(1.0);
    in->setEasingCurve(QEasingCurve::OutCubic);
    connect(in, &QVariantAnimation::valueChanged, this, [this](const QVariant& value) { place(value.toDouble()); });
    in->start(QAbstractAnimation::DeleteWhenStopped);
}

void Toast::place(double shown)
{
    m_shown = shown;
    const QWidget* over = parentWidget();
    const int wish = std::max(kWidth, layout()->sizeHint().width());
    const bool beside = !m_taken.isEmpty() && wish <= over->width() - m_taken.width() - 2 * kInset;
    const int room = over->width() - (beside ? m_taken.width() : 0), width = std::min(wish, room - 2 * kInset);
    const int bottom = over->height() - (m_taken.isEmpty() || beside ? 0 : m_taken.height());
    setGeometry(m_taken.isEmpty() ? (room - width) / 2 : room - kInset - width, bottom - kInset - kHeight + qRound((1 - shown) * kRise), width, kHeight);
}

void Toast::vanish()
{
    hide();
    deleteLater();
}

void Toast::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QColor bar = m_text.state ? Theme::of().state(*m_text.state) : color(Token::Accent);
    paint::fillRound(painter, rect(), color(Token::Panel), kRadius);
    QPainterPath shape, left;
    shape.addRoundedRect(rect(), kRadius, kRadius);
    left.addRect(0, 0, kBar, height());
    painter.setRenderHint(QPainter::Antialiasing);
    paint::strokeRound(painter, rect(), color(Token::Border), 1, kRadius);
    painter.fillPath(shape.intersected(left), bar);
    if (m_text.state) drawStateGlyph(painter, QRectF(kBar + 10, (height() - metric::kGlyph) / 2.0, metric::kGlyph, metric::kGlyph), *m_text.state);
}

void Toast::enterEvent(QEnterEvent*) { m_timer->stop(); }

void Toast::leaveEvent(QEvent*) { m_timer->start(); }

void Toast::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) vanish();
    else QWidget::keyPressEvent(event);
}

bool Toast::eventFilter(QObject* object, QEvent* event)
{
    if (object == parentWidget() && event->type() == QEvent::Resize) place(m_shown);
    return QWidget::eventFilter(object, event);
}

} // namespace orrery::widgets
