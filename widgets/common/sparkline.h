// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Sparkline: a small area chart without axes: load over time, the newest at the right.
// Thread: UI. Cost: one pass over the values; more values than pixels are reduced to the highest of each pixel.

#include <QWidget>
#include <vector>

class QPainter;

namespace orrery::widgets {

// Values from 0 to `top`; `places` is how many fit, so that a short history ends at the right edge and begins inside.
void paintSparkline(QPainter& painter, const QRectF& rect, const std::vector<float>& values, float top, std::size_t places);

class Sparkline final : public QWidget {
    Q_OBJECT
public:
    explicit Sparkline(QWidget* parent = nullptr);
    void setValues(std::vector<float> values, float top, std::size_t places);
    QSize sizeHint() const override { return {112, 20}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<float> m_values;
    float m_top = 1;
    std::size_t m_places = 1;
};

} // namespace orrery::widgets
