// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkServer: sends sealed objects of this node to whoever may have them. It takes accepted sockets, or listens at a Unix socket.
// Over a Unix socket the peer must be of our user; over any other, when TLS is set, its certificate of our CA.
// Runs on: the owner's loop; bytes are moved by a BulkPool of its own, straight from the memory that the source pins.
// Lifetime: the destructor (on the loop) ends every connection and every pin; no call of the source after it.
// Bound: kBulkServedMax connections, one request of each at a time. A peer that is silent or slow costs one of them until a
// deadline of BulkLimits, and nobody else waits for it.

#include "engine/base/fd.h"
#include "engine/base/loop.h"
#include "engine/rpc/bulk_frame.h"
#include "engine/rpc/bulk_tls.h"

#include <functional>
#include <memory>

namespace orrery::rpc {

struct BulkBytes {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> pin; // bytes stay as they are while it lives; let go on the loop
};

// What the owner declares: where the objects are.
struct BulkSource {
    virtual ~BulkSource() = default;
    using Opened = std::function<void(base::Result<BulkBytes>)>;
    // On the loop. opened may be called inside, or later on the loop, when the object was restored from disk.
    virtual void open(const BulkKey& key, Opened opened) = 0;
};

struct BulkOptions {
    BulkLimits limits;
    std::shared_ptr<const BulkTls> tls; // null: sockets are in the clear
    unsigned threads = kBulkThreads;
};

class BulkServer {
public:
    struct Figures {
        std::uint64_t connections = 0; // now
        std::uint64_t turnedAway = 0;  // strangers, and those beyond the bound
        std::uint64_t requests = 0;
        std::uint64_t bytesSent = 0;   // of objects
        std::uint64_t pins = 0;        // now
    };
    BulkServer(base::Loop& loop, BulkSource& source, BulkOptions options);
    ~BulkServer();
    BulkServer(const BulkServer&) = delete;
    BulkServer& operator=(const BulkServer&) = delete;

    // Of connections that are served from now on.
    void useTls(std::shared_ptr<const BulkTls> tls);
    // The folder of the path is the caller's and 0700; the path is removed with the server.
    base::Result<void> listen(const std::string& path);
    // An accepted socket of which nothing was read yet (peeking at the magic is no reading).
    void serve(base::UniqueFd fd);
    Figures figures() const;

private:
    class Impl;
    std::shared_ptr<Impl> m_impl;
};

} // namespace orrery::rpc
