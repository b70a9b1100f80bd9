// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// FirstMinute: what the coach card knows: which of its lines have come true, and what a pulled plug has cost. It watches what
// happens and never acts by itself; the figures come from the rows of the two runs and from their decoded pictures.
// Thread: UI. Lives: with the window, from `--first-minute` or Help > First minute until its card is closed.

#include "app/window/result_picture.h"
#include "widgets/models/selection.h"

#include <QObject>
#include <map>
#include <optional>
#include <set>

namespace orrery::app {

// A run in which a plug was pulled (a node or a worker killed), against the last run of the same graph in which none was.
struct PlugReport {
    base::RunId run, against;
    std::uint32_t runNumber = 0, againstNumber = 0;
    std::uint64_t again = 0;     // attempts made again because of the death
    types::TimeNs costNs = 0;    // duration of `run` less that of `against`; may be negative
    bool identical = false;      // the decoded pictures
    QString text() const;        // "31 tasks computed again · +1.4 s against run 1 · picture identical"
};

class FirstMinute final : public QObject {
    Q_OBJECT
public:
    enum Line { NodesJoined, ClickTile, PullPlug, ManyTasks, OwnFiles, Lines };
    // nodes: how many the cluster begins with; plug: the one that may be killed, none: a worker is.
    static QStringList lines(unsigned nodes, std::optional<std::uint16_t> plug);
    static QString plugLine(std::optional<std::uint16_t> plug);
    FirstMinute(widgets::RunModel& run, widgets::Selection& selection, widgets::RowSource& rows, widgets::ByteSource& bytes, QObject* parent);

    void plugPulled(const base::RunId& run); // by a person
    void filtered(const QString& text);
    bool isDone(Line line) const { return m_done[line]; }
    bool plugIsPulled() const { return !m_plugged.empty(); } // what it costs is told when that run has ended
    // The last run that ended has been compared, or needs no comparison.
    bool settled() const { return !m_comparing; }
    const std::optional<PlugReport>& report() const { return m_report; }

Q_SIGNALS:
    void done(int line);
    void reported(const orrery::app::PlugReport& report);
    void failed(const QString& why); // the comparison could not be made

private:
    struct Ended {
        std::uint32_t number = 0;
        types::TimeNs durationNs = 0;
        std::uint64_t again = 0;
        std::shared_ptr<const types::Graph> graph;
        bool plugged = false;
        std::optional<PictureDigest> picture;
    };
    void look();
    void tick(Line line);
    void takeEnd(const types::RunRow& row);
    void takePicture(const base::RunId& run, const PictureDigest& digest);
    void compare(const base::RunId& run);

    widgets::RunModel& m_run;
    widgets::Selection& m_selection;
    ResultPicture m_picture;
    std::array<bool, Lines> m_done{};
    std::map<base::RunId, Ended> m_ended;
    std::set<base::RunId> m_plugged;
    std::optional<PlugReport> m_report;
    bool m_comparing = false;
    bool m_filteredLong = false;
};

} // namespace orrery::app
