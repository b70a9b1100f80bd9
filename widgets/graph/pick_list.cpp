// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/pick_list.h"

#include "widgets/common/icons.h"
#include "widgets/graph/fuzzy.h"

#include <QAbstractListModel>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace orrery::widgets {

// The rows that match, best first; rows of the same score in the order they came.
class PickModel final : public QAbstractListModel {
public:
    PickModel(std::vector<PickRow> rows, QObject* parent) : QAbstractListModel(parent), m_rows(std::move(rows))
    {
        filter({});
    }
    int rowCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
    }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (role == Qt::DisplayRole) return row(index.row()).title;
        if (role == Qt::AccessibleTextRole)
            return QString(row(index.row()).title + QStringLiteral(", ") + row(index.row()).detail);
        return {};
    }
    const PickRow& row(int shown) const { return m_rows[m_shown[static_cast<std::size_t>(shown)].row]; }
    const std::vector<int>& letters(int shown) const { return m_shown[static_cast<std::size_t>(shown)].letters; }
    void filter(const QString& word)
    {
        beginResetModel();
        m_shown.clear();
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            FuzzyMatch match = fuzzyMatch(word, m_rows[i].title);
            // Where it comes from counts when it is written out from its start: a few letters of it would match everything.
            if (match.score == 0 && m_rows[i].detail.startsWith(word, Qt::CaseInsensitive)) match = {1, {}};
            if (match.score > 0) m_shown.push_back({i, match.score, std::move(match.letters)});
        }
        std::stable_sort(m_shown.begin(), m_shown.end(),
                         [](const auto& a, const auto& b) { return a.score > b.score; });
        endResetModel();
    }

private:
    struct Shown {
        std::size_t row;
        int score;
        std::vector<int> letters;
    };
    std::vector<PickRow> m_rows;
    std::vector<Shown> m_shown;
};

namespace {

// Icon, words with the matched letters lit, types as dots, and where it comes from.
class PickDelegate final : public QStyledItemDelegate {
public:
    explicit PickDelegate(const PickModel& model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {kPickWidth, metric::kRow};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const PickRow& row = m_model.row(index.row());
        painter->save();
        if (option.state & QStyle::State_Selected) painter->fillRect(option.rect, color(Token::Selection));
        else if (option.state & QStyle::State_MouseOver) painter->fillRect(option.rect, color(Token::Hover));
        const QRect inside = option.rect.adjusted(metric::kTextInset, 0, -metric::kTextInset, 0);
        int x = inside.left(), right = paintDots(*painter, inside, row);
        if (!row.icon.isEmpty()) {
            const qreal ratio = painter->device()->devicePixelRatioF();
            painter->drawPixmap(QPoint(x, inside.center().y() - metric::kIcon / 2 + 1),
                                iconPixmap(row.icon, metric::kIcon, color(Token::Muted), ratio));
        }
        x += row.icon.isEmpty() ? 0 : metric::kIcon + 8;
        painter->setFont(Theme::of().font(FontRole::Secondary));
        painter->setPen(color(Token::Muted));
        const int detail = painter->fontMetrics().horizontalAdvance(row.detail);
        if (detail < right - x - 80) {
            painter->drawText(QRect(right - detail, inside.top(), detail, inside.height()), Qt::AlignVCenter,
                              row.detail);
            right -= detail + 12;
        }
        paintTitle(*painter, QRect(x, inside.top(), right - x, inside.height()), row.title,
                   m_model.letters(index.row()));
        painter->restore();
    }

private:
    static int paintDots(QPainter& painter, const QRect& inside, const PickRow& row)
    {
        constexpr int kDot = 6, kStep = 9, kDotsMax = 4;
        int x = inside.right() + 1;
        const auto dots = [&](const QStringList& types, bool filled) {
            for (qsizetype i = std::min<qsizetype>(types.size(), kDotsMax) - 1; i >= 0; --i) {
                x -= kStep;
                const QColor tint = Theme::of().portType(types[i]);
                painter.setPen(QPen(tint, 1.4));
                painter.setBrush(filled ? QBrush(tint) : QBrush(Qt::NoBrush));
                painter.drawEllipse(QRectF(x + 1, inside.center().y() - kDot / 2.0 + 1, kDot - 1, kDot - 1));
            }
        };
        painter.setRenderHint(QPainter::Antialiasing);
        dots(row.gives, true);
        if (!row.takes.isEmpty() && !row.gives.isEmpty()) x -= 4;
        dots(row.takes, false);
        return x - 12;
    }
    static void paintTitle(QPainter& painter, const QRect& rect, const QString& title, const std::vector<int>& letters)
    {
        painter.setFont(Theme::of().font(FontRole::Ui));
        const QFontMetrics metrics = painter.fontMetrics();
        if (letters.empty() || metrics.horizontalAdvance(title) > rect.width()) {
            painter.setPen(color(Token::Text));
            painter.drawText(rect, Qt::AlignVCenter, metrics.elidedText(title, Qt::ElideRight, rect.width()));
            return;
        }
        for (int i = 0; i < title.size(); ++i) {
            const bool hit = std::find(letters.begin(), letters.end(), i) != letters.end();
            painter.setPen(color(hit ? Token::Accent : Token::Text));
            painter.drawText(rect.adjusted(metrics.horizontalAdvance(title.left(i)), 0, 8, 0), Qt::AlignVCenter,
                             title.mid(i, 1));
        }
    }
    const PickModel& m_model;
};

} // namespace

PickList::PickList(std::vector<PickRow> rows, const QString& hint, QWidget* owner)
    : QFrame(owner->window()), m_owner(owner), m_edit(new QLineEdit(this)), m_list(new QListView(this)),
      m_model(new PickModel(std::move(rows), this))
{
    setObjectName(QStringLiteral("pickList"));
    setFrameShape(QFrame::NoFrame);
    setAutoFillBackground(false);
    auto* box = new QVBoxLayout(this);
    box->setContentsMargins(1, 8, 1, 5);
    box->setSpacing(6);
    auto* top = new QVBoxLayout;
    top->setContentsMargins(8, 0, 8, 0);
    top->addWidget(m_edit);
    box->addLayout(top);
    box->addWidget(m_list);
    m_edit->setPlaceholderText(hint);
    m_edit->setAccessibleName(hint);
    m_edit->installEventFilter(this);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setModel(m_model);
    m_list->setItemDelegate(new PickDelegate(*m_model, m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setMouseTracking(true);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_edit, &QLineEdit::textChanged, this, &PickList::filter);
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex& index) {
        m_list->setCurrentIndex(index);
        take();
    });
    filter({});
}

int PickList::count() const
{
    return m_model->rowCount();
}

PickRow PickList::current() const
{
    const int row = m_list->currentIndex().row();
    return row >= 0 && row < m_model->rowCount() ? m_model->row(row) : PickRow();
}

void PickList::filter(const QString& text)
{
    m_model->filter(text.trimmed());
    m_list->setCurrentIndex(m_model->index(0, 0));
    const int rows = std::clamp(m_model->rowCount(), 1, kPickRowsShown);
    m_list->setVisible(m_model->rowCount() > 0);
    m_list->setFixedHeight(rows * metric::kRow);
    setFixedSize(kPickWidth, 8 + m_edit->sizeHint().height() + 6 + rows * metric::kRow + 6);
    update();
}

void PickList::popup(const QPoint& at)
{
    const QRect room = parentWidget()->rect().adjusted(4, 4, -4, -4);
    const QPoint wanted = m_owner->mapTo(parentWidget(), at);
    const QPoint place(std::min(wanted.x(), room.right() - width()), std::min(wanted.y(), room.bottom() - height()));
    QWidget::move(std::max(place.x(), room.left()), std::max(place.y(), room.top()));
    show();
    raise();
    m_edit->setFocus(Qt::PopupFocusReason);
}

void PickList::move(int by)
{
    const int rows = m_model->rowCount();
    if (rows == 0) return;
    const int row = std::clamp(m_list->currentIndex().row() + by, 0, rows - 1);
    m_list->setCurrentIndex(m_model->index(row, 0));
}

void PickList::take()
{
    const PickRow row = current();
    if (row.title.isEmpty() || m_done) return;
    m_done = true;
    m_owner->setFocus(Qt::PopupFocusReason);
    hide();
    Q_EMIT picked(row);
    deleteLater();
}

void PickList::dismiss()
{
    if (m_done) return;
    m_done = true;
    hide();
    deleteLater();
}

void PickList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(color(Token::Border));
    painter.setBrush(color(Token::Panel));
    painter.drawRoundedRect(QRectF(rect()).adjusted(.5, .5, -.5, -.5), metric::kRadius, metric::kRadius);
    if (m_model->rowCount() > 0) return;
    painter.setPen(color(Token::Muted));
    painter.setFont(Theme::of().font(FontRole::Secondary));
    painter.drawText(
        QRect(metric::kTextInset, height() - metric::kRow - 6, width() - 2 * metric::kTextInset, metric::kRow),
        Qt::AlignVCenter, tr("Nothing fits"));
}

bool PickList::eventFilter(QObject* object, QEvent* event)
{
    if (object != m_edit) return false;
    if (event->type() == QEvent::FocusOut) {
        dismiss();
        return false;
    }
    if (event->type() != QEvent::KeyPress) return false;
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Down: move(1); return true;
    case Qt::Key_Up: move(-1); return true;
    case Qt::Key_PageDown: move(kPickRowsShown); return true;
    case Qt::Key_PageUp: move(-kPickRowsShown); return true;
    case Qt::Key_Tab: move(1); return true;
    case Qt::Key_Backtab: move(-1); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: take(); return true;
    case Qt::Key_Escape:
        dismiss();
        m_owner->setFocus(Qt::PopupFocusReason);
        return true;
    default: return false;
    }
}

} // namespace orrery::widgets
