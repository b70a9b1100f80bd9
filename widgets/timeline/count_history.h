// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CountHistory: how many tasks were ready and done, as the window was told while the run lived. Spans alone cannot say who was
// ready but has not run yet; for times before the window looked, or a run from a file, spans must do. What ran is always told
// by spans and by the tasks that run now: counts are samples, and between two tasks a worker runs none.
// Pure. Thread: UI. Bounds: kSamplesMax samples; when full every other one goes.

#include "engine/types/session_values.h"
#include "engine/types/span_block.h"

#include <optional>

namespace orrery::widgets {

struct CountSample {
    types::TimeNs atNs = 0;
    double running = 0, ready = 0, done = 0;
};

class CountHistory {
public:
    static constexpr std::size_t kSamplesMax = 4'096;
    void clear() { m_samples.clear(); }
    void add(types::TimeNs at, const std::vector<types::VertexCounts>& vertices);
    // At an instant of the run; openStarts: when the tasks began that run now, rising. Nothing after the last that is known.
    std::optional<CountSample> at(types::TimeNs at, const types::Activity& spans, const std::vector<types::TimeNs>& openStarts) const;
    std::size_t size() const { return m_samples.size(); }

private:
    std::vector<CountSample> m_samples; // times rise
};

} // namespace orrery::widgets
