// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/head_session.h"

#include "engine/host/joining.h"

#include <future>
#include <map>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {
constexpr const char* kEnded = "the head of the cluster has ended";
}

class HeadSession::Open {
public:
    // Gives the callback back wrapped: it runs once, and not after close().
    template <typename T>
    std::function<void(base::Result<T>)> once(const std::shared_ptr<Open>& self, std::function<void(base::Result<T>)> done)
    {
        const std::uint64_t number = ++m_last;
        m_open[number] = [done](const base::Error& error) { done(error); };
        return [self, number, done = std::move(done)](base::Result<T> result) {
            if (self->m_open.erase(number) > 0) done(std::move(result));
        };
    }
    void close()
    {
        m_closed = true;
        // A callback may ask again; that is answered at once.
        for (auto& [number, refuse] : std::exchange(m_open, {})) refuse(fail(Errc::Closed, "the session was closed"));
        for (auto& [id, watch] : std::exchange(m_watches, {})) {
            if (m_slot->head) m_slot->head->unwatch(watch.inHead);
            watch.delta(fail(Errc::Closed, "the session was closed"));
        }
    }
    struct Watch {
        head::WatchId inHead = 0;
        std::function<void(base::Result<types::Delta>)> delta;
    };
    explicit Open(std::shared_ptr<HeadSlot> slot) : m_slot(std::move(slot)) {}
    bool closed() const { return m_closed; }
    std::map<client::WatchId, Watch>& watches() { return m_watches; }

private:
    const std::shared_ptr<HeadSlot> m_slot;
    std::map<std::uint64_t, std::function<void(const base::Error&)>> m_open;
    std::map<client::WatchId, Watch> m_watches;
    std::uint64_t m_last = 0;
    bool m_closed = false;
};

HeadSession::HeadSession(std::shared_ptr<HeadSlot> slot) : m_slot(std::move(slot)), m_open(std::make_shared<Open>(m_slot))
{
    m_slot->whenEnded([open = std::weak_ptr<Open>(m_open)] {
        if (const auto left = open.lock()) left->close();
    });
}

HeadSession::~HeadSession()
{
    if (m_slot->onLoop()) {
        m_open->close();
        return;
    }
    auto closed = std::make_shared<std::promise<void>>();
    auto done = closed->get_future();
    const bool posted = m_slot->post([open = m_open, closed] {
        open->close();
        closed->set_value();
    });
    if (posted) done.wait();
}

template <typename T, typename Call>
void HeadSession::post(std::function<void(base::Result<T>)> done, Call call)
{
    const bool posted = m_slot->post([slot = m_slot, open = m_open, done, call = std::move(call)]() mutable {
        if (open->closed()) return done(fail(Errc::Closed, "the session was closed"));
        if (!slot->head) return done(fail(Errc::Unavailable, slot->whyNone));
        call(*slot->head, open->once(open, std::move(done)));
    });
    if (!posted) done(fail(Errc::Unavailable, kEnded));
}

void HeadSession::act(types::Intent intent, std::function<void(base::Result<types::Reply>)> done)
{
    if (Joining::isOurs(intent)) {
        const bool posted = m_slot->post([slot = m_slot, open = m_open, done, intent = std::move(intent)] {
            if (open->closed()) return done(fail(Errc::Closed, "the session was closed"));
            if (!slot->head) return done(fail(Errc::Unavailable, slot->whyNone));
            if (const auto* wish = std::get_if<types::Listen>(&intent)) return done(slot->listen(wish->address));
            if (!slot->joining && std::holds_alternative<types::ListTokens>(intent)) {
                types::Reply none;
                none.network.hosts = machineAddresses();
                return done(std::move(none));
            }
            if (!slot->joining) return done(fail(Errc::Refused, "this cluster does not listen on the network, so no machine can join; orreryctl listen HOST:PORT opens a port"));
            slot->joining->act(intent, open->once<types::Reply>(open, done));
        });
        if (!posted) done(fail(Errc::Unavailable, kEnded));
        return;
    }
    post(std::move(done), [intent = std::move(intent)](head::Head& head, auto once) mutable { head.act(std::move(intent), std::move(once)); });
}

void HeadSession::ask(types::Query query, std::function<void(base::Result<types::Page>)> done)
{
    post(std::move(done), [query = std::move(query)](head::Head& head, auto once) mutable { head.ask(std::move(query), std::move(once)); });
}

void HeadSession::preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done)
{
    post(std::move(done), [wish](head::Head& head, auto once) { head.preview(wish, std::move(once)); });
}

void HeadSession::fetch(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done)
{
    post(std::move(done), [object, range](head::Head& head, auto once) { head.fetch(object, range, std::move(once)); });
}

client::WatchId HeadSession::watch(types::Interest interest, std::function<void(base::Result<types::Delta>)> delta)
{
    const client::WatchId id = ++m_lastWatch;
    const bool posted = m_slot->post([slot = m_slot, open = m_open, id, interest = std::move(interest), delta]() mutable {
        if (open->closed()) return delta(fail(Errc::Closed, "the session was closed"));
        if (!slot->head) return delta(fail(Errc::Unavailable, slot->whyNone));
        open->watches()[id].delta = std::move(delta);
        const auto inHead = slot->head->watch(std::move(interest), [open, id](base::Result<types::Delta> made) {
            const auto found = open->watches().find(id);
            if (found == open->watches().end()) return;
            const auto callback = found->second.delta; // it may end the watch
            if (!made) open->watches().erase(found);
            callback(std::move(made));
        });
        if (const auto found = open->watches().find(id); found != open->watches().end()) found->second.inHead = inHead;
    });
    if (!posted) delta(fail(Errc::Unavailable, kEnded));
    return id;
}

void HeadSession::taken(client::WatchId id)
{
    m_slot->post([slot = m_slot, open = m_open, id] {
        const auto found = open->watches().find(id);
        if (found != open->watches().end() && slot->head) slot->head->taken(found->second.inHead);
    });
}

void HeadSession::unwatch(client::WatchId id)
{
    m_slot->post([slot = m_slot, open = m_open, id] {
        const auto found = open->watches().find(id);
        if (found == open->watches().end()) return;
        const auto inHead = found->second.inHead;
        open->watches().erase(found);
        if (slot->head) slot->head->unwatch(inHead);
    });
}

} // namespace orrery::host
