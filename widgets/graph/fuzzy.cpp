// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/fuzzy.h"

namespace orrery::widgets {

namespace {

constexpr int kLetter = 4, kWordStart = 12, kRun = 14, kTextStart = 10;

bool startsWord(const QString& text, qsizetype at)
{
    return at == 0 || (!text[at - 1].isLetterOrNumber() && text[at].isLetterOrNumber());
}

} // namespace

// Greedy, tried from each place of the first letter: words of a palette are short.
FuzzyMatch fuzzyMatch(const QString& word, const QString& text)
{
    FuzzyMatch best;
    if (word.isEmpty()) {
        best.score = 1;
        return best;
    }
    for (qsizetype first = 0; first < text.size(); ++first) {
        if (text[first].toCaseFolded() != word[0].toCaseFolded()) continue;
        FuzzyMatch now;
        now.score = 100 - static_cast<int>(std::min<qsizetype>(text.size(), 60)) + (first == 0 ? kTextStart : 0);
        qsizetype letter = 0;
        for (qsizetype at = first; at < text.size() && letter < word.size(); ++at) {
            if (word[letter] == u' ' && text[at] != u' ') {
                ++letter; // a blank parts letters, nothing more
                --at;
                continue;
            }
            if (text[at].toCaseFolded() != word[letter].toCaseFolded()) continue;
            const bool run = !now.letters.empty() && now.letters.back() == static_cast<int>(at) - 1;
            now.score += kLetter + (startsWord(text, at) ? kWordStart : 0) + (run ? kRun : 0);
            now.letters.push_back(static_cast<int>(at));
            ++letter;
        }
        if (letter == word.size() && now.score > best.score) best = now;
    }
    return best;
}

} // namespace orrery::widgets
