// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_state.h"

#include "widgets/common/theme.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace orrery::widgets {

using types::TimeNs;

namespace {

constexpr TimeNs kLeastLive = 2 * base::kSecond;      // shown of a run that has just begun
constexpr TimeNs kNothing = 10 * base::kSecond;       // of no run at all
constexpr double kLeftPx = 18;                        // free before the begin
constexpr double kLiveRight = .28, kDoneRight = .05;  // shares free behind the end when the whole run is fitted
constexpr double kFitAgain = .93, kHoldAt = .85;      // where now makes a new fit, and where it is held
constexpr double kSeenPx = 5;                         // a revealed span is at least as wide

} // namespace

TimelineState::TimelineState(RunModel& model, Selection& selection, QObject* parent)
    : QObject(parent), m_model(model), m_selection(selection), m_set(model.spans()), m_transfers(model.transfers()), m_filter(model)
{
    connect(&selection, &Selection::changed, this, &TimelineState::changed);
    connect(&selection, &Selection::hoverChanged, this, &TimelineState::changed);
    connect(&model, &RunModel::shownRunChanged, this, [this] {
        if (const auto* run = m_model.shownRun(); run == nullptr || run->id != m_run) m_history.clear();
    });
    connect(&model, &RunModel::countsChanged, this, [this] {
        const auto* run = m_model.shownRun(); // a record of the past must not have holes: taken while hidden, too
        if (run == nullptr) return;
        if (!types::isTerminal(run->state)) m_history.add(m_model.nowNs(), m_model.vertices());
        else if (m_history.size() > 0) m_history.add(run->endNs, m_model.vertices());
    });
}

TimeNs TimelineState::endNs() const { return std::max({m_nowNs, m_set->lastNs, m_scale.originNs}); }

void TimelineState::take()
{
    m_set = m_model.spans();
    m_transfers = m_model.transfers();
    takeRun();
    takeFilter();
    const bool moved = takeRows();
    if (moved) Q_EMIT rowsChanged();
    m_chosen.valid = m_chosen.valid && m_chosen.set == m_set.get();
    // A cluster that idles goes on sending heartbeats; they are no reason to draw the past again.
    const Seen seen = look();
    if (std::exchange(m_seen, seen) == seen && !moved) Q_EMIT figuresChanged();
    else Q_EMIT changed();
}

bool TimelineState::takeRows()
{
    auto rows = rowsOf(m_model, m_collapsed, m_compact, m_height);
    const bool moved = rows != m_rows;
    m_rows = std::move(rows);
    m_scrollY = std::clamp(m_scrollY, 0, scrollMax());
    return moved;
}

TimelineState::Seen TimelineState::look() const
{
    Seen seen{m_set.get(), m_transfers.get(), m_nowNs, m_live, 0, m_names, 0};
    if (const auto* run = m_model.shownRun()) seen.tasks = run->tasks;
    for (const auto& [track, worker] : m_model.workers()) seen.deaths = seen.deaths * 31 + (worker.alive ? 1 : 2);
    for (const auto& node : m_model.nodes()) seen.deaths = seen.deaths * 31 + static_cast<std::uint64_t>(node.state);
    return seen;
}

void TimelineState::takeRun()
{
    const types::RunRow* run = m_model.shownRun();
    const base::RunId id = run ? run->id : base::RunId();
    const bool wasLive = m_live, wasFollowing = m_follow;
    const TimeNs origin = run && run->startNs > 0 ? run->startNs : m_set->firstNs;
    const bool other = id != m_run || origin != m_scale.originNs;
    m_live = run != nullptr && !types::isTerminal(run->state);
    m_nowNs = run == nullptr ? m_set->lastNs : m_live || run->endNs == 0 ? m_model.nowNs() : run->endNs;
    if (other) {
        if (id != m_run) m_area.reset();
        m_run = id;
        m_scale.originNs = origin;
        m_follow = m_fit = true;
    }
    follow(other || wasLive != m_live);
    if (wasLive != m_live || wasFollowing != m_follow) Q_EMIT followChanged();
}

void TimelineState::takeFilter()
{
    // Loads and counters change all the time; only names, widths and places matter to a filter.
    std::uint64_t names = m_model.workers().size() * 1'000'003u + m_model.vertices().size();
    for (const auto& counts : m_model.vertices()) names = names * 31 + (counts.tasks > 1);
    names = names * 31 + reinterpret_cast<std::uintptr_t>(m_model.graph().get());
    if (names != m_names) {
        m_names = names;
        m_filter.forget();
    }
    m_filter.setSet(m_set);
}

void TimelineState::setViewport(int columns, qreal ratio, int height)
{
    columns = std::max(columns, 1);
    if (columns == m_scale.width && qFuzzyCompare(ratio, m_ratio) && height == m_height) return;
    if (!qFuzzyCompare(ratio, m_ratio)) { // another screen: the same time in the same place
        m_scale.nsPerColumn *= m_ratio / ratio;
        m_scale.first = std::llround(static_cast<double>(m_scale.first) * ratio / m_ratio);
    }
    const bool wider = columns != m_scale.width;
    m_scale.width = columns;
    m_ratio = ratio;
    m_height = height;
    takeRows();
    follow(wider);
    Q_EMIT rowsChanged();
    Q_EMIT changed();
}

void TimelineState::setCompact(bool compact)
{
    if (compact == m_compact) return;
    m_compact = compact;
    take();
}

// ---- time ----

void TimelineState::follow(bool fresh)
{
    if (!m_follow) return;
    const double left = kLeftPx * m_ratio / m_scale.width;
    if (!m_fit) {
        if (m_live || fresh) m_scale.first = m_scale.columnOf(endNs()) - static_cast<std::int64_t>(kHoldAt * m_scale.width);
        return;
    }
    if (!m_live) {
        const bool nothing = m_model.shownRun() == nullptr && m_set->spans == 0;
        if (fresh) m_scale.show(m_scale.originNs, std::max(endNs(), m_scale.originNs + (nothing ? kNothing : base::kMicrosecond)), left, kDoneRight);
        return;
    }
    if (fresh || m_scale.xOf(m_nowNs) > kFitAgain * m_scale.width)
        m_scale.show(m_scale.originNs, std::max(endNs(), m_scale.originNs + kLeastLive), left, kLiveRight);
}

void TimelineState::stopFollowing()
{
    m_fit = false;
    if (!std::exchange(m_follow, false)) return;
    Q_EMIT followChanged();
}

void TimelineState::pan(int columns)
{
    if (columns == 0) return;
    stopFollowing();
    // A tenth of the view stays with the run.
    const std::int64_t keep = m_scale.width / 10;
    m_scale.first = std::clamp(m_scale.first + columns, keep - m_scale.width, std::max(m_scale.columnOf(endNs()) - keep, keep - m_scale.width));
    Q_EMIT changed();
}

void TimelineState::zoom(double x, double factor)
{
    const double length = static_cast<double>(std::max(endNs() - m_scale.originNs, base::kSecond));
    const double coarsest = std::max(8 * length / m_scale.width, m_scale.nsPerColumn);
    factor = std::max(factor, m_scale.nsPerColumn / coarsest);
    stopFollowing();
    m_scale.zoom(x, factor);
    Q_EMIT changed();
}

void TimelineState::show(TimeNs fromNs, TimeNs toNs)
{
    stopFollowing();
    m_scale.show(fromNs, toNs, .05, .05);
    Q_EMIT changed();
}

void TimelineState::centre(TimeNs at, TimeNs length)
{
    const TimeScale before = m_scale;
    const double columns = static_cast<double>(length) / m_scale.nsPerColumn;
    if (columns < kSeenPx * m_ratio || columns > .8 * m_scale.width) { // too small to be seen, or too wide: six of it are in view
        const TimeNs around = std::max<TimeNs>(length, 1) * 3;
        m_scale.show(at - around, at + around, 0, 0);
    }
    // In the middle, as far as the run reaches: a view of the whole run stays what it is, and goes on following.
    const auto free = static_cast<std::int64_t>(kLeftPx * m_ratio);
    const std::int64_t least = -free, most = std::max(least, m_scale.columnOf(endNs()) + free - m_scale.width);
    m_scale.first = std::clamp(m_scale.columnOf(at) - m_scale.width / 2, least, most);
    if (m_scale != before) stopFollowing();
    Q_EMIT changed();
}

void TimelineState::goHome()
{
    m_fit = m_follow = true;
    follow(true);
    Q_EMIT followChanged();
    Q_EMIT changed();
}

void TimelineState::goLive()
{
    // Who sees the whole run goes on seeing it; who is closer stays as close.
    m_fit = static_cast<double>(endNs() - m_scale.originNs) <= m_scale.nsPerColumn * m_scale.width;
    m_follow = true;
    follow(true);
    Q_EMIT followChanged();
    Q_EMIT changed();
}

// ---- rows ----

int TimelineState::scrollMax() const { return std::max(0, heightOf(m_rows) - m_height); }

void TimelineState::scrollTo(int y)
{
    y = std::clamp(y, 0, scrollMax());
    if (y == m_scrollY) return;
    m_scrollY = y;
    Q_EMIT rowsChanged();
    Q_EMIT changed();
}

void TimelineState::bringIntoView(std::uint16_t track)
{
    const auto worker = m_model.workers().find(track);
    const std::uint16_t node = worker == m_model.workers().end() ? kNoNode : worker->second.node;
    if (m_collapsed.count(node) > 0) toggle(node);
    const int at = rowOfTrack(m_rows, track);
    if (at < 0) return;
    const TrackRow& row = m_rows[static_cast<std::size_t>(at)];
    if (row.top < m_scrollY) scrollTo(row.top - metric::kNodeHeader);
    else if (row.bottom() > m_scrollY + m_height) scrollTo(row.bottom() - m_height + metric::kNodeHeader);
}

void TimelineState::toggle(std::uint16_t node)
{
    if (m_collapsed.erase(node) == 0) m_collapsed.insert(node);
    take();
}

void TimelineState::collapseAll(bool collapse)
{
    m_collapsed.clear();
    if (collapse)
        for (const TrackRow& row : m_rows)
            if (row.kind == RowKind::Node) m_collapsed.insert(row.node);
    take();
}

// ---- looks and choices ----

void TimelineState::setColourMode(ColourMode mode)
{
    m_mode = mode;
    Q_EMIT changed();
}

QString TimelineState::setFilter(const QString& text)
{
    const QString why = m_filter.setText(text);
    if (why.isEmpty()) {
        m_filter.setSet(m_set);
        Q_EMIT filterChanged();
        Q_EMIT changed();
    }
    return why;
}

void TimelineState::setArea(std::optional<TimeArea> area)
{
    m_area = area;
    Q_EMIT changed();
}

void TimelineState::select(const FoundSpan& span)
{
    m_selection.selectTask({span.row, span.vertex, span.index}, m_model.vertexName(span.vertex));
}

const std::optional<FoundSpan>& TimelineState::selected() const
{
    findSelected();
    return m_chosen.span;
}

const Flows& TimelineState::flows() const
{
    findSelected();
    return m_chosen.flows;
}

void TimelineState::findSelected() const
{
    if (m_chosen.valid && m_chosen.set == m_set.get() && m_chosen.task == m_selection.task()) return;
    m_chosen = {true, m_selection.task(), m_set.get(), std::nullopt, {}};
    if (!m_chosen.task) return;
    m_chosen.span = spanOf(*m_set, m_chosen.task->row, m_nowNs);
    if (m_chosen.span && m_model.graph()) m_chosen.flows = flowsOf(*m_set, *m_model.graph(), *m_chosen.span, m_nowNs);
}

} // namespace orrery::widgets
