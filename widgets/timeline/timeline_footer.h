// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TimelineFooter: how many tasks are in view and how they are drawn, so that nobody takes a hatch for less than it is.
// Thread: UI.

#include <QStringList>
#include <QWidget>

namespace orrery::widgets {

class TrackField;
class TimelineState;

class TimelineFooter final : public QWidget {
    Q_OBJECT
public:
    TimelineFooter(const TimelineState& state, const TrackField& field, QWidget* parent);
    // Numbers and words by turns: "7,237", "tasks in view", ...
    QStringList words() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const TimelineState& m_state;
    const TrackField& m_field;
};

} // namespace orrery::widgets
