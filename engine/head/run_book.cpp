// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/run_book.h"

#include <algorithm>

namespace orrery::head {

Run& RunBook::add(Run run)
{
    const std::uint32_t number = run.row.number;
    std::uint32_t& last = run.row.isProbe() ? m_lastProbe : m_lastNumber;
    ORRERY_ASSERT(!m_runs.count(number) && number >= last);
    m_numbers[run.row.id] = number;
    last = number;
    Run& kept = m_runs[number] = std::move(run);
    touch(kept);
    return kept;
}

void RunBook::remove(std::uint32_t number)
{
    const auto found = m_runs.find(number);
    if (found == m_runs.end()) return;
    m_numbers.erase(found->second.row.id);
    m_runs.erase(found);
}

Run* RunBook::find(const RunId& id)
{
    return const_cast<Run*>(static_cast<const RunBook*>(this)->find(id));
}

const Run* RunBook::find(const RunId& id) const
{
    if (id.isNull()) return newest();
    const auto found = m_numbers.find(id);
    return found == m_numbers.end() ? nullptr : &m_runs.at(found->second);
}

const Run* RunBook::newest() const
{
    for (auto run = m_runs.rbegin(); run != m_runs.rend(); ++run)
        if (run->second.recorded && !run->second.row.isProbe()) return &run->second;
    return nullptr;
}

std::size_t RunBook::active() const
{
    return static_cast<std::size_t>(std::count_if(m_runs.begin(), m_runs.end(), [](const auto& entry) { return !entry.second.terminal(); }));
}

std::vector<std::uint32_t> RunBook::objectsToForget() const
{
    std::vector<std::uint32_t> finished;
    for (const auto& [number, run] : m_runs)
        if (run.terminal() && run.objectsKept) finished.push_back(number);
    // The one that finished last is the newest: runs do not end in the order of their start.
    std::sort(finished.begin(), finished.end(), [this](std::uint32_t a, std::uint32_t b) {
        const auto& left = m_runs.at(a).row;
        const auto& right = m_runs.at(b).row;
        return left.endNs != right.endNs ? left.endNs > right.endNs : a > b;
    });
    std::vector<std::uint32_t> forget;
    std::set<std::string> documents;
    std::size_t kept = 0;
    for (const auto number : finished) {
        const Run& run = m_runs.at(number);
        if (!run.row.isProbe() && kept < kObjectRunsKept && documents.insert(run.documentKey).second) ++kept;
        else forget.push_back(number);
    }
    return forget;
}

void RunBook::trim()
{
    std::size_t finished = 0, stores = 0, probes = 0;
    std::vector<std::uint32_t> old;
    for (auto entry = m_runs.rbegin(); entry != m_runs.rend(); ++entry) {
        Run& run = entry->second;
        if (!run.terminal()) continue;
        if (run.row.isProbe()) {
            if (++probes > 1) old.push_back(entry->first);
            continue;
        }
        if (run.store && ++stores > kStoresKept) run.store.reset();
        if (++finished > kRunsKept) old.push_back(entry->first);
    }
    for (const auto number : old) remove(number);
}

std::string RunBook::audit() const
{
    if (m_numbers.size() != m_runs.size()) return "runs: " + std::to_string(m_runs.size()) + " runs but " + std::to_string(m_numbers.size()) + " ids";
    for (const auto& [number, run] : m_runs) {
        const std::string name = run.name() + ": ";
        if (run.row.number != number) return "runs: " + name + "kept under number " + std::to_string(number);
        const auto known = m_numbers.find(run.row.id);
        if (known == m_numbers.end() || known->second != number) return "runs: " + name + "its id leads elsewhere";
        const bool runs = run.row.state == RunState::Running || run.row.state == RunState::Stopping;
        if (runs && !run.homed) return "runs: " + name + "runs without a home";
        if (runs && !run.store) return "runs: " + name + "runs without a trace";
        if (runs && !run.recorded) return "runs: " + name + "runs without a record";
        if (run.row.state == RunState::Queued && run.homed) return "runs: " + name + "waits for a home and has one";
        if (runs && !run.objectsKept) return "runs: " + name + "runs and its objects are not kept";
        if (run.homed && !run.holders.count(run.home) && run.objectsKept) return "runs: " + name + "its home is not among those that hold it";
        if (run.terminal() != (run.row.endNs != 0)) return "runs: " + name + "its end and its state disagree";
        if (run.ticket != 0 && run.recorded) return "runs: " + name + "is durable and its starter still waits";
    }
    return {};
}

} // namespace orrery::head
