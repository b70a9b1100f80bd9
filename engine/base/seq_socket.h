// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SeqSocket: one end of a Unix SOCK_SEQPACKET connection that carries whole messages and file descriptors. The control path
// between a node and its workers and drivers (tasks do not go here). No library but libc, so that a worker stays small.
// Thread: send() from any one thread at a time; receive() from one thread.
// Bound: a message is at most kSeqMessageMax bytes and kSeqFdsMax descriptors; a larger one is refused before it is sent.

#include "engine/base/bytes.h"
#include "engine/base/fd.h"

#include <string>

namespace orrery::base {

inline constexpr std::size_t kSeqMessageMax = 128 * 1024;
inline constexpr std::size_t kSeqFdsMax = 8;

struct SeqMessage {
    Bytes bytes;
    std::vector<UniqueFd> fds;
};

class SeqSocket {
public:
    SeqSocket() = default;
    explicit SeqSocket(UniqueFd fd) : m_fd(std::move(fd)) {}
    // Two connected ends, both close-on-exec.
    static Result<std::pair<SeqSocket, SeqSocket>> pair();
    static Result<SeqSocket> connect(const std::string& path);
    // Binds and listens; the path must not exist. Mode 0600.
    static Result<UniqueFd> listen(const std::string& path);
    // The next client of a listening socket whose uid is ours; NotFound when none waits, Refused for another user.
    static Result<SeqSocket> accept(int listener);

    int fd() const { return m_fd.get(); }
    explicit operator bool() const { return static_cast<bool>(m_fd); }
    // Blocks while the peer's buffer is full unless the socket is non-blocking (then Refused: the peer does not read).
    Result<void> send(std::span<const std::byte> bytes, std::span<const int> fds = {});
    // Closed: the peer is gone. NotFound: non-blocking and nothing there.
    Result<SeqMessage> receive();
    void setNonBlocking();
    void reset() { m_fd.reset(); }

private:
    UniqueFd m_fd;
};

} // namespace orrery::base
