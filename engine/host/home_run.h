// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HomeRun: one run on its home node: the owner's table, its lanes, and its trace on the way to the head.
// It puts the owner role (RunTable) behind the node role's port (TaskSource) and writes what the table tells into trace blocks,
// which are kept until the head acknowledged them.
// Runs on: node loop.

#include "engine/net/node_link.h"
#include "engine/node/source_lanes.h"
#include "engine/owner/run_table.h"
#include "engine/store/store.h"
#include "engine/trace/block.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace orrery::host {

using base::TimeNs;

class HomeRun final : public owner::TraceSink, public node::TaskSource {
public:
    struct Place {
        node::Node& node;
        node::ValueStore& store;
        net::HeadLink& head;
        std::int64_t& clusterOffsetNs; // cluster clock = node's monotonic clock + this
        std::uint16_t nodeNumber;
        std::function<void()> ended; // its last task has: there is something to tell that somebody waits for
    };
    HomeRun(Place place, base::RunId run, std::uint64_t homeEpoch, std::uint32_t submitter, std::shared_ptr<const types::Plan> plan);
    ~HomeRun() override;

    void start();
    void stop();
    void pump() { m_lanes->pump(); }
    // Seals what was traced since the last call and sends it; tells the end of the run once everything before it was sent.
    void flush();
    bool wantsFlush() const { return !m_toldEnd || m_dirty; }
    void acknowledged(std::uint64_t upTo);
    // The link was made anew: what was not acknowledged goes again.
    void resend();
    bool endedAndTold() const { return m_toldEnd; }
    std::uint64_t release(std::uint64_t bytes); // see owner::RunTable
    const owner::RunTable& table() const { return m_table; }
    // The bytes of a sealed value; empty: not there (any more).
    std::span<const std::byte> value(std::uint32_t row, std::uint16_t output) const;

    // ---- owner::TraceSink ----
    void range(const types::RowRange& range) override;
    void mark(const types::StateMark& mark) override;
    void attempt(types::Attempt attempt, const std::string& error) override;
    void made(std::uint32_t row, std::uint16_t output, std::uint8_t attempt, const owner::Value& value, TimeNs atNs) override;
    void dropped(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs atNs) override;

    // ---- node::TaskSource ----
    std::span<const types::Resources> classes() const override { return m_table.classes(); }
    std::size_t ready(std::size_t classIndex) const override { return m_table.ready(classIndex); }
    std::vector<std::uint32_t> take(std::size_t classIndex, std::size_t max, TimeNs now) override { return m_table.take(classIndex, max, now); }
    types::TaskRecord record(std::uint32_t row, TimeNs now) override;
    void began(std::uint32_t row, std::uint8_t attempt, node::Track track, TimeNs now) override { m_table.began(row, attempt, track, now); }
    bool finished(const types::ResultRecord& result, node::Track track, TimeNs now) override;
    void lost(std::uint32_t row, std::uint8_t attempt, node::Track track, types::Cause cause, const std::string& why, TimeNs now) override;
    void recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now) override { m_table.recalled(row, attempt, now); }
    void refuse(std::uint32_t row, const std::string& why, TimeNs now) override;

private:
    void seal();
    void checkEnd();
    TimeNs cluster(TimeNs nodeNs) const { return nodeNs == 0 ? 0 : nodeNs + m_place.clusterOffsetNs; }
    void describe(types::ObjectRecord& record, const owner::Value& value) const;

    Place m_place;
    const base::RunId m_run;
    const std::uint64_t m_homeEpoch;
    owner::RunTable m_table;
    trace::BlockWriter m_writer;
    std::uint64_t m_lastBlock = 0;
    std::deque<net::TraceBlock> m_unacknowledged;
    std::vector<std::uint32_t> m_templates; // by vertex
    std::unique_ptr<node::SourceLanes> m_lanes;
    bool m_dirty = false;
    bool m_ended = false;
    bool m_toldEnd = false;
};

} // namespace orrery::host
