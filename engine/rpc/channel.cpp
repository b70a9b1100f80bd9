// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/channel.h"

#include "engine/base/log.h"

#include <cstring>
#include <grpc/support/log.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace orrery::rpc {

namespace {

// gRPC's lines go where ours do. It also says of each TLS connection that no host name fits the certificate, which none has.
void lineOfGrpc(gpr_log_func_args* args)
{
    const std::string_view text(args->message);
    if (text.find("No match found for server name") != std::string_view::npos) return;
    const auto level = args->severity == GPR_LOG_SEVERITY_ERROR ? base::LogLevel::Warn : base::LogLevel::Debug; // an error of its is not one of ours yet
    base::logLine(level, "grpc", text);
}

void takeGrpcsLog()
{
    static const bool once = (gpr_set_log_function(lineOfGrpc), true);
    (void)once;
}

} // namespace

std::shared_ptr<grpc::Channel> makeChannel(const Target& target, Watchful watchful)
{
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
    arguments.SetMaxSendMessageSize(kMessageBytesMax);
    // A channel of its own: a connection that is down for one must not be remembered as down for the next.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    if (watchful == Watchful::Yes || target.socket.empty()) {
        arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kKeepaliveMs); // how long one try may take; 20 s else, of which a cable that is back is not told
        arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
        arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
        arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0); // a watch of an idle cluster sends nothing else
    }
    // Unix sockets: the folder's mode and the owner's uid are the authentication.
    if (!target.socket.empty()) return grpc::CreateCustomChannel("unix:" + target.socket, grpc::InsecureChannelCredentials(), arguments);
    takeGrpcsLog();
    arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    const char* const scheme = target.tcp.starts_with('[') ? "ipv6:" : "ipv4:";
    return grpc::CreateCustomChannel(scheme + target.tcp, target.secure->connect(target.peer), arguments);
}

base::Result<std::string> certificateOf(const grpc::ServerContext& context)
{
    if (context.peer().starts_with("unix:")) return std::string();
    const auto shown = context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (shown.size() != 1) return base::fail(base::Errc::Refused, "a peer from the network has shown no certificate");
    return std::string(shown[0].data(), shown[0].size());
}

bool socketAnswers(const std::string& socket)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, socket.c_str(), socket.size() + 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool answers = fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (fd >= 0) ::close(fd);
    return answers;
}

namespace {

void prepare(grpc::ServerBuilder& builder, const std::vector<grpc::Service*>& services)
{
    grpc::ResourceQuota quota("orrery");
    quota.SetMaxThreads(kServerThreadsMax);
    builder.SetResourceQuota(quota);
    builder.SetMaxReceiveMessageSize(kMessageBytesMax);
    builder.SetMaxSendMessageSize(kMessageBytesMax);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 2);
    // Else a watchful peer's pings are taken for an attack.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kKeepaliveMs / 3);
    for (auto* service : services) builder.RegisterService(service);
}

} // namespace

std::unique_ptr<TlsServer> TlsServer::make(const Secure& secure, const std::vector<grpc::Service*>& services)
{
    takeGrpcsLog();
    const auto credentials = secure.serve();
    if (!credentials) return nullptr;
    grpc::ServerBuilder builder;
    prepare(builder, services);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
    std::unique_ptr<TlsServer> made(new TlsServer);
    made->m_acceptor = builder.experimental().AddExternalConnectionAcceptor(grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
    made->m_server = builder.BuildAndStart();
    return made->m_server ? std::move(made) : nullptr;
}

TlsServer::~TlsServer() { end(std::chrono::milliseconds(500)); }

void TlsServer::take(base::UniqueFd fd)
{
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
    parameters.fd = fd.release();
    m_acceptor->HandleNewConnection(&parameters);
}

void TlsServer::end(std::chrono::milliseconds limit) { m_server->Shutdown(std::chrono::system_clock::now() + limit); }

std::unique_ptr<grpc::Server> startServer(const std::string& socket, const std::vector<grpc::Service*>& services)
{
    grpc::ServerBuilder builder;
    prepare(builder, services);
    builder.AddListeningPort("unix:" + socket, grpc::InsecureServerCredentials());
    auto server = builder.BuildAndStart();
    if (server) ::chmod(socket.c_str(), 0600);
    return server;
}

} // namespace orrery::rpc
