// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Plot: one quantity over time, a line for each node. Title, unit and the figures of now (or of the pointer's instant) stand in
// the row above; the field has at most three grid lines and no legend box. Thread: UI.
// Cost: lines of one device pixel; setData() draws once, moving the cursor draws only the cursor.

#include <QColor>
#include <QList>
#include <QString>
#include <QWidget>

#include <optional>

class QCustomPlot;

namespace orrery::widgets {

class PlotCursor;

struct PlotLine {
    QString name;
    int node = 0;            // for the colour
    QList<double> at, value; // seconds before now (<= 0), rising
    // Nothing: no figure within kGapSeconds of that instant.
    std::optional<double> valueAt(double seconds) const;
};
inline constexpr double kGapSeconds = 3;

class Plot final : public QWidget {
    Q_OBJECT
public:
    explicit Plot(const QString& title, QWidget* parent = nullptr);
    ~Plot() override;
    // ceiling: the top of the axis, at least this; 0: from the values.
    void setData(const QString& unit, double ceiling, QList<PlotLine> lines);
    void setSpan(double seconds);
    double span() const { return m_span; }
    void setCursor(std::optional<double> seconds); // none: the figures are those of now
    double top() const { return m_top; }           // of the value axis
    QStringList readings() const;                  // "A 93 %", as in the title row
    int gridLines() const;
    int xOf(double seconds) const; // in this widget
    QSize minimumSizeHint() const override { return {160, 96}; }

Q_SIGNALS:
    void hovered(double seconds);
    void left();
    void spanWheeled(int steps);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    friend class PlotCursor;
    void style();
    void setTicks();
    QString valueText(double value) const;
    QString m_title, m_unit;
    QList<PlotLine> m_lines;
    double m_span = 60;
    double m_top = 1;
    std::optional<double> m_cursor;
    QCustomPlot* m_plot;
    PlotCursor* m_overlay;
};

// 1, 2 or 5 times a power of ten, at least `value`.
double niceCeiling(double value);

} // namespace orrery::widgets
