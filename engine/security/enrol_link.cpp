// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/enrol_link.h"

#include <cstring>

namespace orrery::security {

using base::Errc;
using base::fail;

namespace {
constexpr std::size_t kSizeBytes = 4;
}

EnrolLink::EnrolLink(const TlsContext& tls, int fd, Side side) : m_tls(tls.connection()), m_side(side), m_head(kSizeBytes)
{
    if (!m_tls) return;
    SSL_set_fd(m_tls.get(), fd);
    if (side == Side::Head) SSL_set_accept_state(m_tls.get());
    else SSL_set_connect_state(m_tls.get());
}

base::Result<EnrolLink::Now> EnrolLink::now(int result, const char* what)
{
    const int kind = SSL_get_error(m_tls.get(), result);
    if (kind == SSL_ERROR_WANT_READ) return Now::WaitRead;
    if (kind == SSL_ERROR_WANT_WRITE) return Now::WaitWrite;
    if (kind == SSL_ERROR_SSL) return fail(Errc::Refused, std::string(what) + ": " + QuietErrors::reason());
    return fail(Errc::Unavailable, std::string(what) + ": the other side closed the connection");
}

base::Result<EnrolLink::Now> EnrolLink::shake()
{
    const QuietErrors quiet;
    if (!m_tls) return fail(Errc::Internal, "TLS cannot begin: memory is short");
    const int result = SSL_do_handshake(m_tls.get());
    return result == 1 ? base::Result<Now>(Now::Done) : now(result, "the TLS handshake failed");
}

base::Result<EnrolLink::Now> EnrolLink::receive()
{
    const QuietErrors quiet;
    for (;;) {
        const bool inHead = m_got < kSizeBytes;
        base::Bytes& to = inHead ? m_head : m_message;
        const std::size_t at = inHead ? m_got : m_got - kSizeBytes;
        if (!inHead && at == to.size()) return Now::Done;
        std::size_t got = 0;
        const int result = SSL_read_ex(m_tls.get(), to.data() + at, to.size() - at, &got);
        if (result != 1) return now(result, "the message did not come");
        m_got += got;
        if (!inHead || m_got < kSizeBytes) continue;
        std::uint32_t size = 0;
        std::memcpy(&size, m_head.data(), sizeof size);
        if (size == 0 || size > kEnrolBytesMax) return fail(Errc::BadInput, "a message of an enrolment has 1 to " + std::to_string(kEnrolBytesMax) + " bytes");
        m_message.resize(size);
    }
}

void EnrolLink::put(std::span<const std::byte> message)
{
    ORRERY_ASSERT(!message.empty() && message.size() <= kEnrolBytesMax);
    const auto size = static_cast<std::uint32_t>(message.size());
    m_out.resize(kSizeBytes);
    std::memcpy(m_out.data(), &size, sizeof size);
    m_out.insert(m_out.end(), message.begin(), message.end());
    m_sent = 0;
}

base::Result<EnrolLink::Now> EnrolLink::send()
{
    const QuietErrors quiet;
    while (m_sent < m_out.size()) {
        std::size_t sent = 0;
        const int result = SSL_write_ex(m_tls.get(), m_out.data() + m_sent, m_out.size() - m_sent, &sent);
        if (result != 1) return now(result, "the message was not taken");
        m_sent += sent;
    }
    OPENSSL_cleanse(m_out.data(), m_out.size()); // of a joiner: with the secret in it
    if (m_side == Side::Head) SSL_shutdown(m_tls.get()); // so that the end of the message is no broken connection
    return Now::Done;
}

} // namespace orrery::security
