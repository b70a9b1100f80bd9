// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Documents: the graph file that is being edited: open, save, and what keeps a person from losing work. A document with a
// problem is refused whole, with every problem; the one that was open stays open.
// Thread: UI; files are at most types::kDocumentBytesMax and are read at once.

#include "widgets/models/graph_model.h"

#include <QObject>
#include <QStringList>

class QWidget;

namespace orrery::app {

class Documents final : public QObject {
    Q_OBJECT
public:
    Documents(widgets::GraphModel& graph, QWidget* window) : QObject(), m_graph(graph), m_window(window) {}
    bool open(const QString& path);
    // A copy of a document that ships with the program: without a path of its own, so that saving asks where.
    bool openExample(const QString& name);
    void startEmpty();
    // The graph of a run that somebody else started, where a person has nothing of their own open: an empty document, or the graph of
    // another run, untouched. Else nothing happens.
    void showRun(const types::Graph& graph, const QString& title);
    bool save();      // asks where when there is no path; false: not saved
    bool saveAs();
    bool mayDiscard(); // true when nothing is unsaved, or the person says so
    // The example whose program reads every file of a folder, on that folder.
    bool openOnFolder(const QString& folder);
    static QStringList examples(); // names, "deep_zoom"
    static QString examplePath(const QString& name);

Q_SIGNALS:
    void refused(const QString& what, const QStringList& problems);
    void opened();

private:
    bool load(const QString& path, const QString& keepPath);
    bool write(const QString& path);
    widgets::GraphModel& m_graph;
    QWidget* const m_window;
    bool m_isOfRun = false; // what is open came by showRun()
};

} // namespace orrery::app
