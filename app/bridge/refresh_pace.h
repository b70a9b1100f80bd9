// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RefreshPace: how soon after the last refresh the next one may be. Painting takes CPU from the very tasks that are watched: with
// an idle CPU data comes at the frame rate; with none it comes at 10 Hz while somebody is likely to look (a run began, or there
// was input), else at 2 Hz. Input itself never waits for this.
// Thread: UI. Pure: time is handed in.

#include "engine/base/clock.h"

namespace orrery::app {

inline constexpr base::TimeNs kFrameNs = 16 * base::kMillisecond;
inline constexpr base::TimeNs kBusyNs = 100 * base::kMillisecond;
inline constexpr base::TimeNs kCalmNs = 500 * base::kMillisecond;
inline constexpr base::TimeNs kAfterRunNs = 30 * base::kSecond;
inline constexpr base::TimeNs kAfterInputNs = 5 * base::kSecond;

class RefreshPace {
public:
    void setBusy(bool busy) { m_busy = busy; }
    void runBegan(base::TimeNs nowNs) { m_livelyUntilNs = later(m_livelyUntilNs, nowNs + kAfterRunNs); }
    void input(base::TimeNs nowNs) { m_livelyUntilNs = later(m_livelyUntilNs, nowNs + kAfterInputNs); }
    base::TimeNs intervalNs(base::TimeNs nowNs) const
    {
        if (!m_busy) return kFrameNs;
        return nowNs < m_livelyUntilNs ? kBusyNs : kCalmNs;
    }

private:
    static base::TimeNs later(base::TimeNs a, base::TimeNs b) { return a > b ? a : b; }
    bool m_busy = false;
    base::TimeNs m_livelyUntilNs = 0;
};

} // namespace orrery::app
