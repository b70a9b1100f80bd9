// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/home_run.h"

#include "engine/types/value.h"

namespace orrery::host {

namespace {
constexpr std::size_t kAttemptsPerBlock = 4096;
constexpr std::size_t kBlockBytesMax = 512 * 1024; // marks and objects may be many before the first attempt
} // namespace

HomeRun::HomeRun(Place place, base::RunId run, std::uint64_t homeEpoch, std::uint32_t submitter, std::shared_ptr<const types::Plan> plan)
    : m_place(place), m_run(run), m_homeEpoch(homeEpoch), m_table(run, submitter, std::move(plan), *this), m_writer(run, place.nodeNumber, homeEpoch)
{
    for (const auto& vertex : m_table.plan().vertices) {
        types::Template made;
        made.plugin = vertex.plugin;
        made.function = vertex.function;
        made.params = vertex.params;
        made.inputs = static_cast<std::uint16_t>(vertex.inputs.size());
        made.outputs = static_cast<std::uint16_t>(vertex.outputs.size());
        m_templates.push_back(m_place.node.templateId(made));
    }
    m_lanes = std::make_unique<node::SourceLanes>(m_place.node, submitter, *this, m_place.store);
}

HomeRun::~HomeRun()
{
    m_lanes.reset();
    m_table.forget(m_place.node.loop().nowNs());
}

void HomeRun::start()
{
    m_table.start(m_place.node.loop().nowNs());
    // What no node can ever run fails now, with the reason, instead of waiting for ever.
    for (std::size_t i = 0; i < m_table.classes().size(); ++i) {
        if (m_place.node.everFits(m_table.classes()[i])) continue;
        const std::string why = "it needs " + m_table.classes()[i].text() + " and this node has " + m_place.node.leases().total().text();
        const TimeNs now = m_place.node.loop().nowNs();
        for (std::uint32_t row = 0; row < m_table.rows(); ++row)
            if (m_table.state(row) == types::TaskState::PendingAssignment && m_table.plan().vertices[m_table.vertexOf(row)].resources == m_table.classes()[i])
                m_table.refuse(row, why, now);
    }
    m_lanes->pump();
    checkEnd();
}

void HomeRun::stop()
{
    m_table.stop(m_place.node.loop().nowNs());
    m_lanes->cancelAll();
    checkEnd();
}

void HomeRun::checkEnd()
{
    if (!m_table.ended() || std::exchange(m_ended, true)) return;
    m_place.ended();
}

bool HomeRun::finished(const types::ResultRecord& result, node::Track track, TimeNs now)
{
    const bool counts = m_table.finished(result, track, now);
    checkEnd();
    return counts;
}

void HomeRun::refuse(std::uint32_t row, const std::string& why, TimeNs now)
{
    m_table.refuse(row, why, now);
    checkEnd();
}

types::TaskRecord HomeRun::record(std::uint32_t row, TimeNs now)
{
    return m_table.record(row, m_templates[m_table.vertexOf(row)], now);
}

void HomeRun::lost(std::uint32_t row, std::uint8_t attempt, node::Track track, types::Cause cause, const std::string& why, TimeNs now)
{
    m_table.lost(row, attempt, track, cause, why, 0, now);
    checkEnd();
}

void HomeRun::range(const types::RowRange& range)
{
    types::RowRange told = range;
    told.atNs = cluster(range.atNs);
    m_writer.add(told);
    m_dirty = true;
}

void HomeRun::mark(const types::StateMark& mark)
{
    types::StateMark told = mark;
    told.atNs = cluster(mark.atNs);
    m_writer.add(told);
    m_dirty = true;
    if (m_writer.bytes() >= kBlockBytesMax) seal();
}

void HomeRun::attempt(types::Attempt attempt, const std::string& error)
{
    attempt.submitNs = cluster(attempt.submitNs);
    attempt.startNs = cluster(attempt.startNs);
    attempt.endNs = cluster(attempt.endNs);
    if (!error.empty()) attempt.error = m_writer.addError(error);
    m_writer.add(attempt);
    m_dirty = true;
    if (m_writer.attempts() >= kAttemptsPerBlock || m_writer.bytes() >= kBlockBytesMax) seal();
}

void HomeRun::describe(types::ObjectRecord& record, const owner::Value& value) const
{
    std::span<const std::byte> bytes;
    if (value.where == owner::Value::Where::Inline) bytes = *value.bytes;
    else bytes = m_place.store.bytes(value.place);
    record.bytes = bytes.size();
    record.items = value.items;
    const auto view = types::ValueView::open(bytes);
    if (!view) return;
    record.type = static_cast<std::uint8_t>(view->type());
    record.dtype = static_cast<std::uint8_t>(view->dtype());
    const auto shape = view->shape();
    record.rank = static_cast<std::uint8_t>(shape.size());
    for (std::size_t i = 0; i < shape.size() && i < record.shape.size(); ++i) record.shape[i] = static_cast<std::uint32_t>(shape[i]);
}

void HomeRun::made(std::uint32_t row, std::uint16_t output, std::uint8_t attempt, const owner::Value& value, TimeNs atNs)
{
    types::ObjectRecord record;
    record.row = row;
    record.output = output;
    record.node = m_place.nodeNumber;
    record.state = value.where == owner::Value::Where::Inline ? types::ObjectState::Inline : types::ObjectState::Memory;
    record.attempt = attempt;
    record.refs = static_cast<std::uint32_t>(m_table.plan().vertices[m_table.vertexOf(row)].consumers.size()) + 1; // its readers and the run
    record.atNs = cluster(atNs);
    describe(record, value);
    m_writer.add(record);
    m_dirty = true;
}

void HomeRun::dropped(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs atNs)
{
    if (value.where == owner::Value::Where::Store) m_place.store.freeObject(value.place);
    types::ObjectRecord record;
    record.row = row;
    record.output = output;
    record.node = m_place.nodeNumber;
    record.state = types::ObjectState::Freed;
    record.bytes = value.where == owner::Value::Where::Store ? value.place.bytes : value.bytes->size();
    record.atNs = cluster(atNs);
    m_writer.add(record);
    m_dirty = true;
}

void HomeRun::seal()
{
    net::TraceBlock block;
    block.run = m_run;
    block.number = ++m_lastBlock;
    block.bytes = m_writer.seal(block.number);
    m_unacknowledged.push_back(block);
    m_place.head.send(std::move(block));
}

void HomeRun::flush()
{
    m_table.flushMarks();
    if (std::exchange(m_dirty, false)) seal();
    if (m_toldEnd || !m_table.ended()) return;
    m_toldEnd = true;
    net::RunEnded ended;
    ended.run = m_run;
    ended.homeEpoch = m_homeEpoch;
    ended.state = m_table.outcome();
    ended.error = m_table.error();
    ended.reexecuted = m_table.reexecuted();
    m_place.head.send(std::move(ended));
}

void HomeRun::acknowledged(std::uint64_t upTo)
{
    while (!m_unacknowledged.empty() && m_unacknowledged.front().number <= upTo) m_unacknowledged.pop_front();
}

void HomeRun::resend()
{
    for (const auto& block : m_unacknowledged) m_place.head.send(block);
    m_toldEnd = false; // the next flush tells it again
}

std::uint64_t HomeRun::release(std::uint64_t bytes) { return m_table.release(bytes, m_place.node.loop().nowNs()); }

std::span<const std::byte> HomeRun::value(std::uint32_t row, std::uint16_t output) const
{
    const owner::Value* value = m_table.value(row, output);
    if (!value) return {};
    if (value->where == owner::Value::Where::Inline) return *value->bytes;
    return m_place.store.bytes(value->place);
}

} // namespace orrery::host
