// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Fuzzy: whether the letters of a word come in a text in their order, and how well. Pure. Thread: any one.

#include <QString>

#include <vector>

namespace orrery::widgets {

struct FuzzyMatch {
    int score = 0;            // 0: no match; more is better
    std::vector<int> letters; // of the text, that matched
};

// Starts of words, runs of letters and short texts win; case does not count. An empty word matches all with score 1.
FuzzyMatch fuzzyMatch(const QString& word, const QString& text);

} // namespace orrery::widgets
