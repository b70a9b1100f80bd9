// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CanvasText: words of the canvas in pixels of its image, at any scale. Laid out once a scale and kept, so that ten thousand
// cards with twenty names cost twenty layouts. Thread: UI. Bounds: kTextsKept.

#include "widgets/common/theme.h"

#include <QHash>
#include <QPainter>
#include <QStaticText>

namespace orrery::widgets {

inline constexpr qsizetype kTextsKept = 4'096;

class CanvasText {
public:
    void setScale(double k); // pixels a unit of the document
    // y: the middle of the line.
    void left(QPainter& painter, double x, double y, const QString& text, FontRole role, const QColor& color);
    void right(QPainter& painter, double x, double y, const QString& text, FontRole role, const QColor& color);
    double width(const QString& text, FontRole role) { return entry(text, role).width; }
    // Shortened in the middle to fit.
    QString elided(const QString& text, FontRole role, double width) const;

private:
    struct Entry {
        QStaticText text;
        double width = 0;
    };
    const Entry& entry(const QString& text, FontRole role);
    const QFont& fontOf(FontRole role) const { return m_fonts[static_cast<std::size_t>(role)]; }
    double m_k = 0;
    std::array<QFont, 10> m_fonts;
    std::array<double, 10> m_ascents{};
    QHash<QString, Entry> m_entries;
};

} // namespace orrery::widgets
