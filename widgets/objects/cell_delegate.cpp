// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/cell_delegate.h"

#include "widgets/common/chips.h"
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace orrery::widgets {

namespace {
constexpr int kGap = 8, kSwatch = 10, kLoadingHeight = 6, kChipGap = 4;
} // namespace

int nodeNumber(const QString& letter)
{
    int number = 0;
    for (const QChar c : letter) {
        if (c < u'A' || c > u'Z' || number > 10'000) return -1;
        number = number * 26 + (c.unicode() - u'A' + 1);
    }
    return number - 1;
}

CellDelegate::CellDelegate(QAbstractItemView* view, PagedTableModel& model, CellLookOf look) : RowDelegate(view), m_model(model), m_look(std::move(look)) {}

void CellDelegate::paintContent(QPainter& painter, const QRect& rect, const QStyleOptionViewItem&, const QModelIndex& index) const
{
    QRect place = rect;
    const bool right = m_model.columns()[static_cast<std::size_t>(index.column())].number;
    const int middle = place.top() + place.height() / 2;
    if (!m_model.isLoaded(index.row())) {
        const int width = std::min(place.width(), 24 + (index.row() * 7 + index.column() * 13) % 24); // as uneven as text
        const QRectF bar(right ? place.right() - width + 1 : place.left(), middle - kLoadingHeight / 2, width, kLoadingHeight);
        paint::fillRound(painter, bar, color(Token::BarEmpty), kLoadingHeight / 2);
        return;
    }
    const CellLook look = m_look(m_model, index.row(), index.column());
    if (look.glyph) {
        drawStateGlyph(painter, QRectF(place.left(), middle - metric::kGlyph / 2, metric::kGlyph, metric::kGlyph), *look.glyph);
        place.setLeft(place.left() + metric::kGlyph + kGap);
    }
    if (look.swatch.isValid()) {
        paint::fillRound(painter, QRectF(place.left(), middle - kSwatch / 2, kSwatch, kSwatch), look.swatch, 2);
        place.setLeft(place.left() + kSwatch + kGap);
    }
    for (const QString& letter : look.nodes) {
        if (place.width() < kChip) break;
        paintNodeChip(painter, QRectF(place.left(), middle - kChip / 2, kChip, kChip), nodeNumber(letter), letter);
        place.setLeft(place.left() + kChip + kChipGap);
    }
    if (!look.nodes.isEmpty()) place.setLeft(place.left() + kChipGap);
    if (look.text.isEmpty() || place.width() <= 0) return;
    painter.setFont(Theme::of().font(look.font));
    painter.setPen(color(look.ink));
    painter.drawText(place, int((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter), painter.fontMetrics().elidedText(look.text, look.elide, place.width()));
}

bool CellDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    if (event->type() != QEvent::ToolTip || !index.isValid() || !m_model.isLoaded(index.row())) return false;
    const CellLook look = m_look(m_model, index.row(), index.column());
    const int marks = (look.glyph ? metric::kGlyph + kGap : 0) + (look.swatch.isValid() ? kSwatch + kGap : 0) +
                      static_cast<int>(look.nodes.size()) * (kChip + kChipGap);
    const bool cut = QFontMetrics(Theme::of().font(look.font)).horizontalAdvance(look.text) + marks > option.rect.width() - 2 * metric::kTextInset;
    // Only what is cut needs to be told.
    if (cut) QToolTip::showText(event->globalPos(), look.text, view, option.rect);
    else QToolTip::hideText();
    return true;
}

} // namespace orrery::widgets
