// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/run_strip.h"

#include "widgets/common/buttons.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/state_bar.h"
#include "widgets/pages/run_words.h"

#include <QPainter>

#include <algorithm>

namespace orrery::widgets {

namespace {
constexpr int kRefreshMs = 100, kBarWidth = 202, kBarHeight = 6, kButtonWidth = 116, kNarrow = 900, kTiny = 620;
} // namespace

RunStrip::RunStrip(RunModel& run, QWidget* parent)
    : QWidget(parent), m_run(run), m_button(new ComboButton({}, this)), m_bar(new StateBar(this))
{
    setFixedHeight(metric::kRunStrip);
    m_button->setObjectName(QStringLiteral("runs"));
    m_button->setAccessibleName(tr("Shown run"));
    connect(m_button, &QComboBox::activated, this, [this](int index) {
        if (index >= 0 && static_cast<std::size_t>(index) < m_ids.size())
            Q_EMIT showRunRequested(m_ids[static_cast<std::size_t>(index)]);
    });
    m_refresh = new Refresh(this, kRefreshMs, [this] { refresh(); });
    for (const auto signal :
         {&RunModel::runsChanged, &RunModel::shownRunChanged, &RunModel::countsChanged, &RunModel::ticked})
        connect(&run, signal, m_refresh, &Refresh::ask);
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
    refresh();
}

void RunStrip::fillRuns()
{
    // Newest first; the list is made anew only when a run came, so that one that is open stays.
    if (m_ids.size() != m_run.runs().size()) {
        m_button->clear();
        m_ids.clear();
        for (auto at = m_run.runs().rbegin(); at != m_run.runs().rend(); ++at) {
            m_button->addItem(runLabel(at->second));
            m_ids.push_back(at->second.id);
        }
    }
    int index = 0;
    const auto* shown = m_run.shownRun();
    for (auto at = m_run.runs().rbegin(); at != m_run.runs().rend(); ++at, ++index) {
        m_ids[static_cast<std::size_t>(index)] = at->second.id;
        if (const QString text = runLabel(at->second); m_button->itemText(index) != text)
            m_button->setItemText(index, text);
        if (shown && shown->number == at->first && m_button->currentIndex() != index) m_button->setCurrentIndex(index);
    }
}

QString RunStrip::remaining(const types::RunRow& run, types::TimeNs nowNs)
{
    const std::uint32_t done = doneTasks(run.counts);
    if (run.state != types::RunState::Running || run.startNs == 0 || done == 0 || run.tasks <= done) return {};
    const double each = static_cast<double>(nowNs - run.startNs) / done;
    const auto left = static_cast<types::TimeNs>(each * (run.tasks - done));
    const auto seconds = (left + base::kSecond - 1) / base::kSecond;
    return QStringLiteral("%1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

void RunStrip::refresh()
{
    const auto* run = m_run.shownRun();
    m_shown = run ? std::optional(*run) : std::nullopt;
    m_nowNs = m_run.nowNs();
    m_bar->setVisible(run != nullptr);
    if (run) {
        fillRuns();
        m_bar->setCounts(run->counts);
        setAccessibleName(
            tr("%1, %2 of %3 tasks done").arg(runLabel(*run)).arg(doneTasks(run->counts)).arg(run->tasks));
    }
    place();
    update();
}

void RunStrip::resizeEvent(QResizeEvent*)
{
    place();
}

int RunStrip::progressWidth() const
{
    if (!m_shown) return 0;
    const QFontMetrics bold(Theme::of().font(FontRole::Title)), plain(Theme::of().font(FontRole::Secondary));
    return bold.horizontalAdvance(countText(doneTasks(m_shown->counts))) + plain.horizontalAdvance(progressTail()) + 4;
}

QString RunStrip::progressTail() const
{
    const QString total = QStringLiteral("/ ") + countText(m_shown ? m_shown->tasks : 0);
    return width() < kNarrow ? total : total + QLatin1Char(' ') + tr("tasks");
}

void RunStrip::place()
{
    const bool combo = width() >= kTiny;
    m_button->setVisible(combo && m_shown);
    m_button->setGeometry(8, 4, kButtonWidth, 24);
    const int left = (combo ? 8 + kButtonWidth + 16 : metric::kTextInset) + progressWidth() + 12;
    const int barWidth = std::min(kBarWidth, std::max(0, width() / 5));
    m_bar->setGeometry(left, (height() - kBarHeight) / 2, barWidth, kBarHeight);
}

std::vector<RunStrip::Count> RunStrip::counts() const
{
    using enum types::TaskState;
    if (!m_shown) return {};
    const auto at = [&](types::TaskState state) { return m_shown->counts[static_cast<std::size_t>(state)]; };
    std::vector<Count> all{
        {Finished, at(Finished) + at(Cached), tr("done")},
        {Running, at(Running), tr("running")},
        {PendingAssignment, at(PendingAssignment) + at(Submitted) + at(PendingFetch), tr("ready")},
        {PendingArgs, at(PendingArgs), tr("waiting")},
        {Retrying, static_cast<std::uint32_t>(m_shown->reexecuted), tr("recomputed")},
        {Cancelled, at(Cancelled) + at(Skipped), tr("skipped")},
        {Failed, at(Failed), tr("failed")},
    };
    // Recomputed and skipped are told only when there are some; a narrow strip leaves "done" to the progress at its left.
    std::erase_if(all, [&](const Count& one) {
        return ((one.state == Retrying || one.state == Cancelled) && one.count == 0) ||
               (one.state == Finished && width() < kNarrow);
    });
    return all;
}

void RunStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), color(Token::Window));
    painter.fillRect(0, height() - 1, width(), 1, color(Token::Border));
    const Theme& theme = Theme::of();
    const auto text = [&](int x, FontRole role, Token token, const QString& words) {
        painter.setFont(theme.font(role));
        painter.setPen(color(token));
        painter.drawText(QRect(x, 0, width() - x, height() - 1), Qt::AlignVCenter, words);
        return x + painter.fontMetrics().horizontalAdvance(words);
    };
    if (!m_shown) {
        text(metric::kTextInset, FontRole::Secondary, Token::Muted, tr("No run yet. F5 starts one."));
        return;
    }
    int x = m_bar->x() - 12 - progressWidth();
    x = text(x, FontRole::Title, Token::Text, countText(doneTasks(m_shown->counts))) + 4;
    text(x, FontRole::Secondary, Token::Muted, progressTail());

    const int right = paintEnd(painter, *m_shown);
    x = m_bar->geometry().right() + 17;
    for (const Count& one : counts()) {
        const QString number = countText(one.count), word = width() < kNarrow ? QString() : one.word;
        const int needed = 20 + QFontMetrics(theme.font(FontRole::Medium)).horizontalAdvance(number + word) + 4;
        if (x + needed > right) break;
        const bool some = one.count > 0;
        drawStateGlyph(painter, QRectF(x, (height() - 1) / 2.0 - 7, 14, 14), one.state,
                       some ? QColor() : color(Token::Muted));
        x = text(x + 20, FontRole::Medium, some ? Token::Text : Token::Muted, number);
        if (!word.isEmpty()) x = text(x + 5, FontRole::Secondary, Token::Muted, word);
        x += 17;
    }
}

// "ETA 0:05", "finished in 12.2 s", or so far; at the right edge. Where it begins.
int RunStrip::paintEnd(QPainter& painter, const types::RunRow& run) const
{
    const Theme& theme = Theme::of();
    const QString left = remaining(run, m_nowNs);
    QString word, figure = runTimeText(runDuration(run, m_nowNs));
    if (!left.isEmpty()) {
        word = tr("ETA");
        figure = left;
    } else if (types::isTerminal(run.state)) {
        word = run.state == types::RunState::Succeeded ? tr("finished in")
               : run.state == types::RunState::Failed  ? tr("failed after")
                                                       : tr("stopped after");
    } else if (run.startNs == 0) {
        figure.clear();
    }
    if (width() < kTiny) word.clear();
    int right = width() - metric::kTextInset;
    const auto put = [&](FontRole role, Token token, const QString& words) {
        painter.setFont(theme.font(role));
        painter.setPen(color(token));
        painter.drawText(QRect(0, 0, right, height() - 1), Qt::AlignRight | Qt::AlignVCenter, words);
        right -= painter.fontMetrics().horizontalAdvance(words) + 6;
    };
    put(FontRole::Title, Token::Text, figure);
    put(FontRole::Secondary, Token::Muted, word);
    return right - 6;
}

} // namespace orrery::widgets
