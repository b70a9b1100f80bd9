// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ClusterPanel: the nodes of the cluster, a card each; new ones drop in, lost ones grey and stand first.
// Thread: UI. Reads: RunModel. Asks for: the end of a worker or a node, a node's leave, a node more.

#include "widgets/common/refresh.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <QWidget>

#include <map>

class QScrollArea;
class QToolButton;
class QVBoxLayout;

namespace orrery::widgets {

class DockTitle;
class EmptyState;
class NodeCard;

class ClusterPanel final : public QWidget {
    Q_OBJECT
public:
    ClusterPanel(RunModel& run, Selection& selection, QWidget* parent = nullptr);
    void setCanAdd(const types::Can& can); // a reason disables the button and is its tooltip
    void setCanRemove(const types::Can& can);
    void setCanKill(const types::Can& can); // a worker
    void setPlugMarked(std::optional<std::uint16_t> node); // "pull this one"; none: no mark
    void setHeadHost(const QString& host); // the computer of the head, whose first living node gets the chip; empty: not known
    void setHeadVisible(bool visible);                     // off where a dock's title says the same
    void setAcross();                                      // cards beside each other, one row; the panel is as high as that
    NodeCard* card(std::uint16_t node) const;              // null: not there
    QList<std::uint16_t> order() const;                    // nodes from the top
    QString facts() const;                                 // "3 nodes · 10 workers"

Q_SIGNALS:
    void killWorkerRequested(quint16 track);
    void killNodeRequested(quint16 node);
    void removeNodeRequested(quint16 node);
    void addNodeRequested();

private:
    void refresh();
    NodeCard* makeCard(std::uint16_t node);
    void goTo(std::uint16_t from, int step);
    RunModel& m_run;
    Selection& m_selection;
    Refresh* m_refresh;
    DockTitle* m_head;
    QToolButton* m_add;
    EmptyState* m_empty = nullptr;
    QVBoxLayout* m_cards = nullptr;
    QScrollArea* m_scroll = nullptr;
    std::map<std::uint16_t, NodeCard*> m_byNode;
    types::Can m_canAdd, m_canRemove, m_canKill;
    QString m_headHost;
    std::optional<std::uint16_t> m_marked;
    bool m_across = false;
    bool m_filled = false; // nodes that are there at first do not drop in
};

} // namespace orrery::widgets
