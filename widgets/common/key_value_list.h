// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// KeyValueList: facts about one thing: labels left and muted, values mono. Rows of 24. A value may be a link, carry a node's
// letter before it and a note at the far right. The context menu copies a value; Up, Down and Enter reach links.
// Thread: UI. Bounds: meant for at most some dozens of rows; it paints them itself.

#include "widgets/common/theme.h"

#include <QList>
#include <QWidget>

namespace orrery::widgets {

struct KeyValue {
    QString key;
    QString value;
    QString note;              // muted, at the right edge
    int node = -1;             // its letter stands before the value
    QString nodeLetter;
    bool link = false;         // accent; linkActivated() when chosen
    bool prose = false;        // value in the text font
    bool operator==(const KeyValue&) const = default;
};

class KeyValueList final : public QWidget {
    Q_OBJECT
public:
    enum class Values : std::uint8_t { AtRight, InColumn };
    explicit KeyValueList(Values values = Values::AtRight, QWidget* parent = nullptr);
    void setRows(const QList<KeyValue>& rows);
    const QList<KeyValue>& rows() const { return m_rows; }
    void setLines(bool lines);           // 1 px between rows
    void setInsets(int left, int right); // of labels and values; 12 and 12 at first
    void setColumn(int x);               // where values begin, from the left inset; 88 at first
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void linkActivated(int row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    int rowAt(int y) const;
    QRect valueRect(int row) const;
    void paintRow(QPainter& painter, int row) const;
    void moveTo(int step);
    QList<KeyValue> m_rows;
    Values m_values;
    bool m_lines = false;
    int m_left = metric::kTextInset, m_right = metric::kTextInset, m_column = 88;
    int m_current = -1; // link with the keyboard's attention
};

} // namespace orrery::widgets
