// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/track_field.h"

#include "widgets/common/theme.h"
#include "widgets/timeline/field_overlay.h"

#include <QPainter>
#include <QResizeEvent>
#include <QTimer>
#include <cmath>

namespace orrery::widgets {

using types::TimeNs;

namespace {

constexpr int kFilterBudgetMs = 6; // of a frame
constexpr int kBlinkMs = 280;

} // namespace

TrackField::TrackField(TimelineState& state, QWidget* parent) : QWidget(parent), m_state(state), m_hover(new HoverCard(this))
{
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Timeline"));
    setAccessibleDescription(tr("Tasks over time, a row per worker. Comma and full stop go from task to task."));
    connect(&state, &TimelineState::changed, this, [this] {
        m_stale = true;
        update();
    });
    connect(&Theme::of(), &Theme::changed, this, [this] {
        m_picture.forgetTheme();
        m_stale = true;
        update();
    });
}

void TrackField::fit() { m_state.setViewport(qRound(width() * devicePixelRatioF()), devicePixelRatioF(), height()); }

void TrackField::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_stale = true;
    fit();
}

void TrackField::paintEvent(QPaintEvent*)
{
    if (!qFuzzyCompare(devicePixelRatioF(), m_state.ratio())) fit(); // moved to another screen
    if (!m_state.filter().complete()) {
        m_state.filter().work(kFilterBudgetMs);
        m_stale = true;
        if (!m_state.filter().complete()) QTimer::singleShot(0, this, qOverload<>(&QWidget::update));
    }
    if (m_stale) {
        m_stale = false;
        m_picture.build(m_state, QSize(qRound(width() * m_state.ratio()), qRound(height() * m_state.ratio())));
        Q_EMIT painted();
    }
    QPainter painter(this);
    const QImage& image = m_picture.image();
    const qreal ratio = m_state.ratio();
    painter.drawImage(QRectF(0, 0, image.width() / ratio, (image.height() - 2 * m_picture.padding()) / ratio), image,
                      QRectF(0, m_picture.padding(), image.width(), image.height() - 2 * m_picture.padding()));
    FieldOverlay(painter, m_state, m_picture, size()).paint(m_blink);
    if (!m_ring) return;
    painter.setPen(QPen(color(Token::Accent), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

std::optional<FoundSpan> TrackField::spanNear(const types::TrackSpans& track, double x) const
{
    const auto reach = static_cast<TimeNs>(std::ceil(2 * m_state.ratio() * m_state.scale().nsPerColumn));
    return spanAt(track, m_state.scale().timeAt(column(x)), reach, m_state.nowNs());
}

std::optional<FoundSpan> TrackField::spanUnder(QPointF at) const
{
    const int y = static_cast<int>(std::floor(at.y())) + m_state.scrollY();
    const int found = rowAt(m_state.rows(), y);
    if (found < 0) return std::nullopt;
    const TrackRow& row = m_state.rows()[static_cast<std::size_t>(found)];
    for (std::size_t lane = 0; lane < row.tracks.size(); ++lane) {
        const Band band = bandOf(row, lane);
        const bool inside = row.tracks.size() == 1 || (y - row.top >= band.top && y - row.top < band.top + band.height);
        const auto* track = m_state.set().find(row.tracks[lane]);
        if (!inside || track == nullptr) continue;
        return spanNear(*track, at.x());
    }
    return std::nullopt;
}

std::optional<FoundSpan> TrackField::transferUnder(QPointF at) const
{
    const int found = rowAt(m_state.rows(), static_cast<int>(std::floor(at.y())) + m_state.scrollY());
    if (found < 0 || m_state.rows()[static_cast<std::size_t>(found)].kind != RowKind::Transfers) return std::nullopt;
    const auto* brought = m_state.transfers().find(m_state.rows()[static_cast<std::size_t>(found)].node);
    return brought == nullptr ? std::nullopt : spanNear(*brought, at.x());
}

void TrackField::reveal()
{
    const auto span = m_state.selected();
    if (!span) return;
    m_state.bringIntoView(span->track);
    m_state.centre(span->startNs + (span->endNs - span->startNs) / 2, span->endNs - span->startNs);
    if (Theme::of().reduceMotion()) return;
    m_blink = true;
    update();
    QTimer::singleShot(kBlinkMs, this, [this] {
        m_blink = false;
        update();
    });
}

} // namespace orrery::widgets
