// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/metrics_panel.h"

#include "widgets/common/theme.h"
#include "widgets/plots/plot.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <functional>

namespace orrery::widgets {

namespace {

constexpr std::array kSpans{30.0, 60.0, 120.0, 300.0};
constexpr double kMiB = 1024.0 * 1024.0;
constexpr int kRowHeightMin = 130, kPlotWidthMin = 280;

struct Scale {
    QString unit;
    double divisor = 1;
};

Scale bytesScale(double highest)
{
    return highest >= 1024 * kMiB ? Scale{QStringLiteral("GiB"), 1024 * kMiB} : Scale{QStringLiteral("MiB"), kMiB};
}

} // namespace

MetricsPanel::MetricsPanel(RunModel& run, QWidget* parent)
    : QWidget(parent), m_run(run), m_field(new QWidget(this)), m_grid(new QGridLayout(m_field)),
      m_empty(new QLabel(this))
{
    m_field->setAutoFillBackground(true);
    m_field->setBackgroundRole(QPalette::Mid); // the lines between the plots
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(1);
    const std::array titles{tr("CPU"), tr("Memory"), tr("Network"), tr("Store")};
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        m_plots[i] = new Plot(titles[i], m_field);
        connect(m_plots[i], &Plot::hovered, this, [this](double seconds) { hover(seconds); });
        connect(m_plots[i], &Plot::left, this, [this] { hover(std::nullopt); });
        connect(m_plots[i], &Plot::spanWheeled, this, &MetricsPanel::wheel);
    }
    m_empty->setFont(Theme::of().font(FontRole::Secondary));
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setText(tr("No figures yet. They come with the first node."));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_empty);
    column->addWidget(m_field);
    m_field->hide();
    m_refresh = new Refresh(this, 1000 / kPlotsPerSecond, [this] { refresh(); });
    connect(&run, &RunModel::nodesChanged, m_refresh, &Refresh::ask);
    place();
}

void MetricsPanel::refresh()
{
    const double now = static_cast<double>(m_run.nowNs());
    const auto lines = [&](const std::function<double(const NodeFigures&)>& value) {
        QList<PlotLine> made;
        for (const auto& node : m_run.nodes()) {
            const auto& figures = m_run.figures(node.node);
            if (figures.empty()) continue;
            PlotLine line{RunModel::nodeLetter(node.node), node.node, {}, {}};
            line.at.reserve(static_cast<qsizetype>(figures.size()));
            line.value.reserve(static_cast<qsizetype>(figures.size()));
            for (const NodeFigures& one : figures) {
                line.at << (static_cast<double>(one.atNs) - now) / 1e9;
                line.value << value(one);
            }
            made << line;
        }
        return made;
    };
    const auto bytes = [&](const std::function<std::uint64_t(const NodeFigures&)>& value) {
        double highest = 0;
        for (const auto& node : m_run.nodes())
            for (const NodeFigures& one : m_run.figures(node.node))
                highest = std::max(highest, static_cast<double>(value(one)));
        const Scale scale = bytesScale(highest);
        return std::pair(
            scale.unit, lines([&](const NodeFigures& one) { return static_cast<double>(value(one)) / scale.divisor; }));
    };
    const QList<PlotLine> cpu = lines([](const NodeFigures& one) { return one.cpuShare * 100; });
    m_empty->setVisible(cpu.isEmpty());
    m_field->setVisible(!cpu.isEmpty());
    if (cpu.isEmpty()) return;
    m_plots[Cpu]->setData(QStringLiteral("%"), 100, cpu);
    auto [memoryUnit, memory] = bytes([](const NodeFigures& one) { return one.memoryBytes; });
    m_plots[Memory]->setData(memoryUnit, 0, memory);
    m_plots[Network]->setData(QStringLiteral("MB/s"), 0, lines([](const NodeFigures& one) {
                                  return (one.netInPerSecond + one.netOutPerSecond) / 1e6;
                              }));
    auto [storeUnit, store] = bytes([](const NodeFigures& one) { return one.storeBytes; });
    m_plots[Store]->setData(storeUnit, 0, store);
    ++m_redraws;
}

void MetricsPanel::hover(std::optional<double> seconds)
{
    for (Plot* plot : m_plots) plot->setCursor(seconds);
}

void MetricsPanel::setSpan(double seconds)
{
    for (Plot* plot : m_plots) plot->setSpan(seconds);
    m_refresh->ask();
}

void MetricsPanel::wheel(int steps)
{
    const auto at = std::find(kSpans.begin(), kSpans.end(), m_plots[Cpu]->span());
    const auto index =
        std::clamp<std::ptrdiff_t>((at == kSpans.end() ? 1 : at - kSpans.begin()) + steps, 0, kSpans.size() - 1);
    setSpan(kSpans[static_cast<std::size_t>(index)]);
}

void MetricsPanel::resizeEvent(QResizeEvent*)
{
    place();
}

// Two by two where there is room; a low dock has them side by side, a narrow one below each other.
void MetricsPanel::place()
{
    const bool low = height() < 2 * kRowHeightMin;
    const int columns = low ? 4 : width() >= 2 * kPlotWidthMin ? 2 : 1;
    if (columns == m_columns) return;
    m_columns = columns;
    for (Plot* plot : m_plots) m_grid->removeWidget(plot);
    for (int i = 0; i < 4; ++i) m_grid->addWidget(m_plots[static_cast<std::size_t>(i)], i / columns, i % columns);
    for (int i = 0; i < 4; ++i) {
        m_grid->setColumnStretch(i, i < columns ? 1 : 0);
        m_grid->setRowStretch(i, i < (4 + columns - 1) / columns ? 1 : 0);
    }
}

} // namespace orrery::widgets
