// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/plot.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

// The tree is built without Qt's short keywords; this header needs them.
#define signals Q_SIGNALS
#define slots Q_SLOTS
#define foreach Q_FOREACH
#include <qcustomplot.h>
#undef signals
#undef slots
#undef foreach

namespace orrery::widgets {

namespace {
constexpr int kTitleRow = 24, kLeftMargin = 44, kRightMargin = 16, kBottomMargin = 20,
              kTopMargin = 9;  // half a label is above
constexpr int kTimeLabel = 60; // with the room round it
} // namespace

// The line under the pointer and its dots, over the plot: moving it costs no replot.
class PlotCursor final : public QWidget {
public:
    explicit PlotCursor(Plot* plot) : QWidget(plot), m_plot(plot)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        if (!m_plot->m_cursor) return;
        QPainter painter(this);
        const auto* axes = m_plot->m_plot->axisRect();
        const double x = std::round(m_plot->m_plot->xAxis->coordToPixel(*m_plot->m_cursor)) + 0.5;
        painter.setPen(QPen(color(Token::Muted), 0));
        painter.drawLine(QPointF(x, axes->top()), QPointF(x, axes->bottom()));
        painter.setRenderHint(QPainter::Antialiasing);
        for (const PlotLine& line : m_plot->m_lines) {
            const auto value = line.valueAt(*m_plot->m_cursor);
            if (!value) continue;
            painter.setPen(QPen(color(Token::Canvas), 1));
            painter.setBrush(Theme::of().node(line.node));
            painter.drawEllipse(QPointF(x, m_plot->m_plot->yAxis->coordToPixel(*value)), 3, 3);
        }
    }

private:
    Plot* m_plot;
};

double niceCeiling(double value)
{
    if (!(value > 0)) return 1;
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (value <= factor * power * (1 + 1e-9)) return factor * power;
    return 10 * power;
}

std::optional<double> PlotLine::valueAt(double seconds) const
{
    const auto next = std::lower_bound(at.begin(), at.end(), seconds);
    auto index = next - at.begin();
    if (next == at.end() || (index > 0 && seconds - at[index - 1] < at[index] - seconds)) --index;
    if (index < 0 || index >= at.size() || std::abs(at[index] - seconds) > kGapSeconds) return std::nullopt;
    return value[index];
}

Plot::Plot(const QString& title, QWidget* parent)
    : QWidget(parent), m_title(title), m_plot(new QCustomPlot(this)), m_overlay(new PlotCursor(this))
{
    setAccessibleName(title);
    m_plot->axisRect()->setAutoMargins(QCP::msNone);
    m_plot->axisRect()->setMargins({kLeftMargin, kTopMargin, kRightMargin, kBottomMargin});
    m_plot->axisRect()->setMinimumMargins({});
    m_plot->plotLayout()->setRowSpacing(0);
    m_plot->setInteractions({});
    m_plot->setMinimumSize(8, 8); // it complains when it is laid out without any height
    m_plot->setPlottingHint(QCP::phFastPolylines, true);
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, kTitleRow, 0, 0);
    column->addWidget(m_plot);
    connect(&Theme::of(), &Theme::changed, this, [this] {
        style();
        m_plot->replot(); // now: its ground changes with this paint, the lines on it must too
        update();
    });
    style();
    setTicks();
}

Plot::~Plot() = default;

void Plot::style()
{
    m_plot->setBackground(QBrush(color(Token::Canvas)));
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(axis == m_plot->xAxis ? QPen(color(Token::LineInside), 0) : QPen(Qt::NoPen));
        axis->setTickPen(Qt::NoPen);
        axis->setSubTicks(false);
        axis->setTickLabelFont(Theme::of().font(FontRole::MonoSmall));
        axis->setTickLabelColor(color(Token::Muted));
        axis->setTickLabelPadding(6);
        axis->grid()->setPen(QPen(color(Token::Grid), 0));
        axis->grid()->setZeroLinePen(Qt::NoPen);
        axis->grid()->setSubGridVisible(false);
    }
    m_plot->xAxis->grid()->setVisible(false);
    for (int i = 0; i < m_plot->graphCount() && i < m_lines.size(); ++i)
        m_plot->graph(i)->setPen(QPen(Theme::of().node(m_lines[i].node), 0));
}

void Plot::setTicks()
{
    QSharedPointer<QCPAxisTickerText> time(new QCPAxisTickerText);
    const int room = m_plot->width() / kTimeLabel, parts = room >= 7 ? 6 : room >= 4 ? 3 : room >= 3 ? 2 : 1;
    for (int i = 0; i <= parts; ++i) {
        const double at = -m_span + i * m_span / parts;
        time->addTick(at, at == 0 ? tr("now") : QStringLiteral("%1 s").arg(qRound(at)));
    }
    m_plot->xAxis->setTicker(time);
    m_plot->xAxis->setRange(-m_span, 0);
    QSharedPointer<QCPAxisTickerText> values(new QCPAxisTickerText);
    values->addTick(0, QStringLiteral("0"));
    values->addTick(m_top / 2, {});
    values->addTick(m_top, m_top >= 1000 ? countText(static_cast<std::uint64_t>(m_top)) : QString::number(m_top));
    m_plot->yAxis->setTicker(values);
    m_plot->yAxis->setRange(0, m_top * 1.02);
}

void Plot::setData(const QString& unit, double ceiling, QList<PlotLine> lines)
{
    m_unit = unit;
    m_lines = std::move(lines);
    double highest = 0;
    for (const PlotLine& line : m_lines)
        for (qsizetype i = 0; i < line.at.size(); ++i)
            if (line.at[i] >= -m_span) highest = std::max(highest, line.value[i]);
    m_top = std::max(ceiling, niceCeiling(highest));
    while (m_plot->graphCount() > m_lines.size()) m_plot->removeGraph(m_plot->graphCount() - 1);
    while (m_plot->graphCount() < m_lines.size()) m_plot->addGraph();
    for (int i = 0; i < m_lines.size(); ++i) {
        m_plot->graph(i)->setPen(QPen(Theme::of().node(m_lines[i].node), 0));
        m_plot->graph(i)->setData(m_lines[i].at, m_lines[i].value, true);
    }
    setTicks();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    m_overlay->update();
    update(0, 0, width(), kTitleRow);
}

void Plot::setSpan(double seconds)
{
    m_span = seconds;
    setTicks();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void Plot::setCursor(std::optional<double> seconds)
{
    if (seconds && (*seconds < -m_span || *seconds > 0)) seconds.reset();
    m_cursor = seconds;
    m_overlay->setGeometry(m_plot->geometry());
    m_overlay->setVisible(seconds.has_value());
    m_overlay->raise();
    m_overlay->update();
    update(0, 0, width(), kTitleRow);
}

QString Plot::valueText(double value) const
{
    const int digits = value >= 100 || m_unit == u"%" ? 0 : value >= 10 ? 1 : 2;
    return QStringLiteral("%1 %2").arg(value, 0, 'f', digits).arg(m_unit);
}

QStringList Plot::readings() const
{
    QStringList texts;
    for (const PlotLine& line : m_lines) {
        const auto value = m_cursor               ? line.valueAt(*m_cursor)
                           : line.value.isEmpty() ? std::nullopt
                                                  : std::optional(line.value.last());
        texts << line.name + QLatin1Char(' ') + (value ? valueText(*value) : QStringLiteral("–"));
    }
    return texts;
}

int Plot::gridLines() const
{
    return static_cast<int>(m_plot->yAxis->tickVector().size());
}

int Plot::xOf(double seconds) const
{
    return m_plot->x() + qRound(m_plot->xAxis->coordToPixel(seconds));
}

void Plot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), color(Token::Canvas));
    painter.setFont(Theme::of().font(FontRole::Section));
    painter.setPen(color(Token::Text));
    QRect row(14, 2, width() - 14 - kRightMargin, kTitleRow - 2);
    painter.drawText(row, Qt::AlignVCenter, m_title);
    row.setLeft(row.left() + painter.fontMetrics().horizontalAdvance(m_title) + 6);
    painter.setFont(Theme::of().font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(row, Qt::AlignVCenter, m_unit);
    row.setLeft(row.left() + painter.fontMetrics().horizontalAdvance(m_unit) + 8);

    // From the right: the last node first, as many as there is room for; letters alone where the figures of all would not fit.
    QStringList texts = readings();
    painter.setFont(Theme::of().font(FontRole::MonoSmall));
    int need = 0;
    for (const auto& text : texts) need += painter.fontMetrics().horizontalAdvance(text) + 30;
    if (need - 12 > row.width())
        for (qsizetype i = 0; i < texts.size(); ++i) texts[i] = m_lines[i].name;
    for (qsizetype i = texts.size() - 1; i >= 0; --i) {
        const int width = painter.fontMetrics().horizontalAdvance(texts[i]) + 18;
        if (width > row.width()) break;
        const QRect box(row.right() - width + 1, row.top(), width, row.height());
        painter.fillRect(QRect(box.left(), box.center().y(), 11, 2), Theme::of().node(m_lines[i].node));
        painter.setPen(color(Token::Text));
        painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter, texts[i]);
        row.setRight(box.left() - 12);
    }
}

bool Plot::eventFilter(QObject* object, QEvent* event)
{
    if (object != m_plot) return false;
    switch (event->type()) {
    case QEvent::MouseMove:
        Q_EMIT hovered(m_plot->xAxis->pixelToCoord(static_cast<QMouseEvent*>(event)->pos().x()));
        break;
    case QEvent::Leave: Q_EMIT left(); break;
    case QEvent::Wheel:
        Q_EMIT spanWheeled(static_cast<QWheelEvent*>(event)->angleDelta().y() > 0 ? -1 : 1);
        return true;
    case QEvent::Resize:
        m_overlay->setGeometry(m_plot->geometry());
        setTicks();
        break;
    default: break;
    }
    return false;
}

} // namespace orrery::widgets
