// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// NodeCard: one node at a glance: its workers as squares, CPU, memory and store as bars, the network, how long ago the head
// heard of it, the plug: a menu whose entries are a kill -9 each, of the node and of its workers, and a menu of all else that can
// be done with it. Takes the keyboard: arrows go from card to card, Enter and Menu open the menu. A lost node greys.
// Thread: UI. Reads: RunModel.

#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <QPointF>
#include <QToolButton>
#include <QWidget>

#include <vector>

class QMenu;

namespace orrery::widgets {

class NodeCard final : public QWidget {
    Q_OBJECT
public:
    NodeCard(std::uint16_t node, RunModel& run, Selection& selection, QWidget* parent = nullptr);
    std::uint16_t node() const { return m_node; }
    void refresh(); // reads the models again
    bool isLost() const { return m_row.state == types::NodeState::Dead; }
    void setCanAdd(const types::Can& can);    // a reason disables the entry and is its tooltip
    void setCanRemove(const types::Can& can); // of the node, with a word or without
    void setCanKill(const types::Can& can);   // of a worker
    void setPlugMarked(bool marked);        // a ring round the plug: "here"
    void setOfHead(bool ofHead);            // a chip: this node is the one beside the head
    bool isOfHead() const { return m_ofHead; }
    void setElsewhere(bool elsewhere);      // on another computer than the head: its host is named; one that joined has its address there
    void dropIn();                          // 200 ms from 8 px above, unless motion is reduced
    QToolButton* plugButton() const { return m_plug; }
    QMenu* plugMenu(); // filled with what lives now
    QMenu* moreMenu();
    QMenu* workerMenu(std::uint16_t track);
    QRect workerRect(std::uint16_t track) const; // of the worker's square; empty: it has none
    QSize sizeHint() const override;
    QString summary() const; // the card in words, for screen readers and tests

Q_SIGNALS:
    void killWorkerRequested(quint16 track);
    void killNodeRequested(quint16 node);
    void removeNodeRequested(quint16 node);
    void addNodeRequested();
    void neighbourWanted(int step); // the keyboard goes to the card before (-1) or after (1)

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Worker {
        std::uint16_t track = 0;
        int number = 0;
        bool alive = true;
        QString running, exit;
        std::int64_t pid = 0;
    };
    struct Bar {
        QString name, value;
        double share = 0, store = 0; // of the width, one after the other
    };
    void readWorkers();
    void readHistory();
    void placeButtons();
    void allow();
    bool isLeaving() const { return m_row.state == types::NodeState::Draining; }
    const Worker* workerAt(const QPoint& at) const; // null: there is none
    void addKillNode(QMenu* menu);
    void addWorkerEntries(QMenu* menu, const Worker& worker, bool show, bool kill);
    int workersRoom() const;
    QRect squareRect(std::size_t index) const; // empty: there are too many for squares
    std::vector<Bar> bars() const;
    int busy() const;
    QString workersText() const;
    QString heardText() const;
    QString workerText(const Worker& worker) const;
    types::TaskState glyph() const;
    void paintHead(QPainter& painter) const;
    void paintWorkers(QPainter& painter) const;
    void paintBusyBar(QPainter& painter) const;
    void paintBars(QPainter& painter) const;
    void paintHistory(QPainter& painter) const;
    int barEnd() const;

    const std::uint16_t m_node;
    RunModel& m_run;
    Selection& m_selection;
    types::NodeRow m_row;
    std::vector<Worker> m_workers; // alive ones, those that ended a moment ago, and all of a lost node
    std::vector<QPointF> m_cpu;    // 0..1 each, over the last kHistoryNs
    double m_netIn = 0, m_netOut = 0;
    types::Can m_canAdd, m_canRemove, m_canKill;
    bool m_plugMarked = false;
    bool m_ofHead = false, m_elsewhere = false;
    double m_drop = 1; // 0: above, 1: in place
    QToolButton* m_plug;
    QToolButton* m_more;
    QMenu* m_plugMenu;
    QMenu* m_moreMenu;
    QMenu* m_workerMenu;
};

} // namespace orrery::widgets
