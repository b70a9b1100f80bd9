// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/library_panel.h"

#include "widgets/common/buttons.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/search_field.h"
#include "widgets/pages/library_delegate.h"
#include "widgets/pages/library_model.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QTreeView>

namespace orrery::widgets {

LibraryPanel::LibraryPanel(GraphModel& graph, QWidget* parent)
    : QWidget(parent), m_graph(graph), m_filter(new SearchField(tr("Filter tasks"), tr("Tab"), this)),
      m_model(new LibraryModel(this)), m_view(new QTreeView(this)), m_empty(new EmptyState({}, {}, this))
{
    m_view->setModel(m_model);
    m_view->setItemDelegate(new LibraryDelegate(m_view));
    m_view->setHeaderHidden(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setIndentation(14);
    m_view->setMouseTracking(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setDragEnabled(true);
    m_view->setDragDropMode(QAbstractItemView::DragOnly);
    m_view->setExpandsOnDoubleClick(false); // a double click adds the task
    m_view->setAccessibleName(tr("Library of tasks"));
    m_filter->installEventFilter(this);
    m_view->installEventFilter(this);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(4, 8, 4, 0);
    column->setSpacing(8);
    auto* top = new QHBoxLayout;
    top->setContentsMargins(4, 0, 4, 0);
    top->setSpacing(4);
    top->addWidget(m_filter);
    auto* fresh = toolButton(QStringLiteral("plus"), tr("New task library"), this);
    top->addWidget(fresh);
    connect(fresh, &QToolButton::clicked, this, &LibraryPanel::newRequested);
    column->addLayout(top);
    column->addWidget(m_empty);
    column->addWidget(m_view, 1);

    connect(m_empty, &EmptyState::triggered, m_filter, &QLineEdit::clear);
    connect(m_filter, &QLineEdit::textChanged, this, &LibraryPanel::applyFilter);
    connect(m_view, &QTreeView::doubleClicked, this, &LibraryPanel::activate);
    connect(m_view, &QTreeView::clicked, this, &LibraryPanel::toggle);
    for (const auto signal : {&QTreeView::expanded, &QTreeView::collapsed})
        connect(m_view, signal, this, &LibraryPanel::remember);
    m_refresh = new Refresh(this, kFrameMs, [this] {
        if (m_shown != &m_graph.catalog()) applyFilter();
    });
    connect(&graph, &GraphModel::graphChanged, m_refresh, &Refresh::ask);
}

void LibraryPanel::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void LibraryPanel::applyFilter()
{
    m_shown = &m_graph.catalog();
    const QString filter = m_filter->text().trimmed();
    m_restoring = true;
    m_model->build(*m_shown, filter);
    for (int i = 0; i < m_model->rowCount(); ++i) {
        const QModelIndex plugin = m_model->index(i, 0);
        // The first library is open from the start; while one filters, all that matches is seen.
        m_view->setExpanded(plugin,
                            !filter.isEmpty() || m_open.value(plugin.data(LibraryModel::KeyRole).toString(), i == 0));
        for (int c = 0; c < m_model->rowCount(plugin); ++c) {
            const QModelIndex category = m_model->index(c, 0, plugin);
            m_view->setExpanded(category, !filter.isEmpty() ||
                                              m_open.value(category.data(LibraryModel::KeyRole).toString(), true));
        }
    }
    m_restoring = false;
    if (!filter.isEmpty()) m_view->setCurrentIndex(m_model->best());
    const bool empty = m_model->rowCount() == 0;
    m_empty->setWords(filter.isEmpty() ? tr("No library of tasks is loaded.")
                                       : tr("No task matches \"%1\".").arg(filter),
                      filter.isEmpty() ? QString() : tr("Clear filter"));
    m_empty->setVisible(empty);
    m_view->setVisible(!empty);
    revealWanted();
}

void LibraryPanel::reveal(const QString& function)
{
    m_wanted = function;
    m_filter->clear(); // which may have applied it already
    revealWanted();
}

void LibraryPanel::revealWanted()
{
    if (m_wanted.isEmpty()) return;
    const auto found = m_model->match(m_model->index(0, 0), LibraryModel::FunctionRole, m_wanted, 1, Qt::MatchExactly | Qt::MatchRecursive);
    if (found.isEmpty()) return;
    m_wanted.clear();
    m_view->scrollTo(found.first()); // opens what it lies in
    m_view->setCurrentIndex(found.first());
}

void LibraryPanel::remember(const QModelIndex& index)
{
    if (!m_restoring && m_filter->text().trimmed().isEmpty())
        m_open.insert(index.data(LibraryModel::KeyRole).toString(), m_view->isExpanded(index));
}

void LibraryPanel::toggle(const QModelIndex& index)
{
    if (m_model->hasChildren(index)) m_view->setExpanded(index, !m_view->isExpanded(index));
}

void LibraryPanel::activate(const QModelIndex& index)
{
    if (index.data(LibraryModel::KindRole).toInt() == LibraryModel::Function && index.isValid())
        Q_EMIT insertRequested(index.data(LibraryModel::FunctionRole).toString());
}

bool LibraryPanel::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(object, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (enter && object == m_view && m_model->hasChildren(m_view->currentIndex())) {
        toggle(m_view->currentIndex());
        return true;
    }
    if (enter) {
        activate(m_view->currentIndex().isValid() ? m_view->currentIndex() : m_model->best());
        return true;
    }
    if (object != m_filter) return QWidget::eventFilter(object, event);
    if (key->key() == Qt::Key_Down) {
        if (!m_view->currentIndex().isValid()) m_view->setCurrentIndex(m_model->best());
        m_view->setFocus(Qt::OtherFocusReason);
        return true;
    }
    if (key->key() == Qt::Key_Escape && !m_filter->text().isEmpty()) {
        m_filter->clear();
        return true;
    }
    return QWidget::eventFilter(object, event);
}

} // namespace orrery::widgets
