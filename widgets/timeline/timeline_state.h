// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TimelineState: what the parts of the timeline share: the range in view, whether it follows the run, the rows, the filter, the
// chosen stretch of time and the chosen task. No paint, no widget.
// Following has two ways: the whole run is fitted (and fitted again when it outgrows the view), or the scale is held and now
// stays near the right edge. Any pan or zoom stops it; goLive() resumes.
// Thread: UI. Lives: with its panel.

#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"
#include "widgets/timeline/count_history.h"
#include "widgets/timeline/span_filter.h"
#include "widgets/timeline/span_find.h"
#include "widgets/timeline/strip_paint.h"
#include "widgets/timeline/time_scale.h"
#include "widgets/timeline/track_rows.h"

#include <QObject>

namespace orrery::widgets {

struct TimeArea {
    types::TimeNs fromNs = 0, toNs = 0;
};

class TimelineState final : public QObject {
    Q_OBJECT
public:
    TimelineState(RunModel& model, Selection& selection, QObject* parent);
    const RunModel& model() const { return m_model; }
    Selection& selection() { return m_selection; }
    const Selection& selection() const { return m_selection; }
    const types::SpanSet& set() const { return *m_set; }
    const types::SpanSet& transfers() const { return *m_transfers; } // by node

    // Takes what the model has now: rows, spans, the time. Called once a frame at most.
    void take();
    // Of the field: device pixels wide, device pixels a pixel, pixels high.
    void setViewport(int columns, qreal ratio, int height);
    void setCompact(bool compact);
    bool isCompact() const { return m_compact; }

    // ---- time ----
    const TimeScale& scale() const { return m_scale; }
    qreal ratio() const { return m_ratio; }
    types::TimeNs beginNs() const { return m_scale.originNs; }
    types::TimeNs nowNs() const { return m_nowNs; } // of a run that ended: its end
    types::TimeNs endNs() const;                    // of what there is to see
    bool isLive() const { return m_live; }
    bool isFollowing() const { return m_follow; }
    void pan(int columns);
    void zoom(double x, double factor);
    void show(types::TimeNs fromNs, types::TimeNs toNs);
    void centre(types::TimeNs at, types::TimeNs length); // seen, and in the middle as far as the run reaches
    void goHome();
    void goLive();

    // ---- rows ----
    const std::vector<TrackRow>& rows() const { return m_rows; }
    int height() const { return m_height; }
    int scrollY() const { return m_scrollY; }
    int scrollMax() const;
    void scrollTo(int y);
    void bringIntoView(std::uint16_t track);
    void toggle(std::uint16_t node);
    void collapseAll(bool collapse);
    const CountHistory& history() const { return m_history; }

    // ---- looks and choices ----
    ColourMode colourMode() const { return m_mode; }
    void setColourMode(ColourMode mode);
    QString setFilter(const QString& text); // empty, or why it is refused
    SpanFilter& filter() { return m_filter; }
    const SpanFilter& filter() const { return m_filter; }
    const std::optional<TimeArea>& area() const { return m_area; }
    void setArea(std::optional<TimeArea> area);
    void select(const FoundSpan& span);
    const std::optional<FoundSpan>& selected() const; // newest attempt of the selected task, if it has a span
    const Flows& flows() const;                       // of selected()

Q_SIGNALS:
    void changed();       // draw again
    void figuresChanged(); // loads of nodes only; the field shows them when it draws next
    void followChanged();
    void rowsChanged();   // height or scroll range
    void filterChanged();

private:
    void takeRun();
    void takeFilter();
    bool takeRows(); // true: they are others
    void follow(bool fresh);
    void stopFollowing();
    void findSelected() const;
    struct Seen { // of what is drawn; equal: nothing to draw anew
        const types::SpanSet *set = nullptr, *transfers = nullptr;
        types::TimeNs nowNs = 0;
        bool live = false;
        std::uint32_t tasks = 0;
        std::uint64_t names = 0, deaths = 0;
        bool operator==(const Seen&) const = default;
    };
    Seen look() const;
    RunModel& m_model;
    Selection& m_selection;
    std::shared_ptr<const types::SpanSet> m_set, m_transfers;
    base::RunId m_run;
    TimeScale m_scale;
    qreal m_ratio = 1;
    types::TimeNs m_nowNs = 0;
    bool m_live = false, m_follow = true, m_fit = true, m_compact = false;
    std::vector<TrackRow> m_rows;
    std::set<std::uint16_t> m_collapsed;
    int m_height = 0, m_scrollY = 0;
    CountHistory m_history;
    ColourMode m_mode = ColourMode::Function;
    SpanFilter m_filter;
    Seen m_seen;
    std::uint64_t m_names = 0; // changes when what the filter reads of names and nodes changes
    std::optional<TimeArea> m_area;
    struct Chosen {
        bool valid = false;
        std::optional<TaskRef> task;
        const types::SpanSet* set = nullptr;
        std::optional<FoundSpan> span;
        Flows flows;
    };
    mutable Chosen m_chosen;
};

} // namespace orrery::widgets
