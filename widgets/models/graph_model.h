// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// GraphModel: the graph that a person edits, with undo. No widget, no paint.
// Every edit goes through the undo stack as a snapshot (a graph is a plain value and small beside a picture); moves of one
// drag merge into one step. Nothing here asks the engine; what a run says of the vertices is in RunModel.
// Thread: UI. Errors: an edit that the rules forbid returns the reason and changes nothing.

#include "engine/types/graph_check.h"

#include <QHash>
#include <QObject>
#include <QPoint>
#include <QString>
#include <QUndoStack>
#include <functional>
#include <memory>

namespace orrery::widgets {

// Drag and drop of a function of the library; its name in UTF-8.
inline const QString kFunctionMime = QStringLiteral("application/x-orrery-function");

// A function that a dragged wire may end in, and the first of its ports that takes it.
struct WireFit {
    QString function;
    QString port;
};

class GraphModel : public QObject {
    Q_OBJECT
public:
    explicit GraphModel(QObject* parent = nullptr);

    // ---- document ----
    void setGraph(types::Graph graph, const QString& path); // clears undo
    const types::Graph& graph() const { return m_graph; }
    std::string documentText() const { return types::formatDocument(m_graph); }
    QString path() const { return m_path; }
    void setPath(const QString& path);
    void setName(const QString& name); // of a document without a path: "deep_zoom.orrery"
    QString title() const; // file name, else the name, else "Untitled"
    bool isModified() const { return !m_undo.isClean(); }
    void setSaved() { m_undo.setClean(); }
    void setCatalog(std::shared_ptr<const types::Catalog> catalog);
    const types::Catalog& catalog() const { return *m_catalog; }
    // With the ports that its parameters give it. Null: unknown. Valid until the graph or the catalog changes.
    const types::FunctionInfo* functionOf(const types::Vertex& vertex) const;
    const types::CheckedGraph& checked() const { return m_checked; } // of the graph as it is
    QUndoStack& undoStack() { return m_undo; }

    // ---- edits ----
    QString addVertex(const QString& function, QPoint at); // its id
    // One step: the vertex and a wire from (`outward`) or to `end`. Its id; `why` says when the wire is refused, then nothing changes.
    QString addWired(const QString& function, QPoint at, const types::PortRef& end, bool outward, const QString& port, QString* why = nullptr);
    // Functions of the catalog that a wire from (`outward`) or to `end` may end in.
    QList<WireFit> fitting(const types::PortRef& end, bool outward) const;
    // mergeable: follows the last move of the same vertices in one step of undo.
    void moveVertices(const QHash<QString, QPoint>& to, const QString& text, bool mergeable);
    void remove(const QStringList& vertices, const QList<types::Edge>& edges);
    // Empty, or why not.
    QString connectPorts(const types::PortRef& from, const types::PortRef& to);
    types::Compatibility canConnect(const types::PortRef& from, const types::PortRef& to) const;
    // One step: `edge` goes, a wire between the others comes. Empty, or why not.
    QString rewire(const types::Edge& edge, const types::PortRef& from, const types::PortRef& to);
    types::Compatibility canRewire(const types::Edge& edge, const types::PortRef& from, const types::PortRef& to) const;
    void setEdgeMode(const types::Edge& edge, types::EdgeMode mode);
    // value: JSON text. Empty, or why it is refused. Steps of one drag share a gesture (> 0) and undo as one.
    QString setParameter(const QString& vertex, const QString& name, const QByteArray& value, int gesture = 0);
    QString resetParameter(const QString& vertex, const QString& name); // to the function's default
    QString renameVertex(const QString& vertex, const QString& id);     // wires and frames follow
    void setNote(const QString& vertex, const QString& note);
    void setRetries(const QString& vertex, std::optional<std::int32_t> retries);         // none: the function's default
    void setResources(const QString& vertex, std::optional<types::Resources> resources); // none: the function's default
    // A document with the vertices and the wires between them; pasted with new ids. The ids, empty when text is no graph.
    QByteArray copy(const QStringList& vertices) const;
    QStringList paste(const QByteArray& text, QPoint at);

Q_SIGNALS:
    void graphReplaced();         // another document; graphChanged() follows
    void graphChanged();          // vertices, edges or parameters
    void documentChanged();       // path, title, modified

private:
    friend class GraphEdit;
    void apply(types::Graph graph);
    void push(types::Graph after, const QString& text, int mergeId = -1);
    QString freshId(const std::string& function, const types::Graph& graph) const;
    QString pushParameters(const QString& vertex, const std::string& params, const QString& text, int gesture);
    void changeVertex(const QString& vertex, const QString& text, const std::function<void(types::Vertex&)>& change);

    types::Graph m_graph;
    types::CheckedGraph m_checked;
    std::shared_ptr<const types::Catalog> m_catalog = std::make_shared<const types::Catalog>();
    QString m_path;
    QString m_name;
    QUndoStack m_undo;
};

} // namespace orrery::widgets
