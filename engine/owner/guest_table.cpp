// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/owner/guest_table.h"

#include <algorithm>

namespace orrery::owner {

using types::Cause;

void GuestTable::add(std::uint16_t node, std::shared_ptr<const types::Graph> graph)
{
    if (m_guests.count(node) > 0) return;
    Guest& guest = m_guests[node];
    guest.window.resize(m_table.classes().size());
    guest.workers.resize(m_table.classes().size());
    guest.held.resize(m_table.classes().size());
    guest.offered.resize(m_table.classes().size());
    m_port.send(node, net::OpenRun{m_table.run(), m_epoch, std::move(graph)});
}

void GuestTable::recallAll(std::uint16_t node)
{
    for (std::uint32_t i = 0; i < m_table.classes().size(); ++i) m_port.send(node, net::RecallTasks{m_table.run(), m_epoch, i, net::kGuestTasksMax});
}

void GuestTable::leave(std::uint16_t node)
{
    const auto found = m_guests.find(node);
    if (found == m_guests.end() || std::exchange(found->second.leaving, true)) return;
    recallAll(node);
}

void GuestTable::letGo(std::uint16_t node, std::uint32_t moved, std::uint32_t left, TimeNs now)
{
    const auto found = m_guests.find(node);
    if (found == m_guests.end()) return;
    ORRERY_ASSERT(found->second.tasks.empty());
    m_port.send(node, net::CloseRun{m_table.run(), m_epoch, moved, left});
    m_guests.erase(found);
    m_table.nodeLost(node, now);
    forgetKept(node);
}

void GuestTable::pause()
{
    if (std::exchange(m_paused, true)) return;
    for (const auto& [node, guest] : m_guests) recallAll(node);
}

void GuestTable::gone(std::uint16_t node, const std::string& why, TimeNs now)
{
    const auto found = m_guests.find(node);
    if (found == m_guests.end()) return;
    const Guest guest = std::move(found->second);
    m_guests.erase(found);
    for (const auto& [row, task] : guest.tasks) {
        if (task.began) m_table.lost(row, task.attempt, types::kNoWorker, Cause::NodeDied, why, 0, now);
        else m_table.recalled(row, task.attempt, now);
    }
    m_table.nodeLost(node, now);
    forgetKept(node);
}

// What it said that it has is with it; what it was to have for others is not said any more.
void GuestTable::forgetKept(std::uint16_t node)
{
    std::erase_if(m_kept, [node](const auto& kept) { return kept.node == node; });
    m_kept.push_back({node, {}, false, true});
}

net::PeerTask GuestTable::taskOf(std::uint32_t row) const
{
    net::PeerTask task;
    task.row = row;
    task.attempt = m_table.attemptOf(row);
    task.vertex = m_table.vertexOf(row);
    task.mapIndex = m_table.indexOf(row);
    task.mapCount = m_table.widthOf(task.vertex);
    m_table.inputs(row, [&](std::uint16_t port, std::int32_t item, std::uint32_t from, std::uint16_t output, const Value& value) {
        net::PeerArgument& arg = task.args.emplace_back();
        arg.port = port;
        arg.item = item;
        arg.isInline = value.where == Value::Where::Inline;
        if (arg.isInline) {
            arg.bytes = *value.bytes;
            return;
        }
        arg.key = keyOf(from, output);
        arg.size = value.place.bytes;
        arg.at = m_table.copiesOf(from, output);
        arg.at.insert(arg.at.begin(), value.node);
    });
    return task;
}

// Up to its window, which is made for what it has measured, but no more than its part of what is left for all: the first tasks of a
// function may be a thousand times longer than those it knows.
std::size_t GuestTable::room(const Guest& guest, std::size_t classIndex) const
{
    const std::size_t window = guest.window[classIndex], held = guest.held[classIndex], mine = guest.workers[classIndex];
    if (held >= window) return 0;
    std::size_t tasks = m_table.ready(classIndex), workers = classIndex < m_homeWorkers.size() ? m_homeWorkers[classIndex] : 0;
    for (const auto& [node, other] : m_guests) {
        if (other.leaving) continue;
        tasks += other.held[classIndex];
        workers += other.workers[classIndex];
    }
    const std::size_t part = std::max(mine + 1, (tasks * mine + workers - 1) / std::max<std::size_t>(workers, 1));
    return std::min(window, part) > held ? std::min(window, part) - held : 0;
}

std::size_t GuestTable::waitingAt(const Guest& guest, std::size_t classIndex) const
{
    return static_cast<std::size_t>(std::count_if(guest.tasks.begin(), guest.tasks.end(), [&](const auto& task) { return task.second.classIndex == classIndex && !task.second.began; }));
}

void GuestTable::pump(TimeNs now)
{
    if (m_paused) {
        for (auto& [node, guest] : m_guests) flushFree(node, guest);
        return;
    }
    for (std::size_t i = 0; i < m_table.classes().size(); ++i) {
        // One push a guest and round, so that they share what is there.
        for (bool any = true; any && m_table.ready(i) > 0 && !m_table.staysHome(i, now);) {
            any = false;
            for (auto& [node, guest] : m_guests) {
                if (guest.leaving || m_table.ready(i) == 0) continue;
                const auto rows = m_table.take(i, std::min(room(guest, i), kTasksPerPush), node, now);
                if (rows.empty()) continue;
                net::PushTasks push{m_table.run(), m_epoch, {}};
                std::size_t bytes = 0;
                for (const auto row : rows) {
                    auto task = taskOf(row);
                    std::size_t more = 0;
                    for (const auto& arg : task.args) more += arg.bytes.size() + 64;
                    // What no message carries stays at home, where it goes through the store; the rest comes with the next push.
                    if (bytes + more > net::kPushBytesMax) {
                        m_table.recalled(row, task.attempt, now);
                        continue;
                    }
                    bytes += more;
                    guest.tasks[row] = {task.attempt, i, false};
                    push.tasks.push_back(std::move(task));
                }
                if (push.tasks.empty()) continue;
                any = true;
                guest.held[i] += static_cast<std::uint32_t>(push.tasks.size());
                flushFree(node, guest);
                m_port.send(node, std::move(push));
            }
        }
    }
    for (std::size_t i = 0; i < m_table.classes().size(); ++i) {
        const bool idle = m_table.ready(i) == 0 && std::any_of(m_guests.begin(), m_guests.end(), [i](const auto& guest) { return !guest.second.leaving && guest.second.held[i] == 0 && guest.second.window[i] > 0; });
        if (!idle || now - m_helpedNs < kHelpAgainNs) continue;
        if (recall(i, kManyPerWorker)) m_helpedNs = now;
    }
    for (auto& [node, guest] : m_guests) {
        // A guest that takes nothing yet is asked; one that has work says by itself what it takes.
        bool ask = false;
        for (std::size_t i = 0; i < guest.window.size() && !guest.leaving; ++i) {
            const bool more = m_table.ready(i) > 0;
            ask = ask || (more && guest.offered[i] == 0) || (!more && guest.offered[i] != 0 && guest.held[i] == 0);
        }
        if (ask) {
            net::Offer offer{m_table.run(), m_epoch, {}};
            for (std::size_t i = 0; i < guest.window.size(); ++i) {
                guest.offered[i] = static_cast<std::uint32_t>(std::min<std::size_t>(m_table.ready(i) + guest.held[i], 1u << 20));
                offer.ready.push_back(guest.offered[i]);
            }
            m_port.send(node, std::move(offer));
        }
        flushFree(node, guest);
    }
}

bool GuestTable::recall(std::size_t classIndex, std::size_t perWorker)
{
    // From the one that has the most which it has not begun, half of it.
    std::uint16_t most = 0;
    std::size_t waiting = 1; // one that waits alone is fetching, or begins at once
    for (auto& [node, guest] : m_guests) {
        if (guest.recalling || guest.leaving) continue;
        const auto waits = waitingAt(guest, classIndex);
        if (waits <= std::max(waiting, perWorker * guest.workers[classIndex])) continue;
        waiting = waits;
        most = node;
    }
    if (waiting <= 1) return false;
    Guest& guest = m_guests.at(most);
    guest.recalling = true;
    m_port.send(most, net::RecallTasks{m_table.run(), m_epoch, static_cast<std::uint32_t>(classIndex), static_cast<std::uint32_t>(waiting / 2)});
    return true;
}

// True: it was this guest's, and is no more.
bool GuestTable::over(Guest& guest, std::uint32_t row, std::uint8_t attempt)
{
    const auto task = guest.tasks.find(row);
    if (task == guest.tasks.end() || task->second.attempt != attempt) return false;
    --guest.held[task->second.classIndex];
    guest.tasks.erase(task);
    return true;
}

void GuestTable::done(std::uint16_t node, Guest& guest, net::TaskDone& message, TimeNs now)
{
    const bool ours = over(guest, message.row, message.attempt);
    types::ResultRecord result;
    result.row = message.row;
    result.attempt = message.attempt;
    result.status = message.status;
    result.cause = message.cause;
    // Its clock is known to some hundred microseconds only: nothing begins before it was given, or ends after it was heard of.
    const TimeNs given = message.row < m_table.rows() ? m_table.submittedNs(message.row) : 0;
    result.startNs = std::clamp(message.startNs, std::min(given, now), now);
    result.endNs = std::clamp(message.endNs, result.startNs, now);
    result.cpuUs = message.cpuUs;
    result.peakKiB = message.peakKiB;
    result.error = std::move(message.error);
    bool sound = message.outputs.size() <= types::kOutputsMax;
    for (auto& output : message.outputs) {
        types::Output& made = result.outputs.emplace_back();
        made.isInline = output.isInline;
        made.items = output.items;
        if (output.isInline) made.bytes = std::move(output.bytes);
        else made.place.bytes = output.size;
        sound = sound && (output.isInline ? made.bytes.size() <= types::kInlineBytesMax : output.size > 0 && output.size <= types::kValueBytesMax);
    }
    m_port.facts(&message.outputs);
    const bool counts = ours && sound && m_table.finished(result, message.track, node, now);
    m_port.facts(nullptr);
    if (counts || message.row >= m_table.rows()) return;
    // What is not wanted is not kept there, unless it lies there for another attempt.
    const auto outputs = std::min(result.outputs.size(), m_table.outputsOf(m_table.vertexOf(message.row)));
    for (std::uint16_t i = 0; i < outputs; ++i)
        if (!result.outputs[i].isInline && !m_table.isAt(message.row, i, node)) free(node, keyOf(message.row, i));
    if (ours && !sound) m_table.lost(message.row, message.attempt, message.track, Cause::BadOutputs, "its node answered with outputs that cannot be", 0, now);
}

// Rows that are not made there any more: what lies there of them is free if it is nobody's.
void GuestTable::settle(std::uint16_t node, Guest& guest)
{
    std::erase_if(guest.copies, [&](const auto& known) {
        if (guest.tasks.count(known.first) > 0) return false;
        for (const auto output : known.second)
            if (!m_table.isAt(known.first, output, node)) free(node, keyOf(known.first, output));
        return true;
    });
}

void GuestTable::inventory(std::uint16_t node, Guest& guest, const net::Inventory& message)
{
    for (const auto& value : message.values) {
        if (guest.heard || ++guest.told > net::kInventoryValuesMax) break;
        if (value.isInline) {
            guest.inlineTold += value.bytes.size();
            if (m_table.started() || value.bytes.size() > types::kInlineBytesMax || guest.inlineTold > net::kInventoryInlineMax) continue;
            (void)m_table.adopt(value.key, value.items, {m_table.home(), true, {}, std::make_shared<const base::Bytes>(value.bytes)});
            continue;
        }
        types::Place place;
        place.bytes = value.size;
        if (!m_table.started() && m_table.adopt(value.key, value.items, {node, value.primary, place})) m_port.facts(value.key, value.facts);
        else free(node, value.key);
    }
    guest.heard = guest.heard || message.last;
}

bool GuestTable::heard(bool late) const
{
    return std::all_of(m_guests.begin(), m_guests.end(), [late](const auto& guest) { return guest.second.heard || (late && !guest.second.leaving); });
}

bool GuestTable::known(const net::ObjectKey& key) const
{
    return key.vertex < m_table.plan().vertices.size() && m_table.rowOf(key.vertex, key.index) != types::kNoRow && key.output < m_table.outputsOf(key.vertex);
}

void GuestTable::back(std::uint16_t, Guest& guest, const net::TaskBack& message, TimeNs now)
{
    const auto task = guest.tasks.find(message.row);
    const bool began = task != guest.tasks.end() && task->second.attempt == message.attempt && task->second.began;
    if (!over(guest, message.row, message.attempt)) return;
    if (began) return m_table.lost(message.row, message.attempt, types::kNoWorker, Cause::WorkerDied, "its node gave it back after it had begun", 0, now);
    using Why = net::TaskBack::Why;
    if (message.why == Why::NotFound && known(message.missing)) {
        // Nowhere that we named: what we know of it is wrong, and it is looked for at its next copy or made again.
        const auto row = m_table.rowOf(message.missing.vertex, message.missing.index);
        const Value* value = m_table.value(row, message.missing.output);
        if (value && value->where == Value::Where::Store && value->node == message.from && m_guests.count(value->node) > 0) m_table.valueLost(row, message.missing.output, now);
    }
    if (message.why == Why::NoRoom && ++m_noRoom[message.row] >= kNoRoomMax) {
        m_noRoom.erase(message.row);
        return m_table.refuse(message.row, "no node has room in its store for its arguments", now);
    }
    m_table.recalled(message.row, message.attempt, now);
}

void GuestTable::on(std::uint16_t node, net::ToHome& message, TimeNs now)
{
    const auto found = m_guests.find(node);
    if (found == m_guests.end()) return;
    Guest& guest = found->second;
    if (const auto* told = std::get_if<net::Inventory>(&message)) {
        if (told->epoch == m_epoch) inventory(node, guest, *told);
    } else if (auto* credit = std::get_if<net::Credit>(&message)) {
        if (credit->epoch != m_epoch || credit->window.size() != guest.window.size() || credit->workers.size() != guest.window.size()) return;
        guest.window = std::move(credit->window);
        guest.workers = std::move(credit->workers);
        for (auto& workers : guest.workers) workers = std::min(workers, net::kGuestTasksMax);
        for (auto& window : guest.window) window = std::min(window, net::kGuestTasksMax);
        guest.recalling = false;
    } else if (const auto* began = std::get_if<net::TaskBegan>(&message)) {
        const auto task = guest.tasks.find(began->row);
        if (began->epoch != m_epoch || task == guest.tasks.end() || task->second.attempt != began->attempt) return;
        task->second.began = true;
        m_table.began(began->row, began->attempt, began->track, std::clamp(began->atNs, std::min(m_table.submittedNs(began->row), now), now));
    } else if (auto* ended = std::get_if<net::TaskDone>(&message)) {
        if (ended->epoch == m_epoch) done(node, guest, *ended, now);
    } else if (const auto* lost = std::get_if<net::TaskLost>(&message)) {
        if (lost->epoch == m_epoch && over(guest, lost->row, lost->attempt)) m_table.lost(lost->row, lost->attempt, lost->track, lost->cause, lost->why, 0, now);
    } else if (const auto* gave = std::get_if<net::TaskBack>(&message)) {
        if (gave->epoch == m_epoch) back(node, guest, *gave, now);
    } else if (const auto* refused = std::get_if<net::TaskRefused>(&message)) {
        if (refused->epoch == m_epoch && over(guest, refused->row, refused->attempt)) m_table.refuse(refused->row, refused->why, now);
    } else if (const auto* copy = std::get_if<net::ValueCopied>(&message)) {
        if (copy->epoch != m_epoch) return;
        if (copy->gone) m_table.adoptableGone(copy->key, node);
        if (!known(copy->key)) return;
        const auto row = m_table.rowOf(copy->key.vertex, copy->key.index);
        // It gave its copy up while it was made the primary one.
        const Value* value = m_table.value(row, copy->key.output);
        const TimeNs madeNs = std::min(m_table.submittedNs(row), now); // at the earliest
        const TimeNs endNs = std::clamp(copy->endNs, madeNs, now);
        if (copy->gone && value && value->where == Value::Where::Store && value->node == node) m_table.valueLost(row, copy->key.output, now);
        else if (copy->gone) m_table.copyGone(row, copy->key.output, node, now);
        else if (value && value->where == Value::Where::Store) m_table.copied(row, copy->key.output, node, now, {copy->from, std::clamp(copy->startNs, madeNs, endNs), endNs});
        else if (guest.tasks.count(row) > 0) guest.copies[row].push_back(copy->key.output); // it is being made there again: what we free may be that
        else free(node, copy->key); // it was let go while the copy was made
    } else if (const auto* kept = std::get_if<net::ValueKept>(&message)) {
        if (kept->epoch == m_epoch && !m_paused && m_kept.size() < kKeptMax && known(kept->key)) m_kept.push_back({node, kept->key, kept->kept, false});
    } else if (const auto* need = std::get_if<net::NeedRoom>(&message)) {
        if (need->epoch == m_epoch) m_table.release(need->bytes, node, now);
    }
    settle(node, guest); // mostly there is none
}

void GuestTable::cancelAll()
{
    for (auto& [node, guest] : m_guests) m_port.send(node, net::CancelTasks{m_table.run(), m_epoch});
}

void GuestTable::close()
{
    for (auto& [node, guest] : m_guests) m_port.send(node, net::CloseRun{m_table.run(), m_epoch});
    m_guests.clear();
}

void GuestTable::free(std::uint16_t node, const net::ObjectKey& key)
{
    const auto found = m_guests.find(node);
    if (found == m_guests.end()) return;
    found->second.toFree.push_back(key);
    if (found->second.toFree.size() >= kFreesPerMessage) flushFree(node, found->second);
}

void GuestTable::flushFree(std::uint16_t node, Guest& guest)
{
    if (!guest.toFree.empty()) m_port.send(node, net::FreeValues{m_table.run(), m_epoch, std::exchange(guest.toFree, {})});
}

void GuestTable::keep(std::uint16_t node, const net::ObjectKey& key)
{
    if (has(node)) m_port.send(node, net::KeepValue{m_table.run(), m_epoch, key});
}

std::size_t GuestTable::tasksAt(std::uint16_t node) const
{
    const auto found = m_guests.find(node);
    return found == m_guests.end() ? 0 : found->second.tasks.size();
}

std::size_t GuestTable::tasks() const
{
    std::size_t all = 0;
    for (const auto& [node, guest] : m_guests) all += guest.tasks.size();
    return all;
}

std::vector<std::uint16_t> GuestTable::leaving() const
{
    std::vector<std::uint16_t> nodes;
    for (const auto& [node, guest] : m_guests)
        if (guest.leaving) nodes.push_back(node);
    return nodes;
}

std::vector<std::uint16_t> GuestTable::staying() const
{
    std::vector<std::uint16_t> nodes;
    for (const auto& [node, guest] : m_guests)
        if (!guest.leaving && guest.heard) nodes.push_back(node);
    return nodes;
}

std::string GuestTable::audit() const
{
    std::set<std::uint32_t> rows;
    for (const auto& [node, guest] : m_guests) {
        std::vector<std::uint32_t> held(guest.held.size());
        for (const auto& [row, task] : guest.tasks) {
            ++held[task.classIndex];
            if (!rows.insert(row).second) return "row " + std::to_string(row) + " is at two guests";
        }
        if (held != guest.held) return "guest " + std::to_string(node) + " holds another number of tasks than is counted";
    }
    return {};
}

} // namespace orrery::owner
