// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/format.h"

#include <QStringList>
#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace orrery::widgets {

namespace {

constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

QString fixed(double value, int decimals) { return QString::number(value, 'f', decimals); }

QString unit(const QString& number, const char* name) { return number + u' ' + QString::fromUtf8(name); }

// The largest unit of which there is at least one, after rounding.
int unitOf(std::uint64_t bytes)
{
    int at = 0;
    double value = static_cast<double>(bytes);
    while (value >= 1023.95 && at < 6) {
        value /= 1024;
        ++at;
    }
    return at;
}

double inUnit(std::uint64_t bytes, int at) { return static_cast<double>(bytes) / std::pow(1024.0, at); }

} // namespace

QString countText(std::uint64_t count)
{
    QString text = QString::number(count);
    for (qsizetype at = text.size() - 3; at > 0; at -= 3) text.insert(at, u',');
    return text;
}

QString bytesText(std::uint64_t bytes)
{
    const int at = unitOf(bytes);
    const double value = inUnit(bytes, at);
    const int decimals = at == 0 ? 0 : at == 1 ? (value < 9.95 ? 1 : 0) : at == 2 ? 1 : 2;
    return unit(fixed(value, decimals), kUnits[at]);
}

QString bytesOfText(std::uint64_t used, std::uint64_t total)
{
    const int at = unitOf(total);
    const int decimals = at >= 3 ? 1 : 0;
    const double value = inUnit(used, at);
    const QString first = value > 0 && value < 10 && at >= 3 ? fixed(value, 2) : fixed(value, decimals);
    return first + QStringLiteral(" / ") + unit(fixed(inUnit(total, at), decimals), kUnits[at]);
}

QString rateText(double bytesPerSecond)
{
    const double megabytes = std::max(0.0, bytesPerSecond) / 1e6;
    if (megabytes >= 999.95) return unit(fixed(megabytes / 1000, 2), "GB/s");
    return unit(fixed(megabytes, 1), "MB/s");
}

QString durationText(std::int64_t ns)
{
    if (ns < 0) return u'-' + durationText(-ns);
    const double value = static_cast<double>(ns);
    if (ns < 1'000) return unit(QString::number(ns), "ns");
    if (value < 999.5e3) return unit(fixed(value / 1e3, value < 9.95e3 ? 1 : 0), "µs");
    if (value < 999.5e6) return unit(fixed(value / 1e6, value < 99.95e6 ? 1 : 0), "ms");
    if (value < 59.9995e9) return unit(fixed(value / 1e9, 3), "s");
    const std::int64_t seconds = (ns + 500'000'000) / 1'000'000'000;
    if (seconds < 3'600) return QStringLiteral("%1 min %2 s").arg(seconds / 60).arg(seconds % 60, 2, 10, QChar(u'0'));
    return QStringLiteral("%1 h %2 min").arg(seconds / 3'600).arg(seconds % 3'600 / 60, 2, 10, QChar(u'0'));
}

QString ageText(std::int64_t ns)
{
    const double seconds = static_cast<double>(std::max<std::int64_t>(0, ns)) / 1e9;
    if (seconds < 9.95) return unit(fixed(seconds, 1), "s");
    if (seconds < 59.5) return unit(fixed(seconds, 0), "s");
    if (seconds < 3'570) return unit(fixed(seconds / 60, 0), "min");
    if (seconds < 84'600) return unit(fixed(seconds / 3'600, 0), "h");
    return unit(fixed(seconds / 86'400, 0), "d");
}

QString clockText(std::int64_t ns)
{
    const std::int64_t ms = std::max<std::int64_t>(0, ns) / 1'000'000;
    const auto two = [](std::int64_t value) { return QString::number(value).rightJustified(2, u'0'); };
    return two(ms / 3'600'000) + u':' + two(ms / 60'000 % 60) + u':' + two(ms / 1'000 % 60) + u'.' + QString::number(ms % 1'000).rightJustified(3, u'0');
}

QString remainingText(std::int64_t ns)
{
    const std::int64_t seconds = (std::max<std::int64_t>(0, ns) + 500'000'000) / 1'000'000'000;
    const QString tail = QString::number(seconds % 60).rightJustified(2, u'0');
    if (seconds < 3'600) return QString::number(seconds / 60) + u':' + tail;
    return QString::number(seconds / 3'600) + u':' + QString::number(seconds / 60 % 60).rightJustified(2, u'0') + u':' + tail;
}

QString percentText(double share)
{
    if (share > 0 && share < .005) return QStringLiteral("<1 %");
    return unit(fixed(share * 100, 0), "%");
}

QString numberText(double value)
{
    QString text = QString::number(value, 'g', 6);
    text.replace(QStringLiteral("e-0"), QStringLiteral("e-"));
    text.replace(QStringLiteral("e+0"), QStringLiteral("e"));
    text.replace(QStringLiteral("e+"), QStringLiteral("e"));
    return text;
}

QString shapeText(const std::int64_t* sizes, std::size_t rank)
{
    QStringList parts;
    for (std::size_t i = 0; i < rank; ++i) parts << QString::number(sizes[i]);
    return parts.join(QStringLiteral(" × "));
}

QString idText(const QString& id)
{
    constexpr qsizetype ends = 4;
    if (id.size() < 2 + 2 * ends + 1 || id[1] != u'-') return id;
    return id[0] + QStringLiteral("·") + id.mid(2, ends) + u'…' + id.right(ends);
}

} // namespace orrery::widgets
