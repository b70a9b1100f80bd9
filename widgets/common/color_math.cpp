// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/color_math.h"

#include <algorithm>
#include <cmath>

namespace orrery::widgets {

namespace {

struct Linear {
    double r, g, b;
    bool inGamut() const
    {
        constexpr double slack = 0.0005;
        return std::min({r, g, b}) >= -slack && std::max({r, g, b}) <= 1 + slack;
    }
};

// Björn Ottosson's OKLab, 2020.
Linear linearOf(double lightness, double a, double b)
{
    const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

float encoded(double linear)
{
    const double c = std::clamp(linear, 0.0, 1.0);
    return static_cast<float>(c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055);
}

double decoded(double channel) { return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4); }

} // namespace

QColor mixed(const QColor& a, const QColor& b, double t)
{
    const auto channel = [t](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * t)); };
    return QColor(channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue()));
}

QColor oklch(double lightness, double chroma, double hue)
{
    const double radians = hue * M_PI / 180;
    const auto at = [&](double c) { return linearOf(lightness, c * std::cos(radians), c * std::sin(radians)); };
    Linear color = at(chroma);
    if (!color.inGamut()) {
        double low = 0, high = chroma;
        for (int i = 0; i < 16; ++i) {
            const double middle = (low + high) / 2;
            (at(middle).inGamut() ? low : high) = middle;
        }
        color = at(low);
    }
    return QColor::fromRgbF(encoded(color.r), encoded(color.g), encoded(color.b)).toRgb();
}

double relativeLuminance(const QColor& color)
{
    return 0.2126 * decoded(color.redF()) + 0.7152 * decoded(color.greenF()) + 0.0722 * decoded(color.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double first = relativeLuminance(a), second = relativeLuminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QColor faded(const QColor& color, double opacity)
{
    QColor result = color;
    result.setAlphaF(static_cast<float>(color.alphaF() * opacity));
    return result;
}

} // namespace orrery::widgets
