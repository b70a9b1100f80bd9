// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The simulator's world: virtual time with its events, and a node's workers, lanes and memory played over the real LeaseTable and
// any TaskSource.
// Thread: the caller's; no clock, no I/O.

#include "engine/base/random.h"
#include "engine/node/lease_table.h"
#include "engine/node/ports.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>

namespace orrery::sim {

using base::TimeNs;

// What a simulated function gives for its inputs: the same in the simulator and in the reference.
std::vector<std::uint64_t> simFunction(const std::string& function, std::uint16_t vertex, std::uint32_t index, const std::vector<std::uint64_t>& inputs);
base::Bytes encodeWords(const std::vector<std::uint64_t>& words);
std::vector<std::uint64_t> decodeWords(std::span<const std::byte> bytes);

class SimWorld {
public:
    explicit SimWorld(std::uint64_t seed) : m_random(seed) {}
    TimeNs now() const { return m_now; }
    base::Random& random() { return m_random; }
    void later(TimeNs delay, std::function<void()> run) { m_events.push({m_now + delay, ++m_order, std::move(run)}); }
    bool step(); // the next event; false: there is none
    std::string problem; // the first broken promise that a node saw
    std::uint64_t kills = 0;
    node::Track lastTrack = 0;

private:
    struct Event {
        TimeNs at;
        std::uint64_t order;
        std::function<void()> run;
        bool operator<(const Event& other) const { return at != other.at ? at > other.at : order > other.order; }
    };
    base::Random m_random;
    std::priority_queue<Event> m_events;
    std::uint64_t m_order = 0;
    TimeNs m_now = 1;
};

struct SimNodeOptions {
    double killsPerTask = 0;
    TimeNs taskMaxNs = 50 * base::kMillisecond;
    std::size_t laneTasks = 2;
};

class SimNode {
public:
    SimNode(SimWorld& world, std::uint16_t number, types::Resources total, SimNodeOptions options);
    ~SimNode() { *m_alive = false; } // its workers and its memory are gone

    // One run at a time. The source outlives it, or stop() is called first: workers and all that they run are killed, memory stays.
    void run(node::TaskSource& source) { m_source = &source; }
    void stop();
    // What a task's function gives for the words of its arguments.
    using Compute = std::function<std::vector<std::uint64_t>(const types::TaskRecord&, const std::vector<std::uint64_t>&)>;
    void setCompute(Compute compute) { m_compute = std::move(compute); }
    void setChanged(std::function<void()> changed) { m_changed = std::move(changed); } // after a result
    void pump();
    const types::Resources& total() const { return m_total; }
    bool idle() const; // a worker has nothing to do

    types::Place newPlace(base::Bytes bytes);
    void freePlace(const types::Place& place);
    void write(const types::Place& place, const base::Bytes& bytes);
    const base::Bytes* read(const types::Place& place) const;
    std::size_t places() const { return m_memory.size(); }

private:
    struct Lane {
        node::LeaseId lease = 0;
        std::size_t classIndex = 0;
        std::deque<types::TaskRecord> tasks;
        bool running = false;
        bool closed = false;
    };
    void later(TimeNs delay, std::function<void()> run);
    void fill(node::Track track, Lane& lane);
    void begin(node::Track track, Lane& lane);
    void finish(node::Track track, TimeNs startNs);
    void kill(node::Track track);
    void recall(node::LeaseId lease);
    void giveBack(Lane& lane);

    SimWorld& m_world;
    const std::uint16_t m_number;
    const SimNodeOptions m_options;
    const types::Resources m_total;
    std::optional<node::LeaseTable> m_leases;
    node::TaskSource* m_source = nullptr;
    Compute m_compute;
    std::function<void()> m_changed;
    std::map<node::Track, Lane> m_lanes;
    std::map<std::uint64_t, base::Bytes> m_memory; // by the offset that stands for a place
    std::uint64_t m_lastPlace = 0;
    TimeNs m_armed = -1;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace orrery::sim
