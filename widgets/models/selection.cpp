// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/selection.h"

namespace orrery::widgets {

void Selection::set(const QStringList& vertices, const std::optional<TaskRef>& task, const std::optional<ObjectRef>& object, const std::optional<std::uint16_t>& worker)
{
    if (m_vertices == vertices && m_task == task && m_object == object && m_worker == worker) return;
    m_vertices = vertices;
    m_task = task;
    m_object = object;
    m_worker = worker;
    Q_EMIT changed();
}

void Selection::hover(const std::optional<TaskRef>& task)
{
    if (m_hovered == task) return;
    m_hovered = task;
    Q_EMIT hoverChanged();
}

} // namespace orrery::widgets
