// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/node_stream.h"

#include "engine/rpc/stream_ends.h"
#include "orrery/v1/transport.grpc.pb.h"

namespace orrery::rpc {

namespace {

class ServerLink final : public net::NodeLink {
public:
    explicit ServerLink(std::unique_ptr<ServedStream<net::ToNode>> stream) : m_stream(std::move(stream)) {}
    void send(net::ToNode message) override { m_stream->send(message); }

private:
    const std::unique_ptr<ServedStream<net::ToNode>> m_stream;
};

class StreamToHead final : public net::HeadLink {
public:
    StreamToHead(const Target& head, base::Loop& loop, HeadEvents events)
        : m_client(head, loop, {std::move(events.message), std::move(events.state)},
                   [](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context) { return v1::Link::NewStub(channel)->Node(context); }, "node")
    {
    }
    // While the link is down messages are lost: blocks are kept by the run until acknowledged, the rest comes again.
    void send(net::FromNode message) override { m_client.send(message); }

private:
    StreamClient<net::ToNode, net::FromNode> m_client;
};

} // namespace

class NodeStreams::Impl final : public v1::Link::Service {
public:
    explicit Impl(Owner owner)
        : server({owner.loop, [accept = owner.accept](std::unique_ptr<ServedStream<net::ToNode>> stream, const std::string& who) { return accept(std::make_unique<ServerLink>(std::move(stream)), who); }, owner.received, owner.broken, owner.admit}, "head")
    {
    }
    grpc::Status Node(grpc::ServerContext* context, grpc::ServerReaderWriter<v1::Envelope, v1::Envelope>* stream) override { return server.serve(context, stream); }
    StreamServer<net::FromNode, net::ToNode> server;
};

NodeStreams::NodeStreams(Owner owner) : m_impl(std::make_unique<Impl>(std::move(owner))) {}
NodeStreams::~NodeStreams() = default;
grpc::Service& NodeStreams::service() { return *m_impl; }
void NodeStreams::shutdown() { m_impl->server.shutdown(); }

std::unique_ptr<net::HeadLink> connectToHead(const Target& head, base::Loop& loop, HeadEvents events)
{
    return std::make_unique<StreamToHead>(head, loop, std::move(events));
}

} // namespace orrery::rpc
