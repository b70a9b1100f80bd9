// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/buttons.h"

#include "widgets/common/color_math.h"
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QAbstractItemView>
#include <QHBoxLayout>
#include <QPainter>
#include <QStyledItemDelegate>

namespace orrery::widgets {

namespace {

QFont mediumSmall()
{
    QFont font = Theme::of().font(FontRole::Secondary);
    font.setWeight(QFont::Medium);
    return font;
}

QStyleOption optionOf(const QWidget* widget)
{
    QStyleOption option;
    option.initFrom(widget);
    return option;
}

// The open list: a check at the left of the chosen one.
class CheckedRows final : public QStyledItemDelegate {
public:
    CheckedRows(QComboBox* box) : QStyledItemDelegate(box), m_box(box) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) painter->fillRect(option.rect, color(Token::Pressed));
        QRect rect = option.rect.adjusted(kPad, 0, -kPad, 0);
        if (index.row() == m_box->currentIndex()) paint::check(*painter, QRectF(rect.left(), rect.top() + (rect.height() - 14) / 2.0, 14, 14), color(Token::Text));
        rect.setLeft(rect.left() + kCheck);
        if (const QIcon icon = index.data(Qt::DecorationRole).value<QIcon>(); !icon.isNull()) {
            icon.paint(painter, QRect(rect.left(), rect.top() + (rect.height() - metric::kIcon) / 2, metric::kIcon, metric::kIcon));
            rect.setLeft(rect.left() + metric::kIcon + 6);
        }
        painter->setFont(Theme::of().font(FontRole::Ui));
        const bool enabled = index.flags() & Qt::ItemIsEnabled;
        painter->setPen(enabled ? color(Token::Text) : color(Token::Disabled));
        painter->drawText(rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, index.data().toString());
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override
    {
        const int icon = index.data(Qt::DecorationRole).isValid() ? metric::kIcon + 6 : 0;
        return {QFontMetrics(Theme::of().font(FontRole::Ui)).horizontalAdvance(index.data().toString()) + 2 * kPad + kCheck + icon + 8, metric::kRow};
    }

private:
    static constexpr int kPad = 8, kCheck = 22;
    QComboBox* m_box;
};

} // namespace

class Segment final : public QAbstractButton {
    Q_OBJECT
public:
    Segment(const QString& text, QWidget* parent) : QAbstractButton(parent)
    {
        setText(text);
        setCheckable(true);
        setAutoExclusive(true);
        setAttribute(Qt::WA_Hover);
        setFocusPolicy(Qt::TabFocus);
        setFont(Theme::of().font(FontRole::Medium));
        setAccessibleName(text);
    }
    QSize sizeHint() const override { return {fontMetrics().horizontalAdvance(text()) + 2 * metric::kTextInset, metric::kToolButton - 4}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        const QStyleOption option = optionOf(this);
        const bool over = option.state & QStyle::State_MouseOver;
        if (isChecked()) paint::fillRound(painter, rect(), color(Token::Selection), 3);
        paint::focusRing(painter, option, rect());
        painter.setPen(color(isChecked() || over ? Token::Text : Token::Muted));
        painter.drawText(rect(), Qt::AlignCenter, text());
    }
};

FlatButton::FlatButton(const QString& text, Kind kind, QWidget* parent) : QPushButton(text, parent)
{
    setFont(mediumSmall());
    setAutoDefault(false);
    setProperty("primary", kind == Kind::Primary);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

FlatButton::FlatButton(const QString& iconName, const QString& text, QWidget* parent) : FlatButton(text, Kind::Plain, parent)
{
    setIcon(widgets::icon(iconName, Token::Text));
}

ComboButton::ComboButton(const QString& label, QWidget* parent) : QComboBox(parent)
{
    setFont(mediumSmall());
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setItemDelegate(new CheckedRows(this));
    setLabel(label);
}

void ComboButton::setLabel(const QString& label)
{
    setProperty("label", label);
    setAccessibleName(label);
    updateGeometry();
}

Segments::Segments(QWidget* parent) : QWidget(parent)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(2, 2, 2, 2);
    row->setSpacing(2);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

int Segments::add(const QString& text, const QString& toolTip)
{
    auto* button = new Segment(text, this);
    const int index = count();
    button->setToolTip(toolTip);
    button->setChecked(index == m_current);
    layout()->addWidget(button);
    m_buttons << button;
    connect(button, &QAbstractButton::clicked, this, [this, index] {
        if (index == m_current) return;
        m_current = index;
        Q_EMIT chosen(index);
    });
    return index;
}

void Segments::setCurrent(int index)
{
    if (index < 0 || index >= count()) return;
    m_current = index;
    m_buttons[index]->setChecked(true);
}

void Segments::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paint::fillRound(painter, rect(), color(Token::Window), 5);
    paint::strokeRound(painter, rect(), color(Token::Border), 1, 5);
}

namespace {
constexpr int kChipPad = 12, kDot = 8, kChipGap = 8, kChevronWidth = 16;
constexpr int kRounding = 2; // an advance is rounded, what is elided is not
}

ChipButton::ChipButton(QWidget* parent) : QAbstractButton(parent)
{
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ChipButton::setWords(Token dot, const QString& name, const QString& detail)
{
    if (dot == m_dot && name == m_name && detail == m_detail) return;
    m_dot = dot;
    m_name = name;
    m_detail = detail;
    setAccessibleName(name);
    setAccessibleDescription(detail);
    updateGeometry();
    update();
}

QSize ChipButton::sizeHint() const
{
    const int name = QFontMetrics(Theme::of().font(FontRole::Medium)).horizontalAdvance(m_name);
    const int detail = QFontMetrics(Theme::of().font(FontRole::Secondary)).horizontalAdvance(m_detail);
    return {kChipPad + kDot + kChipGap + name + (detail ? kChipGap + detail : 0) + kChipGap + kChevronWidth + 4 + kRounding, metric::kToolButton};
}

QSize ChipButton::minimumSizeHint() const
{
    return {kChipPad + kDot + kChipGap + QFontMetrics(Theme::of().font(FontRole::Medium)).horizontalAdvance(m_name) + kChipGap + kChevronWidth + 4, metric::kToolButton};
}

void ChipButton::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    QStyleOption option = optionOf(this);
    if (!(option.state & QStyle::State_KeyboardFocusChange)) option.state &= ~QStyle::State_HasFocus;
    paint::editFrame(painter, option, rect());
    QRect rest = rect().adjusted(kChipPad, 0, -4, 0);
    paint::fillRound(painter, QRectF(rest.left(), rest.center().y() - kDot / 2 + 1, kDot, kDot), color(m_dot), kDot / 2.0);
    rest.setLeft(rest.left() + kDot + kChipGap);
    drawChevron(painter, QRectF(rest.right() + 1 - kChevronWidth, rest.top(), kChevronWidth, rest.height()), true, paint::textColor(option, Token::Muted));
    rest.setRight(rest.right() - kChevronWidth - kChipGap);
    const auto word = [&](const QFont& font, const QString& text, Token ink) {
        painter.setFont(font);
        painter.setPen(paint::textColor(option, ink));
        painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(text, Qt::ElideRight, rest.width()));
        rest.setLeft(rest.left() + painter.fontMetrics().horizontalAdvance(text) + kChipGap);
    };
    word(Theme::of().font(FontRole::Medium), m_name, Token::Text);
    if (rest.width() > 24) word(Theme::of().font(FontRole::Secondary), m_detail, Token::Muted);
}

QToolButton* toolButton(const QString& iconName, const QString& name, QWidget* parent, int side)
{
    auto* button = new QToolButton(parent);
    button->setIcon(widgets::icon(iconName));
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setFixedSize(side, side);
    button->setAutoRaise(true);
    return button;
}

} // namespace orrery::widgets

#include "buttons.moc"
