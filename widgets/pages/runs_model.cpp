// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs_model.h"

#include "widgets/common/format.h"
#include "widgets/pages/line_delegate.h"
#include "widgets/pages/run_words.h"

#include <QDateTime>

#include <algorithm>

namespace orrery::widgets {

RunsModel::RunsModel(RunModel& run, QObject* parent) : QAbstractListModel(parent), m_run(run) {}

std::vector<RunsModel::Row> RunsModel::read() const
{
    std::vector<Row> rows;
    const auto* shown = m_run.shownRun();
    for (auto at = m_run.runs().rbegin(); at != m_run.runs().rend(); ++at) {
        const types::RunRow& run = at->second;
        Row row{run.number, run.id};
        row.title = runLabel(run);
        const std::uint32_t done = doneTasks(run.counts);
        row.detail = done == run.tasks ? counted(run.tasks, tr("task"), tr("tasks"))
                                       : QStringLiteral("%1 / %2").arg(countText(done), countText(run.tasks));
        row.figure = run.startNs == 0 ? QString() : runTimeText(runDuration(run, m_run.nowNs()));
        const QString when = run.submitWallNs == 0 ? QString()
                                                   : QDateTime::fromMSecsSinceEpoch(run.submitWallNs / 1'000'000)
                                                         .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
        QStringList tip{QString::fromStdString(run.title), when, QString::fromStdString(run.error)};
        tip.removeAll(QString());
        row.tip = tip.join(QLatin1Char('\n'));
        row.glyph = runGlyph(run.state);
        row.shown = shown && shown->number == run.number;
        rows.push_back(std::move(row));
    }
    return rows;
}

void RunsModel::refresh()
{
    std::vector<Row> rows = read();
    // Numbers only grow: new runs come at the top, old ones may be forgotten at the bottom, anything else is another cluster.
    std::size_t fresh = 0;
    while (fresh < rows.size() && (m_rows.empty() || rows[fresh].number > m_rows.front().number)) ++fresh;
    const std::size_t kept = rows.size() - fresh;
    const bool grew = kept <= m_rows.size() &&
                      std::equal(rows.begin() + static_cast<std::ptrdiff_t>(fresh), rows.end(), m_rows.begin(),
                                 [](const Row& a, const Row& b) { return a.number == b.number; });
    if (!grew) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    if (kept < m_rows.size()) {
        beginRemoveRows({}, static_cast<int>(kept), rowCount() - 1);
        m_rows.resize(kept);
        endRemoveRows();
    }
    if (fresh > 0) {
        beginInsertRows({}, 0, static_cast<int>(fresh) - 1);
        m_rows.insert(m_rows.begin(), rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(fresh));
        endInsertRows();
    }
    for (std::size_t i = fresh; i < rows.size(); ++i) {
        if (rows[i] == m_rows[i]) continue;
        m_rows[i] = std::move(rows[i]);
        const QModelIndex at = index(static_cast<int>(i));
        Q_EMIT dataChanged(at, at);
    }
}

int RunsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return row.title;
    case Qt::ToolTipRole: return row.tip;
    case GlyphRole: return static_cast<int>(row.glyph);
    case DetailRole: return row.detail;
    case FigureRole: return row.figure;
    case MarkedRole: return row.shown;
    default: return {};
    }
}

base::RunId RunsModel::runAt(int row) const
{
    return row < 0 || row >= rowCount() ? base::RunId() : m_rows[static_cast<std::size_t>(row)].id;
}

int RunsModel::rowOf(std::uint32_t number) const
{
    for (int i = 0; i < rowCount(); ++i)
        if (m_rows[static_cast<std::size_t>(i)].number == number) return i;
    return -1;
}

} // namespace orrery::widgets
