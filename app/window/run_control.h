// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RunControl: what F5, Shift+F5 and the plug do: turns wishes of a person into intents of the bridge, and their refusals into
// sentences. It knows which run is going and why a wish cannot be met now.
// Thread: UI. Nothing here waits.

#include "app/bridge/bridge.h"
#include "widgets/models/graph_model.h"

#include <QObject>

namespace orrery::app {

class RunControl final : public QObject {
    Q_OBJECT
public:
    RunControl(Bridge& bridge, widgets::GraphModel& graph, widgets::RunModel& run, QObject* parent);
    void start();   // the graph as it is now
    void stop();    // the shown run
    void killWorker(std::uint16_t track);
    void pullPlug(); // the worker that has been busy longest in the shown run
    void killNode(std::uint16_t node);
    void removeNode(std::uint16_t node); // it leaves; what it alone has is made again elsewhere
    void addNode(const types::AddNode& wish = {});
    // The node whose plug the first minute pulls: the newest, where another one lives to take over.
    std::optional<std::uint16_t> spareNode() const;
    // The probe of the sample: once a document; sets the parameter that sizes it.
    void probe();
    bool probing() const { return m_probing; }

    bool running() const; // the shown run has not ended
    bool starting() const { return m_starting; }
    QString whyNotStart() const;  // empty: it may
    QString whyNotStop() const;
    QString whyNotKill() const;   // a worker
    QString whyNotSpare() const;  // there is no spareNode(), or none may be taken out

Q_SIGNALS:
    void changed();                                               // any why... may be another
    void refused(const QString& what, const QStringList& problems);
    void said(const QString& text);                               // one sentence for the status line
    void started(const orrery::base::RunId& run);                 // the head has taken it
    void killed(quint16 track);                                   // a worker: the signal was sent
    void nodeKilled(quint16 node);                                // it is dead
    void plugPulled(const orrery::base::RunId& run);              // on a worker or a node, while this run was going
    void probed();

private:
    void tell(const QString& what, const Outcome& outcome);
    void takeOut(std::uint16_t node, bool kill);
    base::RunId openRun() const; // the shown one; null: it has ended, or there is none
    Bridge& m_bridge;
    widgets::GraphModel& m_graph;
    widgets::RunModel& m_run;
    bool m_starting = false;
    bool m_probing = false;
    QString m_probedDocument; // path or title of the document that was sized last
};

} // namespace orrery::app
