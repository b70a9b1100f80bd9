// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/block_layout.h"

#include <limits>

namespace orrery::trace {

using types::Attempt;
using types::CopyRecord;
using types::ObjectRecord;
using types::RowRange;
using types::StateMark;

namespace {

// The least and the greatest time told so far; 0 is "not known".
struct TimeSpan {
    TimeNs first = kTimeLimitNs;
    TimeNs last = -kTimeLimitNs;
    void cover(TimeNs at)
    {
        if (at == 0) return;
        first = std::min(first, at);
        last = std::max(last, at);
    }
};

TimeNs bounded(TimeNs at) { return std::clamp(at, -kTimeLimitNs / 2, kTimeLimitNs / 2); } // so that a difference fits too
std::uint64_t bounded(std::uint64_t bytes) { return std::min<std::uint64_t>(bytes, std::numeric_limits<std::int64_t>::max()); }

template <typename Record>
class Sections {
public:
    Sections(base::Bytes& out, std::vector<std::int64_t>& scratch, const std::vector<Record>& records)
        : m_out(out), m_scratch(scratch), m_records(records)
    {
        m_scratch.resize(records.size());
    }
    template <typename Fn>
    Sections& column(Fn value)
    {
        std::int64_t* to = m_scratch.data();
        for (const Record& record : m_records) *to++ = static_cast<std::int64_t>(value(record));
        writeColumn(m_out, m_scratch);
        return *this;
    }

private:
    base::Bytes& m_out;
    std::vector<std::int64_t>& m_scratch;
    const std::vector<Record>& m_records;
};

} // namespace

BlockWriter::BlockWriter(base::RunId run, std::uint16_t node, std::uint64_t homeEpoch) : m_run(run), m_node(node), m_homeEpoch(homeEpoch) {}

void BlockWriter::setClock(std::int64_t offsetNs, std::int64_t errorNs)
{
    m_clockOffsetNs = offsetNs;
    m_clockErrorNs = errorNs;
}

void BlockWriter::add(const RowRange& range)
{
    ORRERY_ASSERT(m_ranges.size() < kBlockItemsMax);
    m_ranges.push_back(range);
    m_ranges.back().atNs = bounded(range.atNs);
}

void BlockWriter::add(const StateMark& mark)
{
    ORRERY_ASSERT(m_marks.size() < kBlockItemsMax);
    m_marks.push_back(mark);
    m_marks.back().atNs = bounded(mark.atNs);
    m_marks.back().attempt = std::max<std::uint8_t>(1, mark.attempt);
}

void BlockWriter::add(const Attempt& attempt)
{
    ORRERY_ASSERT(m_attempts.size() < kBlockItemsMax);
    Attempt& made = m_attempts.emplace_back(attempt);
    made.endNs = bounded(attempt.endNs);
    made.startNs = std::min(bounded(attempt.startNs), made.endNs);
    made.submitNs = std::min(bounded(attempt.submitNs), made.startNs);
    made.bytesOut = bounded(attempt.bytesOut);
    made.attempt = std::max<std::uint8_t>(1, attempt.attempt);
}

void BlockWriter::add(const ObjectRecord& object)
{
    ORRERY_ASSERT(m_objects.size() < kBlockItemsMax);
    ObjectRecord& made = m_objects.emplace_back(object);
    made.atNs = bounded(object.atNs);
    made.bytes = bounded(object.bytes);
}

void BlockWriter::add(const CopyRecord& copy)
{
    ORRERY_ASSERT(m_copies.size() < kBlockItemsMax);
    CopyRecord& made = m_copies.emplace_back(copy);
    made.endNs = bounded(copy.endNs);
    made.startNs = std::min(bounded(copy.startNs), made.endNs);
}

std::uint32_t BlockWriter::addError(std::string_view text)
{
    if (text.empty()) return 0;
    if (text.size() > kErrorBytesMax) {
        std::size_t cut = kErrorBytesMax - 3;
        while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut; // not inside a character
        return addError(std::string(text.substr(0, cut)) + "...");
    }
    std::string key(text);
    if (const auto known = m_errorIndexes.find(key); known != m_errorIndexes.end()) return known->second;
    ORRERY_ASSERT(m_errors.size() < kBlockItemsMax);
    if (m_errorIndexes.size() >= kErrorTextsKept) m_errorIndexes.clear();
    m_errorBytes += key.size();
    m_errors.push_back(key);
    m_errorIndexes.emplace(std::move(key), m_nextError);
    return m_nextError++;
}

std::size_t BlockWriter::bytes() const
{
    return layout::kHeaderBytes + m_ranges.size() * 12 + m_marks.size() * 10 + m_attempts.size() * 26 + m_objects.size() * 24 + m_copies.size() * 10 + m_errors.size() * 2 + m_errorBytes;
}

BlockBytes BlockWriter::seal(std::uint64_t number)
{
    TimeSpan span;
    for (const auto& range : m_ranges) span.cover(range.atNs);
    for (const auto& mark : m_marks) span.cover(mark.atNs);
    for (const auto& object : m_objects) span.cover(object.atNs);
    for (const auto& copy : m_copies) {
        span.cover(copy.startNs);
        span.cover(copy.endNs);
    }
    for (const auto& attempt : m_attempts) {
        span.cover(attempt.startNs);
        span.cover(attempt.endNs);
    }
    if (span.first > span.last) span.first = span.last = 0;

    m_section.clear();
    std::array<std::uint32_t, layout::kSectionsMax> ends{};
    Sections(m_section, m_scratch, m_ranges)
        .column([](const RowRange& r) { return r.firstRow; })
        .column([](const RowRange& r) { return r.count; })
        .column([](const RowRange& r) { return r.firstIndex; })
        .column([](const RowRange& r) { return r.vertex; })
        .column([](const RowRange& r) { return r.state; })
        .column([](const RowRange& r) { return r.atNs; });
    ends[0] = static_cast<std::uint32_t>(m_section.size());
    Sections(m_section, m_scratch, m_marks)
        .column([](const StateMark& m) { return m.row; })
        .column([](const StateMark& m) { return m.state; })
        .column([](const StateMark& m) { return m.attempt; })
        .column([](const StateMark& m) { return m.worker; })
        .column([](const StateMark& m) { return m.atNs; });
    ends[1] = static_cast<std::uint32_t>(m_section.size());
    Sections(m_section, m_scratch, m_attempts)
        .column([](const Attempt& a) { return a.row; })
        .column([](const Attempt& a) { return static_cast<std::int64_t>(a.mapIndex) - static_cast<std::int64_t>(a.row); })
        .column([](const Attempt& a) { return a.vertex; })
        .column([](const Attempt& a) { return a.worker; })
        .column([](const Attempt& a) { return a.attempt; })
        .column([](const Attempt& a) { return a.outcome; })
        .column([](const Attempt& a) { return a.cause; })
        .column([](const Attempt& a) { return a.outputs; })
        .column([](const Attempt& a) { return a.endNs; })
        .column([](const Attempt& a) { return a.endNs - a.startNs; })
        .column([](const Attempt& a) { return a.startNs - a.submitNs; })
        .column([](const Attempt& a) { return a.waitUs; })
        .column([](const Attempt& a) { return a.cpuUs; })
        .column([](const Attempt& a) { return a.bytesOut; })
        .column([](const Attempt& a) { return a.peakKiB; })
        .column([](const Attempt& a) { return a.error; });
    ends[2] = static_cast<std::uint32_t>(m_section.size());
    Sections(m_section, m_scratch, m_objects)
        .column([](const ObjectRecord& o) { return o.row; })
        .column([](const ObjectRecord& o) { return o.output; })
        .column([](const ObjectRecord& o) { return o.node; })
        .column([](const ObjectRecord& o) { return o.state; })
        .column([](const ObjectRecord& o) { return o.type; })
        .column([](const ObjectRecord& o) { return o.dtype; })
        .column([](const ObjectRecord& o) { return o.rank; })
        .column([](const ObjectRecord& o) { return o.shape[0]; })
        .column([](const ObjectRecord& o) { return o.shape[1]; })
        .column([](const ObjectRecord& o) { return static_cast<std::uint64_t>(o.shape[2]) | (static_cast<std::uint64_t>(o.shape[3]) << 32); })
        .column([](const ObjectRecord& o) { return o.bytes; })
        .column([](const ObjectRecord& o) { return o.items; })
        .column([](const ObjectRecord& o) { return o.refs; })
        .column([](const ObjectRecord& o) { return o.attempt; })
        .column([](const ObjectRecord& o) { return o.atNs; });
    ends[3] = static_cast<std::uint32_t>(m_section.size());
    Sections(m_section, m_scratch, m_errors).column([](const std::string& text) { return text.size(); });
    for (const auto& text : m_errors) {
        const auto bytes = std::as_bytes(std::span(text));
        m_section.insert(m_section.end(), bytes.begin(), bytes.end());
    }
    ends[4] = static_cast<std::uint32_t>(m_section.size());
    if (!m_copies.empty())
        Sections(m_section, m_scratch, m_copies)
            .column([](const CopyRecord& c) { return c.row; })
            .column([](const CopyRecord& c) { return c.output; })
            .column([](const CopyRecord& c) { return c.node; })
            .column([](const CopyRecord& c) { return c.from; })
            .column([](const CopyRecord& c) { return c.gone; })
            .column([](const CopyRecord& c) { return c.endNs; })
            .column([](const CopyRecord& c) { return c.endNs - c.startNs; });
    ends[5] = static_cast<std::uint32_t>(m_section.size());

    base::Bytes buffer;
    buffer.reserve(layout::headerBytes(layout::kVersion) + m_section.size() + layout::kChecksumBytes);
    base::ByteWriter out(std::move(buffer));
    BlockHeader header;
    header.run = m_run;
    header.homeEpoch = m_homeEpoch;
    header.number = number;
    header.node = m_node;
    header.clockOffsetNs = m_clockOffsetNs;
    header.clockErrorNs = m_clockErrorNs;
    header.firstNs = span.first;
    header.lastNs = span.last;
    header.ranges = static_cast<std::uint32_t>(m_ranges.size());
    header.marks = static_cast<std::uint32_t>(m_marks.size());
    header.attempts = static_cast<std::uint32_t>(m_attempts.size());
    header.objects = static_cast<std::uint32_t>(m_objects.size());
    header.errors = static_cast<std::uint32_t>(m_errors.size());
    header.firstError = m_nextError - header.errors;
    header.copies = static_cast<std::uint32_t>(m_copies.size());
    layout::write(out, header, ends);
    out.raw(m_section.data(), m_section.size());
    out.put(layout::checksum(out.view()));

    m_ranges.clear();
    m_marks.clear();
    m_attempts.clear();
    m_objects.clear();
    m_copies.clear();
    m_errors.clear();
    m_errorBytes = 0;
    return std::make_shared<const base::Bytes>(out.take());
}

} // namespace orrery::trace
