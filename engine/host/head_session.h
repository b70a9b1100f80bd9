// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HeadSession: the Session port on a head in this process. Calls from any thread are posted to the head's loop; callbacks run
// there. Destroying it answers what is open with Closed, on the loop, and waits for that: afterwards no callback runs.
// The head and its loop may end before it: what is open is answered then, and every later call answers Unavailable at once,
// on the caller's thread.

#include "engine/client/session.h"
#include "engine/host/head_slot.h"

#include <atomic>
#include <memory>

namespace orrery::host {

class HeadSession final : public client::Session {
public:
    explicit HeadSession(std::shared_ptr<HeadSlot> slot);
    ~HeadSession() override;
    types::Can can(types::Verb verb) const override { return m_slot->cans->read(verb); }
    void act(types::Intent intent, std::function<void(base::Result<types::Reply>)> done) override;
    client::WatchId watch(types::Interest interest, std::function<void(base::Result<types::Delta>)> delta) override;
    void taken(client::WatchId id) override;
    void unwatch(client::WatchId id) override;
    void ask(types::Query query, std::function<void(base::Result<types::Page>)> done) override;
    void preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done) override;
    void fetch(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done) override;

private:
    class Open; // what is not answered yet; the loop's
    template <typename T, typename Call>
    void post(std::function<void(base::Result<T>)> done, Call call);

    const std::shared_ptr<HeadSlot> m_slot;
    const std::shared_ptr<Open> m_open;
    std::atomic<client::WatchId> m_lastWatch{0};
};

} // namespace orrery::host
