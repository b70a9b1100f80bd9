// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TableAsk: one question of a session about a table of the head, worked off in slices. Tables: jobs (runs), tasks, objects,
// nodes, workers, logs; tasks and objects of the run that the question names, or of the newest.
// Between slices the table goes on living: a run that gets a new home is begun anew, one whose trace goes is answered NotFound,
// rows are judged as they are when their turn comes, and the page shows only rows that match when it is made.
// Errors: BadInput (table, filter, sort, column), NotFound (run, or its trace); one sentence each.
// Runs on: the head's loop. Lives no longer than the table. done is called exactly once, from work() or refuse().

#include "engine/head/head_table.h"
#include "engine/trace/run_query.h"

#include <functional>
#include <memory>
#include <optional>

namespace orrery::head {

class TableAsk {
public:
    using Done = std::function<void(base::Result<types::Page>)>;
    // now: of the question; running tasks have been running until then.
    TableAsk(const HeadTable& table, types::Query query, Now now, Done done) : m_table(table), m_query(std::move(query)), m_now(now), m_done(std::move(done)) {}
    // Works until stop() or the end; true: answered. stop is looked at after every piece of some 100 us.
    bool work(const std::function<bool()>& stop);
    // The head ends: answers with the error.
    void refuse(const base::Error& error) { m_done(error); }

private:
    base::Result<void> begin();
    base::Result<void> beginRun();
    bool stillHolds() const; // the store that the question reads is there, as it was begun
    template <typename Q>
    bool answer(Q& query, const std::function<bool()>& stop);
    trace::RunWorld world() const;

    const HeadTable& m_table;
    types::Query m_query;
    const Now m_now;
    const Done m_done;
    bool m_begun = false;
    std::unique_ptr<trace::RunStore> m_none;       // of a run that has told nothing yet
    const trace::RunStore* m_store = nullptr;      // not touched before stillHolds()
    std::optional<trace::RunQuery> m_ofRun;
    std::optional<trace::TableQuery> m_ofList;
    types::Page m_page;
};

} // namespace orrery::head
