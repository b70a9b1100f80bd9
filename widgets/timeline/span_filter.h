// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SpanFilter: which spans a person wants to see. Blocks are asked once each, a slice of time at a time, and the answers kept
// while the block is shown; a tail that only grew keeps the answers of what it had.
// Thread: UI. Bounds: one bit a span and 3 bytes of summaries, for the blocks of the set last given. Errors: the filter's own
// sentence, or that a column is not known of a span.

#include "engine/types/filter.h"
#include "engine/types/span_block.h"

#include <QElapsedTimer>
#include <QString>
#include <unordered_map>

namespace orrery::widgets {

class RunModel;

struct BlockMatch {
    std::vector<bool> keep; // by span
    std::vector<std::uint32_t> before; // kept spans before span 64 k
    std::array<std::vector<types::SpanSummary>, types::kSummaryLevels> summaries; // of what is kept
    std::uint32_t kept = 0;
    std::uint32_t keptBefore(std::size_t i) const; // of the first i spans
    std::uint32_t keptIn(std::size_t first, std::size_t last) const { return keptBefore(last) - keptBefore(first); }
};

class SpanFilter {
public:
    explicit SpanFilter(const RunModel& model) : m_model(model) {}
    // Empty, or why it is refused; a refused text leaves the filter as it was.
    QString setText(const QString& text);
    const QString& text() const { return m_text; }
    bool all() const { return m_filter.all(); }
    std::uint64_t version() const { return m_version; } // changes with the filter and with forget()

    // The blocks that matter from now on; answers of others go.
    void setSet(std::shared_ptr<const types::SpanSet> set);
    void forget(); // names or nodes changed: ask every block anew
    // REQUIRES: !all(). null: not asked yet.
    const BlockMatch* of(const types::SpanBlock& block) const;
    // Asks blocks for about budgetMs, those of the first tracks first. True: every block is answered.
    bool work(int budgetMs);
    bool complete() const { return all() || m_open == 0; }
    std::uint64_t kept() const { return m_kept; }   // in answered blocks
    bool keeps(const types::OpenTask& task, std::uint16_t track, types::TimeNs nowNs) const;

private:
    struct Entry {
        std::shared_ptr<const types::SpanBlock> block;
        std::uint16_t track = 0;
        std::unique_ptr<BlockMatch> match; // null: not asked yet
    };
    void ask(Entry& entry, const Entry* older);
    const RunModel& m_model;
    std::shared_ptr<const types::SpanSet> m_set;
    types::Filter m_filter;
    QString m_text;
    std::uint64_t m_version = 1, m_kept = 0;
    std::size_t m_open = 0; // blocks not asked yet
    std::unordered_map<const types::SpanBlock*, Entry> m_entries;
    std::unordered_map<std::uint16_t, Entry> m_tails; // by track: the last tail that was asked
};

} // namespace orrery::widgets
