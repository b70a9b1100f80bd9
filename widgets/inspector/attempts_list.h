// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// AttemptsList: the attempts of one task, a row each: how it ended, where, when it began and how long it took. A row chosen
// selects its worker's track. Thread: UI.

#include "widgets/inspector/subject.h"

#include <QWidget>

namespace orrery::widgets {

class AttemptsList final : public QWidget {
    Q_OBJECT
public:
    explicit AttemptsList(RunModel& run, QWidget* parent = nullptr);
    // causes: how the last one ended badly, in words; empty: it did not.
    void setAttempts(std::vector<AttemptFacts> attempts, const QString& cause);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }
    QStringList texts() const; // "1 B worker 2 277 ms"

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString endText(const AttemptFacts& attempt) const;
    RunModel& m_run;
    std::vector<AttemptFacts> m_attempts;
    QString m_cause;
};

// The letter of the node and the number of the worker that a track belongs to; "?" when it is not known.
struct WorkerPlace {
    int node = -1;
    QString letter, worker;
    bool lost = false;
};
WorkerPlace placeOf(const RunModel& run, std::uint16_t track);

} // namespace orrery::widgets
