// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/why_page.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/section_head.h"
#include "widgets/inspector/attempts_list.h"

#include <QBoxLayout>

namespace orrery::widgets {

namespace {

QString placeText(const RunModel& run, std::uint16_t track)
{
    const WorkerPlace place = placeOf(run, track);
    return place.node < 0 ? place.worker : WhyPage::tr("%1 of node %2").arg(place.worker, place.letter);
}

} // namespace

QString causeWords(const QString& errorType)
{
    if (errorType.isEmpty() || errorType == u"NONE") return {};
    if (errorType == u"THREW") return WhyPage::tr("it threw an error");
    if (errorType == u"WORKER_DIED") return WhyPage::tr("worker died");
    if (errorType == u"NODE_DIED") return WhyPage::tr("node lost");
    if (errorType == u"CANCELLED") return WhyPage::tr("cancelled");
    if (errorType == u"TIMED_OUT") return WhyPage::tr("out of time");
    if (errorType == u"BAD_OUTPUTS") return WhyPage::tr("wrong outputs");
    if (errorType == u"INPUT_LOST") return WhyPage::tr("an input was lost");
    if (errorType == u"OUT_OF_MEMORY") return WhyPage::tr("out of memory");
    return QString(errorType).toLower().replace(QLatin1Char('_'), QLatin1Char(' '));
}

QString whySentence(const RunModel& run, const TaskFacts& facts)
{
    using enum types::TaskState;
    const QString waits = facts.waitReason.isEmpty() ? QString() : QStringLiteral(" ") + facts.waitReason;
    const QString cause = causeWords(facts.errorType);
    switch (facts.state) {
    case PendingArgs: return WhyPage::tr("Waits for its inputs.") + waits;
    case PendingAssignment: return WhyPage::tr("Its inputs are there; it waits for a worker.") + waits;
    case PendingFetch: return WhyPage::tr("Its inputs are being brought to the node.") + waits;
    case Held: return WhyPage::tr("Held at a breakpoint.") + waits;
    case Submitted: return WhyPage::tr("Handed to %1, not begun.").arg(placeText(run, facts.track)) + waits;
    case Running: return WhyPage::tr("Runs on %1.").arg(placeText(run, facts.track));
    case Retrying:
        return (cause.isEmpty() ? WhyPage::tr("The last attempt was lost; the next one is due.")
                                : WhyPage::tr("The last attempt was lost (%1); the next one is due.").arg(cause)) +
               waits;
    case Finished:
        return facts.attempt > 1
                   ? WhyPage::tr("Finished on %1 in attempt %2.").arg(placeText(run, facts.track)).arg(facts.attempt)
                   : WhyPage::tr("Finished on %1.").arg(placeText(run, facts.track));
    case Cached: return WhyPage::tr("Taken from an earlier run: the same function, parameters and inputs.");
    case Failed:
        return cause.isEmpty() ? WhyPage::tr("Failed in attempt %1.").arg(facts.attempt)
                               : WhyPage::tr("Failed in attempt %1: %2.").arg(facts.attempt).arg(cause);
    case Cancelled: return WhyPage::tr("Cancelled: the run was stopped.");
    case Skipped: return WhyPage::tr("Skipped: an input failed.") + waits;
    }
    return {};
}

QStringList storyOf(const RunModel& run, const TaskFacts& facts, const std::vector<AttemptFacts>& attempts)
{
    QStringList lines;
    const auto* shown = run.shownRun();
    for (const AttemptFacts& attempt : attempts) {
        const QString at = shown && shown->startNs != 0
                               ? durationText(std::max<types::TimeNs>(0, attempt.startNs - shown->startNs))
                               : QStringLiteral("?");
        const QString place = placeText(run, attempt.track), lasted = durationText(attempt.durationNs);
        const bool last = &attempt == &attempts.back();
        const QString cause =
            last && facts.state != types::TaskState::Finished ? causeWords(facts.errorType) : QString();
        switch (attempt.outcome) {
        case types::TaskState::Running:
            lines << WhyPage::tr("Attempt %1 began at %2 on %3 and runs.").arg(attempt.number).arg(at, place);
            break;
        case types::TaskState::Finished:
            lines
                << WhyPage::tr("Attempt %1 began at %2 on %3 and took %4.").arg(attempt.number).arg(at, place, lasted);
            break;
        case types::TaskState::Cancelled:
            lines << WhyPage::tr("Attempt %1 began at %2 on %3 and was cancelled after %4.")
                         .arg(attempt.number)
                         .arg(at, place, lasted);
            break;
        case types::TaskState::Failed:
            lines << WhyPage::tr("Attempt %1 began at %2 on %3 and failed after %4.")
                         .arg(attempt.number)
                         .arg(at, place, lasted);
            break;
        default:
            lines << WhyPage::tr("Attempt %1 began at %2 on %3 and was cut off after %4.")
                         .arg(attempt.number)
                         .arg(at, place, lasted);
            break;
        }
        if (!cause.isEmpty() && attempt.outcome != types::TaskState::Running)
            lines.back().chop(1), lines.back() += QStringLiteral(": %1.").arg(cause);
    }
    return lines;
}

WhyPage::WhyPage(RunModel& run, QWidget* parent)
    : QWidget(parent), m_run(run), m_sentence(new TextLabel({}, FontRole::Ui, Token::Text, this)),
      m_error(new TextLabel({}, FontRole::Mono, Token::Text, this)),
      m_timesHead(new SectionHead(tr("Newest attempt"), this)),
      m_times(new KeyValueList(KeyValueList::Values::InColumn, this)), m_storyHead(new SectionHead(tr("Story"), this)),
      m_story(new TextLabel({}, FontRole::Secondary, Token::Muted, this))
{
    for (TextLabel* text : {m_sentence, m_error, m_story}) {
        text->setWordWrap(true);
        text->setTextFormat(Qt::PlainText);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    m_sentence->setContentsMargins(metric::kTextInset, 10, metric::kTextInset, 8);
    m_error->setContentsMargins(metric::kTextInset, 0, metric::kTextInset, 8);
    m_story->setContentsMargins(30, 2, metric::kTextInset, 8);
    m_times->setInsets(30, metric::kTextInset);
    m_timesHead->setBody(m_times);
    m_storyHead->setBody(m_story);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, metric::kPadding);
    column->setSpacing(0);
    for (QWidget* part :
         {static_cast<QWidget*>(m_sentence), static_cast<QWidget*>(m_error), static_cast<QWidget*>(m_timesHead),
          static_cast<QWidget*>(m_times), static_cast<QWidget*>(m_storyHead), static_cast<QWidget*>(m_story)})
        column->addWidget(part);
    column->addStretch();
}

void WhyPage::setTask(const TaskFacts& facts, const std::vector<AttemptFacts>& attempts)
{
    m_sentence->setText(facts.known() ? whySentence(m_run, facts) : tr("Not told yet."));
    m_error->setText(facts.error);
    m_error->setVisible(!facts.error.isEmpty());
    QList<KeyValue> rows;
    const auto add = [&](const QString& key, std::int64_t ns, const QString& note = {}) {
        if (ns >= 0) rows << KeyValue{key, durationText(ns), note};
    };
    add(tr("waited"), facts.waitNs, tr("for a worker"));
    add(tr("began"), facts.startNs, tr("into the run"));
    add(facts.state == types::TaskState::Running ? tr("runs for") : tr("took"), facts.durationNs);
    const bool share = facts.cpuNs >= 0 && facts.durationNs > 0;
    add(tr("CPU time"), facts.cpuNs,
        share ? percentText(static_cast<double>(facts.cpuNs) / static_cast<double>(facts.durationNs)) : QString());
    if (facts.peakBytes > 0)
        rows << KeyValue{tr("peak memory"), bytesText(static_cast<std::uint64_t>(facts.peakBytes))};
    if (facts.bytesOut > 0) rows << KeyValue{tr("results"), bytesText(static_cast<std::uint64_t>(facts.bytesOut))};
    if (!facts.resources.isEmpty()) rows << KeyValue{tr("asked for"), facts.resources};
    m_times->setRows(rows);
    m_timesHead->setVisible(!rows.isEmpty());
    m_times->setVisible(!rows.isEmpty() && m_timesHead->isOpen());
    const QStringList story = storyOf(m_run, facts, attempts);
    m_story->setText(story.join(QLatin1Char('\n')));
    m_storyHead->setVisible(!story.isEmpty());
    m_story->setVisible(!story.isEmpty() && m_storyHead->isOpen());
}

QString WhyPage::sentence() const
{
    return m_sentence->text();
}

const QList<KeyValue>& WhyPage::times() const
{
    return m_times->rows();
}

} // namespace orrery::widgets
