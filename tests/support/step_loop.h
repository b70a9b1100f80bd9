// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// StepLoop: a Loop and its Clock in the hands of a test: nothing runs until the test says so, time moves only by advance(), so a
// test of seconds takes microseconds and is the same each time. No descriptors.
// Thread: the test's; post() from others is not for this loop.

#include "engine/base/assert.h"
#include "engine/base/loop.h"

#include <deque>
#include <map>

namespace orrery::tests {

class StepLoop final : public base::Loop, public base::Clock {
public:
    explicit StepLoop(base::TimeNs startNs = 1000 * base::kSecond) : m_nowNs(startNs) {}
    // Runs what is posted and due until nothing is left; time stands still. REQUIRES: it ends (an endless repetition is a bug).
    void runReady()
    {
        for (int rounds = 0;; ++rounds) {
            ORRERY_ASSERT_NOTE(rounds < 1'000'000, "the loop never comes to rest");
            if (!m_posted.empty()) {
                const auto job = std::move(m_posted.front());
                m_posted.pop_front();
                job();
            } else if (!m_timers.empty() && m_timers.begin()->first.first <= m_nowNs) {
                const auto job = std::move(m_timers.begin()->second);
                m_timers.erase(m_timers.begin());
                job();
            } else return;
        }
    }
    // Lets so much time pass; each timer finds its own instant.
    void advance(base::TimeNs ns)
    {
        const base::TimeNs until = m_nowNs + ns;
        runReady();
        while (!m_timers.empty() && m_timers.begin()->first.first <= until) {
            m_nowNs = m_timers.begin()->first.first;
            runReady();
        }
        m_nowNs = until;
        runReady();
    }
    std::size_t timers() const { return m_timers.size(); }

    void post(base::Job job) override { m_posted.push_back(std::move(job)); }
    bool onLoop() const override { return true; }
    base::TimerId after(base::TimeNs delayNs, base::Job job) override
    {
        m_timers.emplace(std::pair(m_nowNs + delayNs, ++m_lastTimer), std::move(job));
        return m_lastTimer;
    }
    void cancel(base::TimerId id) override
    {
        for (auto timer = m_timers.begin(); timer != m_timers.end(); ++timer)
            if (timer->first.second == id) {
                m_timers.erase(timer);
                return;
            }
    }
    void watch(int, std::uint32_t, std::function<void(std::uint32_t)>) override { ORRERY_ASSERT_NOTE(false, "a StepLoop has no descriptors"); }
    void rewatch(int, std::uint32_t) override {}
    void unwatch(int) override {}
    base::TimeNs nowNs() const override { return m_nowNs; }
    base::TimeNs monoNs() const override { return m_nowNs; }
    base::TimeNs wallNs() const override { return m_nowNs + 1'700'000'000 * base::kSecond; }

private:
    base::TimeNs m_nowNs;
    base::TimerId m_lastTimer = 0;
    std::deque<base::Job> m_posted;
    std::map<std::pair<base::TimeNs, base::TimerId>, base::Job> m_timers;
};

} // namespace orrery::tests
