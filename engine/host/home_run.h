// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HomeRun: one run on its home node: the owner's table, its lanes, and its trace on the way to the head.
// It puts the owner role (RunTable, and GuestTable and HomeTasks for what other nodes run and hold) behind the node role's port
// (TaskSource) and writes what the table tells into trace blocks, which are kept until the head acknowledged them.
// One that is not the first home of its run takes over what lies here and on the others: it begins when every guest has told what
// it has, or is gone, or was silent for owner::kInventoryWaitNs (longer where nothing was lost).
// Runs on: node loop. Its end is told to nobody: the next home may want what the guests have. forget() is the other end.

#include "engine/host/run_ports.h"
#include "engine/net/node_link.h"
#include "engine/node/source_lanes.h"
#include "engine/owner/guest_table.h"
#include "engine/owner/home_tasks.h"
#include "engine/owner/unfit_wait.h"
#include "engine/owner/value_moves.h"
#include "engine/store/store.h"
#include "engine/trace/block.h"

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace orrery::host {

using base::TimeNs;

class HomeRun final : public owner::TraceSink, public owner::GuestTable::Port, public owner::HomeTasks::Copies, public node::TaskSource {
public:
    struct Place {
        node::Node& node;
        node::ValueStore& store;
        RunPorts& ports;
        net::HeadLink& head;
        std::int64_t& clusterOffsetNs; // cluster clock = node's monotonic clock + this
        std::uint16_t nodeNumber;
        TimeNs unfitWaitNs; // owner::kUnfitWaitNs; less in tests
        std::function<void(std::string)> warn; // a line for whoever looks after the cluster
        std::function<void()> ended; // its last task has, or something came after it: there is something to tell
    };
    HomeRun(Place place, base::RunId run, std::uint64_t homeEpoch, std::uint32_t submitter, std::shared_ptr<const types::Plan> plan);
    ~HomeRun() override;

    // kept: what lies here of an earlier home, its own now. again: others may have more. moved: they have all that was made.
    void start(const std::vector<node::KeptValue>& kept, bool again, bool moved);
    void stop();
    void forget(); // the guests let go of it too
    // This node is to leave: nothing new begins, anywhere, and what has not begun comes back, until another node is home.
    void rest();
    bool resting() const; // nothing runs any more, all that earlier homes left was told, and it has not ended
    std::size_t tasks() const; // that run, here and at guests
    // What lies here, and what only the table has, for the next home. REQUIRES: nothing else is called afterwards.
    std::vector<node::KeptValue> give();
    std::uint64_t epoch() const { return m_homeEpoch; }
    void pump();
    // ---- other nodes ----
    void addGuest(std::uint16_t node, const types::Resources& total)
    {
        m_guests.add(node, m_table.plan().graph);
        m_unfit.here(node, total);
    }
    // One that is dead, since when this node knows of it: an earlier home may have had it. REQUIRES: no guest has been added.
    void wasThere(std::uint16_t node, const types::Resources& total, TimeNs goneNs)
    {
        m_unfit.here(node, total);
        m_unfit.gone(node, goneNs);
    }
    void guestGone(std::uint16_t node, const std::string& why);
    void guestLeaves(std::uint16_t node); // when its tasks have ended and what lies there lies here
    void guestSaid(std::uint16_t node, net::ToHome& message);
    // Seals what was traced since the last call and sends it; tells the end of the run once everything before it was sent.
    void flush();
    bool wantsFlush() const { return !m_toldEnd || m_dirty; }
    void acknowledged(std::uint64_t upTo);
    // The link was made anew: what was not acknowledged goes again.
    void resend();
    bool endedAndTold() const { return m_toldEnd; }
    std::uint64_t release(std::uint64_t bytes); // see owner::RunTable
    std::uint64_t evict(std::uint64_t bytes) { return m_values.evict(bytes); }
    const owner::RunTable& table() const { return m_table; }
    // The bytes of a sealed value, wherever it lies: inside the call where it lies here, and only there. Lost: it is not there.
    // keep: a copy that had to be brought stays; else it goes again at once.
    void value(std::uint32_t row, std::uint16_t output, bool keep, std::function<void(base::Result<std::span<const std::byte>>)> done);
    // Of one that lies in this node's store; empty: it does not.
    std::optional<types::Place> placeHere(const net::ObjectKey& key) const;

    // ---- owner::TraceSink ----
    void range(const types::RowRange& range) override;
    void mark(const types::StateMark& mark) override;
    void attempt(types::Attempt attempt, const std::string& error) override;
    void made(std::uint32_t row, std::uint16_t output, std::uint8_t attempt, const owner::Value& value, TimeNs atNs) override;
    void dropped(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs atNs) override;
    void vanished(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs atNs) override;
    std::optional<types::Place> promoted(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs atNs) override;
    void unwanted(std::uint32_t row, std::uint16_t output, const owner::Value& value) override;
    void adopted(std::uint32_t row, std::uint16_t output, const owner::Value& value, bool keep, TimeNs atNs) override;
    void leftOver(const net::ObjectKey& key, std::uint16_t node, const types::Place& place) override;
    void copied(std::uint32_t row, std::uint16_t output, std::uint16_t node, const owner::Way& way) override;
    void copyGone(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs atNs) override;

    // ---- owner::GuestTable::Port ----
    void send(std::uint16_t node, net::ToGuest message) override
    {
        if (!m_quiet) m_place.ports.toGuest(node, std::move(message));
    }
    void facts(const std::vector<net::PeerOutput>* outputs) override { m_outputs = outputs; }
    void facts(const net::ObjectKey& key, const net::ValueFacts& facts) override { m_facts[key] = facts; }

    // ---- owner::HomeTasks::Copies ----
    void bring(std::vector<net::WantedValue> wanted, node::RunValues::Brought done) override { m_values.bring(std::move(wanted), std::move(done)); }
    const types::Place* find(const net::ObjectKey& key) const override { return m_values.find(key); }
    void unpin(const std::vector<net::ObjectKey>& keys) override { m_values.unpin(keys); }
    void drop(const net::ObjectKey& key) override { m_values.drop(key); }
    void arrived() override { m_place.ports.pumpSoon(); }

    // ---- node::TaskSource ----
    std::span<const types::Resources> classes() const override { return m_table.classes(); }
    std::size_t ready(std::size_t classIndex) const override { return m_fits[classIndex] && !m_rests ? m_tasks.ready(classIndex) : 0; }
    std::vector<std::uint32_t> take(std::size_t classIndex, std::size_t max, TimeNs now) override;
    types::TaskRecord record(std::uint32_t row, TimeNs now) override;
    void began(std::uint32_t row, std::uint8_t attempt, node::Track track, TimeNs now) override { m_table.began(row, attempt, track, now); }
    bool finished(const types::ResultRecord& result, node::Track track, TimeNs now) override;
    void lost(std::uint32_t row, std::uint8_t attempt, node::Track track, types::Cause cause, const std::string& why, TimeNs now) override;
    void recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now) override;
    void refuse(std::uint32_t row, const std::string& why, TimeNs now) override;

private:
    void begin();
    void gathered(); // it begins if nobody is waited for any more
    void traced(); // something was added to the block; it is sealed when it is full
    void seal();
    void changed();
    void checkEnd();
    TimeNs cluster(TimeNs nodeNs) const { return nodeNs == 0 ? 0 : nodeNs + m_place.clusterOffsetNs; }
    TimeNs own(TimeNs clusterNs) const // of another node: any number
    {
        TimeNs made = 0;
        return clusterNs == 0 || __builtin_sub_overflow(clusterNs, m_place.clusterOffsetNs, &made) ? 0 : made;
    }
    void describe(types::ObjectRecord& record, const owner::Value& value);
    void copyHere(const net::ObjectKey& key, bool gone, const owner::Way& way);
    void refuseUnfit(TimeNs now);
    void toldLate(const net::ObjectKey& key); // of a copy here
    void tell(std::uint32_t row, std::uint16_t output, const owner::Value& value, types::ObjectState state, TimeNs atNs);

    Place m_place;
    const base::RunId m_run;
    const std::uint64_t m_homeEpoch;
    node::RunValues m_values; // copies of what lies elsewhere
    owner::RunTable m_table;
    owner::GuestTable m_guests;
    owner::HomeTasks m_tasks;
    owner::ValueMoves m_moves;
    const std::vector<net::PeerOutput>* m_outputs = nullptr; // of the attempt that a guest has finished just now
    std::map<net::ObjectKey, net::ValueFacts> m_facts;       // of values on other nodes
    std::set<net::ObjectKey> m_lookedAt; // copies that were brought to be looked at and go again: no trace tells of them
    trace::BlockWriter m_writer;
    std::uint64_t m_lastBlock = 0;
    std::deque<net::TraceBlock> m_unacknowledged;
    std::vector<std::uint32_t> m_templates; // by vertex
    std::unique_ptr<node::SourceLanes> m_lanes;
    std::vector<bool> m_fits; // by class: this node could ever run it
    owner::UnfitWait m_unfit;
    TimeNs m_unfitLookNs = 0; // when a look at it is on its way; 0: none is
    bool m_gathering = false; // it waits for inventories
    bool m_gatheredLong = false;
    bool m_pumpsLater = false; // a look is on its way
    bool m_rests = false;
    bool m_dirty = false;
    bool m_ended = false;
    bool m_toldEnd = false;
    bool m_quiet = false;     // it is of the past: the guests are told nothing
    bool m_untold = false;    // it is forgotten: what goes now is in no trace
    bool m_given = false;     // what lay here is somebody else's
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

// What the header of a sealed value says of it.
net::ValueFacts factsOf(std::span<const std::byte> bytes);
std::uint32_t itemsOf(std::span<const std::byte> bytes); // of a list; 0: it is none

} // namespace orrery::host
