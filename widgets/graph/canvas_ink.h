// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CanvasInk: the colours of the canvas, mixed once a theme; painters only look up. Thread: UI. Bounds: kInksKept names.

#include "widgets/common/theme.h"

#include <QHash>

namespace orrery::widgets {

inline constexpr qsizetype kInksKept = 4'096;

struct CanvasInk {
    void mix(); // of the theme as it is; forgets what it knew

    const QColor& header(const QString& function);
    const QColor& port(const QString& type);
    const QColor& wire(const QString& type);
    const QColor& node(int number);
    const QColor& state(types::TaskState state) const { return states[static_cast<std::size_t>(state)]; }
    const QColor& block(types::TaskState state) const
    {
        return blocks[static_cast<std::size_t>(state)];
    } // of a whole card, far away

    QColor canvas, panel, grid, text, muted, border, accent, onAccent, failed, barEmpty, lineInside;
    QColor cell, cellLine, cellRunning, cellFilled, cellFailed, idle, idleBlock, retrying, dash;
    std::array<QColor, types::kTaskStates> states, blocks;

private:
    QHash<QString, QColor> m_headers, m_ports, m_wires;
    QHash<int, QColor> m_nodes;
};

} // namespace orrery::widgets
