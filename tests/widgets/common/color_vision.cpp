// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/widgets/common/color_vision.h"

#include <algorithm>
#include <cmath>

namespace orrery::test {

namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

constexpr Matrix kSimulation[] = {
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}}},
    {{{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.011820, .042940, .968881}}},
    {{{1.255528, -.076749, -.178779}, {-.078411, .930809, .147602}, {.004733, .691367, .303900}}},
};
constexpr Matrix kXyz = {{{.4124564, .3575761, .1804375}, {.2126729, .7151522, .0721750}, {.0193339, .1191920, .9503041}}};

Triple times(const Matrix& matrix, const Triple& v)
{
    Triple out{};
    for (std::size_t i = 0; i < 3; ++i) out[i] = matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2];
    return out;
}

double linear(double c) { return c <= .04045 ? c / 12.92 : std::pow((c + .055) / 1.055, 2.4); }
double curve(double t) { return t > 216. / 24389 ? std::cbrt(t) : (24389. / 27 * t + 16) / 116; }
double degrees(double radians) { return radians * 180 / M_PI; }
double radians(double degrees) { return degrees * M_PI / 180; }

Triple labOf(const QColor& color, Vision vision)
{
    Triple seen = times(kSimulation[static_cast<int>(vision)], {linear(color.redF()), linear(color.greenF()), linear(color.blueF())});
    for (double& c : seen) c = std::clamp(c, 0., 1.);
    const Triple xyz = times(kXyz, seen);
    const double x = curve(xyz[0] / .95047), y = curve(xyz[1]), z = curve(xyz[2] / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double hueOf(double a, double b) { return std::fmod(degrees(std::atan2(b, a)) + 360, 360); }

double meanHue(double first, double second, bool grey)
{
    if (grey) return first + second;
    if (std::abs(first - second) <= 180) return (first + second) / 2;
    return (first + second + (first + second < 360 ? 360 : -360)) / 2;
}

double hueStep(double first, double second, bool grey)
{
    if (grey) return 0;
    const double step = second - first;
    return step > 180 ? step - 360 : step < -180 ? step + 360 : step;
}

} // namespace

double seenDifference(const QColor& first, const QColor& second, Vision vision)
{
    Triple one = labOf(first, vision), two = labOf(second, vision);
    const double mean7 = std::pow((std::hypot(one[1], one[2]) + std::hypot(two[1], two[2])) / 2, 7);
    const double stretch = 1.5 - .5 * std::sqrt(mean7 / (mean7 + std::pow(25., 7)));
    one[1] *= stretch;
    two[1] *= stretch;
    const double c1 = std::hypot(one[1], one[2]), c2 = std::hypot(two[1], two[2]), c = (c1 + c2) / 2, l = (one[0] + two[0]) / 2;
    const double h1 = hueOf(one[1], one[2]), h2 = hueOf(two[1], two[2]);
    const double h = meanHue(h1, h2, c1 * c2 == 0);
    const double t = 1 - .17 * std::cos(radians(h - 30)) + .24 * std::cos(radians(2 * h)) + .32 * std::cos(radians(3 * h + 6)) - .20 * std::cos(radians(4 * h - 63));
    const double lightness = (two[0] - one[0]) / (1 + .015 * (l - 50) * (l - 50) / std::sqrt(20 + (l - 50) * (l - 50)));
    const double chroma = (c2 - c1) / (1 + .045 * c);
    const double hue = 2 * std::sqrt(c1 * c2) * std::sin(radians(hueStep(h1, h2, c1 * c2 == 0) / 2)) / (1 + .015 * c * t);
    const double c7 = std::pow(c, 7);
    const double rotation = -std::sin(radians(60 * std::exp(-std::pow((h - 275) / 25, 2)))) * 2 * std::sqrt(c7 / (c7 + std::pow(25., 7)));
    return std::sqrt(lightness * lightness + chroma * chroma + hue * hue + rotation * chroma * hue);
}

} // namespace orrery::test
