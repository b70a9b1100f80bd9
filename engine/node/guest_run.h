// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// GuestRun: tasks of a run whose home is another node, as a source of work for this one: brings their arguments here, hands them
// to the lanes, tells the home what became of each, and keeps what they made until the home lets it go.
// Runs on: node loop. Pure but for its ports.
// The home is trusted as far as its own run goes: what it names is checked before it is used.
// Arguments are brought for as many tasks as their bytes allow (Port::bytesAhead); the others wait.
// Invariants (audit()): a task is in exactly one stage; one that is ready has every argument here, pinned.

#include "engine/node/run_values.h"
#include "engine/types/plan.h"

#include <deque>
#include <memory>
#include <unordered_map>

namespace orrery::node {

class GuestRun final : public TaskSource {
public:
    struct Port {
        virtual ~Port() = default;
        virtual void send(net::ToHome message) = 0;
        virtual std::uint32_t templateId(const types::Template& wanted) = 0;
        // Tasks of this class that could run here at once.
        virtual std::uint32_t workersFor(const types::Resources& resources) = 0;
        virtual std::uint64_t bytesAhead() = 0; // of arguments that may lie here for tasks, beyond those of one
        virtual TimeNs cluster(TimeNs nodeNs) = 0;
        virtual net::ValueFacts facts(const types::Place& place) = 0;
        virtual std::uint32_t items(const types::Place& place) = 0; // of a list
        // There is (or may be) something to take: call SourceLanes::pump() soon, not inside the call.
        virtual void ready() = 0;
    };
    GuestRun(base::RunId run, std::uint64_t epoch, std::shared_ptr<const types::Plan> plan, RunValues& values, Port& port);

    // Once, before all else: takes what lies here for an earlier home, and tells home of it.
    void open(const std::vector<KeptValue>& kept);
    // ---- from home ----
    void on(net::ToGuest& message, TimeNs now);
    std::uint64_t epoch() const { return m_epoch; }
    base::RunId run() const { return m_run; }
    std::size_t tasks() const { return m_tasks.size(); }
    std::uint16_t vertexOf(std::uint32_t row) const { return m_tasks.at(row).what.vertex; } // REQUIRES: the task is here
    bool cancelled() const { return m_cancelled; } // its lanes are to be cancelled
    std::string audit() const;

    // ---- TaskSource ----
    std::span<const types::Resources> classes() const override { return m_classes.classes; }
    std::size_t ready(std::size_t classIndex) const override { return m_ready[classIndex].size(); }
    std::vector<std::uint32_t> take(std::size_t classIndex, std::size_t max, TimeNs now) override;
    types::TaskRecord record(std::uint32_t row, TimeNs now) override;
    void began(std::uint32_t row, std::uint8_t attempt, Track track, TimeNs now) override;
    bool finished(const types::ResultRecord& result, Track track, TimeNs now) override;
    void lost(std::uint32_t row, std::uint8_t attempt, Track track, types::Cause cause, const std::string& why, TimeNs now) override;
    void recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now) override;
    void refuse(std::uint32_t row, const std::string& why, TimeNs now) override;

private:
    enum class Stage : std::uint8_t { Waiting, Fetching, Ready, Placed };
    struct Task {
        net::PeerTask what;
        std::size_t classIndex = 0;
        Stage stage = Stage::Waiting;
        std::uint64_t bytes = 0;       // of arguments that are to be here
        std::vector<ObjectKey> pinned; // once they are here
    };
    void push(net::PeerTask&& task, TimeNs now);
    void bring(std::uint32_t row);
    void brought(std::uint32_t row, std::uint8_t attempt, const std::vector<ObjectKey>& keys, const base::Result<void>& outcome, const ObjectKey& missing);
    void bringMore();
    void bringToKeep(const WantedValue& what);
    void giveBack(std::uint32_t row, net::TaskBack::Why why = net::TaskBack::Why::Asked, const ObjectKey& missing = {});
    void recall(std::size_t classIndex, std::size_t count);
    void end(std::uint32_t row);
    void sayCredit(bool always);
    bool sound(const net::PeerTask& task) const;

    const base::RunId m_run;
    const std::uint64_t m_epoch;
    const std::shared_ptr<const types::Plan> m_plan;
    RunValues& m_values;
    Port& m_port;
    const types::PlanClasses m_classes;
    std::vector<std::uint32_t> m_templates; // by vertex; 0: not asked for yet
    std::unordered_map<std::uint32_t, Task> m_tasks;
    std::vector<std::deque<std::uint32_t>> m_ready; // by class
    std::deque<std::uint32_t> m_waiting;            // rows whose arguments have no turn yet
    std::uint64_t m_bytesHere = 0;                  // of arguments of tasks that are not waiting
    std::vector<std::uint32_t> m_window;            // as it was told
    std::vector<double> m_took;                     // mean, ns; 0: not known
    bool m_cancelled = false;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);

public:
    ~GuestRun() override { *m_alive = false; }
};

// A guest holds work for about this long beyond what runs: a round trip to the home, and a pull.
inline constexpr TimeNs kGuestAheadNs = 10 * base::kMillisecond;

} // namespace orrery::node
