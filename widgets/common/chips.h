// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Small marks inside rows: the letter of a node, the type of a value, a key. Each can be painted (delegates) or stand as a widget.
// Thread: UI.

#include "widgets/common/theme.h"

#include <QWidget>

class QPainter;

namespace orrery::widgets {

inline constexpr int kChip = 16; // side of a node's letter

// A node's letter on its tint; a lost node has none. The rectangle is filled wholly.
void paintNodeChip(QPainter& painter, const QRectF& rect, int number, const QString& letter, bool lost = false);
QColor nodeFill(int number); // tint as a ground for text
// Muted text on a quiet ground, as wide as it needs; returns the width. `middle` is the height it is centred on.
int paintTag(QPainter& painter, const QPoint& leftMiddle, const QString& text);
int tagWidth(const QString& text);

class NodeChip final : public QWidget {
    Q_OBJECT
public:
    explicit NodeChip(int number = 0, const QString& letter = {}, QWidget* parent = nullptr);
    void setNode(int number, const QString& letter, bool lost);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_number;
    QString m_letter;
    bool m_lost = false;
};

class TypeTag final : public QWidget {
    Q_OBJECT
public:
    explicit TypeTag(const QString& text = {}, QWidget* parent = nullptr);
    void setText(const QString& text);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
};

// A key cap: "Ctrl+K".
class HintChip final : public QWidget {
    Q_OBJECT
public:
    explicit HintChip(const QString& keys = {}, QWidget* parent = nullptr);
    void setKeys(const QString& keys);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_keys;
};

} // namespace orrery::widgets
