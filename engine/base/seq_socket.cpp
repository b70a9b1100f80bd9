// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/seq_socket.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace orrery::base {
namespace {

Result<sockaddr_un> addressOf(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(Errc::BadInput, "the socket path " + path + " is longer than 107 bytes; set XDG_RUNTIME_DIR to a shorter folder");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

void setBuffers(int fd)
{
    const int size = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

} // namespace

Result<std::pair<SeqSocket, SeqSocket>> SeqSocket::pair()
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) return failErrno(Errc::Failed, "cannot make a socket pair");
    setBuffers(fds[0]);
    setBuffers(fds[1]);
    return std::pair(SeqSocket(UniqueFd(fds[0])), SeqSocket(UniqueFd(fds[1])));
}

Result<SeqSocket> SeqSocket::connect(const std::string& path)
{
    auto address = addressOf(path);
    if (!address) return address.error();
    UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (!fd) return failErrno(Errc::Failed, "cannot make a socket");
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
        return failErrno(Errc::Unavailable, "cannot reach " + path);
    setBuffers(fd.get());
    return SeqSocket(std::move(fd));
}

Result<UniqueFd> SeqSocket::listen(const std::string& path)
{
    auto address = addressOf(path);
    if (!address) return address.error();
    UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return failErrno(Errc::Failed, "cannot make a socket");
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
        return failErrno(Errc::Failed, "cannot listen at " + path);
    chmod(path.c_str(), 0600);
    if (::listen(fd.get(), 64) != 0) return failErrno(Errc::Failed, "cannot listen at " + path);
    return fd;
}

Result<SeqSocket> SeqSocket::accept(int listener)
{
    UniqueFd fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return fail(Errc::NotFound, "nobody waits at the socket");
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid())
        return fail(Errc::Refused, "a process of another user tried to attach and was refused");
    setBuffers(fd.get());
    return SeqSocket(std::move(fd));
}

Result<void> SeqSocket::send(std::span<const std::byte> bytes, std::span<const int> fds)
{
    if (!m_fd) return fail(Errc::Closed, "the connection is closed");
    if (bytes.size() > kSeqMessageMax || fds.size() > kSeqFdsMax)
        return fail(Errc::BadInput, "a control message of " + std::to_string(bytes.size()) + " bytes is larger than the limit of " + std::to_string(kSeqMessageMax));
    iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kSeqFdsMax)];
    if (!fds.empty()) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
        std::memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * fds.size());
    }
    for (;;) {
        if (::sendmsg(m_fd.get(), &message, MSG_NOSIGNAL) >= 0) return {};
        if (errno == EINTR) continue;
        if (errno == EAGAIN) return fail(Errc::Refused, "the peer does not read its control messages");
        return failErrno(Errc::Closed, "the peer is gone");
    }
}

Result<SeqMessage> SeqSocket::receive()
{
    if (!m_fd) return fail(Errc::Closed, "the connection is closed");
    SeqMessage got;
    got.bytes.resize(kSeqMessageMax);
    iovec part{got.bytes.data(), got.bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kSeqFdsMax)];
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t size = 0;
    do size = ::recvmsg(m_fd.get(), &message, MSG_CMSG_CLOEXEC);
    while (size < 0 && errno == EINTR);
    if (size < 0 && errno == EAGAIN) return fail(Errc::NotFound, "no message waits");
    if (size < 0) return failErrno(Errc::Closed, "the peer is gone");
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            got.fds.emplace_back(fd);
        }
    }
    if (size == 0) return fail(Errc::Closed, "the peer is gone");
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return fail(Errc::BadInput, "the peer sent a control message that is too large");
    got.bytes.resize(static_cast<std::size_t>(size));
    return got;
}

void SeqSocket::setNonBlocking()
{
    fcntl(m_fd.get(), F_SETFL, fcntl(m_fd.get(), F_GETFL) | O_NONBLOCK);
}

} // namespace orrery::base
