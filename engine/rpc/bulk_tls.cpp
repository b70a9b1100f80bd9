// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_tls.h"

#include "engine/rpc/bulk_limits.h"

#include <cerrno>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

namespace orrery::rpc {
namespace {

// A record is at most 16 KiB and 256 bytes more; room for those of a batch and some of the handshake's.
constexpr std::size_t kOutBytesMax = kBulkTlsBatchBytes + (64u << 10);
constexpr std::size_t kRestBytesMax = 64u << 10;

using BioPtr = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using CertificatePtr = std::unique_ptr<X509, decltype([](X509* certificate) { X509_free(certificate); })>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

std::string lastReason()
{
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return reason ? reason : "no reason given";
}

base::Error bad(const char* what)
{
    return base::fail(base::Errc::BadInput, std::string("cannot use the ") + what + " for moving objects: " + lastReason());
}

BioPtr reading(const std::string& text)
{
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int bioWrite(BIO* bio, const char* from, int bytes)
{
    return static_cast<BulkTlsSession*>(BIO_get_data(bio))->putIntoBatch(from, static_cast<std::size_t>(bytes)) ? bytes : -1;
}

int bioRead(BIO* bio, char* to, int bytes)
{
    BIO_clear_retry_flags(bio);
    const auto got = static_cast<BulkTlsSession*>(BIO_get_data(bio))->takeFromSocket(to, static_cast<std::size_t>(bytes));
    if (got < 0 && errno == EAGAIN) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

long bioControl(BIO*, int command, long, void*)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* bioMethod()
{
    static const BIO_METHOD* const kMethod = [] {
        BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "batched socket");
        BIO_meth_set_write(method, bioWrite);
        BIO_meth_set_read(method, bioRead);
        BIO_meth_set_ctrl(method, bioControl);
        return method;
    }();
    return kMethod;
}

} // namespace

void BulkTls::adopt(const BulkTls& other) const
{
    auto fresh = other.context();
    const std::lock_guard lock(m_mutex);
    m_context = std::move(fresh);
}

void BulkTlsSession::Free::operator()(ssl_st* ssl) const
{
    SSL_free(ssl);
}

base::Result<std::shared_ptr<const BulkTls>> BulkTls::make(const BulkTlsPem& pem)
{
    ERR_clear_error();
    auto tls = std::make_shared<BulkTls>();
    tls->m_check = pem.check;
    SSL_CTX* const context = SSL_CTX_new(TLS_method());
    if (context) tls->m_context.reset(context, SSL_CTX_free);
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1) return bad("TLS library");
    // The one with 128 bits is the fastest here by a fifth.
    if (SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") != 1) return bad("TLS library");
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY); // a flood of records without bytes would keep a thread inside one read
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0); // connections are kept, sessions are not: each handshake looks at the certificate

    const BioPtr text = reading(pem.certificate);
    const CertificatePtr own(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return bad("certificate");
    while (const CertificatePtr between{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)})
        if (SSL_CTX_add1_chain_cert(context, between.get()) != 1) return bad("certificate");
    const KeyPtr key(PEM_read_bio_PrivateKey(reading(pem.key).get(), nullptr, nullptr, nullptr));
    if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) return bad("key");
    const BioPtr trusted = reading(pem.ca);
    int count = 0;
    for (; const CertificatePtr ca{PEM_read_bio_X509(trusted.get(), nullptr, nullptr, nullptr)}; ++count)
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1) return bad("CA");
    if (count == 0) return bad("CA");
    ERR_clear_error(); // the end of each list is told as an error
    return std::shared_ptr<const BulkTls>(std::move(tls));
}

BulkTlsSession::BulkTlsSession(std::shared_ptr<const BulkTls> tls, int fd, bool isServer, const std::string& peerName)
    : m_tls(std::move(tls)), m_peerName(peerName), m_fd(fd), m_ssl(SSL_new(m_tls->context().get()))
{
    BIO* bio = BIO_new(bioMethod());
    ORRERY_ASSERT(m_ssl && bio);
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(m_ssl.get(), bio, bio);
    if (!peerName.empty() && !m_tls->check()) {
        SSL_set_hostflags(m_ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        ORRERY_ASSERT(SSL_set1_host(m_ssl.get(), peerName.c_str()) == 1);
    }
    if (isServer) SSL_set_accept_state(m_ssl.get());
    else SSL_set_connect_state(m_ssl.get());
}

long long BulkTlsSession::takeFromSocket(void* to, std::size_t bytes)
{
    for (;;) {
        const ssize_t got = ::recv(m_fd, to, bytes, MSG_DONTWAIT);
        if (got >= 0 || errno != EINTR) return got;
    }
}

bool BulkTlsSession::putIntoBatch(const void* from, std::size_t bytes)
{
    // A peer that makes us answer its handshake messages without end, and does not read, ends here.
    if (m_out.size() + bytes > kOutBytesMax) return false;
    const auto* at = static_cast<const std::byte*>(from);
    m_out.insert(m_out.end(), at, at + bytes);
    return true;
}

BulkIo BulkTlsSession::failed(int result)
{
    const int number = errno;
    const int kind = SSL_get_error(m_ssl.get(), result);
    if (kind == SSL_ERROR_WANT_READ) return BulkIo::Again;
    if (kind == SSL_ERROR_ZERO_RETURN) return BulkIo::Ended;
    if (kind == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_last_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        const long verified = SSL_get_verify_result(m_ssl.get());
        m_why = verified != X509_V_OK ? X509_verify_cert_error_string(verified) : lastReason();
        // The first thing that is read tells the puller whether the server took its certificate.
        return m_hasRead ? BulkIo::Broken : BulkIo::Refused;
    }
    m_why = kind == SSL_ERROR_SYSCALL && number != 0 && result < 0 ? std::strerror(number) : "the connection ended";
    ERR_clear_error();
    return m_why == "the connection ended" ? BulkIo::Ended : BulkIo::Broken;
}

BulkIo BulkTlsSession::shake()
{
    if (!m_isShaken) {
        ERR_clear_error();
        errno = 0;
        const int result = SSL_do_handshake(m_ssl.get());
        if (result == 1 && !knowsPeer()) return BulkIo::Refused;
        m_isShaken = result == 1;
        const BulkIo io = m_isShaken ? BulkIo::Moved : failed(result);
        const BulkIo sent = flush(); // also the alert that says why not
        if (io != BulkIo::Moved && io != BulkIo::Again) return io;
        if (sent != BulkIo::Moved && sent != BulkIo::Again) return sent;
        if (io == BulkIo::Again) return io;
    }
    return flush();
}

// The chain was looked at by OpenSSL; this is about the name in it.
bool BulkTlsSession::knowsPeer()
{
    if (!m_tls->check()) return true;
    const BioPtr out(BIO_new(BIO_s_mem()));
    X509* const shown = SSL_get0_peer_certificate(m_ssl.get());
    if (!shown || PEM_write_bio_X509(out.get(), shown) != 1) {
        m_why = "the peer's certificate cannot be read";
        return false;
    }
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    const auto known = m_tls->check()(std::string(text, static_cast<std::size_t>(size)), m_peerName);
    if (!known) m_why = known.error().message;
    return known.ok();
}

bool BulkTlsSession::stillKnowsPeer()
{
    const auto now = base::systemClock().monoNs();
    if (now - m_lookedNs < kBulkLookAgainNs) return true;
    m_lookedNs = now;
    return knowsPeer();
}

BulkMoved BulkTlsSession::read(std::span<std::byte> to)
{
    ERR_clear_error();
    errno = 0;
    std::size_t got = 0;
    const int result = SSL_read_ex(m_ssl.get(), to.data(), to.size(), &got);
    if (hasUnsent()) flush(); // an answer of the handshake's
    if (result != 1) return {failed(result), 0};
    m_hasRead = true;
    return {BulkIo::Moved, got};
}

BulkMoved BulkTlsSession::write(std::span<const std::byte> bytes)
{
    if (const BulkIo io = flush(); io != BulkIo::Moved) return {io, 0};
    const auto batch = bytes.first(std::min(bytes.size(), kBulkTlsBatchBytes));
    ERR_clear_error();
    errno = 0;
    std::size_t done = 0;
    const int result = SSL_write_ex(m_ssl.get(), batch.data(), batch.size(), &done);
    if (result != 1) {
        const BulkIo io = failed(result);
        return {io == BulkIo::Again ? BulkIo::Broken : io, 0}; // writing never waits: it goes to the batch
    }
    const BulkIo sent = flush();
    return {sent == BulkIo::Again ? BulkIo::Moved : sent, done};
}

BulkIo BulkTlsSession::flush()
{
    while (hasUnsent()) {
        const ssize_t sent = ::send(m_fd, m_out.data() + m_sent, m_out.size() - m_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            m_sent += static_cast<std::size_t>(sent);
        } else if (errno == EAGAIN) {
            return BulkIo::Again;
        } else if (errno != EINTR) {
            m_why = std::strerror(errno);
            return BulkIo::Broken;
        }
    }
    m_out.clear();
    m_sent = 0;
    return BulkIo::Moved;
}

bool BulkTlsSession::hasBuffered() const
{
    return SSL_has_pending(m_ssl.get()) == 1;
}

void BulkTlsSession::rest()
{
    if (!hasUnsent() && m_out.capacity() > kRestBytesMax) m_out = {};
}

} // namespace orrery::rpc
