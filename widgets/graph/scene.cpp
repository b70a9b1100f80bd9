// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/scene.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <set>

namespace orrery::widgets {

namespace {

int portIndex(const std::vector<CardPort>& ports, const std::string& name)
{
    const QString wanted = QString::fromStdString(name);
    for (std::size_t i = 0; i < ports.size(); ++i)
        if (ports[i].name == wanted) return static_cast<int>(i);
    return -1;
}

QRectF grown(const Card& card)
{
    return QRectF(card.rect).adjusted(-8, -6, 8, 6);
} // with ports and the selection's outline

void addOnce(std::vector<std::string>& names, const std::string& name)
{
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// "/vertices/12/params/x" with "/vertices/" gives 12 and leaves "/params/x"; -1: another place.
int takeIndex(std::string_view& pointer, std::string_view before)
{
    if (!pointer.starts_with(before)) return -1;
    pointer.remove_prefix(before.size());
    int index = 0;
    std::size_t digits = 0;
    while (digits < pointer.size() && digits < 8 && pointer[digits] >= '0' && pointer[digits] <= '9')
        index = index * 10 + (pointer[digits++] - '0');
    pointer.remove_prefix(digits);
    return digits > 0 ? index : -1;
}

} // namespace

void CanvasScene::rebuild(const GraphModel& model, const QHash<QString, TileShape>& shapes)
{
    m_cards.clear();
    m_wires.clear();
    m_wiresOf.clear();
    m_index.clear();
    m_cardGrid.clear();
    m_wireGrid.clear();
    addCards(model, shapes);
    addWires(model);
    markProblems(model);
}

// A map of pictures is drawn as the picture, unless another map of pictures feeds it index by index: then it is a step.
std::vector<bool> CanvasScene::pictureMaps(const GraphModel& model) const
{
    const auto& graph = model.graph();
    const auto& checked = model.checked();
    std::vector<bool> pictures(graph.vertices.size());
    for (std::size_t v = 0; v < graph.vertices.size(); ++v) {
        const auto* function = checked.vertices[v].function;
        pictures[v] = function && checked.vertices[v].wide && !function->outputs.empty() &&
                      isPictureType(function->outputs.front().type);
    }
    const std::vector<bool> maps = pictures;
    for (const auto& edge : graph.edges) {
        if (edge.mode != types::EdgeMode::Each && edge.mode != types::EdgeMode::Transpose) continue;
        const int from = m_index.value(QString::fromStdString(edge.from.vertex), -1),
                  to = m_index.value(QString::fromStdString(edge.to.vertex), -1);
        if (from >= 0 && to >= 0 && maps[static_cast<std::size_t>(from)])
            pictures[static_cast<std::size_t>(to)] = false;
    }
    return pictures;
}

void CanvasScene::addCards(const GraphModel& model, const QHash<QString, TileShape>& shapes)
{
    const auto& graph = model.graph();
    const auto& checked = model.checked();
    for (std::size_t v = 0; v < graph.vertices.size(); ++v)
        m_index.insert(QString::fromStdString(graph.vertices[v].id), static_cast<int>(v));
    const auto pictures = pictureMaps(model);
    std::map<int, std::pair<std::vector<std::string>, std::vector<std::string>>> unknown; // ports that wires name
    for (const auto& edge : graph.edges) {
        const int from = cardOf(QString::fromStdString(edge.from.vertex)),
                  to = cardOf(QString::fromStdString(edge.to.vertex));
        if (from >= 0 && !checked.vertices[static_cast<std::size_t>(from)].function)
            addOnce(unknown[from].second, edge.from.port);
        if (to >= 0 && !checked.vertices[static_cast<std::size_t>(to)].function)
            addOnce(unknown[to].first, edge.to.port);
    }
    m_cards.reserve(graph.vertices.size());
    for (std::size_t v = 0; v < graph.vertices.size(); ++v) {
        const auto& vertex = graph.vertices[v];
        if (checked.vertices[v].function) {
            m_cards.push_back(m_builder.build(vertex, checked.vertices[v], pictures[v],
                                              shapes.value(QString::fromStdString(vertex.id))));
        } else {
            const auto& ports = unknown[static_cast<int>(v)];
            m_cards.push_back(
                m_builder.placeholder(vertex, ports.first, ports.second, model.catalog().plugins.empty()));
        }
        m_cardGrid.insert(static_cast<int>(v), grown(m_cards.back()));
    }
    m_wiresOf.resize(m_cards.size());
}

void CanvasScene::addWires(const GraphModel& model)
{
    int back = 0;
    m_wires.reserve(model.graph().edges.size());
    for (const auto& edge : model.graph().edges) {
        Wire wire;
        wire.edge = edge;
        wire.fromCard = cardOf(QString::fromStdString(edge.from.vertex));
        wire.toCard = cardOf(QString::fromStdString(edge.to.vertex));
        if (wire.fromCard >= 0 && wire.toCard >= 0) {
            Card& from = m_cards[static_cast<std::size_t>(wire.fromCard)];
            Card& to = m_cards[static_cast<std::size_t>(wire.toCard)];
            // A port that the function does not have any more is drawn at the first one, with its problem.
            wire.fromPort = std::max(0, portIndex(from.outputs, edge.from.port));
            wire.toPort = std::max(0, portIndex(to.inputs, edge.to.port));
            if (!from.outputs.empty()) {
                wire.type = from.outputs[static_cast<std::size_t>(wire.fromPort)].type;
                from.outputs[static_cast<std::size_t>(wire.fromPort)].connected = true;
            }
            if (!to.inputs.empty()) to.inputs[static_cast<std::size_t>(wire.toPort)].connected = true;
            const int number = static_cast<int>(m_wires.size());
            m_wiresOf[static_cast<std::size_t>(wire.fromCard)].push_back(number);
            if (wire.toCard != wire.fromCard) m_wiresOf[static_cast<std::size_t>(wire.toCard)].push_back(number);
            route(wire, back);
            if (wire.path.kind == WirePath::Kind::Back) ++back;
            m_wireGrid.insert(number, wire.path.bounds());
        }
        m_wires.push_back(std::move(wire));
    }
}

void CanvasScene::route(Wire& wire, int lane)
{
    const QPointF from = m_cards[static_cast<std::size_t>(wire.fromCard)].outputAt(wire.fromPort),
                  to = m_cards[static_cast<std::size_t>(wire.toCard)].inputAt(wire.toPort);
    if (!leadsBack(from, to)) {
        wire.path = routeForward(from, to);
        return;
    }
    const double top = std::min(from.y(), to.y()) - 200, bottom = std::max(from.y(), to.y()) + 200;
    std::vector<int> near;
    cardsIn(QRectF(QPointF(std::min(from.x(), to.x()) - kWireLead, top),
                   QPointF(std::max(from.x(), to.x()) + kWireLead, bottom)),
            near);
    std::vector<QRectF> rects;
    for (const int card : near) rects.emplace_back(m_cards[static_cast<std::size_t>(card)].rect);
    wire.path = routeBack(from, to, rects, lane % 5);
}

void CanvasScene::markProblems(const GraphModel& model)
{
    for (auto& card : m_cards)
        for (auto& port : card.inputs)
            if (port.required && !port.connected)
                port.problem = QCoreApplication::translate("CanvasScene", "%1 is not connected").arg(port.name);
    for (const auto& problem : model.checked().problems) {
        std::string_view pointer = problem.pointer;
        const QString text = QString::fromStdString(problem.message);
        if (const int vertex = takeIndex(pointer, "/vertices/");
            vertex >= 0 && vertex < static_cast<int>(m_cards.size())) {
            Card& card = m_cards[static_cast<std::size_t>(vertex)];
            // The bare vertex is named when an input is not connected; the port says that itself.
            if (!pointer.empty() && card.problem.isEmpty()) card.problem = text;
        } else if (const int edge = takeIndex(pointer, "/edges/"); edge >= 0 && edge < static_cast<int>(m_wires.size()))
        {
            Wire& wire = m_wires[static_cast<std::size_t>(edge)];
            wire.problem = text;
            if (wire.toCard < 0) continue;
            auto& inputs = m_cards[static_cast<std::size_t>(wire.toCard)].inputs;
            if (!inputs.empty()) inputs[static_cast<std::size_t>(wire.toPort)].problem = text;
        }
    }
}

void CanvasScene::moveCards(const std::vector<int>& cards, QPoint by)
{
    std::set<int> wires;
    for (const int number : cards) {
        Card& card = m_cards[static_cast<std::size_t>(number)];
        m_cardGrid.remove(number, grown(card));
        card.rect.translate(by);
        m_cardGrid.insert(number, grown(card));
        wires.insert(wiresOf(number).begin(), wiresOf(number).end());
    }
    for (const int number : wires) {
        Wire& wire = m_wires[static_cast<std::size_t>(number)];
        m_wireGrid.remove(number, wire.path.bounds());
        route(wire, 0);
        m_wireGrid.insert(number, wire.path.bounds());
    }
}

int CanvasScene::wireOf(const types::Edge& edge) const
{
    const auto found = std::find_if(m_wires.begin(), m_wires.end(), [&](const Wire& wire) {
        return wire.edge.from == edge.from && wire.edge.to == edge.to;
    });
    return found == m_wires.end() ? -1 : static_cast<int>(found - m_wires.begin());
}

int CanvasScene::wireInto(int card, int port) const
{
    int last = -1;
    for (const int number : wiresOf(card)) {
        const Wire& wire = m_wires[static_cast<std::size_t>(number)];
        if (wire.toCard == card && wire.toPort == port) last = number;
    }
    return last;
}

QRect CanvasScene::bounds() const
{
    QRect box;
    for (const auto& card : m_cards) box = box.united(card.rect);
    return box;
}

QRect CanvasScene::boundsOf(const std::vector<int>& cards) const
{
    QRect box;
    for (const int card : cards) box = box.united(m_cards[static_cast<std::size_t>(card)].rect);
    return box;
}

const CardPort& CanvasScene::port(const Hit& hit) const
{
    const Card& card = m_cards[static_cast<std::size_t>(hit.card)];
    return (hit.what == Hit::What::Input ? card.inputs : card.outputs)[static_cast<std::size_t>(hit.port)];
}

types::PortRef CanvasScene::portRef(const Hit& hit) const
{
    return {m_cards[static_cast<std::size_t>(hit.card)].id.toStdString(), port(hit).name.toStdString()};
}

QPointF CanvasScene::portPoint(const Hit& hit) const
{
    const Card& card = m_cards[static_cast<std::size_t>(hit.card)];
    return hit.what == Hit::What::Input ? card.inputAt(hit.port) : card.outputAt(hit.port);
}

void CanvasScene::cardsIn(const QRectF& world, std::vector<int>& found) const
{
    found.clear();
    m_cardGrid.query(world, found);
    std::erase_if(found, [&](int card) { return !grown(m_cards[static_cast<std::size_t>(card)]).intersects(world); });
    std::sort(found.begin(), found.end());
}

void CanvasScene::wiresIn(const QRectF& world, std::vector<int>& found) const
{
    found.clear();
    m_wireGrid.query(world, found);
    std::erase_if(found,
                  [&](int wire) { return !m_wires[static_cast<std::size_t>(wire)].path.bounds().intersects(world); });
    std::sort(found.begin(), found.end());
}

Hit CanvasScene::portNear(const QPointF& point, double slack) const
{
    std::vector<int> near;
    cardsIn(QRectF(point.x() - slack, point.y() - slack, 2 * slack, 2 * slack), near);
    Hit best;
    double bestDistance = slack * slack;
    for (const int number : near) {
        const Card& card = m_cards[static_cast<std::size_t>(number)];
        const auto offer = [&](Hit::What what, int port, const QPointF& at) {
            const QPointF off = at - point;
            const double distance = QPointF::dotProduct(off, off);
            if (distance > bestDistance) return;
            bestDistance = distance;
            best = {what, number, port, -1};
        };
        for (int i = 0; i < static_cast<int>(card.inputs.size()); ++i) offer(Hit::What::Input, i, card.inputAt(i));
        for (int i = 0; i < static_cast<int>(card.outputs.size()); ++i) offer(Hit::What::Output, i, card.outputAt(i));
    }
    return best;
}

Hit CanvasScene::hit(const QPointF& point, double slack, double portSlack) const
{
    if (const Hit port = portNear(point, portSlack); port.what != Hit::What::Nothing) return port;
    std::vector<int> near;
    slack = std::max(slack, .5); // an empty rectangle touches nothing
    const QRectF around(point.x() - slack, point.y() - slack, 2 * slack, 2 * slack);
    cardsIn(around, near);
    for (auto card = near.rbegin(); card != near.rend(); ++card)
        if (QRectF(m_cards[static_cast<std::size_t>(*card)].rect).contains(point))
            return {Hit::What::Card, *card, -1, -1};
    wiresIn(around, near);
    Hit best;
    double bestDistance = slack;
    for (const int wire : near) {
        const double distance = m_wires[static_cast<std::size_t>(wire)].path.distanceTo(point);
        if (distance > bestDistance) continue;
        bestDistance = distance;
        best = {Hit::What::Wire, -1, -1, wire};
    }
    return best;
}

} // namespace orrery::widgets
