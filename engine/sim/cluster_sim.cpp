// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/cluster_sim.h"

#include "engine/sim/sim_node.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <set>

namespace orrery::sim {

namespace {

using base::TimeNs;
using node::LeaseId;
using node::Track;

class Sim final : public owner::TraceSink {
public:
    Sim(std::shared_ptr<const types::Plan> plan, const SimOptions& options)
        : m_options(options), m_world(options.seed), m_plan(std::move(plan)), m_leases(types::Resources::cpus(options.cpus), static_cast<std::uint32_t>(options.cpus) * 2),
          m_run(base::RunId{{1, options.seed}}, 7, m_plan, *this)
    {
    }

    SimReport go()
    {
        m_run.start(m_world.now());
        pump();
        while (m_report.problem.empty() && !m_run.ended() && m_world.step()) {
            if (++m_report.events > 2'000'000) m_report.problem = "the run does not end: 2,000,000 events";
            check();
        }
        if (m_report.problem.empty() && !m_run.ended()) m_report.problem = "nothing happens any more and the run is not over; " + openRows();
        if (m_report.problem.empty()) compare();
        m_report.reexecuted = m_run.reexecuted();
        m_report.endedNs = m_world.now();
        if (m_run.ended()) m_report.outcome = m_run.outcome();
        if (m_report.problem.empty()) {
            m_run.forget(m_world.now());
            if (!m_stored.empty()) m_report.problem = std::to_string(m_stored.size()) + " values were never released";
        }
        return m_report;
    }

    // ---- TraceSink: the store's side ----
    void range(const types::RowRange&) override {}
    void mark(const types::StateMark&) override {}
    void attempt(types::Attempt, const std::string&) override { ++m_report.attempts; }
    void made(std::uint32_t row, std::uint16_t output, std::uint8_t, const owner::Value&, TimeNs) override
    {
        if (!m_stored.insert({row, output}).second) m_report.problem = "row " + std::to_string(row) + " was given a result twice";
    }
    void dropped(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs) override
    {
        if (value.where == owner::Value::Where::Store && m_memory.erase(value.place.offset) == 0) m_report.problem = "a place of row " + std::to_string(row) + " was freed twice";
        if (m_stored.erase({row, output}) == 0) m_report.problem = "row " + std::to_string(row) + " released a value it does not hold";
    }

    void vanished(std::uint32_t, std::uint16_t, const owner::Value&, TimeNs) override {}
    std::optional<types::Place> promoted(std::uint32_t, std::uint16_t, std::uint16_t, TimeNs) override { return std::nullopt; } // one node has no copies
    void unwanted(std::uint32_t, std::uint16_t, const owner::Value& value) override { m_memory.erase(value.place.offset); }
    void adopted(std::uint32_t, std::uint16_t, const owner::Value&, bool, TimeNs) override {}
    void leftOver(const net::ObjectKey&, std::uint16_t, const types::Place&) override {}
    void copied(std::uint32_t, std::uint16_t, std::uint16_t, const owner::Way&) override {}
    void copyGone(std::uint32_t, std::uint16_t, std::uint16_t, TimeNs) override {}

private:
    struct Lane {
        LeaseId lease = 0;
        std::size_t classIndex = 0;
        std::deque<types::TaskRecord> tasks; // front: running or next
        bool running = false;
        bool closed = false;
    };

    void check()
    {
        if (!m_report.problem.empty()) return;
        if (auto wrong = m_run.audit(); !wrong.empty()) m_report.problem = "run table: " + wrong;
        if (auto wrong = m_leases.audit(); !wrong.empty()) m_report.problem = "lease table: " + wrong;
    }

    void pump()
    {
        for (auto& [track, lane] : m_lanes) fill(track, lane);
        for (std::size_t i = 0; i < m_run.classes().size(); ++i) {
            std::size_t busy = 0;
            for (const auto& [track, lane] : m_lanes) busy += lane.lease != 0 && lane.classIndex == i && !lane.closed && !lane.tasks.empty() ? 1 : 0;
            m_leases.want(1, m_run.classes()[i], static_cast<std::uint32_t>(m_run.ready(i) + busy));
        }
        bool revoked = false;
        for (const auto& effect : m_leases.step(m_world.now())) {
            revoked = revoked || std::holds_alternative<node::Revoke>(effect);
            if (std::holds_alternative<node::StartWorker>(effect)) {
                const Track track = ++m_lastTrack;
                m_world.later(base::kMillisecond, [this, track] {
                    m_lanes[track] = {};
                    m_leases.workerReady(track);
                    pump();
                });
            } else if (const auto* grant = std::get_if<node::Grant>(&effect)) {
                Lane& lane = m_lanes.at(grant->track);
                lane = {};
                lane.lease = grant->lease;
                const auto& classes = m_run.classes();
                lane.classIndex = static_cast<std::size_t>(std::find(classes.begin(), classes.end(), grant->resources) - classes.begin());
                fill(grant->track, lane);
            } else if (const auto* revoke = std::get_if<node::Revoke>(&effect)) {
                recall(revoke->lease);
            }
        }
        if (revoked) return pump(); // what came back can be granted now
        if (const TimeNs due = m_leases.nextStepNs(); due >= 0 && due != m_armed) {
            m_armed = due;
            m_world.later(std::max<TimeNs>(due - m_world.now(), 0), [this] { pump(); });
        }
    }

    void fill(Track track, Lane& lane)
    {
        if (lane.lease == 0 || lane.closed) return;
        while (lane.tasks.size() < m_options.laneTasks) {
            const auto rows = m_run.take(lane.classIndex, m_options.laneTasks - lane.tasks.size(), 0, m_world.now());
            if (rows.empty()) break;
            for (const auto row : rows) lane.tasks.push_back(m_run.record(row, 1, m_world.now()));
        }
        m_leases.idle(lane.lease, lane.tasks.empty(), m_world.now());
        begin(track, lane);
    }

    void begin(Track track, Lane& lane)
    {
        if (lane.running || lane.tasks.empty()) return;
        lane.running = true;
        const types::TaskRecord task = lane.tasks.front();
        if (m_world.random().chance(0.7)) m_run.began(task.row, task.attempt, track, m_world.now());
        const TimeNs took = 1 + static_cast<TimeNs>(m_world.random().below(5 * base::kMillisecond));
        if (m_world.random().chance(m_options.killsPerTask)) {
            m_world.later(static_cast<TimeNs>(m_world.random().below(static_cast<std::uint64_t>(took))), [this, track] { kill(track); });
            return;
        }
        if (m_world.random().chance(m_options.recallPerTask)) m_world.later(took / 2, [this, lease = lane.lease] { recall(lease); pump(); });
        m_world.later(took, [this, track, task, startNs = m_world.now()] { finish(track, task, startNs); });
    }

    void finish(Track track, const types::TaskRecord& task, TimeNs startNs)
    {
        const auto found = m_lanes.find(track);
        if (found == m_lanes.end()) return; // died meanwhile: nothing was published
        types::ResultRecord result;
        result.row = task.row;
        result.attempt = task.attempt;
        result.startNs = startNs;
        result.endNs = m_world.now();
        std::vector<std::uint64_t> inputs;
        for (const auto& arg : task.args) {
            const auto place = m_memory.find(arg.place.offset);
            if (!arg.isInline && place == m_memory.end()) {
                m_report.problem = "row " + std::to_string(task.row) + " reads memory that was freed";
                return;
            }
            const auto words = decodeWords(arg.isInline ? arg.bytes : place->second);
            if (arg.item >= 0) inputs.push_back(words.at(static_cast<std::size_t>(arg.item)));
            else inputs.insert(inputs.end(), words.begin(), words.end());
        }
        const auto vertex = m_run.vertexOf(task.row);
        const auto words = simFunction(m_plan->vertices[vertex].function, vertex, m_run.indexOf(task.row), inputs);
        auto bytes = encodeWords(words);
        const auto items = static_cast<std::uint32_t>(words.size());
        if (m_world.random().chance(0.5)) {
            result.outputs.push_back({true, {}, std::move(bytes), items});
        } else {
            result.outputs.push_back({false, {1, ++m_lastPlace, bytes.size()}, {}, items});
            m_memory[m_lastPlace] = std::move(bytes);
        }
        Lane& lane = found->second;
        lane.tasks.pop_front();
        lane.running = false;
        if (!m_run.finished(result, track, 0, m_world.now()) && !result.outputs[0].isInline) m_memory.erase(result.outputs[0].place.offset);
        if (m_world.random().chance(m_options.shortPerTask)) m_report.givenUp += m_run.release(1 + m_world.random().below(64), 0, m_world.now()) > 0 ? 1 : 0;
        if (m_world.random().chance(m_options.doubledPerTask)) m_world.later(static_cast<TimeNs>(m_world.random().below(base::kMillisecond)), [this, result, track] { m_run.finished(result, track, 0, m_world.now()); });
        if (m_world.random().chance(m_options.valueLossPerTask)) m_world.later(static_cast<TimeNs>(m_world.random().below(10 * base::kMillisecond)), [this, row = task.row] { lose(row); });
        if (lane.closed && lane.tasks.empty()) giveBack(track, lane);
        pump();
    }

    void lose(std::uint32_t row)
    {
        if (!m_run.value(row, 0)) return;
        ++m_report.losses;
        m_stored.erase({row, std::uint16_t{0}});
        m_run.valueLost(row, 0, m_world.now());
        pump();
    }

    void kill(Track track)
    {
        const auto found = m_lanes.find(track);
        if (found == m_lanes.end()) return;
        ++m_report.kills;
        Lane lane = std::move(found->second);
        m_lanes.erase(found);
        for (std::size_t i = lane.tasks.size(); i-- > 0;) {
            const auto& task = lane.tasks[i];
            if (i == 0 && lane.running) m_run.lost(task.row, task.attempt, track, types::Cause::WorkerDied, "its worker was killed", 0, m_world.now());
            else m_run.recalled(task.row, task.attempt, m_world.now());
        }
        m_leases.workerGone(track);
        pump();
    }

    void recall(LeaseId lease)
    {
        for (auto& [track, lane] : m_lanes) {
            if (lane.lease != lease || lane.closed) continue;
            lane.closed = true;
            while (lane.tasks.size() > (lane.running ? 1u : 0u)) {
                m_run.recalled(lane.tasks.back().row, lane.tasks.back().attempt, m_world.now());
                lane.tasks.pop_back();
            }
            if (lane.tasks.empty()) giveBack(track, lane);
            return;
        }
    }

    void giveBack(Track, Lane& lane)
    {
        m_leases.returned(lane.lease);
        lane = {};
    }

    // What is left undone, for the report of a run that stands still.
    std::string openRows() const
    {
        std::string text = "leases " + std::to_string(m_leases.leases()) + ", free " + m_leases.free().text() + ", open:";
        for (std::uint32_t row = 0; row < m_run.rows(); ++row)
            if (!types::isTerminal(m_run.state(row))) text += " " + std::to_string(row) + "=" + m_plan->vertices[m_run.vertexOf(row)].id + "[" + std::to_string(m_run.indexOf(row)) + "] " + std::string(types::jsonName(m_run.state(row)));
        for (std::size_t v = 0; v < m_plan->vertices.size(); ++v)
            if (m_run.rowOf(static_cast<std::uint16_t>(v), 0) == types::kNoRow) text += " unexpanded " + m_plan->vertices[v].id;
        return text;
    }

    void compare()
    {
        const Reference wanted = referenceRun(*m_plan);
        std::size_t rows = 0;
        for (const auto& [key, words] : wanted) {
            const auto row = m_run.rowOf(key.first, key.second);
            if (row == types::kNoRow) {
                m_report.problem = m_plan->vertices[key.first].id + "[" + std::to_string(key.second) + "] was never made";
                return;
            }
            ++rows;
            const owner::Value* value = m_run.value(row, 0);
            if (!types::isGood(m_run.state(row))) {
                m_report.problem = m_plan->vertices[key.first].id + "[" + std::to_string(key.second) + "] ended " + std::string(types::jsonName(m_run.state(row)));
                return;
            }
            // A value that was lost after its last reader may be gone; one that is there is right.
            const auto place = value && value->where == owner::Value::Where::Store ? m_memory.find(value->place.offset) : m_memory.end();
            if (value && value->where == owner::Value::Where::Store && place == m_memory.end()) {
                m_report.problem = m_plan->vertices[key.first].id + "[" + std::to_string(key.second) + "] lies in memory that was freed";
                return;
            }
            if (value && decodeWords(value->where == owner::Value::Where::Inline ? *value->bytes : place->second) != words) {
                m_report.problem = m_plan->vertices[key.first].id + "[" + std::to_string(key.second) + "] differs from the reference";
                return;
            }
        }
        if (rows != m_run.rows()) m_report.problem = "the run has " + std::to_string(m_run.rows()) + " tasks and the reference " + std::to_string(rows);
    }

    const SimOptions m_options;
    SimWorld m_world;
    const std::shared_ptr<const types::Plan> m_plan;
    node::LeaseTable m_leases;
    owner::RunTable m_run;
    std::map<Track, Lane> m_lanes;
    std::set<std::pair<std::uint32_t, std::uint16_t>> m_stored;
    std::map<std::uint64_t, base::Bytes> m_memory; // by the offset that stands for a place; what was lost stays, a reader may be in it
    std::uint64_t m_lastPlace = 0;
    TimeNs m_armed = -1;
    Track m_lastTrack = 0;
    SimReport m_report;
};

} // namespace

SimReport simulate(std::shared_ptr<const types::Plan> plan, const SimOptions& options)
{
    return Sim(std::move(plan), options).go();
}

} // namespace orrery::sim
