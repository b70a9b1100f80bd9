// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// FakeSession: a Session in the hands of a test. What is asked is kept until the test answers; deltas come when the test says.
// Thread: any; the test decides on which thread a callback runs by the thread on which it answers.

#include "engine/client/session.h"

#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace orrery::tests {

class FakeSession final : public client::Session {
public:
    template <typename Wish, typename Result>
    struct Asked {
        Wish wish;
        std::function<void(base::Result<Result>)> done;
    };
    struct Fetch {
        types::ObjectAddress object;
        types::Range range;
    };
    template <typename Wish, typename Result>
    class Questions {
    public:
        std::size_t size() const
        {
            const std::lock_guard lock(m_mutex);
            return m_open.size();
        }
        Wish wish(std::size_t i) const
        {
            const std::lock_guard lock(m_mutex);
            return m_open.at(i).wish;
        }
        void add(Wish wish, std::function<void(base::Result<Result>)> done)
        {
            const std::lock_guard lock(m_mutex);
            m_open.push_back({std::move(wish), std::move(done)});
        }
        void answer(std::size_t i, base::Result<Result> result)
        {
            Asked<Wish, Result> asked;
            {
                const std::lock_guard lock(m_mutex);
                asked = std::move(m_open.at(i));
                m_open.erase(m_open.begin() + static_cast<std::ptrdiff_t>(i));
            }
            asked.done(std::move(result));
        }

    private:
        mutable std::mutex m_mutex;
        std::deque<Asked<Wish, Result>> m_open;
    };

    Questions<types::Intent, types::Reply> acts;
    Questions<types::Query, types::Page> asks;
    Questions<types::PreviewWish, types::Preview> previews;
    Questions<Fetch, types::Chunk> fetches;
    types::Can answerCan;

    // ---- watches ----
    // The newest that still lasts; 0: none.
    client::WatchId world() const { return find(true); }
    client::WatchId shown() const { return find(false); }
    types::Interest interest(client::WatchId id) const
    {
        const std::lock_guard lock(m_mutex);
        return m_watches.at(id).interest;
    }
    bool outstanding(client::WatchId id) const
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_watches.find(id);
        return found != m_watches.end() && found->second.outstanding > 0;
    }
    int outstandingMost() const { return m_outstandingMost; } // ever, of one watch
    std::size_t watches() const
    {
        const std::lock_guard lock(m_mutex);
        return m_watches.size();
    }
    std::uint64_t watchesMade() const
    {
        const std::lock_guard lock(m_mutex);
        return m_last;
    }
    // Sets epoch and the next number, unless they are given. False: the watch has ended.
    bool deliver(client::WatchId id, types::Delta delta)
    {
        std::function<void(base::Result<types::Delta>)> callback;
        {
            const std::lock_guard lock(m_mutex);
            const auto found = m_watches.find(id);
            if (found == m_watches.end()) return false;
            auto& watch = found->second;
            if (delta.epoch == 0) delta.epoch = 1;
            if (delta.seq == 0) delta.seq = watch.seq + 1;
            watch.seq = delta.seq;
            m_outstandingMost = std::max(m_outstandingMost, ++watch.outstanding);
            callback = watch.callback;
        }
        callback(std::move(delta));
        return true;
    }
    void fail(client::WatchId id, base::Error error)
    {
        std::function<void(base::Result<types::Delta>)> callback;
        {
            const std::lock_guard lock(m_mutex);
            callback = m_watches.at(id).callback;
        }
        callback(std::move(error));
    }

    // ---- Session ----
    types::Can can(types::Verb) const override { return answerCan; }
    void act(types::Intent intent, std::function<void(base::Result<types::Reply>)> done) override { acts.add(std::move(intent), std::move(done)); }
    client::WatchId watch(types::Interest interest, std::function<void(base::Result<types::Delta>)> delta) override
    {
        const std::lock_guard lock(m_mutex);
        m_watches[++m_last] = {std::move(interest), std::move(delta), 0, 0};
        return m_last;
    }
    void taken(client::WatchId id) override
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_watches.find(id);
        if (found != m_watches.end()) --found->second.outstanding;
    }
    void unwatch(client::WatchId id) override
    {
        const std::lock_guard lock(m_mutex);
        m_watches.erase(id);
    }
    void ask(types::Query query, std::function<void(base::Result<types::Page>)> done) override { asks.add(std::move(query), std::move(done)); }
    void preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done) override { previews.add(wish, std::move(done)); }
    void fetch(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done) override
    {
        fetches.add({object, range}, std::move(done));
    }

private:
    struct Watch {
        types::Interest interest;
        std::function<void(base::Result<types::Delta>)> callback;
        std::uint64_t seq = 0;
        int outstanding = 0;
    };
    client::WatchId find(bool world) const
    {
        const std::lock_guard lock(m_mutex);
        for (auto watch = m_watches.rbegin(); watch != m_watches.rend(); ++watch)
            if (watch->second.interest.run.isNull() == world) return watch->first;
        return 0;
    }
    mutable std::mutex m_mutex; // guards the rest
    std::map<client::WatchId, Watch> m_watches;
    client::WatchId m_last = 0;
    int m_outstandingMost = 0;
};

} // namespace orrery::tests
