// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// PagedTableModel: one table of the shown run as Qt sees it, whatever its length: it holds pages of the rows that are looked
// at and asks its RowSource for no others. Filter and sort happen where the rows are; there is no proxy.
// Thread: UI. An answer may come late, out of order, twice or never; one that nobody waits for any more is ignored.
// While it is active and the run's rows change it asks again for what is visible, at most once per kAskAgainMs and never while
// an answer is due; the old rows stay until then. Persistent indexes (a view's selection) follow their row by its key.
// Bounds: kPagesKept pages of kPageRows rows, the longest unseen go first; as many questions in flight as pages are visible.

#include "widgets/models/ports.h"
#include "widgets/models/run_model.h"

#include <QAbstractTableModel>
#include <QTimer>
#include <map>

namespace orrery::widgets {

inline constexpr int kPageRows = 200;
inline constexpr int kPagesKept = 64;
inline constexpr int kAskAgainMs = 250; // 4 Hz

struct TableColumn {
    std::string name;     // of the table's schema
    QString title;        // head
    bool number = false;  // right-aligned
    bool sorts = true;
    bool reversed = false; // shows what falls while the column rises: an age by the time of birth
};

class PagedTableModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role : int { LoadingRole = Qt::UserRole + 1, SortValueRole };

    // key: the columns that tell rows apart; extra: what cells are made of besides. They may be others than those shown.
    // Run and source must outlive this model.
    PagedTableModel(RunModel& run, RowSource& source, std::string table, std::vector<TableColumn> columns, std::vector<std::string> key,
                    const std::vector<std::string>& extra = {}, QObject* parent = nullptr);
    ~PagedTableModel() override;

    // ---- what is asked ----
    void setFilter(const QString& filter);
    const QString& filter() const { return m_filter; }
    void setActive(bool active);              // false: asks nothing, keeps what it has
    void setVisibleRows(int first, int count);
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override; // -1: natural order
    int sortColumn() const { return m_sortColumn; }
    Qt::SortOrder sortOrder() const { return m_sortOrder; }
    // The question that these rows answer, less columns and range: to ask the same rows something else.
    types::Query query() const;

    // ---- what is known ----
    const std::vector<TableColumn>& columns() const { return m_columns; }
    int columnOf(std::string_view name) const; // among columns, key and extra; -1: no such
    bool isLoaded(int row) const;
    // monostate while the row is not here.
    const types::Cell& cell(int row, int column) const;
    const types::Cell& cell(int row, std::string_view name) const { return cell(row, columnOf(name)); }
    std::int64_t integer(int row, std::string_view name, std::int64_t otherwise = 0) const;
    QString text(int row, std::string_view name) const;
    // Cells of the key joined by a space; empty while the row is not here.
    QString key(int row) const;
    int rowOf(const QString& key) const;       // among rows that are here; -1: not among them
    bool isAnswered() const { return m_answered; } // the present filter has had an answer
    const QString& problemText() const { return m_problem; }

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : m_rows; }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(m_columns.size()); }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void problem(const QString& sentence); // of the last answer; empty: none any more
    void pageArrived(int first, int count);
    void totalChanged(int rows);

private:
    using Row = std::vector<types::Cell>;  // columns, then what key and extra have besides
    struct Held {
        std::vector<Row> rows;
        std::vector<QString> keys;
        std::uint64_t round = 0;           // in which it was asked
        std::uint64_t used = 0;
    };
    struct Asked {
        int page = 0;
        Ticket ticket = 0;
    };

    void newQuestion();                    // filter, sort or run changed
    void pump();
    void ask(int page);
    void answer(std::uint64_t number, base::Result<types::Page> result);
    void take(int page, const types::Page& answer);
    void replace(int page, Held fresh, int total, bool forgetOthers);
    void follow(const std::vector<QString>& keys, const QModelIndexList& indexes, bool newPlaces);
    void forgetLongUnseen();
    void dropAll();
    void setProblem(const QString& sentence);
    void runChanged();
    void rowsChanged();
    void askAgain();
    std::pair<int, int> visiblePages() const; // first, last
    const Held* held(int row) const;

    RunModel& m_run;
    RowSource& m_source;
    const std::string m_table;
    const std::vector<TableColumn> m_columns;
    std::vector<std::string> m_names;      // of a Row
    std::vector<int> m_key;                // indexes into m_names
    QString m_filter;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    base::RunId m_shown;

    int m_rows = 0;
    std::map<int, Held> m_pages;
    std::uint64_t m_epoch = 0, m_seq = 0;  // of the newest answer
    std::uint64_t m_round = 1;             // grows when everything visible is to be asked again
    bool m_answered = false;               // the held pages answer the present question
    bool m_refused = false;                // the present question is a bad one
    QString m_problem;

    std::map<std::uint64_t, Asked> m_asked;
    std::map<int, std::uint64_t> m_failed; // page -> round that failed
    std::uint64_t m_lastNumber = 0;
    std::uint64_t m_clock = 0;             // of use, for the oldest page
    bool m_active = false;
    bool m_due = false;                    // rows changed since the last round
    int m_first = 0, m_count = 1;
    QTimer m_pause;                        // since the last round
};

} // namespace orrery::widgets
