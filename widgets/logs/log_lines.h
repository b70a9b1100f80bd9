// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LogLines: which of the run model's log lines are shown: by the filter grammar over the columns of the table "logs", and by
// level. A line is known by its number, which stays when older lines go. Cost of take(): the new lines only.
// Thread: UI.

#include "engine/base/log.h"
#include "engine/types/filter.h"
#include "widgets/models/run_model.h"

#include <deque>

namespace orrery::widgets {

class LogLines {
public:
    explicit LogLines(const RunModel& run) : m_run(run) {}
    // The sentence that says what is wrong with it; the filter before stays then.
    QString setFilter(const QString& text);
    void setLevelMin(base::LogLevel level);
    // What came and what went since the last call. How many shown lines went at the front.
    std::size_t take();
    std::size_t size() const { return m_shown.size(); }
    std::uint64_t number(std::size_t i) const { return m_shown[i]; }
    // REQUIRES: i < size(), and no update of the model since take().
    const types::LogLine& line(std::size_t i) const { return lineOf(m_shown[i]); }
    const types::LogLine& lineOf(std::uint64_t number) const { return m_run.logs()[static_cast<std::size_t>(number - m_run.firstLog())]; }
    // Place of the shown line with this number, or of the next one; size(): none.
    std::size_t placeOf(std::uint64_t number) const;
    int columnsMost() const { return m_columnsMost; } // characters of the longest shown line

private:
    bool takes(std::uint64_t number, std::string& scratch) const;
    void again();
    const RunModel& m_run;
    types::Filter m_filter;
    base::LogLevel m_level = base::LogLevel::Debug;
    std::deque<std::uint64_t> m_shown;
    std::uint64_t m_next = 0; // number of the first line that was not looked at
    int m_columnsMost = 0;
};

// Text of a line on one line, for painting: breaks and tabs are spaces.
QString oneLine(const std::string& text);

} // namespace orrery::widgets
