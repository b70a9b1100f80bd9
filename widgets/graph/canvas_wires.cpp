// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/graph_canvas.h"
#include "widgets/graph/pick_list.h"

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr double kSnapToPort = 14; // pixels
constexpr int kChecksMax = 200;    // of pairs of ports whose types may fit

// Without modes and widths: whether asking the rules is worth it.
bool mayFit(QString give, QString take)
{
    const auto item = [](QString& type) {
        while (type.startsWith(u"list<") && type.endsWith(u'>')) type = type.mid(5, type.size() - 6);
    };
    item(give);
    item(take);
    return give == take || give == u"any" || take == u"any";
}

} // namespace

// A drag from an output, or from a free input, draws a new wire; from an input that has one it takes that wire's end.
void GraphCanvas::startWire(const Hit& hit)
{
    m_wire = {};
    m_wire.start = hit;
    if (hit.what == Hit::What::Input) {
        if (const int wire = m_scene.wireInto(hit.card, hit.port); wire >= 0) {
            const Wire& taken = m_scene.wires()[static_cast<std::size_t>(wire)];
            m_wire.old = taken.edge;
            m_wire.start = {Hit::What::Output, taken.fromCard, taken.fromPort, -1};
            invalidateWire(wire);
        }
    }
    m_gesture = Gesture::Wire;
    updateCursor();
    update();
}

std::pair<types::PortRef, types::PortRef> GraphCanvas::endsOf(const Hit& target) const
{
    const types::PortRef here = m_scene.portRef(m_wire.start), there = m_scene.portRef(target);
    return m_wire.start.what == Hit::What::Output ? std::pair(here, there) : std::pair(there, here);
}

// What the wire would end in here: a port close by, or the first one of a card that takes it.
Hit GraphCanvas::aim(const QPointF& point) const
{
    const QPointF world = m_camera.worldOfWidget(point);
    const Hit near = m_scene.portNear(world, kSnapToPort / m_camera.scale);
    if (near.what != Hit::What::Nothing) return near;
    const Hit under = m_scene.hit(world, 0, 0);
    if (under.what != Hit::What::Card || under.card == m_wire.start.card) return {};
    if (m_wire.target.card == under.card) return m_wire.target;
    const Card& card = m_scene.cards()[static_cast<std::size_t>(under.card)];
    const bool outward = m_wire.start.what == Hit::What::Output;
    const auto& ports = outward ? card.inputs : card.outputs;
    Hit first;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Hit port{outward ? Hit::What::Input : Hit::What::Output, under.card, static_cast<int>(i), -1};
        if (judge(port).isEmpty()) return port;
        if (i == 0) first = port;
    }
    return first;
}

// Empty, or why the wire may not end there.
QString GraphCanvas::judge(const Hit& target) const
{
    const bool outward = m_wire.start.what == Hit::What::Output;
    if (target.what == m_wire.start.what)
        return outward ? tr("this is an output, too; a wire ends in an input")
                       : tr("this is an input, too; a wire begins at an output");
    const auto [from, to] = endsOf(target);
    if (m_wire.old && m_wire.old->from == from && m_wire.old->to == to) return {};
    const auto compatible = m_wire.old ? m_graph.canRewire(*m_wire.old, from, to) : m_graph.canConnect(from, to);
    return compatible.yes ? QString() : QString::fromStdString(compatible.why);
}

void GraphCanvas::dragWire(const QPointF& point)
{
    Hit target = aim(point);
    const Hit& start = m_wire.start;
    if (target.card == start.card && target.port == start.port && target.what == start.what) target = {};
    if (target != m_wire.target) {
        m_wire.target = target;
        m_wire.why = target.what == Hit::What::Nothing ? QString() : judge(target);
    }
    update();
}

void GraphCanvas::dropWire(const QPointF& point)
{
    const DraggedWire wire = m_wire;
    const bool moved = (point - QPointF(m_pressAt)).manhattanLength() > 4,
               aimed = wire.target.what != Hit::What::Nothing;
    const auto [from, to] =
        aimed && wire.why.isEmpty() ? endsOf(wire.target) : std::pair<types::PortRef, types::PortRef>();
    m_gesture = Gesture::None;
    m_wire = {};
    invalidateAll();
    if (!moved) return;
    if (aimed) {
        const QString why = !wire.why.isEmpty() ? wire.why
                            : wire.old          ? m_graph.rewire(*wire.old, from, to)
                                                : m_graph.connectPorts(from, to);
        if (!why.isEmpty()) Q_EMIT message(why);
    } else if (wire.old) {
        m_graph.remove({}, {*wire.old});
    } else if (m_scene.hit(m_camera.worldOfWidget(point), 0, 0).what != Hit::What::Card) {
        openFitting(point, wire.start);
    }
}

// The palette with what a wire from this port may end in; the choice is added and wired in one step.
void GraphCanvas::openFitting(const QPointF& point, const Hit& end)
{
    const bool outward = end.what == Hit::What::Output;
    const types::PortRef ref = m_scene.portRef(end);
    std::vector<PickRow> rows;
    for (const WireFit& fit : m_graph.fitting(ref, outward)) {
        const auto* function = m_graph.catalog().function(fit.function.toStdString());
        if (!function) continue;
        PickRow row = rowOf(*function);
        row.key2 = fit.port;
        rows.push_back(std::move(row));
    }
    const QString type = m_scene.port(end).type;
    m_picker = new PickList(
        std::move(rows), outward ? tr("Add a task that takes %1").arg(type) : tr("Add a task that gives %1").arg(type),
        this);
    const QPoint corner = m_camera.worldOfWidget(point).toPoint() - QPoint(outward ? 0 : kCardMapMin, kFirstPort);
    connect(m_picker, &PickList::picked, this, [this, ref, outward, corner](const PickRow& row) {
        QString why;
        const QString id = m_graph.addWired(row.key, freePlace(corner), ref, outward, row.key2, &why);
        if (id.isEmpty()) Q_EMIT message(why);
        else m_selection.selectVertices({id});
    });
    m_picker->popup(point.toPoint());
}

// ---- the same without a mouse ----

void GraphCanvas::openWireList()
{
    const auto chosen = selectedCards();
    if (chosen.size() != 1) {
        Q_EMIT message(tr("Select one task to wire it"));
        return;
    }
    const Card& card = m_scene.cards()[static_cast<std::size_t>(chosen.front())];
    std::vector<PickRow> rows;
    for (const int number : m_scene.wiresOf(chosen.front())) {
        const auto& edge = m_scene.wires()[static_cast<std::size_t>(number)].edge;
        rows.push_back({tr("Remove %1 to %2")
                            .arg(QString::fromStdString(edge.from.text()), QString::fromStdString(edge.to.text())),
                        {},
                        QStringLiteral("trash"),
                        {},
                        {},
                        QString::number(number),
                        QStringLiteral("remove")});
    }
    int looked = 0;
    for (const Card& other : m_scene.cards()) {
        if (other.id == card.id) continue;
        const auto offer = [&](const Card& giver, const Card& taker) {
            for (const auto& output : giver.outputs) {
                for (const auto& input : taker.inputs) {
                    if (!mayFit(output.type, input.type) || ++looked > kChecksMax) continue;
                    if (!m_graph
                             .canConnect({giver.id.toStdString(), output.name.toStdString()},
                                         {taker.id.toStdString(), input.name.toStdString()})
                             .yes)
                        continue;
                    rows.push_back({tr("%1.%2 to %3.%4").arg(giver.id, output.name, taker.id, input.name),
                                    {},
                                    QStringLiteral("plus"),
                                    {input.type},
                                    {output.type},
                                    giver.id + u'.' + output.name,
                                    taker.id + u'.' + input.name});
                }
            }
        };
        offer(card, other);
        offer(other, card);
    }
    m_picker = new PickList(std::move(rows), tr("Wire %1").arg(card.title), this);
    connect(m_picker, &PickList::picked, this, &GraphCanvas::takeWireRow);
    m_picker->popup(m_camera.widgetOf(QPointF(card.rect.left() + card.rect.width() + 8, card.rect.top())).toPoint());
}

void GraphCanvas::takeWireRow(const PickRow& row)
{
    if (row.key2 == u"remove") {
        const auto number = static_cast<std::size_t>(row.key.toInt());
        if (number < m_scene.wires().size()) m_graph.remove({}, {m_scene.wires()[number].edge});
        return;
    }
    const auto ref = [](const QString& text) {
        return types::PortRef{text.section(u'.', 0, 0).toStdString(), text.section(u'.', 1).toStdString()};
    };
    const QString why = m_graph.connectPorts(ref(row.key), ref(row.key2));
    if (!why.isEmpty()) Q_EMIT message(why);
}

} // namespace orrery::widgets
