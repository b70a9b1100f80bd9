// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// StateBar: the tasks of something as one 6 px bar, split by state: what is done from the left, then what goes wrong, what runs,
// what is ready; what waits is the empty part. StateCount: glyph, count and word; muted while the count is zero.
// Thread: UI.

#include "widgets/common/theme.h"

#include <QWidget>

class QPainter;

namespace orrery::widgets {

void paintStateBar(QPainter& painter, const QRectF& bar, const types::StateCounts& counts);
QString stateWord(types::TaskState state); // "done", "running", ...: the word beside a count

class StateBar final : public QWidget {
    Q_OBJECT
public:
    explicit StateBar(QWidget* parent = nullptr);
    void setCounts(const types::StateCounts& counts);
    QSize sizeHint() const override { return {120, 6}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    types::StateCounts m_counts{};
};

class StateCount final : public QWidget {
    Q_OBJECT
public:
    explicit StateCount(types::TaskState state, QWidget* parent = nullptr);
    void setCount(std::uint64_t count);
    void setWord(const QString& word); // another than the state's; "" leaves the count alone
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString text() const;
    types::TaskState m_state;
    QString m_word;
    std::uint64_t m_count = 0;
};

} // namespace orrery::widgets
