// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/cluster_panel.h"

#include "widgets/common/buttons.h"
#include "widgets/common/dock_title.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/theme.h"
#include "widgets/pages/node_card.h"
#include "widgets/pages/run_words.h"

#include <QBoxLayout>
#include <QScrollArea>
#include <QToolButton>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kCardLeast = 240, kCardMost = 640; // beside each other

// Behind the cards.
class CardField final : public QWidget {
protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), color(Token::Window)); }
};

} // namespace

ClusterPanel::ClusterPanel(RunModel& run, Selection& selection, QWidget* parent)
    : QWidget(parent), m_run(run), m_selection(selection), m_head(new DockTitle(nullptr, this)),
      m_add(toolButton(QStringLiteral("plus"), tr("Add a node on this computer"), m_head))
{
    m_head->setTitle(tr("Cluster"));
    m_head->addCorner(m_add);
    m_add->setObjectName(QStringLiteral("addNode"));
    connect(m_add, &QToolButton::clicked, this, &ClusterPanel::addNodeRequested);
    auto* field = new CardField;
    m_cards = new QVBoxLayout(field);
    m_cards->setContentsMargins(metric::kPadding, metric::kPadding, metric::kPadding, metric::kPadding);
    m_cards->setSpacing(metric::kPadding);
    m_empty = new EmptyState({}, {}, field);
    connect(m_empty, &EmptyState::triggered, this, &ClusterPanel::addNodeRequested);
    m_cards->addWidget(m_empty);
    m_cards->addStretch();
    m_scroll = new QScrollArea(this);
    auto* scroll = m_scroll;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(field);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_head);
    column->addWidget(scroll, 1);

    m_refresh = new Refresh(this, kFrameMs, [this] { refresh(); });
    for (const auto signal : {&RunModel::nodesChanged, &RunModel::workersChanged, &RunModel::linkChanged})
        connect(&run, signal, m_refresh, &Refresh::ask);
    refresh();
}

void ClusterPanel::setCanAdd(const types::Can& can)
{
    m_canAdd = can;
    for (const auto& [node, card] : m_byNode) card->setCanAdd(can);
    m_add->setEnabled(can.yes);
    m_add->setToolTip(can.yes ? tr("Add a node on this computer") : QString::fromStdString(can.why));
}

void ClusterPanel::setCanRemove(const types::Can& can)
{
    m_canRemove = can;
    for (const auto& [node, card] : m_byNode) card->setCanRemove(can);
}

void ClusterPanel::setCanKill(const types::Can& can)
{
    m_canKill = can;
    for (const auto& [node, card] : m_byNode) card->setCanKill(can);
}

void ClusterPanel::setPlugMarked(std::optional<std::uint16_t> node)
{
    m_marked = node;
    for (const auto& [number, card] : m_byNode) card->setPlugMarked(number == node);
}

void ClusterPanel::setHeadHost(const QString& host)
{
    m_headHost = host;
    m_refresh->ask();
}

void ClusterPanel::setHeadVisible(bool visible)
{
    m_head->setVisible(visible);
}

void ClusterPanel::setAcross()
{
    m_across = true;
    m_head->setTitle(tr("Nodes"));
    m_cards->setDirection(QBoxLayout::LeftToRight);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    m_scroll->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFixedHeight(metric::kTabRow + metric::kNodeCardHeight + 2 * metric::kPadding + 2);
}

NodeCard* ClusterPanel::card(std::uint16_t node) const
{
    const auto found = m_byNode.find(node);
    return found == m_byNode.end() ? nullptr : found->second;
}

QList<std::uint16_t> ClusterPanel::order() const
{
    QList<std::uint16_t> nodes;
    for (int i = 0; i < m_cards->count(); ++i)
        if (const auto* card = qobject_cast<NodeCard*>(m_cards->itemAt(i)->widget())) nodes << card->node();
    return nodes;
}

QString ClusterPanel::facts() const
{
    const auto& nodes = m_run.nodes();
    const auto lost = std::count_if(nodes.begin(), nodes.end(),
                                    [](const auto& node) { return node.state == types::NodeState::Dead; });
    int workers = 0;
    for (const auto& [track, worker] : m_run.workers())
        if (worker.alive) ++workers;
    const QString count = lost == 0 ? counted(static_cast<int>(nodes.size()), tr("node"), tr("nodes"))
                                    : tr("%1 of %2 nodes").arg(static_cast<int>(nodes.size()) - lost).arg(nodes.size());
    return count + QStringLiteral(" · ") + counted(workers, tr("worker"), tr("workers"));
}

NodeCard* ClusterPanel::makeCard(std::uint16_t node)
{
    auto* card = new NodeCard(node, m_run, m_selection);
    card->setCanAdd(m_canAdd);
    card->setCanRemove(m_canRemove);
    card->setCanKill(m_canKill);
    card->setPlugMarked(m_marked == node);
    if (m_across) {
        card->setMinimumWidth(kCardLeast);
        card->setMaximumWidth(kCardMost);
    }
    connect(card, &NodeCard::killWorkerRequested, this, &ClusterPanel::killWorkerRequested);
    connect(card, &NodeCard::killNodeRequested, this, &ClusterPanel::killNodeRequested);
    connect(card, &NodeCard::removeNodeRequested, this, &ClusterPanel::removeNodeRequested);
    connect(card, &NodeCard::addNodeRequested, this, &ClusterPanel::addNodeRequested);
    connect(card, &NodeCard::neighbourWanted, this, [this, node](int step) { goTo(node, step); });
    return card;
}

void ClusterPanel::goTo(std::uint16_t from, int step)
{
    const auto nodes = order();
    const auto at = nodes.indexOf(from) + step;
    if (at < 0 || at >= nodes.size()) return;
    card(nodes[at])->setFocus(Qt::OtherFocusReason);
    m_scroll->ensureWidgetVisible(card(nodes[at]), 0, metric::kPadding);
}

void ClusterPanel::refresh()
{
    for (const auto& row : m_run.nodes()) {
        NodeCard*& card = m_byNode[row.node];
        if (card) {
            card->refresh();
            continue;
        }
        card = makeCard(row.node);
        m_cards->insertWidget(m_cards->count() - 1, card);
        if (m_filled) card->dropIn();
    }
    std::erase_if(m_byNode, [this](const auto& entry) {
        if (m_run.node(entry.first)) return false;
        entry.second->deleteLater();
        m_cards->removeWidget(entry.second);
        entry.second->hide();
        return true;
    });
    // Lost ones first: they are what one looks for.
    std::vector<NodeCard*> wanted;
    for (const auto& [node, card] : m_byNode) wanted.push_back(card);
    std::stable_partition(wanted.begin(), wanted.end(), [](const NodeCard* card) { return card->isLost(); });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const int place = static_cast<int>(i) + 1; // after the empty text
        if (m_cards->indexOf(wanted[i]) != place) m_cards->insertWidget(place, wanted[i]);
        if (m_across) m_cards->setStretchFactor(wanted[i], 1); // before what fills the end of the row
    }
    bool chip = !m_headHost.isEmpty();
    for (const auto& [node, card] : m_byNode) {
        const auto* row = m_run.node(node);
        const bool beside = chip && row && !row->remote && row->host == m_headHost.toStdString() && row->state != types::NodeState::Dead;
        card->setOfHead(beside);
        card->setElsewhere(!m_headHost.isEmpty() && row && row->host != m_headHost.toStdString());
        chip = chip && !beside;
    }
    m_filled = true;
    m_head->setDetail(m_byNode.empty() ? QString() : facts());
    m_empty->setVisible(m_byNode.empty());
    if (m_run.link() == LinkState::Starting) m_empty->setWords(tr("The head is starting..."), {});
    else if (m_run.link() != LinkState::Up) m_empty->setWords(m_run.linkText(), {});
    else m_empty->setWords(tr("No node yet."), m_add->isEnabled() ? tr("Add a node") : QString());
}

} // namespace orrery::widgets
