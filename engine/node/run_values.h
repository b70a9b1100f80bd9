// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunValues: the values of one run that lie in this node's store but are not its home's own: what a guest made (primary copies,
// kept until the home lets them go) and copies of what lies elsewhere (given up when room is needed and nobody reads them).
// Runs on: node loop. Pure but for its ports; the simulator plays them.
// Invariants (audit()): a value that is being brought has no place yet and is pinned; pins of a value are those that bring() gave
// and unpin() has not taken back.
// A value outlives the home that wanted it: give() hands all of them on, and take() has them for the next one (orphan_values.h).
// Bound: a node pulls at most kPullsMax values of a run at once; the others wait their turn.

#include "engine/net/peer_link.h"
#include "engine/node/ports.h"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <string>

namespace orrery::node {

using net::ObjectKey;
using net::WantedValue;

inline constexpr std::size_t kPullsMax = 8;
// All sources of a value are silent: they are asked again after this, twice as long each time, until one answers or is dead.
inline constexpr TimeNs kPullPauseNs = 10 * base::kMillisecond, kPullPauseMaxNs = base::kSecond;

// A value that lies here, whoever it is for.
struct KeptValue {
    ObjectKey key;
    types::Place place;
    bool primary = false; // else a copy: it may be given up
    // Not null: it lies in here and has no place, as a home had it; a kDoneMark has no bytes.
    std::shared_ptr<const base::Bytes> bytes = nullptr;
    std::uint32_t items = 0; // of a list in bytes
};

class RunValues {
public:
    struct Port {
        virtual ~Port() = default;
        // Room for a value: a place that is an object of the store already. Calls back at once or later.
        virtual void room(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) = 0;
        // Fills the place with the value as it lies on that node. Never calls back inside the call. Unavailable: the node does not
        // answer now, and nobody says that it is dead; any other error: it is not to be had there.
        virtual void pull(std::uint16_t node, const ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done) = 0;
        virtual void freeObject(const types::Place& place) = 0;
        virtual void after(TimeNs delay, std::function<void()> run) = 0;
        // A copy lies here now (inside the call that ended its pull), or no more.
        virtual void copied(const ObjectKey& key, bool gone) = 0;
    };
    // NotFound: no node that was named has `missing`.
    using Brought = std::function<void(base::Result<void>, const ObjectKey& missing)>;

    explicit RunValues(std::shared_ptr<Port> port) : m_port(std::move(port)) {}
    // Frees everything; who waits is told, and what is being pulled is freed when the pull ends.
    ~RunValues();
    RunValues(const RunValues&) = delete;
    RunValues& operator=(const RunValues&) = delete;

    void made(const ObjectKey& key, const types::Place& place); // one that is here already is replaced
    const types::Place* find(const ObjectKey& key) const;       // null: not here (yet)
    // Pins them all and calls back once, when every one is here or one cannot be had; inside the call when all are here.
    // In the second case the pins are gone.
    void bring(std::vector<WantedValue> wanted, Brought done);
    void unpin(const std::vector<ObjectKey>& keys);
    void free(const ObjectKey& key); // at once, or when the last pin goes
    void drop(const ObjectKey& key); // a copy that nobody has pinned goes; all else stays
    void keep(const ObjectKey& key); // a copy is a primary now
    // Gives all that is here away; who has one pinned is gone. take() is for what another gave: nothing is here yet.
    std::vector<KeptValue> give();
    std::vector<KeptValue> here() const;
    void take(const std::vector<KeptValue>& values); // but inline ones
    std::uint64_t evict(std::uint64_t bytes);
    std::size_t size() const { return m_values.size(); }
    std::size_t primaries() const;
    std::string audit() const;

private:
    struct Value {
        types::Place place; // bytes 0: on its way
        std::uint32_t pins = 0;
        bool primary = false;
        bool doomed = false; // goes with the last pin
        std::uint64_t used = 0;
        std::vector<std::uint64_t> waiting; // bringings
        WantedValue from;
        std::uint64_t round = 0;    // of its sources, that is under way; 0: none. A pull of another one says nothing of these sources
        bool silent = false;        // in this round a source did not answer
        TimeNs pauseNs = kPullPauseNs;
    };
    struct Bringing {
        std::vector<ObjectKey> keys;
        std::size_t missing = 0;
        Brought done;
    };
    void startPulls();
    void tryNext(const ObjectKey& key, std::uint64_t round, std::size_t source, const base::Error& why);
    bool isRound(const ObjectKey& key, std::uint64_t round) const;
    void arrived(const ObjectKey& key, const types::Place& place, bool copy);
    void failed(const ObjectKey& key, const base::Error& why);
    void pause(const ObjectKey& key);
    void release(std::map<ObjectKey, Value>::iterator value);

    const std::shared_ptr<Port> m_port;
    std::map<ObjectKey, Value> m_values;
    std::map<std::uint64_t, Bringing> m_bringings;
    std::deque<ObjectKey> m_queue; // to be pulled
    std::size_t m_pulling = 0;
    std::uint64_t m_lastBringing = 0, m_lastRound = 0, m_clock = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace orrery::node
