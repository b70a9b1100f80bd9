// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Selection: the one selection of the window, and what the mouse is over. Every panel reads it and writes to it: selecting
// anywhere shows everywhere. A choice of one kind replaces the others (a task implies its vertex).
// Thread: UI. Panels ignore the echo of their own change by comparing values.

#include "engine/types/run.h"

#include <QObject>
#include <QStringList>
#include <optional>

namespace orrery::widgets {

struct TaskRef { // of the shown run
    std::uint32_t row = types::kNoRow;
    std::uint16_t vertex = 0;
    std::uint32_t mapIndex = 0;
    bool operator==(const TaskRef&) const = default;
};

struct ObjectRef {
    TaskRef task;
    std::uint16_t output = 0;
    bool operator==(const ObjectRef&) const = default;
};

class Selection final : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    const QStringList& vertices() const { return m_vertices; } // ids in the edited graph
    const std::optional<TaskRef>& task() const { return m_task; }
    const std::optional<ObjectRef>& object() const { return m_object; }
    const std::optional<std::uint16_t>& worker() const { return m_worker; } // track
    const std::optional<TaskRef>& hovered() const { return m_hovered; }

    void clear() { set({}, {}, {}, {}); }
    void selectVertices(const QStringList& ids) { set(ids, {}, {}, {}); }
    void selectTask(const TaskRef& task, const QString& vertexId) { set({vertexId}, task, {}, {}); }
    void selectObject(const ObjectRef& object, const QString& vertexId) { set({vertexId}, object.task, object, {}); }
    void selectWorker(std::uint16_t track) { set({}, {}, {}, track); }
    void hover(const std::optional<TaskRef>& task);
    // "Show it": the timeline centres the span, the canvas brings the card into view.
    void reveal() { Q_EMIT revealed(); }

Q_SIGNALS:
    void changed();
    void hoverChanged();
    void revealed();

private:
    void set(const QStringList& vertices, const std::optional<TaskRef>& task, const std::optional<ObjectRef>& object, const std::optional<std::uint16_t>& worker);
    QStringList m_vertices;
    std::optional<TaskRef> m_task;
    std::optional<ObjectRef> m_object;
    std::optional<std::uint16_t> m_worker;
    std::optional<TaskRef> m_hovered;
};

} // namespace orrery::widgets
