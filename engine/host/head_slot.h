// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HeadSlot: where the sessions of a process find its head, from before it started until after it ended.
// Thread: post() and cans from any; head and whyNone are the loop's. Lives: as long as any session or the head; the loop only
// until end().

#include "engine/base/loop.h"
#include "engine/head/head.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace orrery::host {

class Joining;

class HeadSlot {
public:
    explicit HeadSlot(base::Loop& loop) : m_loop(loop) {}
    // False: the loop has ended and nothing will run. True: the job runs on it, once.
    bool post(base::Job job)
    {
        const std::lock_guard lock(m_mutex);
        if (m_ended) return false;
        m_loop.post(std::move(job));
        return true;
    }
    // REQUIRES: not ended. True inside jobs of the loop.
    bool onLoop() const
    {
        const std::lock_guard lock(m_mutex);
        return !m_ended && m_loop.onLoop();
    }
    // ended is called on the loop's thread by end(), or now when that is over.
    void whenEnded(std::function<void()> ended)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (!m_ended) {
                m_whenEnded.push_back(std::move(ended));
                return;
            }
        }
        ended();
    }
    // The loop runs no more; on its thread. Jobs that were posted before have to be run by the caller afterwards.
    void end()
    {
        std::vector<std::function<void()>> all;
        {
            const std::lock_guard lock(m_mutex);
            m_ended = true;
            all.swap(m_whenEnded);
        }
        for (const auto& ended : all) ended();
    }

    head::Head* head = nullptr; // null before it started and after it ended
    Joining* joining = nullptr; // null: it does not listen on the network
    // Opens the network at a numeric address; set while head is.
    std::function<base::Result<types::Reply>(const std::string& address)> listen;
    const std::shared_ptr<head::CanBoard> cans = std::make_shared<head::CanBoard>();
    std::string whyNone = "the head of the cluster has not started"; // while head is null

private:
    base::Loop& m_loop;
    mutable std::mutex m_mutex; // guards the next two
    bool m_ended = false;
    std::vector<std::function<void()>> m_whenEnded; // one a session that was ever made; they are few
};

} // namespace orrery::host
