// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// WhyPage: why a task is where it is: in one sentence, then the times of its newest attempt, what it asked for, and the error
// in its own words. Everything is read from the trace. Thread: UI.

#include "widgets/common/key_value_list.h"
#include "widgets/inspector/subject.h"

#include <QWidget>

namespace orrery::widgets {

class SectionHead;
class TextLabel;

class WhyPage final : public QWidget {
    Q_OBJECT
public:
    explicit WhyPage(RunModel& run, QWidget* parent = nullptr);
    void setTask(const TaskFacts& facts, const std::vector<AttemptFacts>& attempts);
    QString sentence() const;
    const QList<KeyValue>& times() const;

private:
    RunModel& m_run;
    TextLabel* m_sentence;
    TextLabel* m_error;
    SectionHead* m_timesHead;
    KeyValueList* m_times;
    SectionHead* m_storyHead;
    TextLabel* m_story;
};

// "worker died" for "WORKER_DIED"; empty: no cause.
QString causeWords(const QString& errorType);
QString whySentence(const RunModel& run, const TaskFacts& facts);
QStringList storyOf(const RunModel& run, const TaskFacts& facts, const std::vector<AttemptFacts>& attempts);

} // namespace orrery::widgets
