// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// FactsSource: what the tables of tasks and objects say of one task, asked again while it changes.
// A task is named by its row, or, where that is not known yet, by vertex and map index. Thread: UI.
// Bounds: one question at a time, at most one round per kFactsMs; answers of an earlier subject are dropped.

#include "widgets/inspector/subject.h"
#include "widgets/models/ports.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <optional>
#include <vector>

namespace orrery::widgets {

inline constexpr int kFactsMs = 250;

class FactsSource final : public QObject {
    Q_OBJECT
public:
    explicit FactsSource(RowSource& rows, QObject* parent = nullptr);
    ~FactsSource() override;

    struct Wish {
        base::RunId run;
        std::uint32_t row = types::kNoRow; // or else:
        QString vertex;
        std::uint32_t mapIndex = 0;
        bool operator==(const Wish&) const = default;
    };
    void setWish(const std::optional<Wish>& wish); // none: forget everything
    void ask();                                    // again; later when it was asked a moment ago
    const std::optional<Wish>& wish() const { return m_wish; }
    bool hasAnswer() const { return m_answered; }    // since the wish was set
    const TaskFacts& task() const { return m_task; } // known() after the first answer
    const std::vector<ResultFacts>& objects() const { return m_objects; }
    const ResultFacts* object(std::uint16_t output) const; // null: there is none

Q_SIGNALS:
    void answered();

private:
    void askTask();
    void askObjects();
    RowSource& m_rows;
    std::optional<Wish> m_wish;
    TaskFacts m_task;
    std::vector<ResultFacts> m_objects;
    Ticket m_ticket = 0;
    bool m_again = false;
    bool m_answered = false;
    QElapsedTimer m_asked;
    QTimer m_timer;
};

} // namespace orrery::widgets
