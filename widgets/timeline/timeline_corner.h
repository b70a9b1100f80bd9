// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TimelineCorner: what stands at the right of the timeline's tab row: the functions' colours, the filter, the colour mode.
// The colours leave when the window is narrow. Thread: UI. Lives: owned by the panel until the app puts it into a row.

#include "widgets/timeline/strip_paint.h"

#include <QWidget>

namespace orrery::widgets {

class ComboButton;
class SearchField;

// Swatch and name of the functions of the run, as many as have room: maps first, then as the graph reads.
class FunctionLegend final : public QWidget {
    Q_OBJECT
public:
    FunctionLegend(const RunModel& model, QWidget* parent);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }
    void setColourMode(ColourMode mode);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Entry {
        QString name;
        QColor color;
    };
    std::vector<Entry> entries() const;
    void refresh();
    const RunModel& m_model;
    ColourMode m_mode = ColourMode::Function;
    QSize m_wanted;
};

class TimelineCorner final : public QWidget {
    Q_OBJECT
public:
    TimelineCorner(const RunModel& model, QWidget* parent);
    SearchField& field() { return *m_field; }
    void setWrong(const QString& why); // "" when right
    void adapt(int windowWidth);

Q_SIGNALS:
    void filterWanted(const QString& text);
    void colourWanted(ColourMode mode);

private:
    FunctionLegend* m_legend;
    SearchField* m_field;
    ComboButton* m_colour;
};

} // namespace orrery::widgets
