// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkTls: who we are and whom we trust: TLS 1.3, both sides with certificates of one CA. Made once, shared by all connections.
// BulkTlsSession: TLS on one socket that does not block. What is written is encrypted into a batch and given to the socket by
// large sends; what is read goes from the record layer to its place. No read-ahead: it was measured to be slower.
// Thread: BulkTls any; a session one at a time.
// Bound: a session holds a batch of kBulkTlsBatchBytes and its tags to be sent, and what OpenSSL keeps of two records.

#include "engine/base/clock.h"
#include "engine/base/bytes.h"

#include <functional>
#include <memory>
#include <mutex>

struct ssl_ctx_st;
struct ssl_st;

namespace orrery::rpc {

struct BulkTlsPem {
    std::string certificate; // and those between it and the CA, if any
    std::string key;
    std::string ca;
    // Who the peer is, by the certificate it has shown (PEM): asked after the handshake and before anything else. wanted: the
    // peerName of the session, empty at a server. Null: peerName is a host name, and OpenSSL looks for it. Thread: any.
    std::function<base::Result<void>(const std::string& pem, const std::string& wanted)> check = {};
};

class BulkTls {
public:
    static base::Result<std::shared_ptr<const BulkTls>> make(const BulkTlsPem& pem);
    std::shared_ptr<ssl_ctx_st> context() const
    {
        const std::lock_guard lock(m_mutex);
        return m_context;
    }
    // Connections from now on show what the other one shows: a certificate that was renewed.
    void adopt(const BulkTls& other) const;
    const auto& check() const { return m_check; }

private:
    std::function<base::Result<void>(const std::string& pem, const std::string& wanted)> m_check;
    mutable std::mutex m_mutex; // guards the next
    mutable std::shared_ptr<ssl_ctx_st> m_context;
};

// What came of moving bytes. Again: nothing now, wait for the socket. Ended: the peer closed. Broken: the socket failed or the
// peer sent nonsense. Refused: the peer's certificate is not of our CA, or ours not of its CA.
enum class BulkIo : std::uint8_t { Moved, Again, Ended, Broken, Refused };
struct BulkMoved {
    BulkIo io = BulkIo::Moved;
    std::size_t bytes = 0;
};

inline constexpr base::TimeNs kBulkLookAgainNs = base::kSecond;

class BulkTlsSession {
public:
    // peerName: the name that the peer's certificate must carry; empty: any of the CA.
    BulkTlsSession(std::shared_ptr<const BulkTls> tls, int fd, bool isServer, const std::string& peerName);
    // Again and again until Moved.
    BulkIo shake();
    BulkMoved read(std::span<std::byte> to);
    // Takes at most a batch, and none while flush() says Again.
    BulkMoved write(std::span<const std::byte> bytes);
    BulkIo flush();
    bool hasUnsent() const { return m_sent < m_out.size(); }
    bool hasBuffered() const;
    // Gives memory back while nothing is to be sent.
    void rest();
    // REQUIRES: shaken. Looked at again once in kBulkLookAgainNs: certificates expire, members are taken out.
    bool stillKnowsPeer();
    const std::string& why() const { return m_why; }

    // For the record layer below.
    long long takeFromSocket(void* to, std::size_t bytes);
    bool putIntoBatch(const void* from, std::size_t bytes);

private:
    BulkIo failed(int result);
    bool knowsPeer();

    struct Free {
        void operator()(ssl_st* ssl) const;
    };
    std::shared_ptr<const BulkTls> m_tls;
    const std::string m_peerName;
    int m_fd;
    std::unique_ptr<ssl_st, Free> m_ssl;
    base::Bytes m_out;
    std::size_t m_sent = 0;
    bool m_isShaken = false, m_hasRead = false;
    base::TimeNs m_lookedNs = 0;
    std::string m_why;
};

} // namespace orrery::rpc
