// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunTable: the owner's table of one run: every task of a plan, its state, inputs, results and attempts.
// Pure: events in as calls, effects out through the TraceSink and through what may be taken next; no I/O, no clock.
// Runs on: the home node's loop (or the simulator). Lives: from the start of a run until it is forgotten.
// Invariants (audit()): a task is in a ready queue exactly when it is PendingAssignment; missing counts equal a recount of
// inputs that are not there; only a task that was good once holds results; states change only along task_state arrows.
//
// Values lie where they were made: a sealed result has a primary copy on one node and may have copies on others. The table knows
// the places, not the bytes. When the node of a primary is lost a copy takes its place; without one the value is made again.
//
// Retries are for system failures (worker or node died, a result was lost): Ray's max_retries. A function that throws has
// failed, because running a deterministic function again gives the same again.
//
// A home that is not the first of its run takes over what lies on the nodes: values that adopt() told before start(). A task all of
// whose outputs are among them (one at least) is Cached as soon as it exists; the others run again.

#include "engine/base/ids.h"
#include "engine/net/peer_link.h"
#include "engine/types/plan.h"
#include "engine/types/run.h"
#include "engine/types/task_record.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace orrery::owner {

using types::TaskState;
using types::TimeNs;

// A sealed result as the owner knows it.
struct Value {
    enum class Where : std::uint8_t { None, Inline, Store };
    Where where = Where::None;
    std::uint32_t items = 0;                     // of a list value
    std::uint16_t node = 0;                      // Store: of its primary copy
    types::Place place;                          // Store: a place in that node's store; of another node's only the size counts
    std::shared_ptr<const base::Bytes> bytes;    // Inline
    bool there() const { return where != Where::None; }
};

// How a copy came to where it lies. from: types::kNoNode where that is not known; then the times are not either.
struct Way {
    std::uint16_t from = types::kNoNode;
    TimeNs startNs = 0, endNs = 0; // clock of the node that tells
};

// What the table tells the world. The node writes it into trace blocks and frees store places.
struct TraceSink {
    virtual ~TraceSink() = default;
    virtual void range(const types::RowRange& range) = 0;
    virtual void mark(const types::StateMark& mark) = 0;
    // error: a sentence, empty if none
    virtual void attempt(types::Attempt attempt, const std::string& error) = 0;
    virtual void made(std::uint32_t row, std::uint16_t output, std::uint8_t attempt, const Value& value, TimeNs atNs) = 0;
    // The table no longer needs this value; a place in the store is free after it.
    virtual void dropped(std::uint32_t row, std::uint16_t output, const Value& value, TimeNs atNs) = 0;
    // It is gone with a node, or its store gave it up.
    virtual void vanished(std::uint32_t row, std::uint16_t output, const Value& value, TimeNs atNs) = 0;
    // Its primary is gone; the copy on this node is the primary now, and must be kept.
    // Its place, if that is home: one that the table owns from now on, whoever reads the copy. Empty: there is no copy.
    virtual std::optional<types::Place> promoted(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs atNs) = 0;
    // An output that was made again while it was still there: the earlier one stays, this one is not needed. A place is the sink's to free.
    virtual void unwanted(std::uint32_t row, std::uint16_t output, const Value& value) = 0;
    // As made(), but it lay there: of an earlier home. keep: at its node it is a copy so far, and must be kept.
    virtual void adopted(std::uint32_t row, std::uint16_t output, const Value& value, bool keep, TimeNs atNs) = 0;
    // It lies on this node, or may, and is of no use: it may go. place: of home's own.
    virtual void leftOver(const net::ObjectKey& key, std::uint16_t node, const types::Place& place) = 0;
    // Beside its primary a value lies on this node too, or no more (it may be the primary now). Each comes before it goes.
    virtual void copied(std::uint32_t row, std::uint16_t output, std::uint16_t node, const Way& way) = 0;
    virtual void copyGone(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs atNs) = 0;
};

// Where a value of an earlier home lies.
struct Holder {
    std::uint16_t node = 0;
    bool primary = false; // else a copy that may be given up there
    types::Place place;   // of another node's only the size counts
    std::shared_ptr<const base::Bytes> bytes = nullptr; // not null: it is inline, and node is home's
};

struct InlineValue {
    net::ObjectKey key; // output kDoneMark: a task without outputs that is done
    std::uint32_t items = 0;
    std::shared_ptr<const base::Bytes> bytes;
};

inline constexpr std::size_t kLookAhead = 32; // ready tasks among which one with near inputs is looked for
// What sending one task costs home and guest together, in CPU (engine/owner/README.md); and how long ago home may have finished one.
inline constexpr double kWayNs = 40'000;
inline constexpr double kTookStep = 1.1;
inline constexpr TimeNs kKeepsUpNs = 5 * base::kMillisecond;

class RunTable {
public:
    // home: number of the node where the table lives.
    RunTable(base::RunId run, std::uint32_t owner, std::shared_ptr<const types::Plan> plan, TraceSink& sink, std::uint16_t home = 0);

    // ---- events; now: monotonic, never less than in the last call ----
    void start(TimeNs now);
    // A value of an earlier home lies there. REQUIRES: before start(). False: it cannot be.
    bool adopt(const net::ObjectKey& key, std::uint32_t items, const Holder& holder);
    // It lies there no more. Ignored when its task exists: then it is a value like others.
    void adoptableGone(const net::ObjectKey& key, std::uint16_t node);
    // The worker is known to have begun this attempt. Ignored when the attempt is over.
    void began(std::uint32_t row, std::uint8_t attempt, std::uint16_t worker, TimeNs now);
    // REQUIRES: every place was checked by the node. A result of an attempt that is over is refused (false) and its
    // places stay the caller's: doubled and late results change nothing.
    // node: where it ran and its outputs lie.
    bool finished(const types::ResultRecord& result, std::uint16_t worker, std::uint16_t node, TimeNs now);
    // The attempt is gone with its worker; startNs 0: unknown.
    void lost(std::uint32_t row, std::uint8_t attempt, std::uint16_t worker, types::Cause cause, const std::string& why, TimeNs startNs, TimeNs now);
    // It never began; it may go to another worker and the attempt does not count.
    void recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now);
    // It cannot be carried (for example a record too large); final.
    void refuse(std::uint32_t row, const std::string& why, TimeNs now);
    void valueLost(std::uint32_t row, std::uint16_t output, TimeNs now);
    // Another copy of a value lies on this node, or lies there no more. Ignored when the value is gone.
    void copied(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs now, const Way& way = {});
    void copyGone(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs now);
    // Every value and copy of this node is gone. REQUIRES: its tasks came back by lost() or recalled() first.
    void nodeLost(std::uint16_t node, TimeNs now);
    // `to` has a copy of this value, which becomes the primary; that of `from` is a copy from now on. False: it lies not where it should.
    bool moved(std::uint32_t row, std::uint16_t output, std::uint16_t from, std::uint16_t to, TimeNs now);
    // What a task waits for has been brought to its node, and it goes into a lane there. False: it was taken back meanwhile.
    bool fetched(std::uint32_t row, std::uint8_t attempt, TimeNs now);
    // No new task begins; those in lanes come back as recalled(), finished() or lost().
    void stop(TimeNs now);
    // Drops every value.
    void forget(TimeNs now);
    // Gives up values in the store that nobody needs any more, the earliest of the graph first, until `bytesWanted` are free: a
    // value all of whose readers are through and that is no result of the graph (an output nobody reads, or the input of a
    // vertex without outputs). Their tasks stay as they are; one that has to be made again makes them again first. Only what has its
    // primary copy on this node. Bytes freed.
    std::uint64_t release(std::uint64_t bytesWanted, std::uint16_t node, TimeNs now);

    // ---- dispatch ----
    // Tasks are ready per resource class (index into classes()); the deepest vertex first, so that results are used soon.
    const std::vector<types::Resources>& classes() const { return m_classes; }
    std::size_t ready(std::size_t classIndex) const { return m_readyCount[classIndex]; }
    // What take() gives next is better run at home: such a task lasts no longer than its way to another node costs, and home is getting
    // through them.
    bool staysHome(std::size_t classIndex, TimeNs now) const;
    // Takes up to max rows of one vertex for this node; among the first kLookAhead those whose inputs lie there. They are Submitted,
    // or PendingFetch when an input lies elsewhere.
    std::vector<std::uint32_t> take(std::size_t classIndex, std::size_t max, std::uint16_t node, TimeNs now);
    // Its arguments are those of inputs(), in that order; the place of one that is not at home is the caller's to fill in.
    types::TaskRecord record(std::uint32_t row, std::uint32_t templateId, TimeNs now) const;
    // Every value that a task reads, in the order of its ports: fn(port, item, source row, output, value).
    template <typename Fn>
    void inputs(std::uint32_t row, Fn fn) const;
    bool spread() const { return m_away > 0; } // some value has its primary copy away from home
    bool isAt(std::uint32_t row, std::uint16_t output, std::uint16_t node) const;

    // ---- questions ----
    // Marks of rows whose present state is not terminal and has not been told yet; called when a trace block is closed.
    void flushMarks();
    bool started() const { return m_started; }
    bool ended() const { return m_started && m_openVertices == 0 && m_openRows == 0; }
    types::RunState outcome() const; // REQUIRES: ended()
    const std::string& error() const { return m_error; }
    std::uint64_t reexecuted() const { return m_reexecuted; }
    std::uint64_t adopted() const { return m_adopted; } // tasks that did not have to run: an earlier home's results were there
    bool stopping() const { return m_stopping; }
    base::RunId run() const { return m_run; }
    std::uint16_t home() const { return m_home; }
    const types::Plan& plan() const { return *m_plan; }
    std::uint32_t rows() const { return static_cast<std::uint32_t>(m_tasks.size()); }
    const Value* value(std::uint32_t row, std::uint16_t output) const;
    std::vector<std::uint16_t> copiesOf(std::uint32_t row, std::uint16_t output) const; // nodes, without the primary's
    // All that has its primary in this node's store, what may be adopted too.
    std::vector<std::pair<net::ObjectKey, types::Place>> valuesAt(std::uint16_t node) const;
    // What would die with home though it lies in no store: inline results, of so many bytes at most, and what is done and has none.
    std::vector<InlineValue> inlineValues(std::size_t bytesMax) const;
    TaskState state(std::uint32_t row) const { return m_tasks[row].state; }
    std::uint16_t vertexOf(std::uint32_t row) const { return m_tasks[row].vertex; }
    std::uint32_t indexOf(std::uint32_t row) const { return m_tasks[row].index; }
    std::uint32_t widthOf(std::uint16_t vertex) const { return m_vertices[vertex].width; }
    std::size_t outputsOf(std::uint16_t vertex) const { return m_plan->vertices[vertex].outputs.size(); }
    TimeNs submittedNs(std::uint32_t row) const { return m_tasks[row].submitNs; } // of its last attempt
    std::uint8_t attemptOf(std::uint32_t row) const { return m_tasks[row].attempt; }
    // Row of a vertex' map index; kNoRow when it does not exist (yet).
    std::uint32_t rowOf(std::uint16_t vertex, std::uint32_t index) const;
    std::string audit() const;

private:
    struct Task {
        std::uint16_t vertex = 0;
        TaskState state = TaskState::PendingArgs;
        std::uint8_t attempt = 1;
        std::uint32_t index = 0;
        std::uint32_t missing = 0;    // inputs that are not there: one a source edge
        std::uint8_t lostAttempts = 0;
        bool dirty = false;           // state not told yet
        std::uint16_t worker = types::kNoWorker;
        std::uint32_t firstValue = 0; // index into m_values, one an output port
        TimeNs readyNs = 0;
        TimeNs submitNs = 0;
        TimeNs startNs = 0;
    };
    struct VertexState {
        bool expanded = false;
        bool dead = false;            // its width can never be known: skipped as one row
        std::uint32_t firstRow = 0;
        std::uint32_t width = 0;
        std::uint32_t good = 0;       // rows whose result is there
        std::uint32_t bad = 0;        // failed, skipped, cancelled
        std::size_t classIndex = 0;
        std::uint32_t depth = 0;      // position in topological order
        std::deque<std::uint32_t> ready;
        double tookNs = 0;            // the median of how long its tasks last, of late; 0: not known
    };

    void go(std::uint32_t row, TaskState to);
    void took(std::uint16_t vertex, TimeNs lasted, std::uint16_t node, TimeNs now); // of a task that ended well
    void reach(std::uint32_t row, TaskState to); // Submitted or Running, over the states between
    bool placed(std::uint32_t row) const;        // on its way or running
    std::uint64_t bytesAway(std::uint32_t row, std::uint16_t node) const;
    void clear(std::uint32_t row, std::uint16_t output, TimeNs now);
    void addCopy(std::uint32_t row, std::uint16_t output, std::uint16_t node, const Way& way, TimeNs now);
    void dropCopy(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs now);
    struct Adoptable {
        std::uint32_t items = 0;
        std::vector<Holder> holders;
    };
    // The row's outputs are all there: it is Cached, and its readers are not told yet. Else what there is of them goes.
    bool takeOver(std::uint32_t row, TimeNs now);
    void letGo(const net::ObjectKey& key, const Adoptable& value);
    void adoptableLost(std::uint16_t node);
    void letGoOf(std::uint16_t vertex); // all that is adoptable of it
    bool inherit(std::uint32_t row, std::uint16_t output, TimeNs now);
    void makeReady(std::uint32_t row, TimeNs now);
    void unready(std::uint32_t row);
    void tryExpand(std::uint16_t vertex, TimeNs now);
    void expand(std::uint16_t vertex, std::uint32_t width, TimeNs now);
    void expandDead(std::uint16_t vertex, TaskState as, TimeNs now);
    void failWidth(std::uint16_t vertex, const std::string& why, TimeNs now);
    std::uint32_t countMissing(std::uint16_t vertex, std::uint32_t index) const;
    bool sourceThere(const types::PlanSource& source, std::uint32_t index) const;
    bool sourceBad(const types::PlanSource& source, std::uint32_t index) const;
    bool anyBad(std::uint16_t vertex, std::uint32_t index) const;
    // The rows of the consumer that read row's value through this source.
    template <typename Fn>
    void eachReader(const types::PlanConsumer& consumer, std::uint32_t row, Fn fn);
    void valueArrived(std::uint32_t row, TimeNs now);
    void wentBad(std::uint32_t row, TimeNs now);
    void end(std::uint32_t row, TaskState as, TimeNs now);
    void dropValues(std::uint32_t row, TimeNs now);
    void retryOrFail(std::uint32_t row, types::Cause cause, const std::string& why, TimeNs now);
    void rerun(std::uint32_t row, TimeNs now);
    bool needed(std::uint32_t row);
    bool isResult(std::uint16_t vertex, std::uint16_t output) const;
    bool readersThrough(std::uint32_t row, std::uint16_t output);
    void noteError(std::uint32_t row, const std::string& why);
    void emitAttempt(const Task& task, std::uint32_t row, const types::ResultRecord* result, TaskState outcome, types::Cause cause,
                     const std::string& why, std::uint16_t worker, TimeNs startNs, TimeNs endNs);

    const base::RunId m_run;
    const std::uint32_t m_owner;
    const std::uint16_t m_home;
    const std::shared_ptr<const types::Plan> m_plan;
    TraceSink& m_sink;
    std::vector<Task> m_tasks;
    std::vector<Value> m_values;
    std::unordered_map<std::uint32_t, std::vector<std::uint16_t>> m_copies; // by value: the nodes of its copies
    std::size_t m_away = 0;           // values whose primary is not at home; 0: nobody has to be asked where anything is
    std::vector<VertexState> m_vertices;
    std::vector<types::Resources> m_classes;
    std::vector<std::set<std::pair<std::uint32_t, std::uint16_t>>> m_readyVertices; // by class: (negated depth, vertex)
    std::vector<std::size_t> m_readyCount;
    std::vector<TimeNs> m_homeFinishedNs; // by class: when home finished one last
    std::vector<std::uint32_t> m_dirty;
    std::uint32_t m_openVertices = 0; // not expanded
    std::uint32_t m_openRows = 0;     // not terminal
    bool m_started = false;
    bool m_stopping = false;
    bool m_anyFailed = false;
    std::uint64_t m_reexecuted = 0;
    std::uint64_t m_adopted = 0;
    std::map<net::ObjectKey, Adoptable> m_adoptable; // of vertices that are not expanded
    std::string m_error;
};

template <typename Fn>
void RunTable::inputs(std::uint32_t row, Fn fn) const
{
    const Task& task = m_tasks[row];
    const auto& plan = m_plan->vertices[task.vertex];
    const auto item = static_cast<std::int32_t>(task.index);
    for (std::size_t port = 0; port < plan.inputs.size(); ++port) {
        for (const types::PlanSource& source : plan.inputs[port].sources) {
            const VertexState& from = m_vertices[source.vertex];
            const bool fromWide = m_plan->vertices[source.vertex].wide;
            const bool each = source.mode == types::EdgeMode::Each, many = source.mode == types::EdgeMode::All || source.mode == types::EdgeMode::Transpose;
            const std::uint32_t first = each && fromWide ? task.index : 0, count = many ? from.width : 1;
            const std::int32_t part = source.mode == types::EdgeMode::Transpose || (each && !fromWide) ? item : -1;
            for (std::uint32_t i = first; i < first + count; ++i)
                fn(static_cast<std::uint16_t>(port), part, from.firstRow + i, source.output, m_values[m_tasks[from.firstRow + i].firstValue + source.output]);
        }
    }
}

} // namespace orrery::owner
