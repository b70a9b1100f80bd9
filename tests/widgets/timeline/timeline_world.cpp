// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/widgets/timeline/timeline_world.h"

#include <algorithm>

namespace orrery::tests {

using base::TimeNs;
using types::Attempt;
using types::EdgeMode;
using types::TaskState;

namespace {

constexpr std::uint16_t kRender = 2;

std::shared_ptr<const types::Graph> deepZoom()
{
    auto graph = std::make_shared<types::Graph>();
    for (const auto& [id, function] : std::vector<std::pair<std::string, std::string>>{
             {"zoom", "imaging.zoom_window"}, {"tiles", "imaging.tiles_list"}, {"render", "imaging.render"}, {"blur", "imaging.blur"}, {"colour_map", "imaging.colour_map"},
             {"edges", "imaging.edges"}, {"histogram", "imaging.histogram"}, {"mosaic", "imaging.mosaic"}, {"sharpen", "imaging.sharpen"}, {"annotate", "imaging.annotate"},
             {"encode", "imaging.png_encode"}, {"save", "imaging.save"}})
        graph->vertices.push_back({id, function});
    const auto edge = [&](const char* from, const char* to, EdgeMode mode) { graph->edges.push_back({{from, "out"}, {to, "in"}, mode}); };
    edge("zoom", "tiles", EdgeMode::One);
    edge("tiles", "render", EdgeMode::Each);
    edge("render", "blur", EdgeMode::Each);
    edge("blur", "colour_map", EdgeMode::Each);
    edge("blur", "edges", EdgeMode::Each);
    edge("render", "histogram", EdgeMode::All);
    edge("colour_map", "mosaic", EdgeMode::All);
    edge("edges", "mosaic", EdgeMode::All);
    edge("mosaic", "sharpen", EdgeMode::One);
    edge("sharpen", "annotate", EdgeMode::One);
    edge("histogram", "annotate", EdgeMode::One);
    edge("annotate", "encode", EdgeMode::One);
    edge("encode", "save", EdgeMode::One);
    return graph;
}

bool isMap(std::uint16_t vertex) { return vertex >= kRender && vertex <= 5; }

} // namespace

TimelineWorld::TimelineWorld(const WorldShape& shape) : m_shape(shape), m_state(shape.seed * 0x9e3779b97f4a7c15u + 1), m_graph(deepZoom()), m_run{base::hash128("timeline world", shape.seed)}
{
    for (std::size_t node = 0; node < shape.workers.size(); ++node)
        for (int i = 0; i < shape.workers[node]; ++i) m_workers.push_back({static_cast<std::uint16_t>(node), m_beginNs, true});
    makeTasks();
    schedule();
    std::stable_sort(m_attempts.begin(), m_attempts.end(), [](const Attempt& a, const Attempt& b) { return a.endNs < b.endNs; });
}

std::uint64_t TimelineWorld::random()
{
    m_state ^= m_state << 13;
    m_state ^= m_state >> 7;
    m_state ^= m_state << 17;
    return m_state;
}

void TimelineWorld::makeTasks()
{
    for (std::uint16_t v = 0; v < m_graph->vertices.size(); ++v) {
        m_firstRow.push_back(static_cast<std::uint32_t>(m_tasks.size()));
        m_width.push_back(isMap(v) ? m_shape.width : 1);
        for (std::uint32_t i = 0; i < m_width.back(); ++i) m_tasks.push_back({v, i});
    }
    for (Task& task : m_tasks)
        for (const auto& edge : m_graph->edges)
            if (edge.to.vertex == m_graph->vertices[task.vertex].id) task.missing += edge.mode == EdgeMode::All ? m_width[static_cast<std::size_t>(m_graph->indexOf(edge.from.vertex))] : 1;
    ready(0, m_beginNs + 20 * base::kMillisecond);
}

void TimelineWorld::ready(std::uint32_t row, TimeNs at)
{
    m_tasks[row].readyNs = at;
    m_queue.push_back(row);
}

void TimelineWorld::finish(std::uint32_t row, TimeNs at)
{
    const Task& done = m_tasks[row];
    const std::string& id = m_graph->vertices[done.vertex].id;
    for (const auto& edge : m_graph->edges) {
        if (edge.from.vertex != id) continue;
        const auto to = static_cast<std::size_t>(m_graph->indexOf(edge.to.vertex));
        const bool one = edge.mode == EdgeMode::Each && isMap(done.vertex);
        for (std::uint32_t i = one ? done.index : 0; i < (one ? done.index + 1 : m_width[to]); ++i) {
            Task& task = m_tasks[m_firstRow[to] + i];
            if (task.missing == 0) continue; // made again: who read it has run
            task.readyNs = std::max(task.readyNs, at);
            if (--task.missing == 0) ready(m_firstRow[to] + i, task.readyNs);
        }
    }
}

TimeNs TimelineWorld::tookNs(const Task& task)
{
    const TimeNs usual = task.vertex == kRender ? m_shape.renderNs : isMap(task.vertex) ? m_shape.filterNs : task.vertex < kRender ? 12 * base::kMillisecond : 180 * base::kMillisecond;
    return usual / 2 + static_cast<TimeNs>(random() % static_cast<std::uint64_t>(usual));
}

void TimelineWorld::schedule()
{
    std::optional<TimeNs> death = m_shape.nodeDiesNs ? std::optional(m_beginNs + *m_shape.nodeDiesNs) : std::nullopt;
    while (!m_queue.empty()) {
        const auto worker = std::min_element(m_workers.begin(), m_workers.end(), [](const Worker& a, const Worker& b) { return std::pair(!a.alive, a.freeNs) < std::pair(!b.alive, b.freeNs); });
        if (death && worker->freeNs >= *death) {
            killLast(*death);
            death.reset();
            continue;
        }
        // What is deepest in the graph and ready goes first; if nothing is, time passes.
        auto best = m_queue.end();
        TimeNs soonest = std::numeric_limits<TimeNs>::max();
        for (auto it = m_queue.begin(); it != m_queue.end(); ++it) {
            soonest = std::min(soonest, m_tasks[*it].readyNs);
            if (m_tasks[*it].readyNs <= worker->freeNs && (best == m_queue.end() || m_tasks[*it].vertex > m_tasks[*best].vertex)) best = it;
        }
        if (best == m_queue.end()) {
            worker->freeNs = soonest;
            continue;
        }
        const std::uint32_t row = *best;
        m_queue.erase(best);
        const Task& task = m_tasks[row];
        Attempt made;
        made.row = row;
        made.mapIndex = task.index;
        made.vertex = task.vertex;
        made.worker = static_cast<std::uint16_t>(worker - m_workers.begin());
        made.attempt = task.attempt;
        made.submitNs = worker->freeNs + 10'000;
        made.waitUs = static_cast<std::uint32_t>((made.submitNs - task.readyNs) / 1'000);
        made.startNs = made.submitNs + 50'000;
        made.endNs = made.startNs + tookNs(task);
        worker->freeNs = made.endNs;
        m_endNs = std::max(m_endNs, made.endNs);
        m_attempts.push_back(made);
        finish(row, made.endNs);
    }
}

// Its running attempts are cut off; some of what it made is needed again.
void TimelineWorld::killLast(TimeNs at)
{
    const auto node = static_cast<std::uint16_t>(m_shape.workers.size() - 1);
    for (Worker& worker : m_workers)
        if (worker.node == node) worker.alive = false;
    const std::size_t known = m_attempts.size();
    for (std::size_t i = 0; i < known; ++i) {
        Attempt& attempt = m_attempts[i];
        if (m_workers[attempt.worker].node != node || attempt.attempt > 1) continue;
        const bool running = attempt.endNs > at;
        if (!running && (attempt.vertex != kRender || random() % 2 == 0)) continue;
        if (running) {
            attempt.endNs = at;
            attempt.outcome = TaskState::Retrying;
            attempt.cause = types::Cause::NodeDied;
        }
        m_tasks[attempt.row].attempt = 2;
        ready(attempt.row, at + 12 * base::kMillisecond);
    }
}

widgets::RunUpdate TimelineWorld::at(TimeNs now, bool first) const
{
    widgets::RunUpdate update;
    update.nowNs = now;
    update.run = m_run;
    update.changes = 1;
    if (first) update.graph = m_graph;
    types::SpanBuilder builder;
    std::vector<std::vector<types::OpenTask>> open(m_workers.size());
    std::vector<TaskState> states(m_tasks.size(), TaskState::PendingArgs);
    std::vector<std::uint32_t> done(m_workers.size());
    for (const Attempt& attempt : m_attempts) {
        if (attempt.submitNs - attempt.waitUs * TimeNs{1'000} <= now) states[attempt.row] = TaskState::PendingAssignment;
        if (attempt.endNs <= now) {
            builder.add(attempt);
            states[attempt.row] = attempt.outcome;
            ++done[attempt.worker];
        } else if (attempt.startNs <= now) {
            open[attempt.worker].push_back({attempt.row, attempt.mapIndex, attempt.vertex, attempt.attempt, attempt.startNs});
            states[attempt.row] = TaskState::Running;
        }
    }
    const bool ended = now >= m_endNs;
    types::RunRow run;
    run.id = m_run;
    run.number = 1;
    run.title = "deep_zoom";
    run.state = ended ? types::RunState::Succeeded : types::RunState::Running;
    run.startNs = m_beginNs;
    run.endNs = ended ? m_endNs : 0;
    run.tasks = static_cast<std::uint32_t>(m_tasks.size());
    for (std::uint16_t v = 0; v < m_width.size(); ++v) {
        types::VertexCounts counts;
        counts.vertex = v;
        counts.tasks = m_width[v];
        for (std::uint32_t i = 0; i < m_width[v]; ++i) ++counts.counts[static_cast<std::size_t>(states[m_firstRow[v] + i])];
        for (std::size_t s = 0; s < counts.counts.size(); ++s) run.counts[s] += counts.counts[s];
        update.vertices.push_back(counts);
    }
    update.runs.push_back(run);
    const TimeNs death = m_shape.nodeDiesNs ? m_beginNs + *m_shape.nodeDiesNs : std::numeric_limits<TimeNs>::max();
    std::vector<int> busy(m_shape.workers.size());
    for (std::uint16_t w = 0; w < m_workers.size(); ++w) {
        types::WorkerRow row;
        row.track = w;
        row.node = m_workers[w].node;
        row.pid = 4'000 + w;
        row.startNs = m_beginNs - 2 * base::kSecond;
        row.tasksDone = done[w];
        if (row.node + 1u == m_shape.workers.size() && now >= death) {
            row.alive = false;
            row.exit = "killed by signal 9";
            row.endNs = death;
        }
        busy[row.node] += !open[w].empty();
        update.workers.push_back(row);
        builder.setOpen(w, open[w]);
    }
    for (std::uint16_t n = 0; n < m_shape.workers.size(); ++n) {
        types::NodeRow row;
        row.node = n;
        row.name = "local";
        row.heartbeatNs = now;
        if (n + 1u == m_shape.workers.size() && now >= death) {
            row.state = types::NodeState::Dead;
            row.heartbeatNs = death;
        }
        row.workers = static_cast<std::uint32_t>(m_shape.workers[n]);
        row.cpuShare = .05 + .93 * busy[n] / m_shape.workers[n];
        update.nodes.push_back(row);
    }
    update.spans = builder.snapshot();
    return update;
}

void TimelineWorld::play(widgets::RunModel& model, TimeNs until, TimeNs step) const
{
    bool first = true;
    for (TimeNs now = m_beginNs; now < until; now += step, first = false) model.take(at(now, first));
    model.take(at(until, first));
}

} // namespace orrery::tests
