// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/run_loader.h"

namespace orrery::archive {

using base::Errc;
using base::fail;

RunLoader::~RunLoader()
{
    std::deque<Wanted> left;
    {
        const std::lock_guard guard(m_mutex);
        m_stop = true;
        left.swap(m_waiting);
    }
    m_work.notify_one();
    if (m_thread.joinable()) m_thread.join();
    for (auto& wanted : left) wanted.read(fail(Errc::Closed, "The head ends."));
}

void RunLoader::load(std::filesystem::path record, Read read)
{
    {
        const std::lock_guard guard(m_mutex);
        if (!m_thread.joinable()) m_thread = std::thread([this] { work(); });
        if (m_waiting.size() < kLoadsWaitingMax) {
            m_waiting.push_back({std::move(record), std::move(read)});
            m_work.notify_one();
            return;
        }
    }
    read(fail(Errc::Unavailable, "Too many recorded runs are being read; try again in a moment."));
}

void RunLoader::work()
{
    for (;;) {
        Wanted wanted;
        {
            std::unique_lock guard(m_mutex);
            m_work.wait(guard, [this] { return m_stop || !m_waiting.empty(); });
            if (m_stop) return;
            wanted = std::move(m_waiting.front());
            m_waiting.pop_front();
        }
        wanted.read(openRecordedRun(wanted.record));
    }
}

} // namespace orrery::archive
