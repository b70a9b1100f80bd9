// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The two ports through which panels get what is not pushed: rows of tables, and values. The bridge implements both over the
// view thread and the Session; tests have a fake of each.
// Thread: UI. An answer comes later on the UI thread, once, or not at all after drop(); never inside the call.

#include "engine/base/result.h"
#include "engine/types/session_values.h"

#include <functional>

namespace orrery::widgets {

using Ticket = std::uint64_t; // 0: none

struct RowSource {
    virtual ~RowSource() = default;
    // Tables: "tasks", "objects", "workers", "nodes", "jobs". A bad filter is an Error with BadInput, one sentence.
    virtual Ticket ask(types::Query query, std::function<void(base::Result<types::Page>)> done) = 0;
    virtual void drop(Ticket ticket) = 0;
};

struct ByteSource {
    virtual ~ByteSource() = default;
    virtual Ticket preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done) = 0;
    virtual Ticket read(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done) = 0;
    virtual void drop(Ticket ticket) = 0;
};

} // namespace orrery::widgets
