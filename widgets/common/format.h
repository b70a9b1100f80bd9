// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Numbers as people read them, made in one place: thousands with commas, the unit after a space, ids cut in the middle.
// Pure, any thread. Text is the same in every locale, as logs and screenshots are compared.

#include <QString>
#include <cstdint>
#include <string>

namespace orrery::widgets {

QString countText(std::uint64_t count);           // "1,032"
QString bytesText(std::uint64_t bytes);           // "96 B" "256 KiB" "64.0 MiB" "1.25 GiB"
QString bytesOfText(std::uint64_t used, std::uint64_t total); // "57 / 512 MiB", "0.64 / 4.0 GiB": one unit, the total's
QString rateText(double bytesPerSecond);          // "4.6 MB/s"
QString durationText(std::int64_t ns);            // "850 ns" "12 µs" "17.8 ms" "277 ms" "3.335 s" "2 min 05 s" "3 h 07 min"
QString ageText(std::int64_t ns);                 // "0.9 s" "12 s" "4 min" "3 h" "2 d"
QString clockText(std::int64_t ns);               // "00:00:05.600"
QString remainingText(std::int64_t ns);           // "0:05" "1:12:30"
QString percentText(double share);                // .98: "98 %"; just above 0: "<1 %"
QString numberText(double value);                 // six digits: "-0.743643" "4.41e-4"
QString shapeText(const std::int64_t* sizes, std::size_t rank); // "256 × 256"
// First and last four of an id in its text form ("T-" and 32 digits): "T·7c1e…04b2"; anything else as it is.
QString idText(const QString& id);
inline QString idText(const std::string& id) { return idText(QString::fromStdString(id)); }

} // namespace orrery::widgets
