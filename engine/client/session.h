// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Session: the one port through which a window or a command line sees a cluster: the embedded head, a head in another
// process, or a recorded run. Panels never know which.
// Thread: all calls from any thread; they return at once. Callbacks run on the session's own thread (the head's loop when
// embedded, a net thread otherwise): copy or move on, never block, never call back into a panel.
// Lifetime: after the session is destroyed no callback runs. A callback runs exactly once (watch: many times), with an Error when the
// cluster goes away (Unavailable) or the session is closed (Closed).

#include "engine/types/session_values.h"

#include <functional>

namespace orrery::client {

using WatchId = std::uint64_t;

struct Session {
    virtual ~Session() = default;
    virtual types::Can can(types::Verb verb) const = 0;
    virtual void act(types::Intent intent, std::function<void(base::Result<types::Reply>)> done) = 0;
    // At most one delta is outstanding: the next is made only after taken(id) was called for the last one, and then
    // carries everything that happened since (coalesced), so a slow window costs the head nothing.
    virtual WatchId watch(types::Interest interest, std::function<void(base::Result<types::Delta>)> delta) = 0;
    virtual void taken(WatchId id) = 0;
    virtual void unwatch(WatchId id) = 0;
    virtual void ask(types::Query query, std::function<void(base::Result<types::Page>)> done) = 0;
    virtual void preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done) = 0;
    virtual void fetch(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done) = 0;
};

} // namespace orrery::client
