// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What each end of a transport tells its owner; the loopback and the gRPC stream are built over the same two.
// Thread: every function is called on the owner's loop, in the order in which things happened; none is called inside a call
// of the transport.

#include "engine/base/loop.h"
#include "engine/net/node_link.h"

#include <functional>
#include <memory>

namespace orrery::net {

// The head's end.
struct LinkOwner {
    base::Loop& loop;
    // Takes the link of a node that has connected; gives the number that the other two name. Destroying the link closes it.
    std::function<std::uint64_t(std::unique_ptr<NodeLink>)> accept;
    std::function<void(std::uint64_t, FromNode)> received;
    // Once a link, the last that is said of it; also when the owner itself has closed it.
    std::function<void(std::uint64_t)> broken;
};

// The node's end. It connects by itself, again and again, until the HeadLink is destroyed; then nothing is called any more.
struct LinkEvents {
    std::function<void(ToNode)> message;
    std::function<void(bool up)> state;
};

} // namespace orrery::net
