// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HomeTasks: the tasks of a run for the workers of its own home: as RunTable hands them out, but for those that read a value which
// lies on another node; these wait until it was brought here.
// At most `fetchingMax` of them are under way at once, so that the home does not draw everything to itself.
// Pure: no I/O, no clock. Runs on: the home node's loop.
// An input that cannot be had here for lack of room is tried again a few times, then its task is refused with the reason.
// Invariant: what is pinned is what tasks of this table that are in a lane (or about to) read from elsewhere.

#include "engine/net/peer_link.h"
#include "engine/owner/run_table.h"

#include <deque>
#include <functional>
#include <unordered_map>

namespace orrery::owner {

class HomeTasks {
public:
    // Copies of what lies elsewhere (node::RunValues).
    struct Copies {
        virtual ~Copies() = default;
        virtual void bring(std::vector<net::WantedValue> wanted, std::function<void(base::Result<void>, const net::ObjectKey& missing)> done) = 0;
        virtual const types::Place* find(const net::ObjectKey& key) const = 0;
        virtual void unpin(const std::vector<net::ObjectKey>& keys) = 0;
        virtual void drop(const net::ObjectKey& key) = 0; // a copy that nobody has pinned goes
        virtual void arrived() = 0; // there is something to take, or a place to fetch for; never inside a call of the table
    };
    HomeTasks(RunTable& table, Copies& copies, std::uint16_t home) : m_table(table), m_copies(copies), m_home(home), m_fetched(table.classes().size()) {}
    ~HomeTasks() { *m_alive = false; }

    std::size_t ready(std::size_t classIndex) const { return m_table.ready(classIndex) + m_fetched[classIndex].size(); }
    std::vector<std::uint32_t> take(std::size_t classIndex, std::size_t max, std::size_t fetchingMax, TimeNs now);
    types::TaskRecord record(std::uint32_t row, std::uint32_t templateId, TimeNs now) const;
    // The task is not in a lane here any more: it is over, or went back.
    void left(std::uint32_t row);
    // The run was stopped: what waits here goes back to the table.
    void stop(TimeNs now);
    std::size_t fetching() const { return m_fetching.size(); }

private:
    struct Row {
        std::uint32_t row = 0;
        std::uint8_t attempt = 1;
    };
    std::vector<net::WantedValue> wantedOf(std::uint32_t row) const;
    void fetch(std::uint32_t row, std::size_t classIndex, std::vector<net::WantedValue> wanted);
    void brought(Row one, std::size_t classIndex, const std::vector<net::WantedValue>& wanted, const base::Result<void>& outcome, const net::ObjectKey& missing);
    bool complete(std::uint32_t row) const;
    net::ObjectKey keyOf(std::uint32_t row, std::uint16_t output) const { return {m_table.vertexOf(row), output, m_table.indexOf(row)}; }

    RunTable& m_table;
    Copies& m_copies;
    const std::uint16_t m_home;
    TimeNs m_now = 0;
    bool m_taking = false, m_failed = false; // inside take(): a fetch failed at once
    std::unordered_map<std::uint32_t, int> m_noRoom; // by row: how often there was none for its inputs
    std::vector<std::deque<Row>> m_fetched;            // by class
    std::unordered_map<std::uint32_t, Row> m_fetching; // by row
    std::unordered_map<std::uint32_t, std::vector<net::ObjectKey>> m_pinned; // by row
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace orrery::owner
