// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/paged_table_model.h"

#include <QPointer>
#include <algorithm>
#include <limits>

namespace orrery::widgets {

namespace {

const types::Cell kNothing;

QVariant toVariant(const types::Cell& cell)
{
    struct {
        QVariant operator()(std::monostate) const { return {}; }
        QVariant operator()(bool value) const { return value; }
        QVariant operator()(std::int64_t value) const { return QVariant::fromValue<qlonglong>(value); }
        QVariant operator()(double value) const { return value; }
        QVariant operator()(const std::string& value) const { return QString::fromStdString(value); }
    } visitor;
    return std::visit(visitor, cell);
}

} // namespace

PagedTableModel::PagedTableModel(RunModel& run, RowSource& source, std::string table, std::vector<TableColumn> columns,
                                 std::vector<std::string> key, const std::vector<std::string>& extra, QObject* parent)
    : QAbstractTableModel(parent), m_run(run), m_source(source), m_table(std::move(table)), m_columns(std::move(columns))
{
    for (const auto& column : m_columns) m_names.push_back(column.name);
    for (const auto& name : key) {
        if (columnOf(name) < 0) m_names.push_back(name);
        m_key.push_back(columnOf(name));
    }
    for (const auto& name : extra)
        if (columnOf(name) < 0) m_names.push_back(name);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kAskAgainMs);
    connect(&m_pause, &QTimer::timeout, this, &PagedTableModel::askAgain);
    connect(&run, &RunModel::shownRunChanged, this, &PagedTableModel::runChanged);
    connect(&run, &RunModel::runsChanged, this, &PagedTableModel::runChanged);
    connect(&run, &RunModel::rowsChanged, this, &PagedTableModel::rowsChanged);
    if (const auto* shown = run.shownRun()) m_shown = shown->id;
}

PagedTableModel::~PagedTableModel() { dropAll(); }

// ---- what is asked ----

void PagedTableModel::setFilter(const QString& filter)
{
    if (filter == m_filter) return;
    m_filter = filter;
    newQuestion();
}

void PagedTableModel::sort(int column, Qt::SortOrder order)
{
    if (column >= columnCount() || (column >= 0 && !m_columns[static_cast<std::size_t>(column)].sorts)) return;
    if (column == m_sortColumn && order == m_sortOrder) return;
    m_sortColumn = column;
    m_sortOrder = order;
    newQuestion();
}

void PagedTableModel::setActive(bool active)
{
    if (active == m_active) return;
    m_active = active;
    if (!active) {
        m_pause.stop();
        dropAll();
        m_due = true; // who knows what changes meanwhile
        return;
    }
    askAgain();
}

void PagedTableModel::setVisibleRows(int first, int count)
{
    m_first = std::max(0, first);
    m_count = std::max(1, count);
    pump();
}

types::Query PagedTableModel::query() const
{
    types::Query query;
    query.table = m_table;
    query.run = m_shown;
    query.filter = m_filter.toStdString();
    if (m_sortColumn >= 0) {
        const auto& column = m_columns[static_cast<std::size_t>(m_sortColumn)];
        query.sort = ((m_sortOrder == Qt::DescendingOrder) != column.reversed ? "-" : "") + column.name;
    }
    return query;
}

void PagedTableModel::newQuestion()
{
    dropAll();
    m_answered = m_refused = false;
    m_due = false;
    ++m_round;
    pump();
}

void PagedTableModel::runChanged()
{
    const auto* shown = m_run.shownRun();
    const base::RunId id = shown != nullptr ? shown->id : base::RunId{};
    if (id == m_shown) return;
    // Rows of another run are other rows: nothing of them may stay.
    beginResetModel();
    m_shown = id;
    m_rows = 0;
    m_pages.clear();
    m_epoch = m_seq = 0;
    endResetModel();
    Q_EMIT totalChanged(0);
    newQuestion();
}

void PagedTableModel::rowsChanged()
{
    m_due = true;
    if (!m_pause.isActive()) askAgain();
}

// Begins a round when one is due, the last one is over and the pause since it is, too.
void PagedTableModel::askAgain()
{
    if (!m_active || m_pause.isActive() || m_refused) return;
    if (m_due && m_asked.empty()) {
        m_due = false;
        ++m_round;
    }
    pump();
}

std::pair<int, int> PagedTableModel::visiblePages() const
{
    // Before the first answer only the first page can be known to exist.
    const int rows = m_answered ? m_rows : std::max(m_rows, 1);
    const int first = std::clamp(m_first, 0, std::max(0, rows - 1));
    const int last = std::clamp(m_first + m_count - 1, 0, std::max(0, rows - 1));
    return {first / kPageRows, last / kPageRows};
}

void PagedTableModel::pump()
{
    if (!m_active || m_refused || m_shown.isNull()) return;
    const auto [first, last] = visiblePages();
    for (auto it = m_asked.begin(); it != m_asked.end();) { // scrolled away
        if (it->second.page >= first && it->second.page <= last) {
            ++it;
            continue;
        }
        const Ticket ticket = it->second.ticket;
        it = m_asked.erase(it);
        m_source.drop(ticket);
    }
    for (int page = first; page <= last; ++page) {
        const auto here = m_pages.find(page);
        if (here != m_pages.end()) here->second.used = ++m_clock;
        if (here != m_pages.end() && here->second.round == m_round) continue;
        if (const auto failed = m_failed.find(page); failed != m_failed.end() && failed->second == m_round) continue;
        if (std::any_of(m_asked.begin(), m_asked.end(), [page = page](const auto& asked) { return asked.second.page == page; })) continue;
        ask(page);
    }
}

void PagedTableModel::ask(int page)
{
    const std::uint64_t number = ++m_lastNumber;
    types::Query wanted = query();
    wanted.columns = m_names;
    wanted.first = static_cast<std::uint64_t>(page) * kPageRows;
    wanted.count = kPageRows;
    m_asked[number] = {page, 0};
    if (!m_pause.isActive()) m_pause.start();
    const Ticket ticket = m_source.ask(std::move(wanted), [self = QPointer<PagedTableModel>(this), number](base::Result<types::Page> result) {
        if (self) self->answer(number, std::move(result));
    });
    if (const auto asked = m_asked.find(number); asked != m_asked.end()) asked->second.ticket = ticket;
}

void PagedTableModel::dropAll()
{
    const auto asked = std::exchange(m_asked, {});
    for (const auto& [number, one] : asked) m_source.drop(one.ticket);
}

// ---- what comes back ----

void PagedTableModel::answer(std::uint64_t number, base::Result<types::Page> result)
{
    const auto asked = m_asked.find(number);
    if (asked == m_asked.end()) return; // dropped, or here for the second time
    const int page = asked->second.page;
    m_asked.erase(asked);
    if (!result) {
        m_failed[page] = m_round;
        m_refused = result.error().code == base::Errc::BadInput;
        if (m_refused) dropAll();
        setProblem(QString::fromStdString(result.error().message));
    } else {
        m_failed.erase(page);
        take(page, *result);
        setProblem({});
    }
    if (m_due && m_asked.empty() && !m_pause.isActive()) askAgain();
    else pump();
}

void PagedTableModel::take(int page, const types::Page& answer)
{
    std::vector<int> from(m_names.size(), -1);
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        const auto found = std::find(answer.columns.begin(), answer.columns.end(), m_names[i]);
        if (found != answer.columns.end()) from[i] = static_cast<int>(found - answer.columns.begin());
    }
    Held fresh;
    fresh.round = m_round;
    fresh.used = ++m_clock;
    const std::size_t count = std::min(answer.rows.size(), static_cast<std::size_t>(kPageRows));
    fresh.rows.reserve(count);
    fresh.keys.reserve(count);
    for (std::size_t r = 0; r < count; ++r) {
        Row row(m_names.size());
        for (std::size_t i = 0; i < m_names.size(); ++i)
            if (from[i] >= 0 && static_cast<std::size_t>(from[i]) < answer.rows[r].size()) row[i] = answer.rows[r][static_cast<std::size_t>(from[i])];
        QStringList key;
        for (const int index : m_key) key << toVariant(row[static_cast<std::size_t>(index)]).toString();
        fresh.keys.push_back(key.join(QLatin1Char(' ')));
        fresh.rows.push_back(std::move(row));
    }
    const bool newest = answer.epoch != m_epoch || answer.seq >= m_seq || !m_answered;
    if (newest) {
        m_epoch = answer.epoch;
        m_seq = answer.seq;
    }
    // A total that is less than the rows that are here would be a lie.
    const std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<int>::max());
    const std::uint64_t told = newest ? answer.total : static_cast<std::uint64_t>(m_rows);
    const int end = page * kPageRows + static_cast<int>(count);
    const int total = std::max(static_cast<int>(std::min(told, most)), count > 0 ? end : 0);
    const bool forgetOthers = !std::exchange(m_answered, true);
    const int before = m_rows;
    replace(page, std::move(fresh), total, forgetOthers);
    forgetLongUnseen();
    if (before != m_rows) Q_EMIT totalChanged(m_rows);
    Q_EMIT pageArrived(page * kPageRows, static_cast<int>(count));
}

void PagedTableModel::replace(int page, Held fresh, int total, bool forgetOthers)
{
    if (total > m_rows) {
        beginInsertRows({}, m_rows, total - 1);
        m_rows = total;
        endInsertRows();
    }
    const int first = page * kPageRows;
    const auto here = m_pages.find(page);
    const bool samePlaces = !forgetOthers && (here == m_pages.end() ? persistentIndexList().isEmpty() : here->second.keys == fresh.keys);
    if (samePlaces) {
        m_pages[page] = std::move(fresh);
    } else {
        Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
        const QModelIndexList indexes = persistentIndexList();
        std::vector<QString> keys;
        keys.reserve(static_cast<std::size_t>(indexes.size()));
        for (const auto& index : indexes) keys.push_back(key(index.row()));
        if (forgetOthers) m_pages.clear();
        m_pages[page] = std::move(fresh);
        follow(keys, indexes, forgetOthers);
        Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
    }
    if (total < m_rows) {
        beginRemoveRows({}, total, m_rows - 1);
        m_rows = total;
        m_pages.erase(m_pages.upper_bound((total - 1) / kPageRows), m_pages.end());
        if (total == 0) m_pages.clear();
        endRemoveRows();
    }
    const int last = std::min(first + kPageRows, m_rows) - 1;
    if (samePlaces && last >= first) Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
}

// A row that is nowhere among the rows that are here takes its index with it. An index of a row that was not here stays at its
// place, unless all places are new.
void PagedTableModel::follow(const std::vector<QString>& keys, const QModelIndexList& indexes, bool newPlaces)
{
    QModelIndexList to;
    to.reserve(indexes.size());
    for (qsizetype i = 0; i < indexes.size(); ++i) {
        const QString& key = keys[static_cast<std::size_t>(i)];
        const int row = !key.isEmpty() ? rowOf(key) : newPlaces ? -1 : indexes[i].row();
        to << (row >= 0 ? index(row, indexes[i].column()) : QModelIndex());
    }
    changePersistentIndexList(indexes, to);
}

void PagedTableModel::forgetLongUnseen()
{
    while (static_cast<int>(m_pages.size()) > kPagesKept) {
        const auto oldest = std::min_element(m_pages.begin(), m_pages.end(), [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
        const int first = oldest->first * kPageRows;
        const int last = std::min(first + kPageRows, m_rows) - 1;
        m_pages.erase(oldest);
        if (last >= first) Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    }
}

void PagedTableModel::setProblem(const QString& sentence)
{
    if (sentence == m_problem) return;
    m_problem = sentence;
    Q_EMIT problem(sentence);
}

// ---- what is known ----

const PagedTableModel::Held* PagedTableModel::held(int row) const
{
    if (row < 0 || row >= m_rows) return nullptr;
    const auto found = m_pages.find(row / kPageRows);
    return found == m_pages.end() || static_cast<std::size_t>(row % kPageRows) >= found->second.rows.size() ? nullptr : &found->second;
}

int PagedTableModel::columnOf(std::string_view name) const
{
    const auto found = std::find(m_names.begin(), m_names.end(), name);
    return found == m_names.end() ? -1 : static_cast<int>(found - m_names.begin());
}

bool PagedTableModel::isLoaded(int row) const { return held(row) != nullptr; }

const types::Cell& PagedTableModel::cell(int row, int column) const
{
    const Held* page = held(row);
    if (page == nullptr || column < 0 || static_cast<std::size_t>(column) >= m_names.size()) return kNothing;
    return page->rows[static_cast<std::size_t>(row % kPageRows)][static_cast<std::size_t>(column)];
}

std::int64_t PagedTableModel::integer(int row, std::string_view name, std::int64_t otherwise) const
{
    const types::Cell& value = cell(row, name);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
    if (const auto* real = std::get_if<double>(&value)) return static_cast<std::int64_t>(*real);
    return otherwise;
}

QString PagedTableModel::text(int row, std::string_view name) const { return toVariant(cell(row, name)).toString(); }

QString PagedTableModel::key(int row) const
{
    const Held* page = held(row);
    return page == nullptr ? QString() : page->keys[static_cast<std::size_t>(row % kPageRows)];
}

int PagedTableModel::rowOf(const QString& key) const
{
    // The newest answer first: while a round is under way a row can be in an old page, too.
    int row = -1;
    std::uint64_t round = 0;
    for (const auto& [number, page] : m_pages) {
        if (row >= 0 && page.round <= round) continue;
        const auto found = std::find(page.keys.begin(), page.keys.end(), key);
        if (found == page.keys.end()) continue;
        const int at = number * kPageRows + static_cast<int>(found - page.keys.begin());
        if (at >= m_rows) continue;
        row = at;
        round = page.round;
    }
    return row;
}

QVariant PagedTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    switch (role) {
    case Qt::DisplayRole:
    case SortValueRole: return toVariant(cell(index.row(), index.column()));
    case Qt::TextAlignmentRole:
        return int((m_columns[static_cast<std::size_t>(index.column())].number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case LoadingRole: return !isLoaded(index.row());
    default: return {};
    }
}

QVariant PagedTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
    const auto& column = m_columns[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) return column.title;
    if (role == Qt::TextAlignmentRole) return int((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

} // namespace orrery::widgets
