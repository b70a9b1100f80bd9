// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SimHome: the run at its home, as host::HomeRun composes it of the real tables: RunTable, GuestTable, HomeTasks, RunValues. It can
// be made anew at another node, with the next epoch.
// Thread: the caller's; no clock, no I/O.

#include "engine/owner/guest_table.h"
#include "engine/owner/home_tasks.h"
#include "engine/owner/value_moves.h"
#include "engine/sim/sim_cluster.h"

namespace orrery::sim {

class SimHome final : public owner::TraceSink, public owner::GuestTable::Port, public owner::HomeTasks::Copies, public node::TaskSource {
public:
    SimHome(SimCluster& cluster, SimMachine& machine, std::uint64_t epoch);
    ~SimHome() override; // what lies here goes; the others are not told

    void addGuest(std::uint16_t node) { m_guests.add(node, nullptr); }
    void start(const std::vector<node::KeptValue>& kept, bool again, bool moved);
    void guestGone(std::uint16_t node);
    void guestLeaves(std::uint16_t node);
    void rest();
    bool resting() const { return m_rests && m_table.started() && !m_table.ended() && m_guests.tasks() == 0 && m_machine.place().idle(); }
    void said(std::uint16_t node, net::ToHome& message);
    void pump();
    void forget(); // the guests let go of it too
    std::vector<node::KeptValue> give();
    std::uint64_t evict(std::uint64_t bytes) { return m_values.evict(bytes); }
    const base::Bytes* bytesAt(const net::ObjectKey& key) const;
    const owner::RunTable& table() const { return m_table; }
    std::uint64_t epoch() const { return m_epoch; }
    std::size_t tasksAt(std::uint16_t node) const { return m_guests.tasksAt(node); }
    net::ObjectKey keyOf(std::uint32_t row) const { return m_guests.keyOf(row, 0); }
    std::string audit() const;
    std::string openRows() const; // what is left undone, for the report of a run that stands still

    // ---- owner::TraceSink ----
    void range(const types::RowRange&) override {}
    void mark(const types::StateMark&) override {}
    void attempt(types::Attempt, const std::string&) override { ++m_cluster.report.attempts; }
    void made(std::uint32_t, std::uint16_t, std::uint8_t, const owner::Value& value, TimeNs) override;
    void dropped(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs) override;
    void vanished(std::uint32_t, std::uint16_t, const owner::Value&, TimeNs) override {}
    std::optional<types::Place> promoted(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs) override;
    void adopted(std::uint32_t row, std::uint16_t output, const owner::Value& value, bool keep, TimeNs) override;
    void unwanted(std::uint32_t row, std::uint16_t output, const owner::Value& value) override;
    void leftOver(const net::ObjectKey& key, std::uint16_t node, const types::Place& place) override;
    void copied(std::uint32_t row, std::uint16_t output, std::uint16_t node, const owner::Way& way) override;
    void copyGone(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs) override;
    // ---- owner::GuestTable::Port ----
    void send(std::uint16_t node, net::ToGuest message) override;
    void facts(const std::vector<net::PeerOutput>*) override {}
    void facts(const net::ObjectKey&, const net::ValueFacts&) override {}
    // ---- owner::HomeTasks::Copies ----
    void bring(std::vector<net::WantedValue> wanted, node::RunValues::Brought done) override { m_values.bring(std::move(wanted), std::move(done)); }
    const types::Place* find(const net::ObjectKey& key) const override { return m_values.find(key); }
    void unpin(const std::vector<net::ObjectKey>& keys) override { m_values.unpin(keys); }
    void drop(const net::ObjectKey& key) override { m_values.drop(key); }
    void arrived() override;
    // ---- node::TaskSource ----
    std::span<const types::Resources> classes() const override { return m_table.classes(); }
    std::size_t ready(std::size_t i) const override { return m_rests ? 0 : m_tasks.ready(i); }
    std::vector<std::uint32_t> take(std::size_t i, std::size_t max, TimeNs now) override { return m_rests ? std::vector<std::uint32_t>() : m_tasks.take(i, max, kFetchingMax, now); }
    types::TaskRecord record(std::uint32_t row, TimeNs now) override { return m_tasks.record(row, m_table.vertexOf(row) + 1u, now); }
    void began(std::uint32_t row, std::uint8_t attempt, node::Track track, TimeNs now) override { m_table.began(row, attempt, track, now); }
    bool finished(const types::ResultRecord& result, node::Track track, TimeNs now) override;
    void lost(std::uint32_t row, std::uint8_t attempt, node::Track track, types::Cause cause, const std::string& why, TimeNs now) override;
    void recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now) override;
    void refuse(std::uint32_t row, const std::string& why, TimeNs now) override { m_table.refuse(row, why, now); }

private:
    static constexpr std::size_t kFetchingMax = 4;
    // As the home's own copies, where there is not always room for what moves here.
    struct MoveCopies final : owner::HomeTasks::Copies {
        explicit MoveCopies(SimHome& itsHome) : home(itsHome) {}
        void bring(std::vector<net::WantedValue> wanted, node::RunValues::Brought done) override;
        const types::Place* find(const net::ObjectKey& key) const override { return home.find(key); }
        void unpin(const std::vector<net::ObjectKey>& keys) override { home.unpin(keys); }
        void drop(const net::ObjectKey& key) override { home.drop(key); }
        void arrived() override { home.arrived(); }
        SimHome& home;
    };
    void begin();
    void gathered(); // it begins if nobody is waited for any more
    void copyHere(const net::ObjectKey& key, bool gone);

    SimCluster& m_cluster;
    SimMachine& m_machine;
    const std::uint16_t m_number;
    const std::uint64_t m_epoch;
    node::RunValues m_values;
    owner::RunTable m_table;
    owner::GuestTable m_guests;
    owner::HomeTasks m_tasks;
    MoveCopies m_moveCopies{*this};
    owner::ValueMoves m_moves;
    std::set<std::tuple<std::uint32_t, std::uint16_t, std::uint16_t>> m_told; // copies: row, output, node
    bool m_gathering = false;
    bool m_gatheredLong = false;
    bool m_pumping = false;
    bool m_rests = false;
    bool m_quiet = false;     // it is of the past: nobody is told anything
    bool m_given = false;     // what lay here is somebody else's
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace orrery::sim
