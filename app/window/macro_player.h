// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// MacroPlayer: plays a macro on a stage (the window): carries intents out, one an event, and waits for conditions without
// ever blocking. Who knows that something has changed calls nudge().
// Thread: UI. Bound: each wait has a time limit; past it the macro fails with one sentence.

#include "app/window/macro.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace orrery::app {

struct MacroStage {
    virtual ~MacroStage() = default;
    virtual QString perform(const MacroStep& step) = 0; // empty, or why it could not be done
    virtual bool holds(const MacroStep& step) = 0;
    virtual QString broken() = 0; // why no condition can come true any more; empty: all is well
};

class MacroPlayer final : public QObject {
    Q_OBJECT
public:
    MacroPlayer(Macro macro, MacroStage& stage, QObject* parent);
    void start() { m_timer.start(); }
    void nudge();
    bool ended() const { return m_at >= m_macro.steps.size() || m_failed; }

Q_SIGNALS:
    void said(const QString& line);        // progress
    void finished(const QString& problem); // once; empty: every step was played

private:
    void step();
    void fail(const QString& why);
    const Macro m_macro;
    MacroStage& m_stage;
    std::size_t m_at = 0;
    bool m_failed = false;
    QElapsedTimer m_since; // the present wait
    QElapsedTimer m_begun;
    QTimer m_timer;
};

} // namespace orrery::app
