// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// MirrorTables: questions about the tasks and objects of the shown run, worked off one after another, in pieces, by the code that
// the head uses (trace::RunQuery). The newest finished ones are kept: the next page of a table costs its cells alone.
// Runs on: view thread. Pure. Bound: as many questions as the Bridge has tickets; kKept finished ones.
// REQUIRES: forget() before the store that was worked on goes away.

#include "engine/trace/run_query.h"
#include "widgets/models/ports.h"

#include <deque>
#include <functional>
#include <optional>

namespace orrery::app {

class MirrorTables {
public:
    using Stop = trace::TableQuery::Stop;
    struct Finished {
        widgets::Ticket ticket = 0;
        base::Result<types::Page> page; // epoch and seq are the caller's to set
    };
    void add(widgets::Ticket ticket, types::Query query) { m_open.push_back({ticket, std::move(query), std::nullopt}); }
    void drop(widgets::Ticket ticket);
    bool idle() const { return m_open.empty(); }
    // The store was emptied or replaced by one of the same run: what was begun begins anew.
    void forget();
    // Another run is shown: nothing is left here; these questions go elsewhere.
    std::vector<std::pair<widgets::Ticket, types::Query>> takeAll();
    // The oldest question, until stop; nothing: it is not done yet. REQUIRES: !idle(). world: asked for where a question begins.
    std::optional<Finished> work(const trace::RunStore& store, const std::function<trace::RunWorld()>& world, const Stop& stop);

private:
    static constexpr std::size_t kKept = 4;
    struct Open {
        widgets::Ticket ticket = 0;
        types::Query query;
        std::optional<trace::RunQuery> begun;
    };
    std::deque<Open> m_open;
    std::deque<trace::RunQuery> m_kept; // the newest first
};

} // namespace orrery::app
