// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How well a text answers what somebody typed: every letter in order, best at the beginnings of words and in one piece.
// Pure. Spaces in the pattern part words that may come in any order.

#include <QStringView>

#include <optional>

namespace orrery::widgets {

// Higher is better; nothing: it does not match. An empty pattern matches all with 0.
std::optional<int> fuzzyScore(QStringView pattern, QStringView text);

} // namespace orrery::widgets
