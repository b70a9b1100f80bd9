// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CanvasScene: where every card and wire of the edited graph lies, and what is under a point. Rebuilt from the model after an
// edit; while cards are dragged it moves them by itself and the model hears of it once, at the end.
// Thread: UI. Lives: with its canvas. Invariant: both grids hold exactly the cards and wires, at their present places.

#include "widgets/graph/card_build.h"
#include "widgets/graph/loose_grid.h"
#include "widgets/graph/wire_path.h"
#include "widgets/models/graph_model.h"

namespace orrery::widgets {

struct Wire {
    types::Edge edge;
    int fromCard = -1, toCard = -1;
    int fromPort = 0, toPort = 0;
    QString type; // of the output
    QString problem;
    WirePath path;
};

struct Hit {
    enum class What : std::uint8_t { Nothing, Card, Input, Output, Wire };
    What what = What::Nothing;
    int card = -1;
    int port = -1;
    int wire = -1;
    bool operator==(const Hit&) const = default;
};

class CanvasScene {
public:
    // shapes: of the tiles that a run has shown, by id.
    void rebuild(const GraphModel& model, const QHash<QString, TileShape>& shapes);
    void moveCards(const std::vector<int>& cards, QPoint by); // and their wires; the model is not asked

    const std::vector<Card>& cards() const { return m_cards; }
    const std::vector<Wire>& wires() const { return m_wires; }
    int cardOf(const QString& id) const { return m_index.value(id, -1); }
    int wireOf(const types::Edge& edge) const; // -1: gone
    const std::vector<int>& wiresOf(int card) const { return m_wiresOf[static_cast<std::size_t>(card)]; }
    QRect bounds() const; // of all cards
    QRect boundsOf(const std::vector<int>& cards) const;
    types::PortRef portRef(const Hit& hit) const; // REQUIRES: an input or an output
    QPointF portPoint(const Hit& hit) const;
    const CardPort& port(const Hit& hit) const;
    int wireInto(int card, int port) const; // the last drawn, -1: none

    // In the order they are painted.
    void cardsIn(const QRectF& world, std::vector<int>& found) const;
    void wiresIn(const QRectF& world, std::vector<int>& found) const;
    // What is under the point; slack: how far from a wire or a port still counts, in the document's units. portSlack 0: no ports.
    Hit hit(const QPointF& point, double slack, double portSlack) const;
    Hit portNear(const QPointF& point, double slack) const;

private:
    void addCards(const GraphModel& model, const QHash<QString, TileShape>& shapes);
    void addWires(const GraphModel& model);
    void markProblems(const GraphModel& model);
    void route(Wire& wire, int lane);
    std::vector<bool> pictureMaps(const GraphModel& model) const;

    CardBuilder m_builder;
    std::vector<Card> m_cards;
    std::vector<Wire> m_wires;
    std::vector<std::vector<int>> m_wiresOf;
    QHash<QString, int> m_index;
    LooseGrid m_cardGrid, m_wireGrid;
};

} // namespace orrery::widgets
