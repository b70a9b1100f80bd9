// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_corner.h"

#include "widgets/common/buttons.h"
#include "widgets/common/search_field.h"
#include "widgets/common/theme.h"
#include "widgets/models/run_model.h"

#include <QHBoxLayout>
#include <QPainter>
#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

namespace orrery::widgets {

namespace {

constexpr int kEntriesMax = 5, kSwatch = 9, kFilterWidth = 216, kFilterNarrow = 192, kLegendFrom = 1680;

} // namespace

FunctionLegend::FunctionLegend(const RunModel& model, QWidget* parent) : QWidget(parent), m_model(model)
{
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    for (const auto signal : {&RunModel::shownRunChanged, &RunModel::catalogChanged, &RunModel::countsChanged}) // widths become known while the run lives
        connect(&model, signal, this, &FunctionLegend::refresh);
}

void FunctionLegend::refresh()
{
    if (const QSize wanted = sizeHint(); wanted != m_wanted) {
        m_wanted = wanted;
        updateGeometry();
    }
    update();
}

std::vector<FunctionLegend::Entry> FunctionLegend::entries() const
{
    std::vector<Entry> entries;
    const Theme& theme = Theme::of();
    if (m_mode == ColourMode::State) {
        using types::TaskState;
        const SpanLook look = SpanLook::of(m_model, m_mode);
        return {{tr("done"), QColor::fromRgb(look.stateDone)},
                {tr("running"), QColor::fromRgb(look.running)},
                {tr("recomputed"), QColor::fromRgb(look.retry)},
                {tr("failed"), QColor::fromRgb(look.fill(0, static_cast<std::uint16_t>(TaskState::Failed)))}};
    }
    if (!m_model.graph()) return entries;
    // Maps first, as they fill the tracks, then as the graph reads from left to right.
    const auto& vertices = m_model.graph()->vertices;
    const auto place = [&](std::size_t v) {
        const bool wide = v < m_model.vertices().size() && m_model.vertices()[v].tasks > 1;
        return std::tuple(!wide, vertices[v].x, vertices[v].y);
    };
    std::vector<std::size_t> order(vertices.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
    std::set<std::string> seen;
    for (const std::size_t v : order) {
        const std::string& name = vertices[v].function;
        if (static_cast<int>(entries.size()) == kEntriesMax || !seen.insert(name).second) continue;
        const types::FunctionInfo* info = m_model.catalog()->function(name);
        const QString function = QString::fromStdString(name);
        const QString label = info != nullptr && !info->label.empty() ? QString::fromStdString(info->label) : function.section(u'.', -1).replace(u'_', u' ');
        entries.push_back({label, theme.functionSpan(function)});
    }
    return entries;
}

QSize FunctionLegend::sizeHint() const
{
    const QFontMetrics metrics(Theme::of().font(FontRole::Secondary));
    int wide = 0;
    for (const Entry& entry : entries()) wide += metrics.horizontalAdvance(entry.name) + kSwatch + 22;
    return {wide, metric::kLineEdit};
}

void FunctionLegend::setColourMode(ColourMode mode)
{
    m_mode = mode;
    refresh();
}

void FunctionLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(Theme::of().font(FontRole::Secondary));
    int x = 0;
    for (const Entry& entry : entries()) {
        const int wide = painter.fontMetrics().horizontalAdvance(entry.name);
        if (x + kSwatch + 6 + wide > width()) return;
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(entry.color);
        painter.drawRoundedRect(QRectF(x, (height() - kSwatch) / 2.0, kSwatch, kSwatch), 2, 2);
        painter.setPen(color(Token::Muted));
        painter.drawText(QRect(x + kSwatch + 6, 0, wide + 2, height()), Qt::AlignVCenter | Qt::AlignLeft, entry.name);
        x += kSwatch + 22 + wide;
    }
}

TimelineCorner::TimelineCorner(const RunModel& model, QWidget* parent)
    : QWidget(parent), m_legend(new FunctionLegend(model, this)), m_field(new SearchField(tr("Filter   dur>1ms node:B"), {}, this)), m_colour(new ComboButton(tr("Colour"), this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(metric::kPadding);
    row->addWidget(m_legend);
    row->addWidget(m_field);
    row->addWidget(m_colour);
    m_field->setIconName(QStringLiteral("filter"));
    m_field->setFixedWidth(kFilterWidth);
    m_field->setAccessibleName(tr("Filter the timeline"));
    setWrong({});
    m_colour->addItem(tr("Function"));
    m_colour->addItem(tr("State"));
    connect(m_field, &SearchField::searched, this, &TimelineCorner::filterWanted);
    connect(m_colour, qOverload<int>(&QComboBox::currentIndexChanged), this, [this](int index) {
        const ColourMode mode = index == 1 ? ColourMode::State : ColourMode::Function;
        m_legend->setColourMode(mode);
        Q_EMIT colourWanted(mode);
    });
    connect(&Theme::of(), &Theme::changed, m_legend, qOverload<>(&QWidget::update));
}

void TimelineCorner::setWrong(const QString& why)
{
    m_field->setWrong(why);
    if (why.isEmpty()) m_field->setToolTip(tr("Shows what matches and fades the rest: dur>1ms, vertex:render, node:B, state:failed, attempt>1"));
}

void TimelineCorner::adapt(int windowWidth)
{
    m_legend->setVisible(windowWidth >= kLegendFrom);
    m_field->setFixedWidth(windowWidth >= kLegendFrom ? kFilterWidth : kFilterNarrow);
}

} // namespace orrery::widgets
