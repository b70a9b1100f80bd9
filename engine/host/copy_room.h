// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// CopyRoom: places in this node's store for copies of values of other nodes. Small ones share a window, one after the other, as
// results of a worker do; large ones get one of their own.
// Runs on: node loop. Lives: as long as the store's users; what it has not given is given back with it.

#include "engine/node/ports.h"

#include <deque>
#include <functional>
#include <memory>

namespace orrery::host {

class CopyRoom {
public:
    explicit CopyRoom(node::ValueStore& store) : m_store(store) {}
    ~CopyRoom();
    using Done = std::function<void(base::Result<types::Place>)>;
    // What is given is an object of the store: whoever gets it frees it. Calls back at once or when there is room.
    void take(std::uint64_t bytes, Done done);

private:
    struct Waiting {
        std::uint64_t bytes = 0;
        Done done;
    };
    void serve();

    node::ValueStore& m_store;
    types::Place m_window; // bytes 0: none
    std::uint64_t m_used = 0;
    bool m_asked = false;
    std::deque<Waiting> m_waiting;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

inline constexpr std::uint64_t kSharedWindowBytes = 2u << 20; // an extent of the store
inline constexpr std::uint64_t kSharedBytesMax = 512u << 10;  // a value larger than that has a window of its own

} // namespace orrery::host
