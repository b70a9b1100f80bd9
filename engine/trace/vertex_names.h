// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// VertexNames: what the tables of a run say about a vertex of its graph: names, what it asks for, what it reads and waits for,
// and the order of vertices by such a text. Vertices that the graph does not have are called "?".
// Thread: that of the store it reads.

#include "engine/trace/row_sorter.h"
#include "engine/trace/run_store.h"
#include "engine/trace/run_world.h"

#include <array>

namespace orrery::trace {

class VertexNames {
public:
    enum class Text : std::uint8_t { Vertex, Function, Resources };

    VertexNames(const RunStore& store, const RunWorld& world) : m_store(store), m_world(world) {}
    std::string_view text(Text which, std::uint16_t vertex, std::string& scratch) const;
    // "render [93]" where the vertex has several tasks, else "mosaic".
    std::string_view taskName(std::uint16_t vertex, std::uint32_t mapIndex, std::string& scratch) const;
    // ".tile" of a function that has several outputs, else empty.
    std::string outputName(std::uint16_t vertex, std::uint16_t output) const;
    // "tiles.list[93], window.re": outputs that a task reads.
    std::string_view args(std::uint16_t vertex, std::uint32_t mapIndex, std::string& scratch) const;
    // What a task in this state waits for; empty: for nothing.
    std::string_view waitReason(std::uint16_t vertex, types::TaskState state, std::string& scratch) const;

    // A piece of the work of sorting the vertices by a text; true: rank() can be asked.
    bool prepareRanks(Text which);
    // Equal texts have equal ranks, an empty one has kNoKey. REQUIRES: prepareRanks(which) gave true; the vertex was told then.
    std::int64_t rank(Text which, std::uint16_t vertex) const { return m_ranks[static_cast<std::size_t>(which)].ranks[vertex]; }

private:
    struct Source {
        std::uint16_t vertex = 0;
        std::string port;
        types::EdgeMode mode = types::EdgeMode::One;
    };
    struct Ranks {
        bool begun = false, done = false;
        std::vector<std::int64_t> ranks; // by vertex
        RowSorter sorter;
    };
    const types::Vertex* find(std::uint16_t vertex) const;
    const types::FunctionInfo* function(std::uint16_t vertex) const;
    const std::vector<Source>& sources(std::uint16_t vertex) const;

    const RunStore& m_store;
    const RunWorld& m_world;
    std::array<Ranks, 3> m_ranks;
    mutable bool m_sourcesMade = false;
    mutable std::vector<std::vector<Source>> m_sources; // by vertex, once asked
};

} // namespace orrery::trace
