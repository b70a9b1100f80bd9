// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// HoverCard: up to three lines beside the mouse, the first one in the text colour. Comes after kHoverMs at rest, moves with the
// mouse while it is up, never takes an event.
// Thread: UI. Lives: as a child of the widget it is about, and stays inside it.

#include "engine/types/task_state.h"

#include <QStringList>
#include <QTimer>
#include <QWidget>
#include <optional>

namespace orrery::widgets {

inline constexpr int kHoverMs = 400;

class HoverCard final : public QWidget {
    Q_OBJECT
public:
    explicit HoverCard(QWidget* parent);
    // at: of the mouse, in the parent. glyph: before the last line.
    void show(QPoint at, const QStringList& lines, std::optional<types::TaskState> glyph);
    void dismiss();
    const QStringList& lines() const { return m_lines; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void place();
    QTimer m_rest;
    QPoint m_at;
    QStringList m_lines;
    std::optional<types::TaskState> m_glyph;
};

} // namespace orrery::widgets
