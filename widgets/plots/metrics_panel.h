// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// MetricsPanel: CPU, memory, network and store of each node over the last minutes, four plots over one time axis; the pointer
// reads all four at one instant, the wheel widens the span. Draws at most kPlotsPerSecond times a second, only while seen.
// Thread: UI. Reads: RunModel's figures.

#include "widgets/common/refresh.h"
#include "widgets/models/run_model.h"

#include <QWidget>

#include <array>
#include <optional>

class QGridLayout;
class QLabel;

namespace orrery::widgets {

inline constexpr int kPlotsPerSecond = 4;

class Plot;

class MetricsPanel final : public QWidget {
    Q_OBJECT
public:
    explicit MetricsPanel(RunModel& run, QWidget* parent = nullptr);
    enum Quantity { Cpu, Memory, Network, Store };
    Plot* plot(Quantity quantity) const { return m_plots[quantity]; }
    std::uint64_t redraws() const { return m_redraws; }
    void setSpan(double seconds); // of all four

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();
    void place();
    void hover(std::optional<double> seconds);
    void wheel(int steps);
    RunModel& m_run;
    QWidget* m_field;
    QGridLayout* m_grid;
    std::array<Plot*, 4> m_plots{};
    QLabel* m_empty;
    Refresh* m_refresh;
    int m_columns = 0;
    std::uint64_t m_redraws = 0;
};

} // namespace orrery::widgets
