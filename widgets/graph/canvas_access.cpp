// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/canvas_access.h"

#include "widgets/graph/graph_canvas.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QCoreApplication>

namespace orrery::widgets {

namespace {

// One card, by its id: it stays the same item when others come and go.
class CardAccess final : public QAccessibleInterface {
public:
    CardAccess(GraphCanvas& canvas, QString id) : m_canvas(&canvas), m_id(std::move(id)) {}
    bool isValid() const override { return m_canvas && number() >= 0; }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_canvas); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    void setText(QAccessible::Text, const QString&) override {}
    QString text(QAccessible::Text which) const override
    {
        if (!isValid() || which != QAccessible::Name) return {};
        return spokenCard(m_canvas->scene().cards()[static_cast<std::size_t>(number())], m_canvas->runOf(number()));
    }
    QRect rect() const override
    {
        if (!isValid()) return {};
        const QRect rect = m_canvas->cardRect(m_id).toAlignedRect();
        return {m_canvas->mapToGlobal(rect.topLeft()), rect.size()};
    }
    QAccessible::State state() const override
    {
        QAccessible::State state;
        if (!isValid()) {
            state.invalid = true;
            return state;
        }
        state.selectable = state.focusable = true;
        state.selected = m_canvas->isChosen(m_id);
        state.focused = state.selected && m_canvas->hasFocus();
        state.offscreen = !QRectF(m_canvas->rect()).intersects(m_canvas->cardRect(m_id));
        return state;
    }
    const QString& id() const { return m_id; }

private:
    int number() const { return m_canvas->scene().cardOf(m_id); }
    QPointer<GraphCanvas> m_canvas;
    QString m_id;
};

class CanvasAccess final : public QAccessibleWidget {
public:
    explicit CanvasAccess(GraphCanvas& canvas) : QAccessibleWidget(&canvas, QAccessible::List) {}
    ~CanvasAccess() override
    {
        for (const QAccessible::Id item : std::as_const(m_items)) QAccessible::deleteAccessibleInterface(item);
    }
    int childCount() const override { return static_cast<int>(cards().size()); }
    QAccessibleInterface* child(int index) const override
    {
        if (index < 0 || index >= childCount()) return nullptr;
        const QString& id = cards()[static_cast<std::size_t>(index)].id;
        auto known = m_items.find(id);
        if (known == m_items.end())
            known = m_items.insert(id, QAccessible::registerAccessibleInterface(new CardAccess(canvas(), id)));
        return QAccessible::accessibleInterface(*known);
    }
    QAccessibleInterface* childAt(int x, int y) const override
    {
        const QPointF point = widget()->mapFromGlobal(QPointF(x, y));
        for (int i = childCount() - 1; i >= 0; --i)
            if (canvas().cardRect(cards()[static_cast<std::size_t>(i)].id).contains(point)) return child(i);
        return nullptr;
    }
    int indexOfChild(const QAccessibleInterface* item) const override
    {
        for (auto known = m_items.constBegin(); known != m_items.constEnd(); ++known)
            if (QAccessible::accessibleInterface(*known) == item) return canvas().scene().cardOf(known.key());
        return -1;
    }
    QAccessibleInterface* focusChild() const override
    {
        for (int i = 0; i < childCount(); ++i)
            if (canvas().isChosen(cards()[static_cast<std::size_t>(i)].id)) return child(i);
        return nullptr;
    }

private:
    GraphCanvas& canvas() const { return *static_cast<GraphCanvas*>(widget()); }
    const std::vector<Card>& cards() const { return canvas().scene().cards(); }
    mutable QHash<QString, QAccessible::Id> m_items;
};

QAccessibleInterface* makeAccess(const QString&, QObject* object)
{
    auto* canvas = qobject_cast<GraphCanvas*>(object);
    return canvas ? new CanvasAccess(*canvas) : nullptr;
}

} // namespace

void installCanvasAccess()
{
    QAccessible::installFactory(makeAccess); // Qt keeps one of each
}

QString spokenCard(const Card& card, const CardRun& run)
{
    const auto ports = [](std::size_t count, const char* one, const char* more) {
        return count == 1 ? QCoreApplication::translate("CanvasAccess", one)
                          : QCoreApplication::translate("CanvasAccess", more).arg(count);
    };
    QString text = card.title + QStringLiteral(", ") + sentenceOf(run);
    if (!card.problem.isEmpty()) text += QStringLiteral(", ") + card.problem;
    return text + QStringLiteral("; ") + ports(card.inputs.size(), "1 input", "%1 inputs") + QStringLiteral(", ") +
           ports(card.outputs.size(), "1 output", "%1 outputs");
}

} // namespace orrery::widgets
