// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/peer_stream.h"

#include "engine/rpc/node_stream.h"
#include "engine/rpc/stream_ends.h"
#include "orrery/v1/transport.grpc.pb.h"

namespace orrery::rpc {

namespace {

constexpr auto kServerEndLimit = std::chrono::milliseconds(500);

class ServedPeer final : public PeerEnd {
public:
    explicit ServedPeer(std::unique_ptr<ServedStream<net::PeerFrame>> stream) : m_stream(std::move(stream)) {}
    void send(const net::PeerFrame& frame) override { m_stream->send(frame); }

private:
    const std::unique_ptr<ServedStream<net::PeerFrame>> m_stream;
};

class ConnectedPeer final : public PeerEnd {
public:
    ConnectedPeer(const Target& peer, base::Loop& loop, PeerEvents events)
        : m_client(peer, loop, {std::move(events.received), std::move(events.state)},
                   [](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context) { return v1::Peer::NewStub(channel)->Talk(context); }, "node")
    {
    }
    void send(const net::PeerFrame& frame) override { m_client.send(frame); }

private:
    StreamClient<net::PeerFrame, net::PeerFrame> m_client;
};

} // namespace

class PeerServer::Impl final : public v1::Peer::Service {
public:
    explicit Impl(Owner owner)
        : frames({owner.loop, [accept = owner.accept](std::unique_ptr<ServedStream<net::PeerFrame>> stream, const std::string& who) { return accept(std::make_unique<ServedPeer>(std::move(stream)), who); }, owner.received, owner.broken, owner.admit}, "node")
    {
    }
    grpc::Status Talk(grpc::ServerContext* context, grpc::ServerReaderWriter<v1::Envelope, v1::Envelope>* stream) override { return frames.serve(context, stream); }
    StreamServer<net::PeerFrame, net::PeerFrame> frames;
    std::unique_ptr<grpc::Server> server;
    std::unique_ptr<TlsServer> tls;
};

PeerServer::PeerServer(Owner owner) : m_impl(std::make_unique<Impl>(std::move(owner))) {}

PeerServer::~PeerServer()
{
    m_impl->frames.shutdown();
    if (m_impl->tls) m_impl->tls->end(kServerEndLimit);
    if (m_impl->server) m_impl->server->Shutdown(std::chrono::system_clock::now() + kServerEndLimit);
}

bool PeerServer::listen(const std::string& socket)
{
    m_impl->server = startServer(socket, {m_impl.get()});
    return m_impl->server != nullptr;
}

bool PeerServer::secure(const Secure& secure)
{
    m_impl->tls = TlsServer::make(secure, {m_impl.get()});
    return m_impl->tls != nullptr;
}

void PeerServer::take(base::UniqueFd fd) { m_impl->tls->take(std::move(fd)); }

std::unique_ptr<PeerEnd> connectToPeer(const Target& peer, base::Loop& loop, PeerEvents events)
{
    return std::make_unique<ConnectedPeer>(peer, loop, std::move(events));
}

} // namespace orrery::rpc
