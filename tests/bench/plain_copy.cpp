// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/plain_copy.h"

#include <algorithm>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace orrery::bench {
namespace {

constexpr std::size_t kSendBytes = 1u << 20, kReceiveBytes = 256u << 10; // the fastest of those that were tried
constexpr std::size_t kTlsBytes = 256u << 10;

using SslPtr = std::unique_ptr<SSL, decltype([](SSL* ssl) { SSL_free(ssl); })>;

SslPtr sessionOn(int fd, const rpc::BulkTls& tls)
{
    SslPtr ssl(SSL_new(tls.context().get()));
    SSL_set_fd(ssl.get(), fd);
    return ssl;
}

} // namespace

bool plainSend(int fd, std::span<const std::byte> from)
{
    while (!from.empty()) {
        const ssize_t sent = ::send(fd, from.data(), std::min(from.size(), kSendBytes), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        from = from.subspan(static_cast<std::size_t>(sent));
    }
    return true;
}

bool plainReceive(int fd, std::span<std::byte> to)
{
    while (!to.empty()) {
        const ssize_t got = ::recv(fd, to.data(), std::min(to.size(), kReceiveBytes), 0);
        if (got <= 0) return false;
        to = to.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

bool plainTlsSend(int fd, const rpc::BulkTls& tls, std::span<const std::byte> from)
{
    const SslPtr ssl = sessionOn(fd, tls);
    if (SSL_accept(ssl.get()) != 1) return false;
    while (!from.empty()) {
        const int sent = SSL_write(ssl.get(), from.data(), static_cast<int>(std::min(from.size(), kTlsBytes)));
        if (sent <= 0) return false;
        from = from.subspan(static_cast<std::size_t>(sent));
    }
    return true;
}

bool plainTlsReceive(int fd, const rpc::BulkTls& tls, std::span<std::byte> to)
{
    const SslPtr ssl = sessionOn(fd, tls);
    if (SSL_connect(ssl.get()) != 1) return false;
    while (!to.empty()) {
        const int got = SSL_read(ssl.get(), to.data(), static_cast<int>(std::min(to.size(), kTlsBytes)));
        if (got <= 0) return false;
        to = to.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

} // namespace orrery::bench
