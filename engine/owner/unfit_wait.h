// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// UnfitWait: what becomes of tasks that are ready and for which no node is large enough now, by resource class.
// What never had a node that fits, in this run, is refused at once. What had one that is gone waits for another: that one may come
// back, or somebody adds one. Only when none came for so long is it refused, and so is what gets ready later. A node that fits ends
// the wait, and its loss begins another.
// A later home does not know what its run had before: there each class may have had one (takenOver()).
// A node that leaves is gone: it gets no task any more.
// Pure: events in as calls, sentences out; no I/O, no clock. Runs on: the home node's loop.

#include "engine/base/clock.h"
#include "engine/types/resources.h"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace orrery::owner {

using base::TimeNs;

// Long enough to read the line and to start a node; a node that was given up on is back in some seconds.
inline constexpr TimeNs kUnfitWaitNs = 60 * base::kSecond;

class UnfitWait {
public:
    UnfitWait(std::span<const types::Resources> classes, types::Resources home, TimeNs waitNs = kUnfitWaitNs);

    // ---- events; now: monotonic ----
    void here(std::uint16_t node, const types::Resources& total); // another node, of all that it has; said twice: once
    void gone(std::uint16_t node, TimeNs now);                    // of one that is not here: ignored
    void takenOver(TimeNs now);

    // ---- questions ----
    struct Verdict {
        enum class Kind : std::uint8_t { Runs, Waits, Refused };
        Kind kind = Kind::Runs;
        std::string text; // Waits: what to tell, once a class and loss, else empty. Refused: why
    };
    // REQUIRES: tasks of this class are ready: its wait begins with the first such look.
    Verdict look(std::size_t classIndex, TimeNs now);
    // When the next wait is over: then it is to be looked at again. 0: none is under way.
    TimeNs nextNs(TimeNs now) const;

private:
    struct Loss {
        std::uint16_t node = 0;
        TimeNs atNs = 0;
    };
    struct Class {
        types::Resources wanted;
        bool homeFits = false;
        std::set<std::uint16_t> nodes; // that fit
        std::optional<Loss> loss;      // of the last of them
        TimeNs untilNs = 0;            // of the wait for another; 0: it has not begun
    };
    std::vector<Class> m_classes;
    const types::Resources m_home;
    const TimeNs m_waitNs;
    std::optional<TimeNs> m_takenOverNs;
};

} // namespace orrery::owner
