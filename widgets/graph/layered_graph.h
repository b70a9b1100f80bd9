// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LayeredGraph: a graph cut into layers with a node in each layer that an edge crosses; the working state of layoutGraph().
// Steps are called in the order of the file. Thread: any one. Cost: linear in nodes and links, times passes.

#include "widgets/graph/graph_layout.h"

#include <cstddef>

namespace orrery::widgets {

class LayeredGraph {
public:
    explicit LayeredGraph(const LayoutInput& input); // turns back edges, gives layers, adds dummies, a first order
    void orderLayers(int sweeps, const std::atomic<bool>* stop);
    void placeRows(int passes, const std::atomic<bool>* stop);
    std::vector<LayoutPoint> points() const; // of the boxes

    const std::vector<std::uint32_t>& layers() const { return m_layer; } // by node; boxes come first
    std::size_t crossings() const;

private:
    struct Link {
        std::uint32_t node = 0;
        double mine = 0, theirs = 0; // heights of the ports at both ends
        double weight = 1;
    };
    using Order = std::vector<std::vector<std::uint32_t>>;
    void turnBackEdges();
    void giveLayers();
    void addLinks();
    void firstOrder();
    void number();
    void sweep(bool down);
    bool transpose();
    std::size_t crossingsBetween(std::size_t upper) const;
    std::size_t crossingsOf(const std::vector<Link>& a, const std::vector<Link>& b) const;
    void placeLayer(std::size_t layer, bool up, bool down);
    double heightOf(std::uint32_t node) const { return node < m_input.boxes.size() ? m_input.boxes[node].height : 0; }

    const LayoutInput& m_input;
    std::vector<LayoutEdge> m_edges; // without turns and loops
    std::vector<std::uint32_t> m_layer;
    std::vector<std::vector<Link>> m_up, m_down; // to the layer before, to the one after
    Order m_order;                               // nodes of each layer, top to bottom
    std::vector<std::uint32_t> m_place;          // of a node in its layer
    std::vector<double> m_top;
};

} // namespace orrery::widgets
