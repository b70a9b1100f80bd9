// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/table_view.h"

#include "widgets/common/chips.h"
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QHeaderView>
#include <QMouseEvent>
#include <QPainter>

namespace orrery::widgets {

namespace {
constexpr int kGap = 6, kSwatch = 10;
}

RowDelegate::RowDelegate(QAbstractItemView* view) : QStyledItemDelegate(view), m_view(view), m_viewport(view->viewport())
{
    view->viewport()->installEventFilter(this);
    view->viewport()->setMouseTracking(true);
}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const
{
    const auto role = index.data(FontCellRole);
    const QFont& font = Theme::of().font(role.isValid() ? static_cast<FontRole>(role.toInt()) : FontRole::Secondary);
    return {QFontMetrics(font).horizontalAdvance(index.data().toString()) + 2 * metric::kTextInset, metric::kRow};
}

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->save();
    paintGround(*painter, option, index);
    paintContent(*painter, option.rect.adjusted(metric::kTextInset, 0, -metric::kTextInset, 0), option, index);
    painter->restore();
}

void RowDelegate::paintGround(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    Token ground = Token::Panel;
    if (option.state & QStyle::State_Selected) ground = m_view->hasFocus() ? Token::Selection : Token::SelectionAway;
    else if (index.row() == m_hovered) ground = Token::Hover;
    else if (m_view->alternatingRowColors() && index.row() % 2 == 1) ground = Token::Zebra;
    if (ground != Token::Panel) painter.fillRect(option.rect, color(ground));
}

void RowDelegate::paintContent(QPainter& painter, const QRect& cell, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Theme& theme = Theme::of();
    const bool enabled = option.state & QStyle::State_Enabled;
    QRect rect = cell;
    if (index.data(LoadingCellRole).toBool()) {
        paint::fillRound(painter, QRectF(rect.left(), rect.center().y() - 2, std::min(rect.width(), 64), 6), color(Token::BarEmpty), 3);
        return;
    }
    if (const QVariant share = index.data(ShareCellRole); share.isValid()) {
        const QRectF bar(rect.left(), rect.bottom() - 3, rect.width() * std::clamp(share.toDouble(), 0.0, 1.0), 2);
        paint::fillRound(painter, bar, color(Token::Load), 1);
    }
    if (const QVariant state = index.data(StateCellRole); state.isValid()) {
        drawStateGlyph(painter, QRectF(rect.left(), rect.top() + (rect.height() - metric::kGlyph) / 2.0, metric::kGlyph, metric::kGlyph),
                       static_cast<types::TaskState>(state.toInt()));
        rect.setLeft(rect.left() + metric::kGlyph + kGap);
    }
    if (const QVariant nodes = index.data(NodesCellRole); nodes.isValid()) {
        for (const QVariant& entry : nodes.toList()) {
            const QVariantMap node = entry.toMap();
            paintNodeChip(painter, QRectF(rect.left(), rect.top() + (rect.height() - kChip) / 2.0, kChip, kChip), node[QStringLiteral("number")].toInt(),
                          node[QStringLiteral("letter")].toString(), node[QStringLiteral("lost")].toBool());
            rect.setLeft(rect.left() + kChip + 4);
        }
        rect.setLeft(rect.left() + 2);
    }
    const QVariant decoration = index.data(Qt::DecorationRole);
    if (decoration.metaType() == QMetaType::fromType<QColor>()) {
        paint::fillRound(painter, QRectF(rect.left(), rect.top() + (rect.height() - kSwatch) / 2.0, kSwatch, kSwatch), decoration.value<QColor>(), 2);
        rect.setLeft(rect.left() + kSwatch + kGap + 2);
    } else if (const QIcon picture = decoration.value<QIcon>(); !picture.isNull()) {
        picture.paint(&painter, QRect(rect.left(), rect.top() + (rect.height() - metric::kIcon) / 2, metric::kIcon, metric::kIcon), Qt::AlignCenter,
                      enabled ? QIcon::Normal : QIcon::Disabled);
        rect.setLeft(rect.left() + metric::kIcon + kGap);
    }
    const QString text = index.data().toString();
    if (text.isEmpty()) return;
    const QVariant role = index.data(FontCellRole);
    const int alignment = index.data(Qt::TextAlignmentRole).toInt() & Qt::AlignHorizontal_Mask;
    painter.setFont(theme.font(role.isValid() ? static_cast<FontRole>(role.toInt()) : FontRole::Secondary));
    const Token ink = index.data(MutedCellRole).toBool() && !(option.state & QStyle::State_Selected) ? Token::Muted : Token::Text;
    painter.setPen(enabled ? color(ink) : color(Token::Disabled));
    painter.drawText(rect, (alignment ? alignment : static_cast<int>(Qt::AlignLeft)) | Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(text, option.textElideMode, rect.width()));
}

bool RowDelegate::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_viewport) {
        // While the view is being destroyed its viewport still has events, but the view is no view any more.
        if (qobject_cast<QAbstractItemView*>(parent()) == nullptr) return false;
        if (event->type() == QEvent::MouseMove) setHovered(m_view->indexAt(static_cast<QMouseEvent*>(event)->pos()).row());
        else if (event->type() == QEvent::Leave || event->type() == QEvent::Wheel) setHovered(-1);
        return false;
    }
    return QStyledItemDelegate::eventFilter(object, event);
}

void RowDelegate::setHovered(int row)
{
    if (row == m_hovered) return;
    const auto repaint = [this](int at) {
        if (at < 0 || !m_view->model() || at >= m_view->model()->rowCount(m_view->rootIndex())) return;
        const QRect cell = m_view->visualRect(m_view->model()->index(at, 0, m_view->rootIndex()));
        m_view->viewport()->update(0, cell.top(), m_view->viewport()->width(), cell.height());
    };
    repaint(m_hovered);
    m_hovered = row;
    repaint(m_hovered);
}

QTableView* tableView(QWidget* parent)
{
    auto* view = new QTableView(parent);
    view->setItemDelegate(new RowDelegate(view));
    view->setFrameShape(QFrame::NoFrame);
    view->setShowGrid(false);
    view->setAlternatingRowColors(true);
    view->setWordWrap(false);
    view->setTextElideMode(Qt::ElideRight);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setTabKeyNavigation(false);
    view->setCornerButtonEnabled(false);
    QHeaderView* rows = view->verticalHeader();
    rows->hide();
    rows->setSectionResizeMode(QHeaderView::Fixed); // a million rows are not measured
    rows->setDefaultSectionSize(metric::kRow);
    rows->setMinimumSectionSize(metric::kRow);
    QHeaderView* head = view->horizontalHeader();
    head->setFixedHeight(metric::kRow);
    head->setMinimumSectionSize(40);
    head->setHighlightSections(false);
    head->setSectionsMovable(true);
    head->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    head->setStretchLastSection(true);
    return view;
}

TreeView::TreeView(QWidget* parent) : QTreeView(parent)
{
    setViewportMargins(metric::kPadding, 0, 0, 0);
    setHeaderHidden(true);
    setUniformRowHeights(true);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setTextElideMode(Qt::ElideRight);
    viewport()->setMouseTracking(true);
}

} // namespace orrery::widgets
