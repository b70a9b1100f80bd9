// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LogPage: what one task, or one worker, printed. Lines are taken as they come; a line is looked at once. Thread: UI.
// Bounds: kLogLinesShown, the oldest leave first.

#include "widgets/models/run_model.h"

#include <QWidget>

class QPlainTextEdit;

namespace orrery::widgets {

inline constexpr int kLogLinesShown = 1'000;

class LogPage final : public QWidget {
    Q_OBJECT
public:
    explicit LogPage(RunModel& run, QWidget* parent = nullptr);
    // kNoRow and kNoWorker: nobody's lines.
    void setOwner(std::uint32_t row, std::uint16_t worker);
    void take(); // new lines of the model
    int lines() const { return m_lines; }
    QString text() const;

private:
    RunModel& m_run;
    QPlainTextEdit* m_view;
    std::uint32_t m_row = types::kNoRow;
    std::uint16_t m_worker = types::kNoWorker;
    std::uint64_t m_seen = 0; // lines of the model, counted from the begin
    int m_lines = 0;
};

} // namespace orrery::widgets
