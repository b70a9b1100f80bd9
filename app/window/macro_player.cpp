// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/macro_player.h"

namespace orrery::app {

namespace {

constexpr int kLookMs = 50; // a condition that nobody announces (a time limit, say) is looked at this often

} // namespace

MacroPlayer::MacroPlayer(Macro macro, MacroStage& stage, QObject* parent) : QObject(parent), m_macro(std::move(macro)), m_stage(stage)
{
    m_timer.setInterval(kLookMs);
    connect(&m_timer, &QTimer::timeout, this, &MacroPlayer::step);
    m_begun.start();
}

void MacroPlayer::nudge()
{
    if (m_timer.isActive()) step();
}

void MacroPlayer::step()
{
    if (ended()) return;
    const auto& step = m_macro.steps[m_at];
    if (step.wait) {
        if (!m_since.isValid()) m_since.start();
        if (const auto why = m_stage.broken(); !why.isEmpty()) return fail(why);
        if (!m_stage.holds(step)) {
            if (m_since.elapsed() > 1000LL * step.seconds) fail(tr("did not come true in %1 s").arg(step.seconds));
            return;
        }
    } else if (const auto why = m_stage.perform(step); !why.isEmpty()) {
        return fail(why);
    }
    Q_EMIT said(QStringLiteral("%1 s  %2").arg(static_cast<double>(m_begun.elapsed()) / 1000, 6, 'f', 1).arg(step.text()));
    m_since.invalidate();
    if (++m_at < m_macro.steps.size()) return;
    m_timer.stop();
    Q_EMIT finished({});
}

void MacroPlayer::fail(const QString& why)
{
    m_failed = true;
    m_timer.stop();
    Q_EMIT finished(tr("step %1 (%2): %3").arg(m_at).arg(m_macro.steps[m_at].text(), why));
}

} // namespace orrery::app
