// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LibraryPanel: what can be put into a graph: plugins, their categories, their functions with icon and ports; filtered as one
// types. Plugins that could not be loaded stand below with the reason. Thread: UI. Reads: GraphModel's catalog.
// Drag: MIME type kFunctionMime, the function's name in UTF-8.

#include "widgets/common/refresh.h"
#include "widgets/models/graph_model.h"

#include <QHash>
#include <QWidget>

class QTreeView;

namespace orrery::widgets {

class EmptyState;
class LibraryModel;
class SearchField;

class LibraryPanel final : public QWidget {
    Q_OBJECT
public:
    explicit LibraryPanel(GraphModel& graph, QWidget* parent = nullptr);
    void focusFilter();
    // Chooses and shows the function, as soon as it is in the catalog; a filter goes.
    void reveal(const QString& function);
    QTreeView* view() const { return m_view; }
    SearchField* filter() const { return m_filter; }

Q_SIGNALS:
    void insertRequested(const QString& function);
    void newRequested(); // a library of one's own

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void applyFilter();
    void revealWanted();
    void activate(const QModelIndex& index);
    void toggle(const QModelIndex& index);
    void remember(const QModelIndex& index);
    GraphModel& m_graph;
    SearchField* m_filter;
    LibraryModel* m_model;
    QTreeView* m_view;
    EmptyState* m_empty;
    Refresh* m_refresh;
    QHash<QString, bool> m_open; // what a person opened and closed, by key
    QString m_wanted; // to be revealed; empty: nothing
    bool m_restoring = false;
    const types::Catalog* m_shown = nullptr;
};

} // namespace orrery::widgets
