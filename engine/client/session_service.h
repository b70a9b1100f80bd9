// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Session port across processes: SessionServer puts any Session behind gRPC, RemoteSession is a Session at the other end.
// Thread: as client/session.h says; callbacks of a RemoteSession run on its own thread or on that of their watch,
// and it must not be destroyed by one of its own callbacks.

#include "engine/client/session.h"
#include "engine/rpc/channel.h"

#include <functional>
#include <memory>
#include <string>

namespace orrery::client {

// What a call of a session is, for who decides whether it may be made.
struct SessionCall {
    enum class Kind : std::uint8_t { Can, Act, Ask, Preview, Fetch, Watch } kind = Kind::Can;
    const types::Intent* intent = nullptr; // Act
};
// pem: the certificate that the caller has shown. Refused: the sentence for the caller. Called on gRPC's threads, several at once.
using AdmitCall = std::function<base::Result<void>(const std::string& pem, const SessionCall& call)>;

class SessionServer {
public:
    // session must outlive the server that this service is registered with. Without admit nobody is let in from the network; who
    // comes through a Unix socket of ours may do everything.
    explicit SessionServer(Session& session, AdmitCall admit = {});
    ~SessionServer();
    grpc::Service& service();
    // Ends every watch, so that the server can shut down.
    void shutdown();

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

// Every call answers with Unavailable when nobody is there; watches go on by themselves
// when the head comes back: the next delta says resync, and of a run that was named by its id only the blocks come that were missed
// (its firstBlock is then not 1).
// Watchful: for a head on another machine; one that answers nothing for some seconds is told as Unavailable too.
std::unique_ptr<Session> connectSession(rpc::Target head, rpc::Watchful watchful = rpc::Watchful::No);

} // namespace orrery::client
