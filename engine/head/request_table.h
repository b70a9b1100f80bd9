// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RequestTable: questions that the head relays to nodes (preview, bytes, kill a worker). Each is answered once: by the node,
// by the node's death or lost link, or by its deadline; a later or doubled answer finds nothing here and is dropped.
// Thread: the head's loop. Pure.

#include "engine/head/events.h"
#include "engine/head/bounds.h"

#include <map>
#include <optional>

namespace orrery::head {

class RequestTable {
public:
    enum class Kind : std::uint8_t { Preview, Bytes, Kill };
    struct Request {
        Kind kind = Kind::Preview;
        Ticket ticket = 0;
        std::uint16_t node = 0;
        TimeNs deadlineNs = 0;
    };
    // The number that the message to the node carries.
    std::uint64_t open(Kind kind, Ticket ticket, std::uint16_t node, TimeNs now);
    // Nothing when it was answered before, or when another node answers.
    std::optional<Request> take(std::uint64_t request, std::uint16_t node);
    std::vector<Request> takeOfNode(std::uint16_t node);
    std::vector<Request> takeOverdue(TimeNs now);
    TimeNs nextDeadlineNs() const; // -1: none. Deadlines rise with the number.
    std::size_t size() const { return m_open.size(); }
    const std::map<std::uint64_t, Request>& all() const { return m_open; }

private:
    std::map<std::uint64_t, Request> m_open;
    std::uint64_t m_last = 0;
};

} // namespace orrery::head
