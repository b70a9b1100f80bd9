// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/enrol_door.h"

#include "engine/base/log.h"
#include "engine/rpc/bulk_socket.h"

#include <future>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace orrery::host {

using security::EnrolLink;

base::Result<std::unique_ptr<EnrolDoor>> EnrolDoor::make(const security::Identity& head, Asked asked)
{
    auto tls = security::TlsContext::enrolServer(head);
    if (!tls) return tls.error();
    return std::unique_ptr<EnrolDoor>(new EnrolDoor(std::make_unique<security::TlsContext>(std::move(*tls)), std::move(asked)));
}

EnrolDoor::EnrolDoor(std::unique_ptr<security::TlsContext> tls, Asked asked) : m_asked(std::move(asked))
{
    m_tls.push_back(std::move(tls));
    m_thread = std::thread([this] { m_loop.run(); });
}

base::Result<void> EnrolDoor::show(const security::Identity& head)
{
    auto tls = security::TlsContext::enrolServer(head);
    if (!tls) return tls.error();
    m_loop.post([this, fresh = std::make_shared<std::unique_ptr<security::TlsContext>>(std::make_unique<security::TlsContext>(std::move(*tls)))] { m_tls.push_back(std::move(*fresh)); });
    return {};
}

EnrolDoor::~EnrolDoor()
{
    m_loop.post([this] {
        *m_alive = false;
        if (m_listener) m_loop.unwatch(m_listener.get());
        while (!m_links.empty()) end(m_links.begin()->first);
        m_loop.stop();
    });
    m_thread.join();
}

base::Result<std::string> EnrolDoor::open(const std::string& address)
{
    if (m_open) return m_before;
    const bool any = address.ends_with(":0");
    auto listener = rpc::listenTcp(any && !m_before.empty() ? m_before : address);
    if (!listener && any && !m_before.empty()) listener = rpc::listenTcp(address); // somebody else has it by now
    if (!listener) return listener.error();
    m_before = rpc::localAddress(listener->get());
    m_open = true;
    m_loop.post([this, fd = std::make_shared<base::UniqueFd>(std::move(*listener))] {
        m_listener = std::move(*fd);
        m_loop.watch(m_listener.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
    });
    return m_before;
}

void EnrolDoor::close()
{
    if (!std::exchange(m_open, false)) return;
    std::promise<void> closed; // on return nobody gets in any more
    m_loop.post([this, &closed] {
        m_loop.unwatch(m_listener.get());
        m_listener.reset();
        closed.set_value();
    });
    closed.get_future().wait();
}

void EnrolDoor::accept()
{
    base::UniqueFd fd(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd || m_links.size() >= kEnrolLinksMax) return;
    const std::uint64_t number = ++m_last;
    Link& link = m_links[number];
    link.fd = std::move(fd);
    link.from = rpc::peerAddress(link.fd.get());
    link.tls = std::make_unique<EnrolLink>(*m_tls.back(), link.fd.get(), EnrolLink::Side::Head);
    link.timer = m_loop.after(kEnrolLimitNs, [this, number] {
        if (const auto found = m_links.find(number); found != m_links.end()) found->second.timer = 0;
        end(number);
    });
    m_loop.watch(link.fd.get(), EPOLLIN, [this, number](std::uint32_t events) {
        const auto found = m_links.find(number);
        if (found == m_links.end()) return;
        const bool left = (events & (EPOLLERR | EPOLLHUP)) != 0 && found->second.state == Link::State::Asked; // or it would be told so again and again
        if (left) end(number);
        else step(number);
    });
}

void EnrolDoor::step(std::uint64_t number)
{
    const auto found = m_links.find(number);
    if (found == m_links.end()) return;
    Link& link = found->second;
    for (;;) {
        using State = Link::State;
        if (link.state == State::Asked) return;
        auto now = link.state == State::Shake ? link.tls->shake() : link.state == State::Receive ? link.tls->receive() : link.tls->send();
        if (!now) {
            base::logf(base::LogLevel::Warn, "enrol", "{} came to join and went without having asked: {}", link.from, now.error().message);
            return end(number);
        }
        if (*now != EnrolLink::Now::Done) return m_loop.rewatch(link.fd.get(), *now == EnrolLink::Now::WaitRead ? EPOLLIN : EPOLLOUT);
        if (link.state == State::Send) return end(number);
        if (link.state == State::Shake) {
            link.state = State::Receive;
            continue;
        }
        link.state = State::Asked;
        m_loop.rewatch(link.fd.get(), 0);
        return m_asked(security::enrolRequestFrom(link.tls->message()), link.from, [this, alive = m_alive, number](security::EnrolReply reply) {
            m_loop.post([this, alive, number, reply = std::move(reply)] {
                if (*alive) answered(number, reply);
            });
        });
    }
}

void EnrolDoor::answered(std::uint64_t number, const security::EnrolReply& reply)
{
    const auto found = m_links.find(number);
    if (found == m_links.end() || found->second.state != Link::State::Asked) return;
    found->second.tls->put(security::toBytes(reply));
    found->second.state = Link::State::Send;
    step(number);
}

void EnrolDoor::end(std::uint64_t number)
{
    const auto found = m_links.find(number);
    if (found == m_links.end()) return;
    if (found->second.timer != 0) m_loop.cancel(found->second.timer);
    m_loop.unwatch(found->second.fd.get());
    m_links.erase(found);
}

} // namespace orrery::host
