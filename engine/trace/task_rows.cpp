// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/task_rows.h"

#include <array>
#include <bit>

namespace orrery::trace {

using types::Attempt;
using types::FieldId;
using types::kNoNumber;
using types::TaskField;
using types::TaskState;

namespace {

constexpr std::uint32_t kPiece = 4096; // attempts in one piece of a scan
constexpr std::int64_t kNsPerUs = base::kMicrosecond;

} // namespace

TaskRows::TaskRows(const RunStore& store, RunWorld world)
    : FactRows(store, std::move(world), {store.rows(), kFacts, kPiece})
{
}

std::uint32_t TaskRows::factsOf(FieldId field) const
{
    const auto bit = [](Fact fact) { return 1u << static_cast<unsigned>(fact); };
    switch (static_cast<TaskField>(field)) {
    case TaskField::Start:
    case TaskField::StartTime: return bit(Fact::Start);
    case TaskField::End:
    case TaskField::EndTime: return bit(Fact::End);
    case TaskField::Duration: return bit(Fact::Start) | bit(Fact::End);
    case TaskField::Wait: return bit(Fact::WaitUs);
    case TaskField::Cpu: return bit(Fact::CpuUs);
    case TaskField::BytesOut: return bit(Fact::BytesOut);
    case TaskField::Peak: return bit(Fact::PeakKiB);
    case TaskField::ErrorType: return bit(Fact::Cause);
    case TaskField::ErrorMessage: return bit(Fact::Error);
    default: return 0;
    }
}

std::int64_t TaskRows::factIn(const Attempt& attempt, Fact fact)
{
    switch (fact) {
    case Fact::Start: return attempt.startNs;
    case Fact::End: return attempt.endNs;
    case Fact::WaitUs: return attempt.waitUs;
    case Fact::CpuUs: return attempt.cpuUs;
    case Fact::BytesOut: return static_cast<std::int64_t>(attempt.bytesOut);
    case Fact::PeakKiB: return attempt.peakKiB == 0 ? kNoNumber : attempt.peakKiB; // 0: not sampled
    case Fact::Cause: return static_cast<std::int64_t>(attempt.cause);
    case Fact::Error: return attempt.error;
    }
    return kNoNumber;
}

// ---- all rows at once ----

std::optional<TaskRows::Text> TaskRows::ranksOf(FieldId field) const
{
    switch (static_cast<TaskField>(field)) {
    case TaskField::Vertex:
    case TaskField::Name: return Text::Vertex;
    case TaskField::Function: return Text::Function;
    case TaskField::Resources: return Text::Resources;
    default: return {};
    }
}

void TaskRows::scan(const BlockView& view, std::uint32_t first, std::uint32_t end)
{
    const std::uint32_t before = m_store.attemptsBefore(block());
    std::array<Attempt, 256> stripe;
    while (first < end) {
        const auto part = std::span(stripe).first(std::min<std::size_t>(stripe.size(), end - first));
        view.attempts(first, part);
        for (std::uint32_t i = 0; i < part.size(); ++i) {
            const Attempt& attempt = part[i];
            if (attempt.row >= m_rows || !m_store.isLast(attempt.row, before + first + i) || attempt.attempt != m_store.attemptOf(attempt.row)) continue;
            for (std::uint32_t rest = wanted(); rest != 0; rest &= rest - 1) {
                const auto which = static_cast<std::size_t>(std::countr_zero(rest));
                column(which)[attempt.row] = factIn(attempt, static_cast<Fact>(which));
            }
        }
        first += static_cast<std::uint32_t>(part.size());
    }
}

// A begin is known while the attempt runs, which no record tells yet.
void TaskRows::scanned()
{
    auto& starts = column(static_cast<std::size_t>(Fact::Start));
    if (starts.empty()) return;
    for (const auto& span : m_store.openSpans())
        if (span.row < m_rows) starts[span.row] = span.startNs;
}

// ---- one row ----

std::int64_t TaskRows::fact(Fact fact, std::uint32_t row) const
{
    const auto which = static_cast<std::size_t>(fact);
    return isLaidOut(which) ? column(which)[row] : readFact(fact, row);
}

std::int64_t TaskRows::readFact(Fact fact, std::uint32_t row) const
{
    if (m_row != row || m_rowBlocks != m_store.blocks()) {
        m_row = row;
        m_rowBlocks = m_store.blocks();
        m_attempt = m_store.lastAttempt(row);
        if (m_attempt && m_attempt->attempt != m_store.attemptOf(row)) m_attempt.reset();
        m_openNs = kNoNumber;
        if (m_store.state(row) == TaskState::Running)
            for (const auto& span : m_store.openSpans())
                if (span.row == row) m_openNs = span.startNs;
    }
    if (m_openNs != kNoNumber) return fact == Fact::Start ? m_openNs : kNoNumber;
    return m_attempt ? factIn(*m_attempt, fact) : kNoNumber;
}

std::int64_t TaskRows::duration(std::uint32_t row) const
{
    const std::int64_t start = fact(Fact::Start, row);
    if (start == kNoNumber) return kNoNumber;
    const std::int64_t end = fact(Fact::End, row);
    if (end != kNoNumber) return std::max<std::int64_t>(0, end - start);
    return m_world.nowNs == 0 ? kNoNumber : std::max<std::int64_t>(0, m_world.nowNs - start);
}

const RunWorld::Worker* TaskRows::worker(std::uint32_t row) const { return m_world.worker(m_store.workerOf(row)); }

std::int64_t TaskRows::number(FieldId field, std::uint32_t row) const
{
    const auto scaled = [](std::int64_t value, std::int64_t factor) { return value == kNoNumber ? kNoNumber : value * factor; };
    const auto sinceBegin = [this](std::int64_t at) { return at == kNoNumber ? kNoNumber : at - m_store.firstNs(); };
    const auto wall = [this](std::int64_t at) { return at == kNoNumber ? kNoNumber : m_world.wallMs(at); };
    switch (static_cast<TaskField>(field)) {
    case TaskField::State: return static_cast<std::int64_t>(m_store.state(row));
    case TaskField::MapIndex: return m_store.mapIndex(row);
    case TaskField::Attempt: return m_store.attemptOf(row);
    case TaskField::Worker: return worker(row) ? worker(row)->number : kNoNumber;
    case TaskField::WorkerPid: return worker(row) ? worker(row)->pid : kNoNumber;
    case TaskField::Track: return m_store.workerOf(row) == types::kNoWorker ? kNoNumber : m_store.workerOf(row);
    case TaskField::ErrorType: {
        const std::int64_t cause = fact(Fact::Cause, row);
        return cause == kNoNumber ? static_cast<std::int64_t>(types::Cause::None) : cause;
    }
    case TaskField::Wait: return scaled(fact(Fact::WaitUs, row), kNsPerUs);
    case TaskField::Duration: return duration(row);
    case TaskField::Cpu: return scaled(fact(Fact::CpuUs, row), kNsPerUs);
    case TaskField::BytesOut: return fact(Fact::BytesOut, row);
    case TaskField::Peak: return scaled(fact(Fact::PeakKiB, row), 1024);
    case TaskField::Start: return sinceBegin(fact(Fact::Start, row));
    case TaskField::End: return sinceBegin(fact(Fact::End, row));
    case TaskField::CreationTime: return wall(m_store.createdNs(row));
    case TaskField::StartTime: return wall(fact(Fact::Start, row));
    case TaskField::EndTime: return wall(fact(Fact::End, row));
    case TaskField::Row: return row;
    default: return kNoNumber;
    }
}

std::string_view TaskRows::text(FieldId field, std::uint32_t row, std::string& scratch) const
{
    const std::uint16_t vertex = m_store.vertexOf(row);
    const auto made = [&scratch](std::string text) {
        scratch = std::move(text);
        return std::string_view(scratch);
    };
    const auto idText = [&made](const auto& id) { return id.isNull() ? std::string_view() : made(id.text()); };
    switch (static_cast<TaskField>(field)) {
    case TaskField::TaskId: return made(base::derive<base::TaskId>(m_store.run(), vertex, m_store.mapIndex(row)).text());
    case TaskField::Name: return m_names.taskName(vertex, m_store.mapIndex(row), scratch);
    case TaskField::JobId: return made(m_store.run().text());
    case TaskField::Function: return m_names.text(Text::Function, vertex, scratch);
    case TaskField::Vertex: return m_names.text(Text::Vertex, vertex, scratch);
    case TaskField::Node: return worker(row) ? made(types::nodeLetter(worker(row)->node)) : std::string_view();
    case TaskField::NodeId: return worker(row) ? idText(m_world.node(worker(row)->node)) : std::string_view();
    case TaskField::WorkerId: return worker(row) ? idText(worker(row)->id) : std::string_view();
    case TaskField::ErrorMessage: {
        const std::int64_t error = fact(Fact::Error, row);
        return error == kNoNumber ? std::string_view() : std::string_view(m_store.errorText(static_cast<std::uint32_t>(error)));
    }
    case TaskField::Resources: return m_names.text(Text::Resources, vertex, scratch);
    case TaskField::WaitReason: return m_names.waitReason(vertex, m_store.state(row), scratch);
    case TaskField::Args: return m_names.args(vertex, m_store.mapIndex(row), scratch);
    case TaskField::Returns: {
        std::string ids;
        for (std::uint32_t object = m_store.firstObject(row); object != kNone; object = m_store.nextObject(object))
            ids = base::derive<base::ObjectId>(m_store.run(), vertex, m_store.mapIndex(row), m_store.objectOutput(object)).text() + (ids.empty() ? "" : ", ") + ids;
        return made(std::move(ids));
    }
    default: return {};
    }
}

// ---- order ----

std::int64_t TaskRows::textKey(FieldId field, std::uint32_t row) const
{
    const std::uint16_t vertex = m_store.vertexOf(row);
    const auto indexed = [&](std::int64_t rank) { return rank << 32 | m_store.mapIndex(row); }; // [2] before [10]
    switch (static_cast<TaskField>(field)) {
    case TaskField::TaskId: return idKey(base::derive<base::TaskId>(m_store.run(), vertex, m_store.mapIndex(row)));
    case TaskField::Name: return indexed(m_names.rank(Text::Vertex, vertex));
    case TaskField::JobId: return 0;
    case TaskField::Function: return m_names.rank(Text::Function, vertex);
    case TaskField::Vertex: return m_names.rank(Text::Vertex, vertex);
    case TaskField::Resources: return m_names.rank(Text::Resources, vertex);
    case TaskField::Node: return worker(row) ? worker(row)->node : kNoKey;
    case TaskField::NodeId: return worker(row) ? idKey(m_world.node(worker(row)->node)) : kNoKey;
    case TaskField::WorkerId: return worker(row) ? idKey(worker(row)->id) : kNoKey;
    default: return TableRows::textKey(field, row);
    }
}

bool TaskRows::keyDecides(FieldId field) const
{
    switch (static_cast<TaskField>(field)) {
    case TaskField::ErrorMessage:
    case TaskField::Args:
    case TaskField::WaitReason:
    case TaskField::Returns: return false;
    default: return true; // ids: 64 of their bits tell them apart
    }
}

} // namespace orrery::trace
