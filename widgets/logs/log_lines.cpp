// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/logs/log_lines.h"

#include <algorithm>

namespace orrery::widgets {

namespace {

using types::LogField;

// Lines as a filter reads them; a row is the place in RunModel::logs().
class Reader final : public types::RowReader {
public:
    explicit Reader(const RunModel& run) : m_run(run) {}
    std::int64_t number(types::FieldId field, std::uint32_t row) const override
    {
        const types::LogLine& line = m_run.logs()[row];
        switch (static_cast<LogField>(field)) {
        case LogField::Number: return static_cast<std::int64_t>(m_run.firstLog() + row + 1);
        case LogField::Time: return (line.atNs + m_run.wallOffsetNs()) / base::kMillisecond;
        case LogField::Level: return line.level;
        case LogField::Worker: return line.worker == types::kNoWorker ? types::kNoNumber : m_run.workerNumber(line.worker);
        case LogField::Track: return line.worker == types::kNoWorker ? types::kNoNumber : line.worker;
        case LogField::Row: return line.row == types::kNoRow ? types::kNoNumber : line.row;
        default: return types::kNoNumber;
        }
    }
    std::string_view text(types::FieldId field, std::uint32_t row, std::string& scratch) const override
    {
        const types::LogLine& line = m_run.logs()[row];
        if (static_cast<LogField>(field) == LogField::Text) return line.text;
        scratch = line.node == kThisWindow ? std::string("window") : types::nodeLetter(line.node);
        return scratch;
    }

private:
    const RunModel& m_run;
};

} // namespace

QString LogLines::setFilter(const QString& text)
{
    auto parsed = types::Filter::parse(text.toStdString(), types::logSchema());
    if (!parsed) return QString::fromStdString(parsed.error().message);
    m_filter = std::move(*parsed);
    again();
    return {};
}

void LogLines::setLevelMin(base::LogLevel level)
{
    m_level = level;
    again();
}

void LogLines::again()
{
    m_shown.clear();
    m_columnsMost = 0;
    m_next = m_run.firstLog();
    take();
}

bool LogLines::takes(std::uint64_t number, std::string& scratch) const
{
    if (lineOf(number).level < static_cast<std::uint8_t>(m_level)) return false;
    return m_filter.all() || m_filter.matches(Reader(m_run), static_cast<std::uint32_t>(number - m_run.firstLog()), scratch);
}

std::size_t LogLines::take()
{
    std::size_t gone = 0;
    while (!m_shown.empty() && m_shown.front() < m_run.firstLog()) {
        m_shown.pop_front();
        ++gone;
    }
    if (m_shown.empty()) m_columnsMost = 0;
    const std::uint64_t end = m_run.firstLog() + m_run.logs().size();
    std::string scratch;
    for (m_next = std::max(m_next, m_run.firstLog()); m_next < end; ++m_next) {
        if (!takes(m_next, scratch)) continue;
        m_shown.push_back(m_next);
        m_columnsMost = std::max(m_columnsMost, static_cast<int>(std::min<std::size_t>(lineOf(m_next).text.size(), 1 << 20)));
    }
    return gone;
}

std::size_t LogLines::placeOf(std::uint64_t number) const
{
    return static_cast<std::size_t>(std::lower_bound(m_shown.begin(), m_shown.end(), number) - m_shown.begin());
}

QString oneLine(const std::string& text)
{
    QString line = QString::fromStdString(text);
    while (line.endsWith(u'\n')) line.chop(1);
    for (QChar& c : line)
        if (c == u'\n' || c == u'\t' || c == u'\r') c = u' ';
    return line;
}

} // namespace orrery::widgets
