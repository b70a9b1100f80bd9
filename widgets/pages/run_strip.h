// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RunStrip: the shown run in one line: which, how many are done, the share of each state, when it will end. Thread: UI.
// Reads: RunModel.

#include "widgets/common/refresh.h"
#include "widgets/common/theme.h"
#include "widgets/models/run_model.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace orrery::widgets {

class ComboButton;
class StateBar;

class RunStrip final : public QWidget {
    Q_OBJECT
public:
    explicit RunStrip(RunModel& run, QWidget* parent = nullptr);
    ComboButton* runButton() const { return m_button; }
    // "0:05" left, from the rate so far; empty while there is none. For tests as well.
    static QString remaining(const types::RunRow& run, types::TimeNs nowNs);
    QSize sizeHint() const override { return {480, metric::kRunStrip}; }

Q_SIGNALS:
    void showRunRequested(const orrery::base::RunId& run);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();
    void fillRuns();
    void place();
    struct Count {
        types::TaskState state;
        std::uint32_t count = 0;
        QString word;
    };
    std::vector<Count> counts() const;
    QString progressTail() const; // "/ 1,032 tasks"
    int progressWidth() const;
    int paintEnd(QPainter& painter, const types::RunRow& run) const;
    RunModel& m_run;
    ComboButton* m_button;
    std::vector<base::RunId> m_ids; // as in the button's list
    StateBar* m_bar;
    // As it was at the last refresh: what is painted and what the bar shows are of one instant.
    std::optional<types::RunRow> m_shown;
    types::TimeNs m_nowNs = 0;
    Refresh* m_refresh;
};

} // namespace orrery::widgets
