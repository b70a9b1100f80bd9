// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/block_layout.h"

#include <limits>

namespace orrery::trace {

using base::Errc;
using base::fail;
using types::Attempt;
using types::TaskState;

namespace {

constexpr std::int64_t kU8 = 0xff;
constexpr std::int64_t kU16 = 0xffff;
constexpr std::int64_t kU32 = 0xffffffffll;

base::Error damaged(const BlockHeader& header, const std::string& what)
{
    return fail(Errc::BadInput, "Trace block " + std::to_string(header.number) + " of " + header.run.text() + " cannot be read: " + what + ". Its sender must send it again.");
}

// Sums wrap instead of overflowing; check() has bounded what matters.
TimeNs minus(TimeNs a, TimeNs b) { return static_cast<TimeNs>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b)); }

} // namespace

base::Result<BlockView> BlockView::parse(std::span<const std::byte> bytes)
{
    BlockView view;
    BlockHeader& header = view.m_header;
    if (bytes.size() < layout::kHeaderBytes + layout::kChecksumBytes || bytes.size() > kBlockBytesMax)
        return fail(Errc::BadInput, "A trace block of " + std::to_string(bytes.size()) + " bytes cannot be one. Its sender must send it again.");
    base::ByteReader in(bytes);
    const auto magic = in.get<std::uint32_t>();
    const auto version = in.get<std::uint16_t>();
    if (magic != layout::kMagic) return fail(Errc::BadInput, "These bytes are not a trace block.");
    if (version < 1 || version > layout::kVersion)
        return fail(Errc::BadInput, "This trace block has version " + std::to_string(version) + " and this program reads versions up to " + std::to_string(layout::kVersion) + ". Use the newer Orrery.");
    if (bytes.size() < layout::headerBytes(version) + layout::kChecksumBytes) return damaged(header, "it is cut off");
    in.get(header.node);
    in.get(header.run);
    in.get(header.homeEpoch);
    in.get(header.number);
    in.get(header.clockOffsetNs);
    in.get(header.clockErrorNs);
    in.get(header.firstNs);
    in.get(header.lastNs);
    in.get(header.ranges);
    in.get(header.marks);
    in.get(header.attempts);
    in.get(header.objects);
    in.get(header.errors);
    in.get(header.firstError);
    if (version > 1) in.get(header.copies);
    std::array<std::uint32_t, layout::kSectionsMax> all{};
    const auto ends = std::span(all).first(layout::sections(version));
    for (auto& end : ends) in.get(end);
    const auto length = in.get<std::uint32_t>();
    if (length != bytes.size()) return damaged(header, "it says " + std::to_string(length) + " bytes and has " + std::to_string(bytes.size()));
    for (const auto count : {header.ranges, header.marks, header.attempts, header.objects, header.errors, header.copies})
        if (count > kBlockItemsMax) return damaged(header, "it holds more records than a block may");
    const auto body = bytes.subspan(layout::headerBytes(version), bytes.size() - layout::headerBytes(version) - layout::kChecksumBytes);
    std::uint32_t from = 0;
    for (const auto end : ends) {
        if (end < from || end > body.size()) return damaged(header, "its sections overlap");
        from = end;
    }
    if (ends.back() != body.size()) return damaged(header, "something follows its last section");
    const auto section = [&](std::size_t i) { return base::ByteReader(body.subspan(i == 0 ? 0 : ends[i - 1], ends[i] - (i == 0 ? 0 : ends[i - 1]))); };
    const auto columns = [&](std::size_t i, auto& list, std::uint32_t count) {
        base::ByteReader reader = section(i);
        for (Column& column : list)
            if (!column.read(reader, count)) return false;
        return reader.atEnd();
    };
    if (!columns(0, view.m_ranges, header.ranges) || !columns(1, view.m_marks, header.marks) || !columns(2, view.m_attempts, header.attempts) ||
        !columns(3, view.m_objects, header.objects) || (version > 1 && !columns(5, view.m_copies, header.copies)))
        return damaged(header, "a column is cut off");
    base::ByteReader errors = section(4);
    if (!view.m_errorSizes.read(errors, header.errors)) return damaged(header, "a column is cut off");
    view.m_errorText = errors.take(errors.left());
    return view;
}

base::Result<BlockView> BlockView::open(std::span<const std::byte> bytes)
{
    if (bytes.size() >= layout::kHeaderBytes + layout::kChecksumBytes) {
        std::uint64_t told;
        std::memcpy(&told, bytes.data() + bytes.size() - layout::kChecksumBytes, sizeof told);
        if (told != layout::checksum(bytes.first(bytes.size() - layout::kChecksumBytes)))
            return fail(Errc::BadInput, "A trace block of " + std::to_string(bytes.size()) + " bytes is damaged: its checksum does not fit. Its sender must send it again.");
    }
    auto view = parse(bytes);
    if (!view) return view;
    ORRERY_TRY(view->check());
    return view;
}

BlockView BlockView::trusted(std::span<const std::byte> bytes)
{
    auto view = parse(bytes);
    ORRERY_ASSERT_NOTE(view.ok(), "trusted bytes were never opened");
    return std::move(view).value();
}

base::Result<void> BlockView::check() const
{
    const auto wrong = [this](const char* what) { return damaged(m_header, what); };
    if (m_header.number == 0) return wrong("it has no number");
    for (const auto time : {m_header.clockOffsetNs, m_header.clockErrorNs, m_header.firstNs, m_header.lastNs})
        if (time < -kTimeLimitNs || time > kTimeLimitNs) return wrong("a time is out of range");
    const auto bounded = [](const auto& columns, std::initializer_list<std::int64_t> highs) {
        std::size_t i = 0;
        for (const auto high : highs)
            if (!columns[i++].within(0, high)) return false;
        return true;
    };
    constexpr std::int64_t kStates = types::kTaskStates - 1;
    constexpr std::int64_t kFreed = static_cast<std::int64_t>(types::ObjectState::Freed);
    constexpr std::int64_t kCauses = static_cast<std::int64_t>(types::Cause::Oom);
    constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
    if (!bounded(m_ranges, {kU32, kU32, kU32, kU16, kStates})) return wrong("a range is out of bounds");
    for (std::uint32_t i = 0; i < m_header.ranges; ++i)
        if (m_ranges[4].at(i) == static_cast<int>(TaskState::Running)) return wrong("a range begins as running, which needs a worker");
    if (!bounded(m_marks, {kU32, kStates, kU8, kU16}) || !m_marks[2].within(1, kU8)) return wrong("a mark is out of bounds");
    if (!bounded(m_objects, {kU32, kU16, kU16, kFreed, kU8, kU8, kU8, kU32, kU32})) return wrong("an object is out of bounds");
    if (!m_objects[10].within(0, kAny) || !m_objects[11].within(0, kU32) || !m_objects[12].within(0, kU32) || !m_objects[13].within(0, kU8)) return wrong("an object is out of bounds");
    if (!bounded(m_attempts, {kU32}) || !column(AttemptColumn::IndexLessRow).within(-kU32, kU32) || !column(AttemptColumn::Vertex).within(0, kU16) ||
        !column(AttemptColumn::Worker).within(0, kU16) || !column(AttemptColumn::Number).within(1, kU8) || !column(AttemptColumn::Cause).within(0, kCauses) ||
        !column(AttemptColumn::Outputs).within(0, kU8) || !column(AttemptColumn::WaitUs).within(0, kU32) || !column(AttemptColumn::CpuUs).within(0, kU32) ||
        !column(AttemptColumn::BytesOut).within(0, kAny) || !column(AttemptColumn::PeakKiB).within(0, kU32))
        return wrong("an attempt is out of bounds");
    if (m_header.copies > 0 && !bounded(m_copies, {kU32, kU16, kU16, kU16, 1})) return wrong("a copy is out of bounds");
    const std::int64_t lastError = static_cast<std::int64_t>(m_header.firstError) + m_header.errors - 1;
    if (m_header.firstError == 0 || lastError > kU32 || !column(AttemptColumn::Error).within(0, lastError)) return wrong("an error text is missing");
    if (!column(AttemptColumn::Outcome).within(static_cast<int>(TaskState::Retrying), static_cast<int>(TaskState::Cancelled))) return wrong("an outcome is none");
    // Cached is no outcome and lies between the others. Mostly the column is constant.
    if (!column(AttemptColumn::Outcome).within(static_cast<int>(TaskState::Finished), static_cast<int>(TaskState::Finished)))
        for (std::uint32_t i = 0; i < m_header.attempts; ++i)
            if (column(AttemptColumn::Outcome).at(i) == static_cast<int>(TaskState::Cached)) return wrong("an outcome is none");
    for (const Column* times : {&m_ranges[5], &m_marks[4], &m_objects[14], &column(AttemptColumn::End), &column(AttemptColumn::Duration), &column(AttemptColumn::Lag)})
        if (!times->within(-kTimeLimitNs, kTimeLimitNs)) return wrong("a time is out of range");
    if (m_header.copies > 0 && (!m_copies[5].within(-kTimeLimitNs, kTimeLimitNs) || !m_copies[6].within(0, kTimeLimitNs))) return wrong("a time is out of range");
    if (!spanHolds()) return wrong("it tells of times outside its span");
    if (!m_errorSizes.within(0, kErrorBytesMax)) return wrong("an error text is too long");
    std::uint64_t text = 0;
    for (std::uint32_t i = 0; i < m_header.errors; ++i) text += static_cast<std::uint64_t>(m_errorSizes.at(i));
    if (text != m_errorText.size()) return wrong("its error texts are cut off");
    for (std::uint32_t i = 0; i < m_header.ranges; ++i)
        if (m_ranges[0].at(i) + m_ranges[1].at(i) > kU32 || m_ranges[2].at(i) + m_ranges[1].at(i) > kU32 + 1) return wrong("a range is out of bounds");
    return {};
}

bool BlockView::spanHolds() const
{
    const auto inside = [this](TimeNs at) { return at == 0 || (at >= m_header.firstNs && at <= m_header.lastNs); };
    std::array<std::int64_t, kStripe> ends, durations;
    for (std::uint32_t first = 0; first < m_header.attempts; first += kStripe) {
        const std::uint32_t count = std::min(kStripe, m_header.attempts - first);
        column(AttemptColumn::End).decode(first, count, ends.data());
        column(AttemptColumn::Duration).decode(first, count, durations.data());
        bool fine = true;
        for (std::uint32_t i = 0; i < count; ++i) fine &= inside(ends[i]) && inside(ends[i] - durations[i]);
        if (!fine) return false;
    }
    for (const auto& [times, count] : {std::pair(&m_ranges[5], m_header.ranges), std::pair(&m_marks[4], m_header.marks), std::pair(&m_objects[14], m_header.objects)})
        for (std::uint32_t i = 0; i < count; ++i)
            if (!inside(times->at(i))) return false;
    for (std::uint32_t i = 0; i < m_header.copies; ++i)
        if (!inside(m_copies[5].at(i)) || !inside(minus(m_copies[5].at(i), m_copies[6].at(i)))) return false;
    return true;
}

types::RowRange BlockView::range(std::uint32_t i) const
{
    types::RowRange range;
    range.firstRow = static_cast<std::uint32_t>(m_ranges[0].at(i));
    range.count = static_cast<std::uint32_t>(m_ranges[1].at(i));
    range.firstIndex = static_cast<std::uint32_t>(m_ranges[2].at(i));
    range.vertex = static_cast<std::uint16_t>(m_ranges[3].at(i));
    range.state = static_cast<TaskState>(m_ranges[4].at(i));
    range.atNs = m_ranges[5].at(i);
    return range;
}

types::StateMark BlockView::mark(std::uint32_t i) const
{
    types::StateMark mark;
    mark.row = static_cast<std::uint32_t>(m_marks[0].at(i));
    mark.state = static_cast<TaskState>(m_marks[1].at(i));
    mark.attempt = static_cast<std::uint8_t>(m_marks[2].at(i));
    mark.worker = static_cast<std::uint16_t>(m_marks[3].at(i));
    mark.atNs = m_marks[4].at(i);
    return mark;
}

types::Attempt BlockView::attempt(std::uint32_t i) const
{
    const auto get = [&](AttemptColumn which) { return column(which).at(i); };
    Attempt a;
    a.row = static_cast<std::uint32_t>(get(AttemptColumn::Row));
    a.mapIndex = static_cast<std::uint32_t>(get(AttemptColumn::IndexLessRow) + a.row);
    a.vertex = static_cast<std::uint16_t>(get(AttemptColumn::Vertex));
    a.worker = static_cast<std::uint16_t>(get(AttemptColumn::Worker));
    a.attempt = static_cast<std::uint8_t>(get(AttemptColumn::Number));
    a.outcome = static_cast<TaskState>(get(AttemptColumn::Outcome));
    a.cause = static_cast<types::Cause>(get(AttemptColumn::Cause));
    a.outputs = static_cast<std::uint8_t>(get(AttemptColumn::Outputs));
    a.endNs = get(AttemptColumn::End);
    a.startNs = minus(a.endNs, get(AttemptColumn::Duration));
    a.submitNs = minus(a.startNs, get(AttemptColumn::Lag));
    a.waitUs = static_cast<std::uint32_t>(get(AttemptColumn::WaitUs));
    a.cpuUs = static_cast<std::uint32_t>(get(AttemptColumn::CpuUs));
    a.bytesOut = static_cast<std::uint64_t>(get(AttemptColumn::BytesOut));
    a.peakKiB = static_cast<std::uint32_t>(get(AttemptColumn::PeakKiB));
    a.error = static_cast<std::uint32_t>(get(AttemptColumn::Error));
    return a;
}

void BlockView::attempts(std::uint32_t first, std::span<Attempt> out) const
{
    std::array<std::int64_t, kStripe> values;
    for (std::size_t done = 0; done < out.size(); done += kStripe) {
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(kStripe, out.size() - done));
        Attempt* to = out.data() + done;
        const auto from = first + static_cast<std::uint32_t>(done);
        const auto each = [&](AttemptColumn which, auto set) {
            column(which).decode(from, count, values.data());
            for (std::uint32_t i = 0; i < count; ++i) set(to[i], values[i]);
        };
        each(AttemptColumn::Row, [](Attempt& a, std::int64_t v) { a.row = static_cast<std::uint32_t>(v); });
        each(AttemptColumn::IndexLessRow, [](Attempt& a, std::int64_t v) { a.mapIndex = static_cast<std::uint32_t>(v + a.row); });
        each(AttemptColumn::Vertex, [](Attempt& a, std::int64_t v) { a.vertex = static_cast<std::uint16_t>(v); });
        each(AttemptColumn::Worker, [](Attempt& a, std::int64_t v) { a.worker = static_cast<std::uint16_t>(v); });
        each(AttemptColumn::Number, [](Attempt& a, std::int64_t v) { a.attempt = static_cast<std::uint8_t>(v); });
        each(AttemptColumn::Outcome, [](Attempt& a, std::int64_t v) { a.outcome = static_cast<TaskState>(v); });
        each(AttemptColumn::Cause, [](Attempt& a, std::int64_t v) { a.cause = static_cast<types::Cause>(v); });
        each(AttemptColumn::Outputs, [](Attempt& a, std::int64_t v) { a.outputs = static_cast<std::uint8_t>(v); });
        each(AttemptColumn::End, [](Attempt& a, std::int64_t v) { a.endNs = v; });
        each(AttemptColumn::Duration, [](Attempt& a, std::int64_t v) { a.startNs = minus(a.endNs, v); });
        each(AttemptColumn::Lag, [](Attempt& a, std::int64_t v) { a.submitNs = minus(a.startNs, v); });
        each(AttemptColumn::WaitUs, [](Attempt& a, std::int64_t v) { a.waitUs = static_cast<std::uint32_t>(v); });
        each(AttemptColumn::CpuUs, [](Attempt& a, std::int64_t v) { a.cpuUs = static_cast<std::uint32_t>(v); });
        each(AttemptColumn::BytesOut, [](Attempt& a, std::int64_t v) { a.bytesOut = static_cast<std::uint64_t>(v); });
        each(AttemptColumn::PeakKiB, [](Attempt& a, std::int64_t v) { a.peakKiB = static_cast<std::uint32_t>(v); });
        each(AttemptColumn::Error, [](Attempt& a, std::int64_t v) { a.error = static_cast<std::uint32_t>(v); });
    }
}

types::ObjectRecord BlockView::object(std::uint32_t i) const
{
    types::ObjectRecord o;
    o.row = static_cast<std::uint32_t>(m_objects[0].at(i));
    o.output = static_cast<std::uint16_t>(m_objects[1].at(i));
    o.node = static_cast<std::uint16_t>(m_objects[2].at(i));
    o.state = static_cast<types::ObjectState>(m_objects[3].at(i));
    o.type = static_cast<std::uint8_t>(m_objects[4].at(i));
    o.dtype = static_cast<std::uint8_t>(m_objects[5].at(i));
    o.rank = static_cast<std::uint8_t>(m_objects[6].at(i));
    o.shape[0] = static_cast<std::uint32_t>(m_objects[7].at(i));
    o.shape[1] = static_cast<std::uint32_t>(m_objects[8].at(i));
    const auto rest = static_cast<std::uint64_t>(m_objects[9].at(i));
    o.shape[2] = static_cast<std::uint32_t>(rest);
    o.shape[3] = static_cast<std::uint32_t>(rest >> 32);
    o.bytes = static_cast<std::uint64_t>(m_objects[10].at(i));
    o.items = static_cast<std::uint32_t>(m_objects[11].at(i));
    o.refs = static_cast<std::uint32_t>(m_objects[12].at(i));
    o.attempt = static_cast<std::uint8_t>(m_objects[13].at(i));
    o.atNs = m_objects[14].at(i);
    return o;
}

types::CopyRecord BlockView::copy(std::uint32_t i) const
{
    types::CopyRecord c;
    c.row = static_cast<std::uint32_t>(m_copies[0].at(i));
    c.output = static_cast<std::uint16_t>(m_copies[1].at(i));
    c.node = static_cast<std::uint16_t>(m_copies[2].at(i));
    c.from = static_cast<std::uint16_t>(m_copies[3].at(i));
    c.gone = m_copies[4].at(i) != 0;
    c.endNs = m_copies[5].at(i);
    c.startNs = minus(c.endNs, m_copies[6].at(i));
    return c;
}

std::string_view BlockView::error(std::uint32_t i) const
{
    std::size_t at = 0;
    for (std::uint32_t k = 0; k < i; ++k) at += static_cast<std::size_t>(m_errorSizes.at(k));
    const auto text = m_errorText.subspan(at, static_cast<std::size_t>(m_errorSizes.at(i)));
    return {reinterpret_cast<const char*>(text.data()), text.size()};
}

} // namespace orrery::trace
