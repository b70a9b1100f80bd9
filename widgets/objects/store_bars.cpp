// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/store_bars.h"

#include "widgets/common/chips.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace orrery::widgets {

namespace {
constexpr int kPad = 8, kLegend = 22, kRowHeight = 26, kBar = 16, kBarLeft = 96, kSwatch = 10;
} // namespace

StoreBars::StoreBars(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Object store of each node"));
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void StoreBars::setBars(std::vector<StoreBar> bars, bool runKnown)
{
    if (bars.size() > kStoreBarsMax)
        std::stable_sort(bars.begin(), bars.end(), [](const auto& a, const auto& b) { return a.usedBytes > b.usedBytes; });
    const std::size_t more = bars.size() > kStoreBarsMax ? bars.size() - kStoreBarsMax : 0;
    if (more > 0) bars.resize(kStoreBarsMax);
    if (bars == m_bars && more == m_more && runKnown == m_runKnown) return;
    const bool otherHeight = bars.size() != m_bars.size() || (more == 0) != (m_more == 0);
    m_bars = std::move(bars);
    m_more = more;
    m_runKnown = runKnown;
    m_largest = 0;
    m_copies = false;
    for (const auto& bar : m_bars) {
        m_largest = std::max(m_largest, bar.capacityBytes);
        m_copies = m_copies || bar.copyBytes > 0;
    }
    if (otherHeight) updateGeometry();
    update();
}

QSize StoreBars::sizeHint() const { return {400, kPad + kLegend + kRowHeight * static_cast<int>(m_bars.size() + (m_more > 0 ? 1 : 0)) + kPad}; }

void StoreBars::paintLegend(QPainter& painter, int left) const
{
    struct Entry {
        QString text;
        Token token;
    };
    std::vector<Entry> entries;
    if (m_runKnown && m_copies) entries = {{tr("this run"), Token::StoreOwn}, {tr("its copies"), Token::StoreCopy}, {tr("other runs"), Token::StoreOther}};
    else if (m_runKnown) entries = {{tr("this run"), Token::StoreOwn}, {tr("other runs"), Token::StoreOther}};
    else entries = {{tr("in use"), Token::StoreOwn}};
    entries.push_back({tr("free"), Token::BarEmpty});
    painter.setFont(Theme::of().font(FontRole::Secondary));
    const int middle = kPad + kLegend / 2;
    for (const auto& entry : entries) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(entry.token));
        painter.drawRoundedRect(QRectF(left, middle - kSwatch / 2, kSwatch, kSwatch), 2, 2);
        painter.setPen(color(Token::Muted));
        const int width = painter.fontMetrics().horizontalAdvance(entry.text);
        painter.drawText(QRect(left + kSwatch + 6, kPad, width + 4, kLegend), Qt::AlignLeft | Qt::AlignVCenter, entry.text);
        left += kSwatch + 6 + width + 16;
    }
}

void StoreBars::paintBar(QPainter& painter, const StoreBar& bar, const QRect& row, int right) const
{
    const int middle = row.center().y();
    paintNodeChip(painter, QRectF(metric::kTextInset + 4, middle - kChip / 2, kChip, kChip), bar.node, bar.letter, bar.lost);
    painter.setFont(Theme::of().font(FontRole::Ui));
    painter.setPen(color(bar.lost ? Token::Muted : Token::Text));
    const QRect name(metric::kTextInset + 4 + kChip + 8, row.y(), kBarLeft - metric::kTextInset - kChip - 20, row.height());
    painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(bar.name, Qt::ElideRight, name.width()));
    painter.setFont(Theme::of().font(FontRole::Mono));
    painter.setPen(color(Token::Text));
    const QString words = bar.capacityBytes > 0 ? bytesOfText(bar.usedBytes, bar.capacityBytes) : QStringLiteral("–");
    painter.drawText(QRect(right, row.y(), row.right() - metric::kTextInset - right, row.height()), Qt::AlignRight | Qt::AlignVCenter, words);
    if (bar.capacityBytes == 0 || m_largest == 0) return;
    const double scale = static_cast<double>(right - 16 - kBarLeft) / static_cast<double>(m_largest);
    const auto wide = [scale](std::uint64_t bytes) { return static_cast<int>(static_cast<double>(bytes) * scale + .5); };
    const QRect whole(kBarLeft, middle - kBar / 2, wide(bar.capacityBytes), kBar);
    painter.fillRect(whole, color(Token::BarEmpty));
    const std::uint64_t used = std::min(bar.usedBytes, bar.capacityBytes);
    const std::uint64_t own = m_runKnown ? std::min(bar.runBytes, used) : used;
    const auto segment = [&](std::uint64_t from, std::uint64_t to, Token token) {
        const QRect part(whole.x() + wide(from), whole.y(), wide(to) - wide(from), kBar);
        if (part.width() <= 0) return;
        painter.fillRect(part, color(token));
        painter.setFont(Theme::of().font(FontRole::MonoSmall));
        const QString text = bytesText(to - from);
        if (painter.fontMetrics().horizontalAdvance(text) + 12 > part.width()) return;
        painter.setPen(token == Token::StoreOwn ? color(Token::OnAccent) : color(Token::Text));
        painter.drawText(part.adjusted(6, 0, -6, 0), Qt::AlignLeft | Qt::AlignVCenter, text);
    };
    const std::uint64_t copies = m_runKnown ? std::min(bar.copyBytes, used - own) : 0;
    segment(0, own, Token::StoreOwn);
    segment(own, own + copies, Token::StoreCopy);
    segment(own + copies, used, Token::StoreOther);
}

void StoreBars::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), color(Token::Panel));
    paintLegend(painter, kBarLeft);
    const int right = width() - 168;
    int y = kPad + kLegend;
    for (const auto& bar : m_bars) {
        paintBar(painter, bar, QRect(0, y, width(), kRowHeight), right);
        y += kRowHeight;
    }
    if (m_more == 0) return;
    painter.setFont(Theme::of().font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(QRect(kBarLeft, y, width() - kBarLeft, kRowHeight), Qt::AlignLeft | Qt::AlignVCenter, tr("and %1 emptier nodes").arg(countText(m_more)));
}

bool StoreBars::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    auto* help = static_cast<QHelpEvent*>(event);
    const int row = (help->pos().y() - kPad - kLegend) / kRowHeight;
    if (help->pos().y() < kPad + kLegend || row >= static_cast<int>(m_bars.size())) {
        QToolTip::hideText();
        return true;
    }
    const StoreBar& bar = m_bars[static_cast<std::size_t>(row)];
    QStringList words{tr("%1 of %2 in use").arg(bytesText(bar.usedBytes), bytesText(bar.capacityBytes))};
    if (m_runKnown && bar.copyBytes > 0) words.prepend(tr("and %1 of copies").arg(bytesText(bar.copyBytes)));
    if (m_runKnown) words.prepend(tr("this run holds %1").arg(bytesText(bar.runBytes)));
    QToolTip::showText(help->globalPos(), words.join(QStringLiteral(", ")), this);
    return true;
}

} // namespace orrery::widgets
