// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/fuzzy.h"

#include <QList>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kWordStart = 8, kNeighbour = 5, kLetter = 1, kWholeWord = 20, kBegin = 12;

bool startsWord(QStringView text, qsizetype at)
{
    return at == 0 || !text[at - 1].isLetterOrNumber() || (text[at].isUpper() && text[at - 1].isLower());
}

std::optional<int> scoreWord(QStringView word, QStringView text)
{
    // In one piece it counts most; the piece nearest to the beginning of a word is taken.
    int best = -1;
    for (qsizetype at = text.indexOf(word, 0, Qt::CaseInsensitive); at >= 0;
         at = text.indexOf(word, at + 1, Qt::CaseInsensitive))
    {
        int score = static_cast<int>(word.size()) * (kLetter + kNeighbour) + (startsWord(text, at) ? kWordStart : 0) +
                    (at == 0 ? kBegin : 0);
        const qsizetype end = at + word.size();
        if (startsWord(text, at) && (end == text.size() || !text[end].isLetterOrNumber())) score += kWholeWord;
        best = std::max(best, score);
    }
    if (best >= 0) return best;
    int score = 0;
    qsizetype at = 0;
    for (const QChar letter : word) {
        const qsizetype found = text.indexOf(letter, at, Qt::CaseInsensitive);
        if (found < 0) return std::nullopt;
        score += kLetter + (startsWord(text, found) ? kWordStart : 0) + (found == at && at > 0 ? kNeighbour : 0);
        at = found + 1;
    }
    return score / 2; // letters here and there: behind every whole piece
}

} // namespace

std::optional<int> fuzzyScore(QStringView pattern, QStringView text)
{
    int sum = 0;
    for (const QStringView word : pattern.split(u' ', Qt::SkipEmptyParts)) {
        const auto score = scoreWord(word, text);
        if (!score) return std::nullopt;
        sum += *score;
    }
    // Of two equal answers the shorter one is nearer.
    return pattern.trimmed().isEmpty() ? 0 : sum * 16 - static_cast<int>(std::min<qsizetype>(text.size(), 15));
}

} // namespace orrery::widgets
