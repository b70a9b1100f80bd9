// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How far apart two colours are for a reader: CIEDE2000 on Machado's (2009) simulation at full severity. Pure.

#include <QColor>
#include <array>

namespace orrery::test {

enum class Vision { Normal, Protan, Deutan, Tritan };
inline constexpr std::array kVisions{Vision::Normal, Vision::Protan, Vision::Deutan, Vision::Tritan};

double seenDifference(const QColor& a, const QColor& b, Vision vision);

} // namespace orrery::test
