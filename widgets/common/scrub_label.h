// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ScrubLabel: the label of a spin box; dragging it sideways steps the value (Shift: ten at a time). A click moves the keyboard
// to the box.
// Thread: UI.

#include <QPointer>
#include <QWidget>

class QAbstractSpinBox;

namespace orrery::widgets {

class ScrubLabel final : public QWidget {
    Q_OBJECT
public:
    explicit ScrubLabel(const QString& text, QAbstractSpinBox* box, QWidget* parent = nullptr);
    QSize sizeHint() const override;

Q_SIGNALS:
    void scrubStarted(); // before the first step of a drag
    void scrubEnded();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    QString m_text;
    QPointer<QAbstractSpinBox> m_box;
    int m_from = 0;      // where the last step was made
    bool m_moved = false;
};

} // namespace orrery::widgets
