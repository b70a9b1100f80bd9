// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TileBoard: which vertices of the shown run show pictures, what their tiles look like now, where they lie, and which results are
// wanted as pictures. Tiles: maps with an image or tensor for a result, the first such output. Cards: other vertices, whatever
// picture their first such result is; and maps without places, the newest.
// Runs on: view thread. Pure: told of blocks, asked for what changed. Bound: the first kTilesMax tiles of a vertex.

#include "app/bridge/pictures.h"
#include "app/bridge/tile_layout.h"
#include "app/bridge/tone.h"
#include "engine/trace/run_store.h"
#include "widgets/models/run_model.h"

#include <map>

namespace orrery::app {

inline constexpr std::uint64_t kListBytesMax = 16u << 20; // a longer list is not read for places

struct ListWish {
    ListSource source;
    std::uint32_t row = 0; // of the task that made it
};

class TileBoard {
public:
    // Again whenever the graph or the catalog is another one; then rescan().
    void setGraph(const types::Graph& graph, const types::Catalog& catalog);
    bool idle() const { return m_vertices.empty(); } // nothing here shows pictures
    void rescan(const trace::RunStore& store);
    // A block that store just applied.
    void blockTold(const trace::RunStore& store, std::uint64_t number);

    bool waits() const; // for places or pictures that are to come
    std::optional<ListWish> nextList();
    void gotList(const ListSource& source, std::optional<TileLayout> layout);
    std::optional<PictureWish> nextPicture(const trace::RunStore& store);
    void gotPicture(const PictureWish& wish, const types::Preview& preview);

    // What changed since the last time.
    void fill(const trace::RunStore& store, widgets::RunUpdate& update);

private:
    struct Vertex {
        bool tiles = false;
        std::optional<std::uint16_t> output;  // the one that is shown; cards: known with the first picture
        std::optional<ListSource> source;
        std::vector<std::uint32_t> changed;   // map indexes, may repeat
        std::vector<std::pair<std::uint32_t, QImage>> images;
        Tone tone;                            // of tiles that are tensors
        QImage card;
        types::TimeNs cardAtNs = 0;
        std::uint32_t laidOut = 0;            // tiles that the told square was made for
    };
    struct List {
        enum class State : std::uint8_t { NotMade, Ready, Asked, Told };
        State state = State::NotMade;
        std::uint32_t row = 0;
        std::optional<TileLayout> layout;     // Told
    };
    void objectTold(const trace::RunStore& store, const types::ObjectRecord& record);
    void changed(std::uint16_t vertex, std::uint32_t index);
    bool placed(const Vertex& vertex) const;
    void fillTiles(const trace::RunStore& store, std::uint16_t number, Vertex& vertex, widgets::RunUpdate& update);

    std::map<std::uint16_t, Vertex> m_vertices;
    std::map<ListSource, List> m_lists;
    Pictures m_pictures;
};

} // namespace orrery::app
