// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkPuller: brings sealed objects of other nodes into memory that the caller took from its store. Bytes are read straight into
// their place; an object from kBulkTwoStreamsBytes on comes in two ranges at once. A connection that breaks is made anew, with
// pauses, and goes on at the last whole chunk; a chunk with a wrong checksum is asked for again. Connections are kept for later.
// Runs on: the owner's loop; bytes are moved by a BulkPool of its own. Pulls of one peer are served in the order of asking.
// The caller joins pulls of one object to one pull: it knows who else waits for the object, and whether it is here already.
// Bound: kBulkPullsMax pulls; kBulkStreamsPerPeerMax streams a peer, the others wait. A pull ends in bounded time whatever the
// peer does: BulkLimits.

#include "engine/base/loop.h"
#include "engine/rpc/bulk_server.h"

namespace orrery::rpc {

struct BulkPeer {
    std::string address;  // "unix:<path>", never under TLS, or "<numeric address>:<port>", under TLS when that is set
    std::string name;     // that its certificate must carry; empty: any of the CA
};

using PullId = std::uint64_t;

class BulkPuller {
public:
    struct Figures {
        std::uint64_t connects = 0;      // connections made or tried
        std::uint64_t retries = 0;       // streams that began again
        std::uint64_t bytesReceived = 0; // of objects, also those that came twice
        std::uint64_t chunksWrong = 0;
    };
    BulkPuller(base::Loop& loop, BulkOptions options);
    // On the loop. No callback and no byte is written after it; pulls that were under way are forgotten.
    ~BulkPuller();
    BulkPuller(const BulkPuller&) = delete;
    BulkPuller& operator=(const BulkPuller&) = delete;

    // Of connections that are made from now on.
    void useTls(std::shared_ptr<const BulkTls> tls);

    using Done = std::function<void(base::Result<void>)>;
    // Fills all of `to`, which is as large as the object and stays the caller's until done was called, on the loop and once.
    // NotFound: the peer does not have it. Unavailable: it could not be reached often enough. Refused: it does not want us, or we
    // not it; or too many pulls. Failed: it has another size, or came wrong too often.
    PullId pull(const BulkPeer& peer, const BulkKey& key, std::span<std::byte> to, Done done);
    // done comes with Cancelled, soon and not inside; until then the memory is written to.
    void cancel(PullId id);
    Figures figures() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace orrery::rpc
