// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/guest_run.h"

#include <algorithm>

namespace orrery::node {

GuestRun::GuestRun(base::RunId run, std::uint64_t epoch, std::shared_ptr<const types::Plan> plan, RunValues& values, Port& port)
    : m_run(run), m_epoch(epoch), m_plan(std::move(plan)), m_values(values), m_port(port), m_classes(types::classesOf(*m_plan)),
      m_templates(m_plan->vertices.size()), m_ready(m_classes.classes.size()), m_window(m_classes.classes.size()), m_took(m_classes.classes.size())
{
}

bool GuestRun::sound(const net::PeerTask& task) const
{
    if (task.vertex >= m_plan->vertices.size() || m_tasks.count(task.row) > 0 || task.args.size() > types::kRecordArgsMax) return false;
    const auto& vertex = m_plan->vertices[task.vertex];
    return std::all_of(task.args.begin(), task.args.end(), [&](const net::PeerArgument& arg) {
        if (arg.port >= vertex.inputs.size() || arg.item < -1) return false;
        if (arg.isInline) return arg.bytes.size() <= types::kInlineBytesMax;
        return arg.size > 0 && !arg.at.empty() && arg.key.vertex < m_plan->vertices.size() && arg.key.output < m_plan->vertices[arg.key.vertex].outputs.size();
    });
}

void GuestRun::open(const std::vector<KeptValue>& kept)
{
    m_values.take(kept);
    net::Inventory told{m_run, m_epoch, {}, false};
    std::size_t bytes = 0;
    for (const auto& one : kept) {
        if (told.values.size() == net::kInventoryPiece || bytes > net::kPushBytesMax) {
            m_port.send(std::exchange(told, {m_run, m_epoch, {}, false}));
            bytes = 0;
        }
        if (one.bytes) told.values.push_back({one.key, 0, one.items, false, {}, true, *one.bytes});
        else told.values.push_back({one.key, one.place.bytes, m_port.items(one.place), one.primary, m_port.facts(one.place), false, {}});
        bytes += told.values.back().bytes.size();
    }
    told.last = true;
    m_port.send(std::move(told));
}

void GuestRun::on(net::ToGuest& message, TimeNs now)
{
    if (auto* pushed = std::get_if<net::PushTasks>(&message)) {
        for (auto& task : pushed->tasks) {
            if (sound(task)) push(std::move(task), now);
            else if (m_tasks.count(task.row) == 0) m_port.send(net::TaskRefused{m_run, m_epoch, task.row, task.attempt, "its home sent a task that cannot be"});
        }
        m_port.ready();
    } else if (std::holds_alternative<net::Offer>(message)) {
        sayCredit(true);
    } else if (const auto* back = std::get_if<net::RecallTasks>(&message)) {
        if (back->classIndex < m_ready.size()) recall(back->classIndex, back->count);
    } else if (std::holds_alternative<net::CancelTasks>(message)) {
        m_cancelled = true;
        std::vector<std::uint32_t> waiting;
        for (const auto& [row, task] : m_tasks)
            if (task.stage != Stage::Placed) waiting.push_back(row);
        for (const auto row : waiting) giveBack(row);
    } else if (const auto* freed = std::get_if<net::FreeValues>(&message)) {
        for (const auto& key : freed->keys) m_values.free(key);
    } else if (const auto* kept = std::get_if<net::KeepValue>(&message)) {
        m_values.keep(kept->key);
    } else if (const auto* want = std::get_if<net::BringValue>(&message)) {
        bringToKeep(want->what);
    }
}

void GuestRun::bringToKeep(const WantedValue& what)
{
    const ObjectKey key = what.key;
    const auto told = [this, key](bool kept) { m_port.send(net::ValueKept{m_run, m_epoch, key, kept}); };
    if (what.size == 0 || what.size > types::kValueBytesMax || what.at.empty() || key.vertex >= m_plan->vertices.size() || key.output >= m_plan->vertices[key.vertex].outputs.size()) return told(false);
    m_values.bring({what}, [this, alive = m_alive, key, told](base::Result<void> outcome, const ObjectKey&) {
        if (!*alive) return;
        if (outcome) {
            m_values.keep(key);
            m_values.unpin({key}); // it may have been freed while it came
        }
        told(outcome && m_values.find(key));
    });
}

void GuestRun::push(net::PeerTask&& what, TimeNs)
{
    const std::uint32_t row = what.row;
    Task& task = m_tasks[row];
    task.what = std::move(what);
    task.classIndex = m_classes.ofVertex[task.what.vertex];
    for (const auto& arg : task.what.args) task.bytes += arg.isInline ? 0 : arg.size;
    if (m_cancelled) return giveBack(row);
    m_waiting.push_back(row);
    bringMore();
}

void GuestRun::bringMore()
{
    while (!m_waiting.empty() && !m_cancelled) {
        const auto found = m_tasks.find(m_waiting.front());
        const bool waits = found != m_tasks.end() && found->second.stage == Stage::Waiting;
        // One always has its turn, however large.
        if (waits && m_bytesHere > 0 && m_bytesHere + found->second.bytes > m_port.bytesAhead()) return;
        m_waiting.pop_front();
        if (waits) bring(found->first);
    }
}

void GuestRun::bring(std::uint32_t row)
{
    Task& task = m_tasks.at(row);
    task.stage = Stage::Fetching;
    m_bytesHere += task.bytes;
    std::vector<WantedValue> wanted;
    std::vector<ObjectKey> keys;
    for (const auto& arg : task.what.args) {
        if (arg.isInline) continue;
        keys.push_back(arg.key);
        wanted.push_back({arg.key, arg.size, arg.at});
    }
    m_values.bring(std::move(wanted), [this, alive = m_alive, row, attempt = task.what.attempt, keys](base::Result<void> outcome, const ObjectKey& missing) {
        if (*alive) brought(row, attempt, keys, outcome, missing);
    });
}

// A task may have been given back meanwhile, and pushed again: then the first that comes serves it.
void GuestRun::brought(std::uint32_t row, std::uint8_t attempt, const std::vector<ObjectKey>& keys, const base::Result<void>& outcome, const ObjectKey& missing)
{
    using Why = net::TaskBack::Why;
    const auto found = m_tasks.find(row);
    if (found == m_tasks.end() || found->second.what.attempt != attempt || found->second.stage != Stage::Fetching) {
        if (outcome) m_values.unpin(keys);
        return;
    }
    // The home knows by then that the value is gone, or learns it, or sends the task somewhere else.
    if (!outcome) return giveBack(row, outcome.error().code == base::Errc::NotFound ? Why::NotFound : outcome.error().code == base::Errc::Refused ? Why::NoRoom : Why::Other, missing);
    found->second.pinned = keys;
    found->second.stage = Stage::Ready;
    m_ready[found->second.classIndex].push_back(row);
    m_port.ready();
}

// It never began: the home may give it to somebody else.
void GuestRun::giveBack(std::uint32_t row, net::TaskBack::Why why, const ObjectKey& missing)
{
    const auto found = m_tasks.find(row);
    if (found->second.stage == Stage::Ready) std::erase(m_ready[found->second.classIndex], row);
    const std::uint8_t attempt = found->second.what.attempt;
    std::uint16_t from = 0;
    for (const auto& arg : found->second.what.args)
        if (!arg.isInline && arg.key == missing) from = arg.at.front();
    end(row);
    m_port.send(net::TaskBack{m_run, m_epoch, row, attempt, why, missing, from});
}

void GuestRun::recall(std::size_t classIndex, std::size_t count)
{
    const bool all = count >= net::kGuestTasksMax;
    // The youngest first: they would wait longest.
    std::vector<std::uint32_t> waiting;
    for (auto row = m_waiting.rbegin(); waiting.size() < count && row != m_waiting.rend(); ++row) {
        const auto found = m_tasks.find(*row);
        if (found != m_tasks.end() && found->second.stage == Stage::Waiting && found->second.classIndex == classIndex) waiting.push_back(*row);
    }
    for (const auto row : waiting) { // each that goes may give another its turn
        const auto found = m_tasks.find(row);
        if (found == m_tasks.end() || found->second.stage != Stage::Waiting) continue;
        giveBack(row);
        --count;
    }
    while (count > 0 && !m_ready[classIndex].empty()) {
        giveBack(m_ready[classIndex].back());
        --count;
    }
    std::vector<std::uint32_t> fetching;
    for (const auto& [row, task] : m_tasks)
        if (all && task.stage == Stage::Fetching && task.classIndex == classIndex) fetching.push_back(row);
    for (const auto row : fetching) giveBack(row);
    sayCredit(true); // ends the recall, however much came of it
}

void GuestRun::end(std::uint32_t row)
{
    const auto found = m_tasks.find(row);
    const auto pinned = std::move(found->second.pinned);
    if (found->second.stage != Stage::Waiting) m_bytesHere -= found->second.bytes;
    m_tasks.erase(found);
    m_values.unpin(pinned);
    bringMore();
}

void GuestRun::sayCredit(bool always)
{
    std::vector<std::uint32_t> window(m_classes.classes.size()), all(window.size());
    bool changed = always;
    for (std::size_t i = 0; i < window.size(); ++i) {
        const std::uint32_t workers = all[i] = m_cancelled ? 0 : m_port.workersFor(m_classes.classes[i]);
        // What is not known to be short may be long: one more than can run.
        const double ahead = m_took[i] > 0 ? static_cast<double>(kGuestAheadNs) / m_took[i] : 0;
        const double wanted = workers * (1 + ahead) + (workers > 0 ? 1 : 0);
        window[i] = static_cast<std::uint32_t>(std::min<double>(wanted, net::kGuestTasksMax));
        const std::uint32_t before = m_window[i];
        changed = changed || window[i] > before + before / 4 || window[i] + window[i] / 4 < before;
    }
    if (!changed) return;
    m_window = window;
    m_port.send(net::Credit{m_run, m_epoch, std::move(window), std::move(all)});
}

std::vector<std::uint32_t> GuestRun::take(std::size_t classIndex, std::size_t max, TimeNs)
{
    std::vector<std::uint32_t> rows;
    auto& ready = m_ready[classIndex];
    while (rows.size() < max && !ready.empty()) {
        if (!rows.empty() && m_tasks.at(ready.front()).what.vertex != m_tasks.at(rows.front()).what.vertex) break; // one template
        rows.push_back(ready.front());
        ready.pop_front();
        m_tasks.at(rows.back()).stage = Stage::Placed;
    }
    return rows;
}

types::TaskRecord GuestRun::record(std::uint32_t row, TimeNs now)
{
    const Task& task = m_tasks.at(row);
    std::uint32_t& id = m_templates[task.what.vertex];
    if (id == 0) id = m_port.templateId(types::templateOf(m_plan->vertices[task.what.vertex]));
    types::TaskRecord made;
    made.templateId = id;
    made.row = row;
    made.mapIndex = task.what.mapIndex;
    made.mapCount = task.what.mapCount;
    made.attempt = task.what.attempt;
    made.task = base::derive<base::TaskId>(m_run, task.what.vertex, task.what.mapIndex);
    made.submitNs = now;
    for (const auto& arg : task.what.args) {
        types::Argument& given = made.args.emplace_back();
        given.port = arg.port;
        given.item = arg.item;
        given.isInline = arg.isInline;
        if (arg.isInline) given.bytes = arg.bytes;
        else given.place = *m_values.find(arg.key); // pinned
    }
    return made;
}

void GuestRun::began(std::uint32_t row, std::uint8_t attempt, Track track, TimeNs now)
{
    m_port.send(net::TaskBegan{m_run, m_epoch, row, attempt, track, m_port.cluster(now)});
}

bool GuestRun::finished(const types::ResultRecord& result, Track track, TimeNs)
{
    const auto found = m_tasks.find(result.row);
    if (found == m_tasks.end() || found->second.what.attempt != result.attempt) return false;
    const net::PeerTask& task = found->second.what;
    net::TaskDone done;
    done.run = m_run;
    done.epoch = m_epoch;
    done.row = result.row;
    done.attempt = result.attempt;
    done.track = track;
    done.status = result.status;
    done.cause = result.cause;
    done.startNs = m_port.cluster(result.startNs);
    done.endNs = m_port.cluster(result.endNs);
    done.cpuUs = result.cpuUs;
    done.peakKiB = result.peakKiB;
    done.error = result.error;
    for (std::size_t i = 0; i < result.outputs.size(); ++i) {
        const auto& output = result.outputs[i];
        net::PeerOutput& told = done.outputs.emplace_back();
        told.isInline = output.isInline;
        told.items = output.items;
        if (output.isInline) {
            told.bytes = output.bytes;
            continue;
        }
        told.size = output.place.bytes;
        told.facts = m_port.facts(output.place);
        m_values.made({task.vertex, static_cast<std::uint16_t>(i), task.mapIndex}, output.place);
    }
    double& took = m_took[found->second.classIndex];
    const double now = static_cast<double>(std::max<TimeNs>(result.endNs - result.startNs, 1));
    took = took == 0 ? now : took + (std::min(now, 4 * took) - took) / 8;
    end(result.row);
    m_port.send(std::move(done));
    sayCredit(false);
    return true;
}

void GuestRun::lost(std::uint32_t row, std::uint8_t attempt, Track track, types::Cause cause, const std::string& why, TimeNs)
{
    if (m_tasks.count(row) == 0) return;
    end(row);
    m_port.send(net::TaskLost{m_run, m_epoch, row, attempt, track, cause, why});
}

void GuestRun::recalled(std::uint32_t row, std::uint8_t attempt, TimeNs)
{
    const auto found = m_tasks.find(row);
    if (found == m_tasks.end() || found->second.what.attempt != attempt) return;
    if (m_cancelled) return giveBack(row);
    found->second.stage = Stage::Ready;
    m_ready[found->second.classIndex].push_front(row);
}

void GuestRun::refuse(std::uint32_t row, const std::string& why, TimeNs)
{
    const auto found = m_tasks.find(row);
    if (found == m_tasks.end()) return;
    const std::uint8_t attempt = found->second.what.attempt;
    if (found->second.stage == Stage::Ready) std::erase(m_ready[found->second.classIndex], row);
    end(row);
    m_port.send(net::TaskRefused{m_run, m_epoch, row, attempt, why});
}

std::string GuestRun::audit() const
{
    std::size_t ready = 0, queued = 0;
    std::uint64_t bytes = 0;
    for (const auto& [row, task] : m_tasks) {
        if (task.stage != Stage::Waiting) bytes += task.bytes;
        if (task.stage != Stage::Ready) continue;
        ++ready;
        for (const auto& key : task.pinned)
            if (!m_values.find(key)) return "row " + std::to_string(row) + " is ready and an argument is not here";
    }
    for (const auto& rows : m_ready) queued += rows.size();
    if (bytes != m_bytesHere) return "another number of bytes is counted than tasks have";
    if (ready != queued) return std::to_string(queued) + " rows are queued and " + std::to_string(ready) + " are ready";
    return m_values.audit();
}

} // namespace orrery::node
