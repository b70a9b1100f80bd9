// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/tool_row.h"

#include "widgets/common/buttons.h"
#include "widgets/common/chips.h"
#include "widgets/pages/omnibox.h"

#include <QMenu>
#include <QToolButton>

namespace orrery::app {

namespace metric = widgets::metric;

namespace {

constexpr const char* kPerspectives[] = {"view.build", "view.run", "view.analyse", "view.cluster"};

QStringList perspectiveNames() { return {ToolRow::tr("Build"), ToolRow::tr("Run"), ToolRow::tr("Analyse"), ToolRow::tr("Cluster")}; }

} // namespace

ToolRow::ToolRow(Actions& actions, widgets::RunModel& run, widgets::Omnibox& omnibox, QWidget* parent)
    : QToolBar(tr("Tools"), parent), m_actions(actions), m_run(run)
{
    setObjectName(QStringLiteral("tools"));
    setMovable(false);
    setFloatable(false);
    setContextMenuPolicy(Qt::PreventContextMenu);
    setFixedHeight(metric::kToolBar);
    setIconSize({metric::kIcon, metric::kIcon});

    m_cluster = new widgets::ChipButton(this);
    m_cluster->setFixedHeight(metric::kToolButton);
    m_clusterMenu = new QMenu(m_cluster);
    for (const auto* id : {"cluster.add_node", "cluster.remove_node", "cluster.pull_plug", "run.pull_plug", "cluster.rescan"}) m_clusterMenu->addAction(actions.get(id));
    connect(m_cluster, &QAbstractButton::clicked, this, [this] { m_clusterMenu->popup(m_cluster->mapToGlobal(QPoint(0, m_cluster->height() + 4))); });
    addWidget(m_cluster);
    addSeparator();
    addButton("run.start", true);
    addButton("run.stop", false);

    auto* gap = new QWidget(this);
    gap->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    addWidget(gap);
    omnibox.setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    omnibox.setMaximumWidth(460);
    addWidget(&omnibox);
    auto* inset = new QWidget(this);
    inset->setFixedWidth(metric::kTextInset);
    addWidget(inset);

    m_segments = new widgets::Segments(this);
    m_combo = new widgets::ComboButton(tr("View"), this);
    const auto names = perspectiveNames();
    for (int i = 0; i < names.size(); ++i) {
        m_segments->add(names[i], actions.get(kPerspectives[i])->shortcut().toString(QKeySequence::NativeText));
        m_combo->addItem(names[i]);
    }
    const auto choose = [this](int index) { m_actions.get(kPerspectives[index])->trigger(); };
    connect(m_segments, &widgets::Segments::chosen, this, choose);
    connect(m_combo, &QComboBox::activated, this, choose);
    m_segmentsPlace = addWidget(m_segments);
    m_comboPlace = addWidget(m_combo);
    m_comboPlace->setVisible(false);

    connect(&run, &widgets::RunModel::nodesChanged, this, &ToolRow::refreshCluster);
    connect(&run, &widgets::RunModel::workersChanged, this, &ToolRow::refreshCluster);
    connect(&run, &widgets::RunModel::linkChanged, this, &ToolRow::refreshCluster);
    refreshCluster();
}

QToolButton* ToolRow::addButton(const char* id, bool primary)
{
    auto* button = new QToolButton(this);
    auto* action = m_actions.get(id);
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setFixedHeight(metric::kToolButton);
    button->setIconSize({metric::kIcon, metric::kIcon});
    button->setProperty("always", primary); // its word stays
    addWidget(button);
    m_buttons << button;
    if (primary && !action->shortcut().isEmpty()) m_keys << addWidget(new widgets::HintChip(action->shortcut().toString(QKeySequence::NativeText), this));
    return button;
}

void ToolRow::setRoom(bool keys, bool words, bool segments)
{
    for (auto* key : m_keys) key->setVisible(keys);
    for (auto* button : m_buttons) {
        const bool word = button->property("always").toBool() && (words || segments);
        button->setToolButtonStyle(word ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    }
    m_segmentsPlace->setVisible(segments && words);
    m_comboPlace->setVisible(!(segments && words));
}

void ToolRow::showPerspective(int index)
{
    m_segments->setCurrent(index);
    m_combo->setCurrentIndex(index);
}

void ToolRow::setCluster(const QString& name)
{
    m_clusterName = name;
    refreshCluster();
}

void ToolRow::refreshCluster()
{
    std::size_t alive = 0;
    for (const auto& node : m_run.nodes()) alive += node.state == types::NodeState::Alive ? 1 : 0;
    std::size_t workers = 0;
    for (const auto& [track, worker] : m_run.workers()) workers += worker.alive ? 1 : 0;
    const bool up = m_run.link() == widgets::LinkState::Up;
    const auto dot = m_run.link() == widgets::LinkState::Failed ? widgets::Token::Failed : !up ? widgets::Token::Muted : alive > 0 ? widgets::Token::Succeeded : widgets::Token::Retrying;
    QString detail = tr("%n node(s)", nullptr, static_cast<int>(alive));
    if (alive < m_run.nodes().size()) detail = tr("%1 of %2 nodes").arg(alive).arg(m_run.nodes().size());
    if (workers > 0) detail += QStringLiteral(" \u00b7 ") + tr("%n worker(s)", nullptr, static_cast<int>(workers));
    if (!up) detail = m_run.link() == widgets::LinkState::Starting ? tr("starting") : m_run.link() == widgets::LinkState::Away ? tr("away") : tr("not there");
    m_cluster->setWords(dot, m_clusterName, detail);
    m_cluster->setToolTip(m_run.linkText());
}

} // namespace orrery::app
