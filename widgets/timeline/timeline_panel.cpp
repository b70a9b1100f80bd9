// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_panel.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/icons.h"
#include "widgets/common/refresh.h"
#include "widgets/common/search_field.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/timeline_corner.h"
#include "widgets/timeline/timeline_footer.h"
#include "widgets/timeline/time_ruler.h"
#include "widgets/timeline/track_field.h"
#include "widgets/timeline/track_tree.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollBar>
#include <QToolButton>

namespace orrery::widgets {

namespace {

constexpr int kCompactBelow = 1120; // width of the window
constexpr int kCompactLow = 150;    // height of the panel: a row for each of several nodes, where one node's rows would fill it

} // namespace

TimelinePanel::TimelinePanel(RunModel& model, Selection& selection, QWidget* parent)
    : QWidget(parent), m_state(new TimelineState(model, selection, this)), m_corner(new TimelineCorner(model, nullptr))
{
    build();
    wire();
    m_refresh = new Refresh(this, kFrameMs, [this] { m_state->take(); });
    connect(&model, &RunModel::ticked, this, [this] { m_refresh->ask(); });
    connect(&selection, &Selection::revealed, m_field, &TrackField::reveal);
}

TimelinePanel::~TimelinePanel()
{
    if (m_corner && m_corner->parent() == nullptr) delete m_corner;
}

void TimelinePanel::build()
{
    m_field = new TrackField(*m_state, this);
    m_ruler = new TimeRuler(*m_state, this);
    m_tree = new TrackTree(*m_state, this);
    m_footer = new TimelineFooter(*m_state, *m_field, this);
    m_scroll = new QScrollBar(Qt::Vertical, this);
    m_problem = new QWidget(this);
    auto* problemRow = new QHBoxLayout(m_problem);
    problemRow->setContentsMargins(metric::kTextInset, 0, metric::kTextInset, 0);
    auto* sign = new QLabel(m_problem);
    sign->setPixmap(iconPixmap(QStringLiteral("warn"), metric::kGlyph, color(Token::Failed), devicePixelRatioF()));
    m_problemText = new ElidedLabel({}, FontRole::Secondary, Token::Text, m_problem);
    problemRow->addWidget(sign);
    problemRow->addWidget(m_problemText, 1);
    m_problem->setObjectName(QStringLiteral("timelineProblem"));
    m_problem->setFixedHeight(metric::kRow);
    m_problem->hide();
    m_resume = new FlatButton(tr("Following paused: Resume (End)"), FlatButton::Kind::Plain, m_field);
    m_resume->setFocusPolicy(Qt::NoFocus);
    m_resume->hide();
    m_empty = new EmptyState({}, {}, m_field);
    m_empty->hide();

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(0);
    m_head = buildHead();
    grid->addWidget(m_problem, 0, 0, 1, 3);
    grid->addWidget(m_head, 1, 0);
    grid->addWidget(m_ruler, 1, 1, 1, 2);
    grid->addWidget(m_tree, 2, 0);
    grid->addWidget(m_field, 2, 1);
    grid->addWidget(m_scroll, 2, 2);
    grid->addWidget(m_footer, 3, 0, 1, 3);
    grid->setColumnStretch(1, 1);
    grid->setRowStretch(2, 1);
    setFocusProxy(m_field);
}

QWidget* TimelinePanel::buildHead()
{
    auto* head = new QWidget(this);
    head->setFixedHeight(metric::kRuler);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(metric::kTextInset, 0, 4, 0);
    row->setSpacing(0);
    row->addWidget(new ElidedLabel(tr("Tracks"), FontRole::Secondary, Token::Muted, head), 1);
    auto* filter = toolButton(QStringLiteral("filter"), tr("Filter (/)"), head);
    connect(filter, &QToolButton::clicked, m_field, &TrackField::filterWanted);
    row->addWidget(filter);
    auto* more = toolButton(QStringLiteral("dots"), tr("Tracks"), head);
    auto* menu = new QMenu(more);
    menu->addAction(tr("Fold all nodes"), this, [this] { m_state->collapseAll(true); });
    menu->addAction(tr("Unfold all nodes"), this, [this] { m_state->collapseAll(false); });
    menu->addSeparator();
    menu->addAction(tr("Show the whole run"), this, [this] { m_state->goHome(); });
    menu->addAction(tr("Follow the run"), this, [this] { m_state->goLive(); });
    more->setMenu(menu);
    more->setPopupMode(QToolButton::InstantPopup);
    row->addWidget(more);
    return head;
}

void TimelinePanel::wire()
{
    connect(m_field, &TrackField::message, this, &TimelinePanel::message);
    connect(m_field, &TrackField::filterWanted, this, [this] {
        if (!m_corner) return;
        m_corner->field().setFocus(Qt::ShortcutFocusReason);
        m_corner->field().selectAll();
    });
    connect(m_field, &TrackField::cleared, this, [this] {
        if (!filterText().isEmpty()) setFilterText({});
    });
    connect(m_field, &TrackField::painted, this, &TimelinePanel::placeOver, Qt::QueuedConnection);
    connect(m_corner, &TimelineCorner::filterWanted, this, &TimelinePanel::applyFilter);
    connect(m_corner, &TimelineCorner::colourWanted, m_state, &TimelineState::setColourMode);
    connect(m_state, &TimelineState::rowsChanged, this, &TimelinePanel::takeScroll);
    connect(m_state, &TimelineState::followChanged, this, &TimelinePanel::placeOver);
    connect(m_scroll, &QScrollBar::valueChanged, m_state, &TimelineState::scrollTo);
    connect(m_resume, &QAbstractButton::clicked, m_state, &TimelineState::goLive);
    connect(m_empty, &EmptyState::triggered, this, [this] { setFilterText({}); });
}

QWidget* TimelinePanel::corner() { return m_corner; }

void TimelinePanel::setFilterText(const QString& text)
{
    if (m_corner) m_corner->field().setText(text); // says so again after a rest; the same text changes nothing
    applyFilter(text);
}

void TimelinePanel::applyFilter(const QString& text)
{
    m_filterText = text;
    const QString before = m_state->filter().text();
    const QString why = m_state->setFilter(text);
    if (m_corner) m_corner->setWrong(why);
    m_problemText->setText(why);
    m_problem->setVisible(!why.isEmpty());
    if (m_state->filter().text() != before) Q_EMIT filterChanged(m_state->filter().text());
}

void TimelinePanel::takeScroll()
{
    const QSignalBlocker quiet(m_scroll);
    m_scroll->setRange(0, m_state->scrollMax());
    m_scroll->setPageStep(m_state->height());
    m_scroll->setSingleStep(metric::kTrack);
    m_scroll->setValue(m_state->scrollY());
    m_scroll->setVisible(m_state->scrollMax() > 0);
}

void TimelinePanel::placeOver()
{
    m_resume->setVisible(m_state->isLive() && !m_state->isFollowing());
    if (m_resume->isVisible()) {
        m_resume->adjustSize();
        m_resume->move((m_field->width() - m_resume->width()) / 2, m_field->height() - m_resume->height() - metric::kPadding);
    }
    const bool noRun = m_state->model().shownRun() == nullptr && m_state->set().spans == 0;
    bool noMatch = !m_state->filter().all() && m_state->filter().complete() && m_state->filter().kept() == 0 && m_state->set().spans > 0;
    for (const auto& track : m_state->set().tracks)
        for (const auto& open : track.open) noMatch = noMatch && !m_state->filter().keeps(open, track.track, m_state->nowNs());
    if (noRun) m_empty->setWords(tr("No run yet: press F5."), {});
    else if (noMatch) m_empty->setWords(tr("No events match '%1'").arg(m_state->filter().text()), tr("Clear filter"));
    m_empty->setVisible(noRun || noMatch);
    if (!noRun && !noMatch) return;
    m_empty->adjustSize();
    m_empty->move((m_field->width() - m_empty->width()) / 2, (m_field->height() - m_empty->height()) / 2);
}

void TimelinePanel::adapt()
{
    const bool compact = window()->width() < kCompactBelow || height() < kCompactLow;
    m_state->setCompact(compact);
    const int tree = compact ? kLanesTree : metric::kTimelineTree;
    m_head->setFixedWidth(tree);
    m_tree->setFixedWidth(tree);
    m_footer->setVisible(!compact);
    if (m_corner) m_corner->adapt(window()->width());
}

void TimelinePanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    adapt();
}

void TimelinePanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    adapt();
}

void TimelinePanel::showWholeRun() { m_state->goHome(); }

} // namespace orrery::widgets
