// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_puller.h"

#include "engine/rpc/bulk_pull_link.h"
#include "engine/rpc/bulk_socket.h"

#include <algorithm>
#include <deque>
#include <map>

namespace orrery::rpc {
namespace {

using StreamPtr = std::shared_ptr<BulkStream>;
using LinkPtr = std::shared_ptr<BulkPullLink>;

struct Peer {
    BulkPeer at;
    std::deque<StreamPtr> waiting;
    std::vector<LinkPtr> kept;
    std::size_t running = 0;
    std::size_t paused = 0;
    bool isUnused() const { return waiting.empty() && kept.empty() && running == 0 && paused == 0; }
};

struct Pull {
    std::string peer;
    std::vector<StreamPtr> streams;
    std::size_t left = 0; // streams that are not over
    std::optional<base::Error> error; // the first
    BulkPuller::Done done;
};

std::vector<BulkRange> rangesOf(std::uint64_t bytes)
{
    if (bytes < kBulkTwoStreamsBytes) return {{0, bytes}};
    const std::uint64_t half = bytes / 2 / kBulkChunkBytes * kBulkChunkBytes;
    return {{0, half}, {half, bytes - half}};
}

} // namespace

// What links report reaches the loop by this, while the puller lives.
class BulkPuller::Impl final {
public:
    Impl(base::Loop& loop, BulkOptions options) : m_loop(loop), m_options(std::move(options)), m_port(std::make_shared<LoopPort>(loop, this)), m_pool(m_options.threads)
    {
    }
    ~Impl()
    {
        ORRERY_ON(m_loop);
        m_port->impl = nullptr;
        m_pool.stop();
        for (auto& [id, pull] : m_pulls)
            for (const auto& stream : pull.streams)
                if (stream->where == BulkStream::Where::Paused) m_loop.cancel(stream->timer);
    }
    void useTls(std::shared_ptr<const BulkTls> tls)
    {
        ORRERY_ON(m_loop);
        m_options.tls = std::move(tls);
    }
    PullId pull(const BulkPeer& to, const BulkKey& key, std::span<std::byte> bytes, Done done)
    {
        ORRERY_ON(m_loop);
        const PullId id = ++m_lastPull;
        if (m_pulls.size() >= kBulkPullsMax) {
            m_loop.post([port = m_port, done = std::move(done)] {
                if (port->impl) done(base::fail(base::Errc::Refused, "more than " + std::to_string(kBulkPullsMax) + " objects are on their way to this node"));
            });
            return id;
        }
        const std::string name = to.address + '\n' + to.name;
        Peer& peer = m_peers[name];
        peer.at = to;
        Pull& pull = m_pulls[id];
        pull.peer = name;
        pull.done = std::move(done);
        for (const BulkRange range : rangesOf(bytes.size())) {
            auto stream = std::make_shared<BulkStream>(key, BulkPlan(range, m_options.limits), bytes);
            stream->pull = id;
            pull.streams.push_back(stream);
            peer.waiting.push_back(std::move(stream));
            ++pull.left;
        }
        // Not now: what fails at once would call done inside this call.
        m_loop.post([port = m_port, name] {
            if (port->impl) port->impl->serve(name);
        });
        return id;
    }
    void cancel(PullId id)
    {
        ORRERY_ON(m_loop);
        const auto found = m_pulls.find(id);
        if (found == m_pulls.end()) return;
        stop(found->second, base::fail(base::Errc::Cancelled, "the pull was cancelled"));
        m_loop.post([port = m_port, id] {
            if (port->impl) port->impl->finishIfOver(id);
        });
    }
    Figures figures() const { return {m_connects, m_retries, m_port->bytes, m_port->wrong}; }

private:
    struct LoopPort final : BulkPullLink::Port, std::enable_shared_from_this<LoopPort> {
        LoopPort(base::Loop& to, Impl* owner) : loop(to), impl(owner) {}
        void ended(LinkPtr link, StreamPtr stream, BulkEnd how, base::Error error, bool isKept) override
        {
            loop.post([self = shared_from_this(), link = std::move(link), stream = std::move(stream), how, error = std::move(error), isKept] {
                if (self->impl) self->impl->ended(link, stream, how, error, isKept);
            });
        }
        void gone(LinkPtr link) override
        {
            loop.post([self = shared_from_this(), link = std::move(link)] {
                if (self->impl) self->impl->gone(link);
            });
        }
        void received(std::uint64_t more) override { bytes += more; }
        void chunkWasWrong() override { ++wrong; }
        base::Loop& loop;
        Impl* impl; // on the loop only; null: the puller is gone
        std::atomic<std::uint64_t> bytes{0}, wrong{0};
    };

    // Gives the waiting streams of a peer their connections.
    void serve(const std::string& name)
    {
        const auto found = m_peers.find(name);
        if (found == m_peers.end()) return;
        Peer& peer = found->second;
        std::vector<PullId> failed;
        while (peer.running < kBulkStreamsPerPeerMax && !peer.waiting.empty()) {
            const StreamPtr stream = std::move(peer.waiting.front());
            peer.waiting.pop_front();
            if (auto error = start(peer, name, stream)) broken(peer, name, stream, std::move(*error), failed);
        }
        if (peer.isUnused()) m_peers.erase(found);
        for (const PullId id : failed) finishIfOver(id);
    }
    std::optional<base::Error> start(Peer& peer, const std::string& name, const StreamPtr& stream)
    {
        LinkPtr link;
        while (!link && !peer.kept.empty()) {
            link = std::move(peer.kept.back());
            peer.kept.pop_back();
            if (!link->take(stream)) link = nullptr;
        }
        const bool isNew = !link;
        if (isNew) {
            ++m_connects;
            auto fd = connectBulk(peer.at.address);
            if (!fd) return fd.error();
            tuneBulkSocket(fd->get(), static_cast<std::uint64_t>(m_options.limits.stallNs / base::kMillisecond));
            auto tls = isUnixSocket(fd->get()) ? nullptr : m_options.tls;
            link = std::make_shared<BulkPullLink>(m_port, std::move(*fd), m_options.limits, std::move(tls), peer.at.name);
            link->take(stream);
            m_peerOf[link.get()] = name;
        }
        stream->where = BulkStream::Where::Running;
        stream->link = link.get();
        ++peer.running;
        if (isNew) m_pool.add(std::move(link));
        else m_pool.kick(link.get());
        return std::nullopt;
    }
    // It will be tried again after a pause, or the pull has failed.
    void broken(Peer& peer, const std::string& name, const StreamPtr& stream, base::Error error, std::vector<PullId>& failed)
    {
        Pull& pull = m_pulls.at(stream->pull);
        if (pull.error) return over(pull, stream);
        const auto pause = error.code == base::Errc::BadInput ? std::nullopt : stream->plan.broken();
        if (!pause) {
            const int tries = stream->plan.tries();
            over(pull, stream);
            if (tries > 0) error.message += " (tried " + std::to_string(tries) + " times)";
            stop(pull, explained(*stream, peer, std::move(error)));
            failed.push_back(stream->pull);
            return;
        }
        ++m_retries;
        stream->where = BulkStream::Where::Paused;
        ++peer.paused;
        stream->timer = m_loop.after(*pause, [this, name, stream] { resume(name, stream); });
    }
    void resume(const std::string& name, const StreamPtr& stream)
    {
        Peer& peer = m_peers.at(name);
        --peer.paused;
        stream->where = BulkStream::Where::Waiting;
        peer.waiting.push_front(stream);
        serve(name);
    }
    void ended(const LinkPtr& link, const StreamPtr& stream, BulkEnd how, base::Error error, bool isKept)
    {
        const std::string name = m_peerOf.at(link.get());
        Peer& peer = m_peers.at(name);
        --peer.running;
        stream->link = nullptr;
        std::vector<PullId> touched{stream->pull};
        Pull& pull = m_pulls.at(stream->pull);
        if (how == BulkEnd::Broken) {
            broken(peer, name, stream, std::move(error), touched);
        } else if (how == BulkEnd::Stale && !pull.error) {
            stream->where = BulkStream::Where::Waiting;
            peer.waiting.push_front(stream);
        } else {
            over(pull, stream);
            if (how == BulkEnd::Failed) stop(pull, explained(*stream, peer, std::move(error)));
        }
        // A new one is made only when none is kept, so those of a peer stay within its streams.
        if (isKept) peer.kept.push_back(link);
        else m_peerOf.erase(link.get());
        serve(name);
        for (const PullId id : touched) finishIfOver(id);
    }
    void gone(const LinkPtr& link)
    {
        const auto found = m_peerOf.find(link.get());
        if (found == m_peerOf.end()) return;
        const std::string name = found->second;
        m_peerOf.erase(found);
        const auto peer = m_peers.find(name);
        if (peer == m_peers.end()) return;
        std::erase(peer->second.kept, link);
        serve(name); // and forgets a peer that nobody uses
    }
    void over(Pull& pull, const StreamPtr& stream)
    {
        stream->where = BulkStream::Where::Over;
        --pull.left;
    }
    // The pull will end with this error: its streams are called back.
    void stop(Pull& pull, base::Error error)
    {
        if (pull.error) return;
        pull.error = std::move(error);
        Peer& peer = m_peers.at(pull.peer);
        for (const auto& stream : pull.streams) {
            switch (stream->where) {
            case BulkStream::Where::Waiting:
                std::erase(peer.waiting, stream);
                over(pull, stream);
                break;
            case BulkStream::Where::Paused:
                m_loop.cancel(stream->timer);
                --peer.paused;
                over(pull, stream);
                break;
            case BulkStream::Where::Running: // its link lets go of the memory first
                stream->isCancelled = true;
                m_pool.kick(stream->link);
                break;
            case BulkStream::Where::Over: break;
            }
        }
    }
    // The last thing that is done in a job: done may do anything, and this puller may be gone after it.
    void finishIfOver(PullId id)
    {
        const auto found = m_pulls.find(id);
        if (found == m_pulls.end() || found->second.left > 0) return;
        Pull pull = std::move(found->second);
        m_pulls.erase(found);
        const auto peer = m_peers.find(pull.peer);
        if (peer != m_peers.end() && peer->second.isUnused()) m_peers.erase(peer);
        m_loop.post([port = m_port, done = std::move(pull.done), error = std::move(pull.error)] {
            if (port->impl) done(error ? base::Result<void>(*error) : base::Result<void>());
        });
    }
    static base::Error explained(const BulkStream& stream, const Peer& peer, base::Error error)
    {
        if (error.code == base::Errc::BadInput || error.code == base::Errc::Cancelled) return error;
        return base::fail(error.code, "cannot get " + stream.key.text() + " from " + peer.at.address + ": " + error.message);
    }

    base::Loop& m_loop;
    BulkOptions m_options;
    std::map<std::string, Peer> m_peers;
    std::map<PullId, Pull> m_pulls;
    std::map<const BulkPullLink*, std::string> m_peerOf;
    PullId m_lastPull = 0;
    std::uint64_t m_connects = 0, m_retries = 0;
    std::shared_ptr<LoopPort> m_port;
    BulkPool m_pool;
};

BulkPuller::BulkPuller(base::Loop& loop, BulkOptions options) : m_impl(std::make_unique<Impl>(loop, std::move(options)))
{
}

BulkPuller::~BulkPuller() = default;

void BulkPuller::useTls(std::shared_ptr<const BulkTls> tls)
{
    m_impl->useTls(std::move(tls));
}

PullId BulkPuller::pull(const BulkPeer& peer, const BulkKey& key, std::span<std::byte> to, Done done)
{
    return m_impl->pull(peer, key, to, std::move(done));
}

void BulkPuller::cancel(PullId id)
{
    m_impl->cancel(id);
}

BulkPuller::Figures BulkPuller::figures() const
{
    return m_impl->figures();
}

} // namespace orrery::rpc
