// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// CanBoard: what the head can do at this moment, written by the head's loop and read by any thread; nobody waits longer than a
// pointer is copied. (std::atomic<std::shared_ptr> of GCC 12 races: its load() gives its lock back without release.)
// Outlives the head: then every answer is no, with the reason.

#include "engine/base/late.h"
#include "engine/types/session_values.h"

#include <array>
#include <memory>

namespace orrery::head {

class CanBoard {
public:
    static constexpr std::size_t kVerbs = static_cast<std::size_t>(types::Verb::Shutdown) + 1;
    using All = std::array<types::Can, kVerbs>;
    CanBoard() { close("The head has not started yet."); }
    void write(All all) { m_all.set(std::make_shared<const All>(std::move(all))); }
    void close(const std::string& why)
    {
        All all;
        all.fill({false, why});
        write(std::move(all));
    }
    types::Can read(types::Verb verb) const
    {
        const auto all = m_all.get();
        const auto index = static_cast<std::size_t>(verb);
        return index < kVerbs ? (*all)[index] : types::Can{false, "This head does not know that."};
    }

private:
    base::Late<std::shared_ptr<const All>> m_all;
};

} // namespace orrery::head
