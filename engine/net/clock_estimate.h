// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ClockEstimate: what is to be added to a clock of our own to get another's, and how wrong that may be, from questions and answers.
// An answer that was written at `theirs`, to a question sent at `sent` and received at `received` by our clock, proves that the
// offset lies in [theirs - received, theirs - sent], whatever the two ways took (F. Cristian, Probabilistic clock synchronization,
// 1989). Each later answer cuts that range down; while time goes by it widens by kClockDrift, as no two clocks run alike. The
// estimate is its middle, the error half its width. An answer that fits nothing of it says that a clock was set: the range is its.
// Pure; times in ns.

#include "engine/base/clock.h"

#include <algorithm>

namespace orrery::net {

inline constexpr std::int64_t kClockDrift = 10'000; // ns of ours in which the two part by one at most: 100 ppm

class ClockEstimate {
public:
    // REQUIRES: sent <= received; received not before that of the last one.
    void add(base::TimeNs sent, base::TimeNs theirs, base::TimeNs received)
    {
        const std::int64_t low = theirs - received, high = theirs - sent;
        const std::int64_t drift = m_known ? (received - m_atNs) / kClockDrift + 1 : 0;
        m_atNs = received;
        const std::int64_t cutLow = std::max(low, m_low - drift), cutHigh = std::min(high, m_high + drift);
        const bool fits = m_known && cutLow <= cutHigh;
        m_known = true;
        m_low = fits ? cutLow : low;
        m_high = fits ? cutHigh : high;
    }
    bool known() const { return m_known; }
    std::int64_t offsetNs() const { return m_low + (m_high - m_low) / 2; }
    base::TimeNs errorNs() const { return (m_high - m_low + 1) / 2; }
    bool contains(std::int64_t offset) const { return m_known && m_low <= offset && offset <= m_high; }

private:
    bool m_known = false;
    std::int64_t m_low = 0, m_high = 0;
    base::TimeNs m_atNs = 0;
};

} // namespace orrery::net
