// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TimelinePanel: what ran where and when: ruler, tree of tracks, field, footer. Follows the run until somebody pans or zooms.
// Small windows get compact rows, one a node. Works only while it is shown, once a frame at most.
// Thread: UI. Errors: a filter that is refused says why in one sentence above the tracks; the last good one stays.

#include <QPointer>
#include <QString>
#include <QWidget>

class QScrollBar;

namespace orrery::widgets {

class ElidedLabel;
class EmptyState;
class FlatButton;
class Refresh;
class RunModel;
class Selection;
class TimelineCorner;
class TimelineFooter;
class TimelineState;
class TimeRuler;
class TrackField;
class TrackTree;

class TimelinePanel final : public QWidget {
    Q_OBJECT
public:
    TimelinePanel(RunModel& model, Selection& selection, QWidget* parent = nullptr);
    ~TimelinePanel() override;
    // Legend, filter and colour mode, for the right end of the dock's tab row. Belongs to who puts it there; until then to the
    // panel, and hidden.
    QWidget* corner();
    QString filterText() const { return m_filterText; } // as typed, right or wrong
    void setFilterText(const QString& text);
    void showWholeRun(); // as Home does; while the run goes on, as it grows

Q_SIGNALS:
    void message(const QString& text); // one sentence for the status strip
    void filterChanged(const QString& text); // another one holds now; empty: none

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void build();
    QWidget* buildHead();
    void wire();
    void applyFilter(const QString& text);
    void adapt();       // to the window's size
    void takeScroll();
    void placeOver();   // pill and empty state
    TimelineState* m_state;
    QPointer<TimelineCorner> m_corner;
    QString m_filterText;
    QWidget* m_head = nullptr;
    TimeRuler* m_ruler = nullptr;
    TrackTree* m_tree = nullptr;
    TrackField* m_field = nullptr;
    TimelineFooter* m_footer = nullptr;
    QScrollBar* m_scroll = nullptr;
    QWidget* m_problem = nullptr;
    ElidedLabel* m_problemText = nullptr;
    FlatButton* m_resume = nullptr;
    EmptyState* m_empty = nullptr;
    Refresh* m_refresh = nullptr;
};

} // namespace orrery::widgets
