// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RunModel: what the window knows of the cluster and of the run it shows. The bridge hands in one update a frame tick at most;
// panels read values and listen to signals. Nothing here asks anybody.
// Thread: UI. Bounds: kLogLinesKept, kFiguresKept a node, kTilesMax tiles a vertex; the oldest go first.

#include "engine/base/log.h"
#include "engine/types/session_values.h"
#include "engine/types/span_block.h"

#include <QHash>
#include <QImage>
#include <QObject>
#include <QString>
#include <deque>
#include <map>

namespace orrery::widgets {

inline constexpr std::size_t kLogLinesKept = 20'000;
inline constexpr std::uint16_t kThisWindow = 0xffff; // "node" of a log line that the window itself says
inline constexpr std::size_t kFiguresKept = 3'000; // five minutes at 10 Hz
inline constexpr std::size_t kTilesMax = 4'096;
inline constexpr int kTilePixels = 40;             // longest side of a tile's picture

// One map index of a vertex whose results are pictures.
struct Tile {
    types::TaskState state = types::TaskState::PendingArgs;
    std::uint8_t attempt = 1;
    std::uint16_t track = types::kNoWorker;
    std::uint32_t row = types::kNoRow;
    types::TimeNs startNs = 0; // while it runs
    bool operator==(const Tile&) const = default;
};

// A map vertex that *is* the picture: its tiles in place. Where the list that it maps over has items with `column` and
// `row`, places holds them; otherwise tiles lie row by row.
struct VertexTiles {
    std::vector<Tile> tiles;                              // by map index
    std::vector<std::pair<std::uint16_t, std::uint16_t>> places; // column, row
    int columns = 0, rows = 0;
    QHash<std::uint32_t, QImage> images;                  // by map index, at most kTilePixels a side
};

struct TileUpdate {
    std::uint16_t vertex = 0;
    std::vector<std::pair<std::uint32_t, Tile>> tiles;    // changed ones
    std::vector<std::pair<std::uint32_t, QImage>> images;
    std::vector<std::pair<std::uint16_t, std::uint16_t>> places; // empty: as before
    int columns = 0, rows = 0;                            // 0: as before
};

struct NodeFigures { // one heartbeat
    types::TimeNs atNs = 0;
    double cpuShare = 0;
    std::uint64_t memoryBytes = 0, storeBytes = 0;
    double netInPerSecond = 0, netOutPerSecond = 0;
};

enum class LinkState : std::uint8_t { Starting, Up, Away, Failed }; // of the window to its head

struct RunUpdate {
    bool newWorld = false;     // another cluster, or its story begins anew: forget runs, nodes, workers and log lines first
    bool resync = false;       // forget the shown run's state first
    LinkState link = LinkState::Up;
    QString linkText;          // why not Up, one sentence
    types::TimeNs nowNs = 0;
    std::int64_t wallOffsetNs = 0;
    base::RunId run;           // shown now; null: none yet
    std::vector<types::RunRow> runs;
    std::vector<types::VertexCounts> vertices;
    std::vector<types::NodeRow> nodes;      // all, when one changed
    std::vector<types::WorkerRow> workers;  // changed ones
    std::shared_ptr<const types::Graph> graph;      // of the shown run, when it changed
    std::shared_ptr<const types::Catalog> catalog;  // when it changed
    std::vector<types::LogLine> logs;
    std::uint64_t logsDropped = 0;          // lines that did not get this far
    std::shared_ptr<const types::SpanSet> spans;    // when it changed
    std::shared_ptr<const types::SpanSet> transfers; // likewise: of values between nodes, a track for each node that got some
    std::vector<TileUpdate> tiles;
    std::vector<std::pair<std::uint16_t, QImage>> previews; // newest image result of a vertex
    std::uint64_t changes = 0;  // grows with every change of rows or objects: tables ask again
    std::uint64_t objects = 0, objectBytes = 0;     // alive ones of the shown run
    std::uint64_t copies = 0;                       // that lie on other nodes beside them
    bool settling = false;      // blocks, places or pictures of the shown run are on their way
    double eventsPerSecond = 0;
    types::TimeNs lagNs = 0;    // from the head's clock in the delta to the UI tick
    std::uint64_t deltaBytes = 0;
};

class RunModel final : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    void take(const RunUpdate& update);
    void clear();
    // A log line of the window itself, among those of the cluster.
    void note(base::LogLevel level, const QString& text);

    LinkState link() const { return m_link; }
    const QString& linkText() const { return m_linkText; }
    types::TimeNs nowNs() const { return m_nowNs; } // of the last update
    std::int64_t wallOffsetNs() const { return m_wallOffsetNs; }

    const std::map<std::uint32_t, types::RunRow>& runs() const { return m_runs; } // by number
    const types::RunRow* shownRun() const;          // null: none yet
    const std::shared_ptr<const types::Graph>& graph() const { return m_graph; } // of the shown run; may be null
    const std::shared_ptr<const types::Catalog>& catalog() const { return m_catalog; } // never null
    const std::vector<types::VertexCounts>& vertices() const { return m_vertices; } // by vertex of graph()
    QString vertexName(std::uint16_t vertex) const; // id of the graph's vertex, "?" when unknown
    QString functionOf(std::uint16_t vertex) const; // "imaging.render"
    QString taskName(std::uint16_t vertex, std::uint32_t mapIndex) const; // "render [93]", "mosaic"

    const std::vector<types::NodeRow>& nodes() const { return m_nodes; }
    const types::NodeRow* node(std::uint16_t number) const;
    static QString nodeLetter(std::uint16_t number); // 0: "A", 26: "AA"
    const std::map<std::uint16_t, types::WorkerRow>& workers() const { return m_workers; } // by track
    int workerNumber(std::uint16_t track) const;    // 1, 2, ... on its node
    const std::deque<NodeFigures>& figures(std::uint16_t node) const;

    const std::shared_ptr<const types::SpanSet>& spans() const { return m_spans; } // never null
    const std::shared_ptr<const types::SpanSet>& transfers() const { return m_transfers; } // never null; by node
    const VertexTiles* tiles(std::uint16_t vertex) const; // null: not a map of pictures
    QImage preview(std::uint16_t vertex) const;
    bool lacksPictures() const; // a tile is done and its picture is not here yet
    bool shownRunLacksPictures() const { return m_settling; } // they are on their way, or what they are made of
    const std::deque<types::LogLine>& logs() const { return m_logs; }
    std::uint64_t logsDropped() const { return m_logsDropped; }
    std::uint64_t firstLog() const { return m_logsGone; } // number of logs().front(); a line keeps its number
    std::uint64_t logsSeen() const { return m_logsDropped + m_logs.size(); }

    std::uint64_t changes() const { return m_changes; }
    std::uint64_t objects() const { return m_objects; }
    std::uint64_t objectBytes() const { return m_objectBytes; }
    std::uint64_t copies() const { return m_copies; }
    double eventsPerSecond() const { return m_eventsPerSecond; }
    types::TimeNs lagNs() const { return m_lagNs; }
    std::uint64_t deltaBytes() const { return m_deltaBytes; }

Q_SIGNALS:
    void linkChanged();
    void runsChanged();
    void shownRunChanged();   // another run, or its graph arrived
    void catalogChanged();
    void countsChanged();     // of the shown run's vertices
    void nodesChanged();
    void workersChanged();
    void spansChanged();
    void tilesChanged(int vertex);
    void previewChanged(int vertex);
    void logsChanged();
    void rowsChanged();       // changes() grew
    void ticked();            // after every update

private:
    void forgetWorld();
    void takeNodes(const RunUpdate& update);
    void takeTiles(const TileUpdate& change);
    void takeLogs(const RunUpdate& update);
    LinkState m_link = LinkState::Starting;
    QString m_linkText;
    types::TimeNs m_nowNs = 0;
    std::int64_t m_wallOffsetNs = 0;
    base::RunId m_run;
    std::uint32_t m_runNumber = 0; // of m_run; 0: its row is not known (yet)
    std::map<std::uint32_t, types::RunRow> m_runs;
    std::shared_ptr<const types::Graph> m_graph;
    std::shared_ptr<const types::Catalog> m_catalog = std::make_shared<const types::Catalog>();
    std::vector<types::VertexCounts> m_vertices;
    std::vector<types::NodeRow> m_nodes;
    std::map<std::uint16_t, types::WorkerRow> m_workers;
    std::map<std::uint16_t, std::deque<NodeFigures>> m_figures;
    std::map<std::uint16_t, std::pair<std::uint64_t, std::uint64_t>> m_netBefore;
    std::shared_ptr<const types::SpanSet> m_spans = std::make_shared<const types::SpanSet>(), m_transfers = m_spans;
    std::map<std::uint16_t, VertexTiles> m_tiles;
    std::map<std::uint16_t, QImage> m_previews;
    std::deque<types::LogLine> m_logs;
    std::uint64_t m_logsDropped = 0, m_logsGone = 0, m_changes = 0, m_objects = 0, m_objectBytes = 0, m_copies = 0, m_deltaBytes = 0;
    double m_eventsPerSecond = 0;
    types::TimeNs m_lagNs = 0;
    bool m_settling = false;
};

} // namespace orrery::widgets
