// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/table_panel.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/icons.h"
#include "widgets/common/search_field.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QTableView>

namespace orrery::widgets {

namespace {

constexpr int kFilterWidth = 360;

class FailedGlyph final : public QWidget {
public:
    explicit FailedGlyph(QWidget* parent) : QWidget(parent) { setFixedSize(metric::kGlyph, metric::kGlyph); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        drawStateGlyph(painter, rect(), types::TaskState::Failed);
    }
};

} // namespace

TablePanel::TablePanel(RunModel& run, Selection& selection, RowSource& rows, Shape shape, QWidget* parent)
    : QWidget(parent), m_run(run), m_selection(selection), m_source(rows)
{
    m_head = new QWidget(this);
    m_head->setFixedHeight(kHeadRow);
    m_filter = new SearchField(shape.hint, {}, m_head);
    m_filter->setIconName(QStringLiteral("filter"));
    m_filter->setAccessibleName(tr("Filter %1").arg(shape.things));
    m_filter->setMinimumWidth(160);
    m_filter->setMaximumWidth(kFilterWidth);
    m_filter->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_problemGlyph = new FailedGlyph(m_head);
    m_problem = new ElidedLabel({}, FontRole::Secondary, Token::Text, m_head);
    m_headRow = new QHBoxLayout(m_head);
    m_headRow->setContentsMargins(metric::kPadding, 0, metric::kTextInset, 0);
    m_headRow->setSpacing(8);
    m_headRow->addWidget(m_filter, 3);
    m_headRow->addWidget(m_problemGlyph);
    m_headRow->addWidget(m_problem, 4);

    m_table = tableView(this);
    m_model = new PagedTableModel(run, rows, shape.table, shape.columns, shape.key, shape.extra, this);
    m_view = new RowsView(m_table, *m_model);
    m_finder = new RowFinder(rows, this);
    makeTable(shape);
    m_empty = new EmptyState({}, {}, this);
    m_view->setCover(m_empty);
    m_problem->hide();
    m_problemGlyph->hide();

    connect(m_filter, &SearchField::searched, m_model, &PagedTableModel::setFilter);
    connect(m_filter, &SearchField::searched, m_table, &QTableView::scrollToTop);
    connect(m_empty, &EmptyState::triggered, m_filter, &QLineEdit::clear);
    connect(m_model, &PagedTableModel::problem, this, &TablePanel::takeProblem);
    connect(m_model, &PagedTableModel::pageArrived, this, &TablePanel::showWords);
    connect(m_model, &QAbstractItemModel::modelReset, this, &TablePanel::showWords);
    connect(m_view, &RowsView::chosen, this, [this](int row) { rowChosen(row, false); });
    connect(m_view, &RowsView::opened, this, [this](int row) { rowChosen(row, true); });
    connect(m_finder, &RowFinder::found, m_view, &RowsView::showRow);
}

void TablePanel::makeTable(const Shape& shape)
{
    m_table->setItemDelegate(new CellDelegate(m_table, *m_model, shape.look));
    m_table->setAccessibleName(shape.things);
    QHeaderView* head = m_table->horizontalHeader();
    head->setStretchLastSection(false);
    for (int column = 0; column < static_cast<int>(shape.widths.size()); ++column) {
        const int width = shape.widths[static_cast<std::size_t>(column)];
        if (width > 0) head->resizeSection(column, width);
        else head->setSectionResizeMode(column, QHeaderView::Stretch);
    }
}

QString TablePanel::filter() const { return m_filter->text(); }

void TablePanel::setFilter(const QString& text)
{
    m_filter->setText(text);
    m_filter->tellNow();
}

void TablePanel::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void TablePanel::takeProblem(const QString& sentence)
{
    m_filter->setWrong(sentence);
    m_problem->setText(sentence);
    m_problem->setVisible(!sentence.isEmpty());
    m_problemGlyph->setVisible(!sentence.isEmpty());
    showWords();
}

void TablePanel::choose(const std::vector<std::pair<std::string, std::int64_t>>& key, bool show)
{
    QStringList words;
    for (const auto& [column, value] : key) words << QString::number(value);
    const QString text = words.join(u' ');
    if (text == m_view->chosenKey() && !show) return;
    m_view->setChosenKey(text);
    m_finder->stop();
    if (key.empty() || !show) return;
    m_filter->tellNow(); // or the filter that was typed just before would scroll back to the top
    const int here = m_model->rowOf(text);
    if (here >= 0) m_view->showRow(here);
    else m_finder->find(m_model->query(), key);
}

void TablePanel::showWords()
{
    updateHead();
    const bool none = m_model->rowCount() == 0;
    const bool filtered = !m_model->filter().trimmed().isEmpty();
    m_empty->setVisible(none && (m_model->isAnswered() || m_run.shownRun() == nullptr));
    if (!none) return;
    if (filtered) m_empty->setWords(tr("No %1 match “%2”.").arg(m_table->accessibleName(), m_model->filter()), tr("Clear filter"));
    else m_empty->setWords(emptySentence(), {});
}

} // namespace orrery::widgets
