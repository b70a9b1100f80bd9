// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RunsModel: the runs of the cluster, newest first. New ones are inserted, known ones change in place. Thread: UI.

#include "widgets/models/run_model.h"

#include <QAbstractListModel>

namespace orrery::widgets {

class RunsModel final : public QAbstractListModel {
    Q_OBJECT
public:
    explicit RunsModel(RunModel& run, QObject* parent = nullptr);
    void refresh();
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    base::RunId runAt(int row) const;      // null: no such row
    int rowOf(std::uint32_t number) const; // -1: none

private:
    struct Row {
        std::uint32_t number = 0;
        base::RunId id;
        QString title, detail, figure, tip;
        types::TaskState glyph = types::TaskState::PendingArgs;
        bool shown = false;
        bool operator==(const Row&) const = default;
    };
    std::vector<Row> read() const;
    RunModel& m_run;
    std::vector<Row> m_rows;
};

} // namespace orrery::widgets
