// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ScriptedRun: a run as a head tells it: real trace blocks, counters from a real RunStore, deltas from where a watch is. And the
// small catalog and document that the tests of the bridge share: a list of tiles, two maps over it, a mosaic.
// Thread: the test's.

#include "engine/trace/run_store.h"
#include "engine/types/graph_document.h"
#include "engine/types/value.h"

#include <memory>
#include <optional>
#include <string>

namespace orrery::tests {

using base::TimeNs;

// Vertices of tilesGraph(), by name.
enum : std::uint16_t { kBlur, kMosaic, kRender, kTiles };

inline std::shared_ptr<const types::Catalog> tilesCatalog()
{
    const auto function = [](std::string name, std::vector<types::Port> in, std::vector<types::Port> out) {
        types::FunctionInfo info;
        info.name = std::move(name);
        info.inputs = std::move(in);
        info.outputs = std::move(out);
        info.paramSchema = R"({"type":"object","properties":{"samples":{"type":"integer"},"tiles":{"type":"integer"}}})";
        info.resources = types::Resources::cpus(1);
        return info;
    };
    types::PluginInfo plugin;
    plugin.name = "imaging";
    plugin.version = "1";
    plugin.functions = {function("imaging.tiles_list", {}, {{"tiles", "list<json>", "", false}}),
                        function("imaging.render", {{"tile", "json", "", false}}, {{"value", "tensor", "", false}}),
                        function("imaging.blur", {{"tile", "tensor", "", false}}, {{"facts", "json", "", false}, {"image", "image", "", false}}),
                        function("imaging.mosaic", {{"tiles", "list<image>", "", false}}, {{"image", "image", "", false}})};
    auto catalog = std::make_shared<types::Catalog>();
    catalog->plugins.push_back(plugin);
    return catalog;
}

inline std::string tilesDocument()
{
    return R"({"orrery":"graph","version":1,"title":"Tiles","plugins":[{"name":"imaging"}],"vertices":[
{"id":"blur","function":"imaging.blur"},{"id":"mosaic","function":"imaging.mosaic"},
{"id":"render","function":"imaging.render","params":{"samples":9}},{"id":"tiles","function":"imaging.tiles_list","params":{"tiles":16}}],
"edges":[{"from":"render.value","to":"blur.tile","mode":"each"},{"from":"blur.image","to":"mosaic.tiles","mode":"all"},
{"from":"tiles.tiles","to":"render.tile","mode":"each"}]})";
}

inline std::shared_ptr<const types::Graph> tilesGraph() { return std::make_shared<const types::Graph>(types::parseDocument(tilesDocument()).graph); }

class ScriptedRun {
public:
    explicit ScriptedRun(std::uint32_t number, std::string title = "Tiles", std::shared_ptr<const types::Graph> graph = tilesGraph())
        : m_graph(std::move(graph)), m_writer(base::RunId{{0xabc, number}}, 0, 1), m_store(base::RunId{{0xabc, number}})
    {
        m_row.id = base::RunId{{0xabc, number}};
        m_row.number = number;
        m_row.title = std::move(title);
        m_row.state = types::RunState::Running;
    }
    base::RunId id() const { return m_row.id; }
    const trace::RunStore& store() const { return m_store; }
    TimeNs now() const { return m_now; }
    std::uint64_t blocks() const { return m_store.blocks(); }

    // ---- the story; rows are numbered as they come ----
    std::uint32_t addRows(std::uint16_t vertex, std::uint32_t count, std::uint32_t firstIndex = 0)
    {
        const std::uint32_t first = m_rows;
        m_writer.add(types::RowRange{first, count, firstIndex, vertex, types::TaskState::PendingAssignment, ++m_now});
        for (std::uint32_t i = 0; i < count; ++i) m_places.push_back({vertex, firstIndex + i});
        m_rows += count;
        return first;
    }
    void runs(std::uint32_t row, std::uint16_t track, std::uint8_t attempt = 1) { m_writer.add(types::StateMark{row, types::TaskState::Running, attempt, track, ++m_now}); }
    // Ends an attempt. picture: a result of 8 x 6 pixels at the output.
    void ends(std::uint32_t row, std::uint16_t track, std::optional<std::uint16_t> picture = {}, types::TaskState outcome = types::TaskState::Finished,
              std::uint8_t number = 1, TimeNs durationNs = 1000)
    {
        types::Attempt attempt;
        attempt.row = row;
        attempt.vertex = m_places[row].first;
        attempt.mapIndex = m_places[row].second;
        attempt.worker = track;
        attempt.attempt = number;
        attempt.outcome = outcome;
        attempt.cause = outcome == types::TaskState::Finished ? types::Cause::None : types::Cause::WorkerDied;
        attempt.submitNs = attempt.startNs = ++m_now;
        m_now += durationNs;
        attempt.endNs = m_now;
        m_writer.add(attempt);
        if (picture) object(row, *picture, types::ObjectState::Memory, types::ValueType::Image, number);
    }
    void object(std::uint32_t row, std::uint16_t output, types::ObjectState state, types::ValueType type, std::uint8_t attempt = 1)
    {
        types::ObjectRecord record;
        record.row = row;
        record.output = output;
        record.state = state;
        record.type = static_cast<std::uint8_t>(type);
        record.rank = type == types::ValueType::Image ? 3 : type == types::ValueType::Tensor ? 2 : 0;
        record.bytes = 192;
        record.attempt = attempt;
        record.atNs = m_now;
        m_writer.add(record);
    }
    void seal()
    {
        if (m_writer.empty()) return;
        const auto applied = m_store.apply(m_writer.seal(m_store.blocks() + 1));
        ORRERY_ASSERT_NOTE(applied.ok() && m_store.problem().empty(), applied.ok() ? m_store.problem().c_str() : applied.error().message.c_str());
        m_store.fill(m_row);
    }
    void setState(types::RunState state) { m_row.state = state; }
    const types::RunRow& row() const { return m_row; }

    // ---- as told ----
    // The blocks after `have`, at most `most`; all counters and the row with them. have 0: the graph, too.
    types::Delta delta(std::uint64_t have, std::uint64_t most = ~0ull)
    {
        types::Delta delta;
        delta.nowNs = m_now;
        delta.run = id();
        delta.runs = {m_row};
        if (have == 0) delta.graph = m_graph;
        delta.firstBlock = have + 1;
        for (std::uint64_t number = have + 1; number <= m_store.blocks() && number - have <= most; ++number) delta.blocks.push_back(m_store.block(number));
        for (std::size_t i = 0; i < m_store.vertices(); ++i)
            if (m_store.vertexChanged(i) > have) delta.vertices.push_back(m_store.vertex(i));
        return delta;
    }

private:
    const std::shared_ptr<const types::Graph> m_graph;
    types::RunRow m_row;
    trace::BlockWriter m_writer;
    trace::RunStore m_store;
    TimeNs m_now = 1000 * base::kSecond;
    std::uint32_t m_rows = 0;
    std::vector<std::pair<std::uint16_t, std::uint32_t>> m_places; // vertex and map index by row
};

// A world delta that tells these runs.
inline types::Delta worldOf(const std::vector<const ScriptedRun*>& runs, bool catalog = true)
{
    types::Delta delta;
    for (const auto* run : runs) {
        delta.runs.push_back(run->row());
        delta.run = run->id();
        delta.nowNs = std::max(delta.nowNs, run->now());
    }
    types::NodeRow node;
    node.name = "local";
    node.total = types::Resources::cpus(2);
    node.heartbeatNs = delta.nowNs;
    delta.nodes = {node};
    if (catalog) delta.catalog = tilesCatalog();
    return delta;
}

} // namespace orrery::tests
