// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/run_archive.h"

#include "engine/base/log.h"

#include <fmt/format.h>

namespace orrery::archive {

using base::LogLevel;
using base::RunId;

RunArchive::RunArchive(Options options) : m_options(std::move(options))
{
    m_thread = std::thread([this] { work(); });
}

RunArchive::~RunArchive()
{
    {
        const std::lock_guard guard(m_mutex);
        m_stop = true;
    }
    m_work.notify_one();
    m_thread.join();
}

void RunArchive::open(RunEntry run, RecordInfo info)
{
    const RunId id = run.row.id;
    {
        const std::lock_guard guard(m_mutex);
        m_refused.erase(id); // a new home may have better luck
    }
    give({id, 0, Open{std::move(run), std::move(info)}});
}

void RunArchive::append(const RunId& run, std::uint64_t number, types::BlockBytes bytes, Done done)
{
    const std::uint64_t size = bytes->size();
    give({run, size, Append{number, std::move(bytes), std::move(done)}});
}

void RunArchive::addLogs(const RunId& run, std::vector<types::LogLine> lines)
{
    if (lines.empty()) return;
    std::uint64_t size = 0;
    for (const auto& line : lines) size += sizeof line + line.text.size();
    give({run, size, Logs{std::move(lines)}});
}

void RunArchive::setMembers(const RunId& run, std::vector<types::NodeRow> nodes, std::vector<types::WorkerRow> workers)
{
    const std::uint64_t size = nodes.size() * sizeof(types::NodeRow) + workers.size() * sizeof(types::WorkerRow);
    give({run, size, Members{std::move(nodes), std::move(workers)}});
}

void RunArchive::addObject(const RunId& run, std::uint32_t row, std::uint16_t output, base::Bytes value)
{
    const std::uint64_t size = value.size();
    give({run, size, Object{row, output, std::move(value)}});
}

void RunArchive::close(RunEntry run, Done done)
{
    const RunId id = run.row.id;
    give({id, 0, Close{std::move(run), std::move(done)}});
}

void RunArchive::give(Order order)
{
    std::string problem;
    {
        const std::lock_guard guard(m_mutex);
        const bool always = std::holds_alternative<Open>(order.what) || std::holds_alternative<Close>(order.what);
        const auto refused = m_refused.find(order.run);
        if (!always && refused != m_refused.end()) {
            problem = refused->second;
        } else if (!always && m_waitingBytes + order.bytes > m_options.waitingBytesMax) {
            problem = fmt::format("The disk of {} does not keep up: {} MiB of trace wait for it. This run is not recorded any more.", m_options.folder.string(), m_waitingBytes >> 20);
            m_refused[order.run] = problem;
            ++m_figures.failures;
        } else {
            m_waitingBytes += order.bytes;
            m_figures.waitingBytesMost = std::max(m_figures.waitingBytesMost, m_waitingBytes);
            m_orders.push_back(std::move(order));
            ++m_given;
        }
    }
    if (problem.empty()) {
        m_work.notify_one();
        return;
    }
    if (auto* append = std::get_if<Append>(&order.what); append && append->done) answer({std::move(append->done)}, problem);
}

void RunArchive::answer(std::vector<Done> dones, const std::string& problem)
{
    if (dones.empty()) return;
    auto all = [dones = std::move(dones), problem] {
        for (const Done& done : dones) done(problem);
    };
    if (m_options.deliver) m_options.deliver(std::move(all));
    else all();
}

void RunArchive::mendAll()
{
    std::error_code code;
    std::filesystem::create_directories(m_options.folder, code); // what fails here is told by the first record
    for (const auto& entry : std::filesystem::directory_iterator(m_options.folder, code)) {
        if (entry.path().extension() != ".orun") continue;
        const auto mended = RunFile::mend(entry.path());
        if (!mended) base::logf(LogLevel::Warn, "archive", "{}", mended.error().message);
    }
}

void RunArchive::work()
{
    mendAll();
    for (;;) {
        std::deque<Order> orders;
        std::uint64_t upTo = 0, bytes = 0;
        {
            std::unique_lock guard(m_mutex);
            m_work.wait(guard, [this] { return m_stop || !m_orders.empty(); });
            if (m_orders.empty()) break;
            orders.swap(m_orders);
            upTo = m_given;
            bytes = m_waitingBytes;
        }
        for (Order& order : orders) carry(order);
        for (auto& [id, recording] : m_recordings) commit(recording);
        std::erase_if(m_recordings, [](const auto& entry) { return !entry.second.file; }); // m_refused answers for them
        {
            const std::lock_guard guard(m_mutex);
            m_settled = upTo;
            m_waitingBytes -= bytes;
        }
        m_idle.notify_all();
    }
    m_recordings.clear();
}

void RunArchive::carry(Order& order)
{
    if (auto* open = std::get_if<Open>(&order.what)) {
        if (const auto before = m_recordings.find(order.run); before != m_recordings.end()) {
            commit(before->second);
            m_recordings.erase(before);
        }
        auto file = RunFile::create(pathOf(open->run.row.number, order.run), open->run, open->info, m_options.fileBytesMax);
        Recording& recording = m_recordings[order.run];
        if (file) recording.file = std::move(*file);
        else giveUp(recording, file.error().message);
        if (!file) {
            const std::lock_guard guard(m_mutex);
            m_refused[order.run] = recording.problem;
        }
        return;
    }
    const auto found = m_recordings.find(order.run);
    std::vector<Done> dones;
    if (auto* append = std::get_if<Append>(&order.what); append && append->done) dones.push_back(std::move(append->done));
    if (auto* close = std::get_if<Close>(&order.what); close && close->done) dones.push_back(std::move(close->done));
    if (found == m_recordings.end() || !found->second.file) {
        std::string problem;
        {
            const std::lock_guard guard(m_mutex);
            const auto refused = m_refused.find(order.run);
            problem = refused != m_refused.end() ? refused->second : "The run " + order.run.text() + " is not being recorded.";
            if (std::holds_alternative<Close>(order.what)) m_refused.erase(order.run); // nothing follows
        }
        return answer(std::move(dones), problem);
    }
    Recording& recording = found->second;
    if (std::holds_alternative<Close>(order.what)) commit(recording); // its own dones first
    for (auto& done : dones) recording.dones.push_back(std::move(done));
    if (!recording.file) return answer(std::exchange(recording.dones, {}), recording.problem);
    auto carried = carry(recording, order);
    if (!carried) {
        giveUp(recording, carried.error().message);
        const std::lock_guard guard(m_mutex);
        if (!std::holds_alternative<Close>(order.what)) m_refused[order.run] = recording.problem;
        return;
    }
    if (std::holds_alternative<Close>(order.what)) {
        answer(std::exchange(recording.dones, {}), {});
        m_recordings.erase(found);
    }
}

base::Result<void> RunArchive::carry(Recording& recording, Order& order)
{
    RunFile& file = *recording.file;
    if (auto* append = std::get_if<Append>(&order.what)) {
        ORRERY_TRY(file.addBlock(append->number, *append->bytes));
        const std::lock_guard guard(m_mutex);
        ++m_figures.blocks;
        m_figures.bytes += append->bytes->size();
        return {};
    }
    if (auto* logs = std::get_if<Logs>(&order.what)) {
        for (const auto& line : logs->lines) ORRERY_TRY(file.addLog(line));
        return {};
    }
    if (auto* members = std::get_if<Members>(&order.what)) return file.setMembers(members->nodes, members->workers);
    if (auto* object = std::get_if<Object>(&order.what)) return file.addObject(object->row, object->output, object->value);
    return file.finish(std::get<Close>(order.what).run);
}

void RunArchive::giveUp(Recording& recording, const std::string& problem)
{
    recording.problem = problem + " This run is not recorded any more.";
    recording.file.reset(); // rolls back what was open; what was committed stays
    {
        const std::lock_guard guard(m_mutex);
        ++m_figures.failures;
    }
    answer(std::exchange(recording.dones, {}), recording.problem);
}

void RunArchive::commit(Recording& recording)
{
    if (!recording.file) return;
    const auto committed = recording.file->commit();
    if (committed) {
        {
            const std::lock_guard guard(m_mutex);
            ++m_figures.commits;
        }
        return answer(std::exchange(recording.dones, {}), {});
    }
    giveUp(recording, committed.error().message);
    const std::lock_guard guard(m_mutex);
    for (const auto& [id, known] : m_recordings)
        if (&known == &recording) m_refused[id] = recording.problem;
}

void RunArchive::wait()
{
    std::unique_lock guard(m_mutex);
    const std::uint64_t upTo = m_given;
    m_idle.wait(guard, [&] { return m_settled >= upTo; });
}

RunArchive::Figures RunArchive::figures() const
{
    const std::lock_guard guard(m_mutex);
    return m_figures;
}

} // namespace orrery::archive
