// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/accessible.h"

#include "widgets/common/section_head.h"

#include <QAbstractButton>
#include <QAccessibleWidget>

namespace orrery::widgets {

namespace {

struct Role {
    const char* className;
    QAccessible::Role role;
};

constexpr Role kRoles[] = {
    {"orrery::widgets::ElidedLabel", QAccessible::StaticText}, {"orrery::widgets::KeyValueList", QAccessible::StaticText},
    {"orrery::widgets::StateBar", QAccessible::Indicator},     {"orrery::widgets::StateCount", QAccessible::StaticText},
    {"orrery::widgets::NodeChip", QAccessible::StaticText},    {"orrery::widgets::TypeTag", QAccessible::StaticText},
    {"orrery::widgets::Sparkline", QAccessible::Chart},        {"orrery::widgets::Toast", QAccessible::AlertMessage},
    {"orrery::widgets::ChipButton", QAccessible::ButtonMenu},  {"orrery::widgets::Segment", QAccessible::RadioButton},
};

class SectionInterface final : public QAccessibleWidget {
public:
    explicit SectionInterface(SectionHead* head) : QAccessibleWidget(head, QAccessible::Button) {}

    QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.expandable = true;
        state.expanded = head()->isOpen();
        state.collapsed = !head()->isOpen();
        return state;
    }
    QStringList actionNames() const override { return {pressAction()}; }
    void doAction(const QString& name) override
    {
        if (name == pressAction()) head()->setOpen(!head()->isOpen());
    }

private:
    SectionHead* head() const { return static_cast<SectionHead*>(widget()); }
};

// A button of which we say what it is; it is checked and pressed as any.
class ButtonInterface final : public QAccessibleWidget {
public:
    ButtonInterface(QAbstractButton* button, QAccessible::Role role) : QAccessibleWidget(button, role) {}

    QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.checkable = button()->isCheckable();
        state.checked = button()->isChecked();
        return state;
    }
    QStringList actionNames() const override { return {pressAction()}; }
    void doAction(const QString& name) override
    {
        if (name == pressAction()) button()->click();
    }

private:
    QAbstractButton* button() const { return static_cast<QAbstractButton*>(widget()); }
};

QAccessibleInterface* make(const QString& className, QObject* object)
{
    if (auto* head = qobject_cast<SectionHead*>(object); head && className == QLatin1String(head->metaObject()->className())) return new SectionInterface(head);
    for (const Role& role : kRoles) {
        if (className != QLatin1String(role.className)) continue;
        if (auto* button = qobject_cast<QAbstractButton*>(object)) return new ButtonInterface(button, role.role);
        if (auto* widget = qobject_cast<QWidget*>(object)) return new QAccessibleWidget(widget, role.role);
    }
    return nullptr;
}

} // namespace

void installAccessibility() { QAccessible::installFactory(make); }

} // namespace orrery::widgets
