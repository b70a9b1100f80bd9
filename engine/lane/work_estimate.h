// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// WorkEstimate: how long a task of one function takes, from those that ran; it decides how many lie in a lane.
// A task that lost its CPU for a while says nothing about the next ones: one outlier moves the average a little, a function that
// really got slower moves it there within a dozen tasks.

#include "engine/base/clock.h"

#include <algorithm>

namespace orrery::lane {

inline constexpr base::TimeNs kLaneWorkNs = 200 * base::kMicrosecond; // design, runtime 3: a lane holds about so much work

class WorkEstimate {
public:
    explicit WorkEstimate(base::TimeNs took) : m_ns(std::max(static_cast<double>(took), 0.0)) {}
    void note(base::TimeNs took)
    {
        const double ns = std::max(static_cast<double>(took), 0.0);
        m_ns += (std::min(ns, std::max(m_ns, kLeastNs) * kOutlier) - m_ns) * kWeight;
    }
    double ns() const { return m_ns; }

private:
    static constexpr double kOutlier = 4;    // a duration counts as at most so many averages
    static constexpr double kLeastNs = 1000; // an average below a clock's noise is no measure of an outlier
    static constexpr double kWeight = 0.2;
    double m_ns;
};

} // namespace orrery::lane
