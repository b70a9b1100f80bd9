// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/actions.h"

#include "engine/base/assert.h"
#include "widgets/common/icons.h"

#include <QWidget>

namespace orrery::app {

Actions::Actions(QWidget* window) : QObject(window), m_window(window) {}

QAction* Actions::add(const Spec& spec, std::function<void()> done)
{
    ORRERY_ASSERT(!get(spec.id));
    auto* action = new QAction(spec.text, this);
    action->setObjectName(QString::fromLatin1(spec.id));
    action->setShortcuts(spec.keys);
    if (!spec.icon.isEmpty()) action->setIcon(widgets::icon(spec.icon));
    action->setShortcutContext(spec.scope ? Qt::WidgetWithChildrenShortcut : Qt::WindowShortcut);
    (spec.scope ? spec.scope : m_window)->addAction(action);
    connect(action, &QAction::triggered, this, [done = std::move(done)] { done(); });
    m_all << action;
    return action;
}

QAction* Actions::get(const QByteArray& id) const
{
    for (auto* action : m_all)
        if (action->objectName() == QLatin1String(id.constData())) return action;
    return nullptr;
}

void Actions::allow(const QByteArray& id, const QString& why)
{
    auto* action = get(id);
    ORRERY_ASSERT(action);
    action->setEnabled(why.isEmpty());
    action->setStatusTip(why);
    action->setToolTip(why.isEmpty() ? QString() : why);
}

void Actions::tint(const QByteArray& id, widgets::Token color)
{
    auto* action = get(id);
    ORRERY_ASSERT(action && !action->icon().isNull());
    const QVariant tint = static_cast<int>(color);
    if (action->property("tint") == tint) return; // each setIcon() tells every tool bar and menu
    action->setProperty("tint", tint);
    action->setIcon(widgets::icon(action->icon().name(), color));
}

} // namespace orrery::app
