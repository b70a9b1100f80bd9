// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RowFinder: at which place of a filtered and sorted table a row is. First it asks whether the filter takes the row at all, then
// it reads nothing but keys, kFinderRows at a time, until the row is found: order is made where the rows are, so it is theirs to
// tell. A new search ends the one before.
// Thread: UI. Bounds: one question in flight; a million rows are a hundred questions.

#include "widgets/models/ports.h"

#include <QObject>
#include <QStringList>

namespace orrery::widgets {

inline constexpr std::uint32_t kFinderRows = 10'000;

class RowFinder final : public QObject {
    Q_OBJECT
public:
    explicit RowFinder(RowSource& source, QObject* parent = nullptr) : QObject(parent), m_source(source) {}
    ~RowFinder() override { stop(); }
    // key: columns and the numbers that they shall have. query: table, run, filter and sort.
    void find(types::Query query, std::vector<std::pair<std::string, std::int64_t>> key);
    void stop();
    bool isBusy() const { return m_ticket != 0; }

Q_SIGNALS:
    void found(int row);
    void notThere(); // the filter leaves it out, or it is gone

private:
    void ask();
    void take(base::Result<types::Page> answer);
    bool isKey(const types::Page& page, const std::vector<types::Cell>& row) const;
    RowSource& m_source;
    types::Query m_query;
    std::vector<std::pair<std::string, std::int64_t>> m_key;
    bool m_exists = false;
    Ticket m_ticket = 0;
    std::uint64_t m_number = 0;
};

} // namespace orrery::widgets
