// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_server.h"

#include "engine/base/log.h"
#include "engine/rpc/bulk_served_link.h"
#include "engine/rpc/bulk_socket.h"

#include <cerrno>
#include <map>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace orrery::rpc {
namespace {

constexpr int kAcceptedAtOnce = 16;
constexpr base::TimeNs kAcceptAgainNs = 100 * base::kMillisecond; // when there are no descriptors left

BulkStatus statusOf(const base::Error& error)
{
    switch (error.code) {
    case base::Errc::NotFound:
    case base::Errc::Lost: return BulkStatus::NotFound;
    case base::Errc::Unavailable: return BulkStatus::Busy;
    case base::Errc::Refused: return BulkStatus::Refused;
    default: return BulkStatus::Failed;
    }
}

} // namespace

// Lives as long as its links; what is of the loop ends with the server.
class BulkServer::Impl final : public BulkServedLink::Port, public std::enable_shared_from_this<Impl> {
public:
    Impl(base::Loop& loop, BulkSource& source, BulkOptions options)
        : m_loop(loop), m_source(&source), m_options(std::move(options)), m_pool(std::make_unique<BulkPool>(m_options.threads))
    {
    }
    void end()
    {
        ORRERY_ON(m_loop);
        m_source = nullptr;
        if (m_listener) m_loop.unwatch(m_listener.get());
        if (m_acceptTimer != 0) m_loop.cancel(m_acceptTimer);
        if (!m_path.empty()) ::unlink(m_path.c_str());
        m_listener.reset();
        m_pool.reset();
        m_pins.clear();
    }
    void useTls(std::shared_ptr<const BulkTls> tls)
    {
        ORRERY_ON(m_loop);
        m_options.tls = std::move(tls);
    }
    base::Result<void> listen(const std::string& path)
    {
        ORRERY_ON(m_loop);
        auto listener = listenBulk(path);
        if (!listener) return listener.error();
        m_listener = std::move(*listener);
        m_path = path;
        watch();
        return {};
    }
    void serve(base::UniqueFd fd)
    {
        ORRERY_ON(m_loop);
        const bool isUnix = isUnixSocket(fd.get());
        const auto turnAway = [&](BulkStatus status) {
            ++m_turnedAway;
            const auto hello = packHello(status);
            // To one that expects TLS these bytes would be nonsense; it sees the end of the connection.
            if (isUnix || !m_options.tls) ::send(fd.get(), hello.data(), hello.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        };
        if (isUnix && !isOurUser(fd.get())) {
            base::logLine(base::LogLevel::Warn, "bulk", "a process of another user asked for objects and was turned away");
            return turnAway(BulkStatus::Refused);
        }
        if (m_connections >= kBulkServedMax) return turnAway(BulkStatus::Busy);
        tuneBulkSocket(fd.get(), static_cast<std::uint64_t>(m_options.limits.stallNs / base::kMillisecond));
        ++m_connections;
        m_pool->add(std::make_shared<BulkServedLink>(shared_from_this(), std::move(fd), m_options.limits, isUnix ? nullptr : m_options.tls));
    }
    Figures figures() const { return {m_connections, m_turnedAway, m_requests, m_bytesSent, m_pins.size()}; }

    void open(std::shared_ptr<BulkServedLink> link, const BulkKey& key) override
    {
        m_loop.post([self = shared_from_this(), link = std::move(link), key] {
            if (!self->m_source) return;
            ++self->m_requests;
            self->m_source->open(key, [self, link](base::Result<BulkBytes> got) { self->opened(*link, std::move(got)); });
        });
    }
    void letGo(std::uint64_t pin) override
    {
        m_loop.post([self = shared_from_this(), pin] { self->m_pins.erase(pin); });
    }
    void sent(std::uint64_t bytes) override { m_bytesSent += bytes; }
    void ended() override { --m_connections; }

private:
    void opened(BulkServedLink& link, base::Result<BulkBytes> got)
    {
        ORRERY_ON(m_loop);
        if (!m_source) return;
        BulkServedLink::Opened opened;
        if (got) {
            opened = {BulkStatus::Ok, got->bytes, ++m_lastPin};
            m_pins.emplace(m_lastPin, std::move(got->pin));
        } else {
            opened.status = statusOf(got.error());
        }
        if (link.opened(opened)) m_pool->kick(&link);
        else m_pins.erase(opened.pin);
    }
    void watch()
    {
        m_loop.watch(m_listener.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
    }
    void accept()
    {
        for (int i = 0; i < kAcceptedAtOnce; ++i) {
            base::UniqueFd fd(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (fd) {
                serve(std::move(fd));
                continue;
            }
            if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
            // It would be ready again at once; so nobody looks for a while.
            m_loop.unwatch(m_listener.get());
            m_acceptTimer = m_loop.after(kAcceptAgainNs, [this] {
                m_acceptTimer = 0;
                watch();
            });
            return;
        }
    }

    base::Loop& m_loop;
    BulkSource* m_source; // null: the server is gone
    BulkOptions m_options;
    std::unique_ptr<BulkPool> m_pool;
    base::UniqueFd m_listener;
    std::string m_path;
    base::TimerId m_acceptTimer = 0;
    std::map<std::uint64_t, std::shared_ptr<const void>> m_pins;
    std::uint64_t m_lastPin = 0;
    std::uint64_t m_turnedAway = 0, m_requests = 0;
    std::atomic<std::uint64_t> m_connections{0}, m_bytesSent{0}; // by the pool's threads too
};

BulkServer::BulkServer(base::Loop& loop, BulkSource& source, BulkOptions options) : m_impl(std::make_shared<Impl>(loop, source, std::move(options)))
{
}

BulkServer::~BulkServer()
{
    m_impl->end();
}

void BulkServer::useTls(std::shared_ptr<const BulkTls> tls)
{
    m_impl->useTls(std::move(tls));
}

base::Result<void> BulkServer::listen(const std::string& path)
{
    return m_impl->listen(path);
}

void BulkServer::serve(base::UniqueFd fd)
{
    m_impl->serve(std::move(fd));
}

BulkServer::Figures BulkServer::figures() const
{
    return m_impl->figures();
}

} // namespace orrery::rpc
