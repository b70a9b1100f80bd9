// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_socket.h"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace orrery::rpc {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr int kBacklog = 64;
constexpr int kUnixBufferBytes = 1 << 20; // a Unix socket does not grow its own

struct Address {
    sockaddr_storage storage{};
    socklen_t bytes = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

base::Result<Address> unixAddress(const std::string& path)
{
    Address address;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof to.sun_path)
        return base::fail(base::Errc::BadInput, "the socket path " + path + " is not of 1 to 107 bytes; set XDG_RUNTIME_DIR to a shorter folder");
    std::memcpy(to.sun_path, path.c_str(), path.size() + 1);
    std::memcpy(&address.storage, &to, sizeof to);
    address.bytes = sizeof to;
    return address;
}

base::Result<Address> addressOf(const std::string& text, bool mayChoose = false)
{
    if (text.starts_with(kUnix)) return unixAddress(text.substr(kUnix.size()));
    const auto wrong = [&] { return base::fail(base::Errc::BadInput, "the address " + text + " of a node is neither unix:<path> nor <numeric address>:<port>"); };
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return wrong();
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end || (port == 0 && !mayChoose)) return wrong();
    std::string host = text.substr(0, colon);
    Address address;
    if (host.starts_with('[') && host.ends_with(']')) {
        sockaddr_in6 to{};
        to.sin6_family = AF_INET6;
        to.sin6_port = htons(port);
        host = host.substr(1, host.size() - 2);
        if (inet_pton(AF_INET6, host.c_str(), &to.sin6_addr) != 1) return wrong();
        std::memcpy(&address.storage, &to, sizeof to);
        address.bytes = sizeof to;
    } else {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        if (inet_pton(AF_INET, host.c_str(), &to.sin_addr) != 1) return wrong();
        std::memcpy(&address.storage, &to, sizeof to);
        address.bytes = sizeof to;
    }
    return address;
}

// Whether somebody listens at a Unix socket's file.
bool answers(const Address& address)
{
    const base::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return ::connect(fd.get(), address.get(), address.bytes) == 0 || errno == EAGAIN;
}

std::string textOf(const sockaddr_storage& storage)
{
    char host[INET6_ADDRSTRLEN] = {};
    if (storage.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &storage, sizeof v4);
        return inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host) ? std::string(host) + ":" + std::to_string(ntohs(v4.sin_port)) : std::string();
    }
    if (storage.ss_family != AF_INET6) return {};
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    return inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host) ? "[" + std::string(host) + "]:" + std::to_string(ntohs(v6.sin6_port)) : std::string();
}

} // namespace

base::Result<base::UniqueFd> listenTcp(const std::string& address)
{
    auto at = addressOf(address, true);
    if (!at) return at.error();
    if (at->storage.ss_family == AF_UNIX) return base::fail(base::Errc::BadInput, address + " is no address of the network");
    base::UniqueFd fd(socket(at->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return base::failErrno(base::Errc::Failed, "cannot make a socket");
    const int on = 1; // connections of an earlier one that linger do not count
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(fd.get(), at->get(), at->bytes) != 0 || ::listen(fd.get(), kBacklog) != 0) return base::failErrno(base::Errc::Refused, "cannot listen at " + address);
    return fd;
}

base::Result<std::string> addressTowards(const std::string& address)
{
    const auto to = addressOf(address);
    if (!to) return to.error();
    const base::UniqueFd fd(socket(to->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd || ::connect(fd.get(), to->get(), to->bytes) != 0) return base::failErrno(base::Errc::Unavailable, "there is no way to " + address);
    const std::string local = localAddress(fd.get());
    return local.substr(0, local.rfind(':'));
}

std::string localAddress(int fd)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    return getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) == 0 ? textOf(storage) : std::string();
}

std::string peerAddress(int fd)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    return getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &size) == 0 ? textOf(storage) : std::string();
}

base::Result<base::UniqueFd> connectBulk(const std::string& address)
{
    auto to = addressOf(address);
    if (!to) return to.error();
    base::UniqueFd fd(socket(to->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return base::failErrno(base::Errc::Unavailable, "cannot make a socket");
    if (::connect(fd.get(), to->get(), to->bytes) != 0 && errno != EINPROGRESS) return base::failErrno(base::Errc::Unavailable, "cannot reach " + address);
    return fd;
}

base::Result<base::UniqueFd> listenBulk(const std::string& path)
{
    auto address = unixAddress(path);
    if (!address) return address.error();
    base::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return base::failErrno(base::Errc::Failed, "cannot make a socket");
    int bound = ::bind(fd.get(), address->get(), address->bytes);
    if (bound != 0 && errno == EADDRINUSE && !answers(*address)) {
        ::unlink(path.c_str());
        bound = ::bind(fd.get(), address->get(), address->bytes);
    }
    if (bound != 0) return base::failErrno(base::Errc::Failed, "cannot listen at " + path);
    chmod(path.c_str(), 0600);
    if (::listen(fd.get(), kBacklog) != 0) return base::failErrno(base::Errc::Failed, "cannot listen at " + path);
    return fd;
}

bool isUnixSocket(int fd)
{
    int domain = 0;
    socklen_t size = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

bool isOurUser(int fd)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

void tuneBulkSocket(int fd, std::uint64_t stallMs)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (isUnixSocket(fd)) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kUnixBufferBytes, sizeof kUnixBufferBytes);
        return;
    }
    // Buffers are left to the system, which grows them as the way needs it. All of these may fail, then it is slower.
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto stall = static_cast<unsigned>(stallMs);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &stall, sizeof stall);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    for (const std::string_view name : {std::string_view("cubic"), std::string_view("reno")}) // bbr paces: a third of the rate within a machine
        if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), static_cast<socklen_t>(name.size())) == 0) break;
}

} // namespace orrery::rpc
