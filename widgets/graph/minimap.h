// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Minimap: the whole graph in a corner, each card a block in the colour of its state, and a frame round what the canvas shows.
// A click or a drag asks for the canvas to look there. Thread: UI. Cost: one image, drawn again when cards or states change.

#include <QImage>
#include <QWidget>

#include <vector>

namespace orrery::widgets {

struct MinimapBlock {
    QRectF rect; // of the document
    QColor color;
};

class Minimap final : public QWidget {
    Q_OBJECT
public:
    explicit Minimap(QWidget* parent = nullptr);
    void setBlocks(std::vector<MinimapBlock> blocks);
    void setView(const QRectF& world);
    void setSmall(bool small);
    QRectF view() const { return m_view; }
    QPointF worldOf(const QPointF& point) const;
    QPointF pointOf(const QPointF& world) const;

Q_SIGNALS:
    void lookAt(const QPointF& world);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void fit();
    void drawBlocks();
    std::vector<MinimapBlock> m_blocks;
    QRectF m_view, m_world;
    double m_scale = 1;
    bool m_held = false; // the plane keeps still under a drag
    QImage m_image;      // null: out of date
};

} // namespace orrery::widgets
