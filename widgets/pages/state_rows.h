// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// StateRows: a short list of things that stand in some state: glyph, name, a muted word, a figure at the right edge.
// Thread: UI. Bound: meant for some dozens of rows; it paints them itself.

#include "widgets/common/theme.h"

#include <QList>
#include <QWidget>

namespace orrery::widgets {

struct StateRow {
    types::TaskState glyph = types::TaskState::PendingArgs;
    QString text;
    QString word;          // in a column of its own, muted
    QString value;         // at the right edge
    int node = -1;         // its chip stands behind the word
    QString letter;
    bool isId = false;     // text in the font of ids
    bool operator==(const StateRow&) const = default;
};

class StateRows final : public QWidget {
    Q_OBJECT
public:
    explicit StateRows(const QString& name, QWidget* parent = nullptr); // what a screen reader calls it
    void setRows(const QList<StateRow>& rows);
    const QList<StateRow>& rows() const { return m_rows; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override; // a text that is cut is the tooltip of its row

private:
    QRect textRect(const StateRow& row, int top) const;
    QList<StateRow> m_rows;
};

} // namespace orrery::widgets
