// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TotalsLabel: figures with their words in one line: "1,031 objects   469 MiB in all". Figures medium, words muted.
// Thread: UI.

#include "widgets/common/theme.h"

#include <QPainter>
#include <QWidget>

namespace orrery::widgets {

class TotalsLabel final : public QWidget {
public:
    struct Total {
        QString figure, word;
        bool operator==(const Total&) const = default;
    };
    using QWidget::QWidget;
    void setTotals(const QList<Total>& totals)
    {
        if (totals == m_totals) return;
        m_totals = totals;
        setAccessibleName(text());
        updateGeometry();
        update();
    }
    QString text() const
    {
        QStringList parts;
        for (const auto& total : m_totals) parts << total.figure + u' ' + total.word;
        return parts.join(QStringLiteral("   "));
    }
    QSize sizeHint() const override
    {
        int width = 0;
        for (const auto& total : m_totals) width += widthOf(total) + kBetween;
        return {width, metric::kRow};
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        int x = 0;
        for (const auto& total : m_totals) {
            const int figure = QFontMetrics(Theme::of().font(FontRole::Medium)).horizontalAdvance(total.figure);
            painter.setFont(Theme::of().font(FontRole::Medium));
            painter.setPen(color(Token::Text));
            painter.drawText(QRect(x, 0, figure + 2, height()), Qt::AlignLeft | Qt::AlignVCenter, total.figure);
            painter.setFont(Theme::of().font(FontRole::Ui));
            painter.setPen(color(Token::Muted));
            painter.drawText(QRect(x + figure + kGap, 0, width(), height()), Qt::AlignLeft | Qt::AlignVCenter, total.word);
            x += widthOf(total) + kBetween;
        }
    }

private:
    static constexpr int kGap = 5, kBetween = 16;
    static int widthOf(const Total& total)
    {
        return QFontMetrics(Theme::of().font(FontRole::Medium)).horizontalAdvance(total.figure) + kGap +
               QFontMetrics(Theme::of().font(FontRole::Ui)).horizontalAdvance(total.word);
    }
    QList<Total> m_totals;
};

} // namespace orrery::widgets
