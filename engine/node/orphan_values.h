// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// OrphanValues: values of runs that lie here and whose home is gone, until the next home of the run asks for them.
// They are kept for kOrphanGraceNs, or until the head says that the run is forgotten; or until room is needed.
// Runs on: node loop. Pure: no clock; time comes in.
// A run that is at home here, or that another home has opened here, is none of these.

#include "engine/node/run_values.h"

#include <functional>
#include <map>

namespace orrery::node {

// A home's death is seen after six seconds at most, and the next one opens the run at once.
inline constexpr TimeNs kOrphanGraceNs = 30 * base::kSecond;

class OrphanValues {
public:
    explicit OrphanValues(std::function<void(const types::Place&)> freeObject) : m_free(std::move(freeObject)) {}
    ~OrphanValues() { clear(); }
    OrphanValues(const OrphanValues&) = delete;
    OrphanValues& operator=(const OrphanValues&) = delete;

    // What lay here for a home of this epoch.
    void put(base::RunId run, std::uint64_t epoch, std::vector<KeptValue> values, TimeNs now);
    // For the next home; they are the caller's now. Empty: there is nothing.
    std::vector<KeptValue> take(base::RunId run);
    // A home of this epoch or of a later one is gone: who says to be it is late.
    bool isPast(base::RunId run, std::uint64_t epoch) const;
    void forget(base::RunId run) { drop(run); }
    void expire(TimeNs now);
    // When expire() has something to do; -1: never.
    TimeNs nextNs() const;
    // Gives whole runs up until so much is free. Bytes freed.
    std::uint64_t evict(std::uint64_t bytes);
    void clear();
    std::size_t size() const { return m_runs.size(); }

private:
    struct Orphan {
        std::uint64_t epoch = 0;
        TimeNs untilNs = 0;
        std::vector<KeptValue> values;
    };
    std::uint64_t drop(base::RunId run);

    const std::function<void(const types::Place&)> m_free;
    std::map<base::RunId, Orphan> m_runs;
};

} // namespace orrery::node
