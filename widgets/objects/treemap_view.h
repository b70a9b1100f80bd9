// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TreemapView: bytes as area: one block a producer with its head, one cell an object; a click chooses. Painted into one pixmap
// that is made anew when data, size or theme change; hover and selection are drawn over it.
// Thread: UI.

#include "widgets/models/selection.h"
#include "widgets/objects/object_tally.h"
#include "widgets/objects/treemap_layout.h"

#include <QPixmap>
#include <QWidget>
#include <optional>

namespace orrery::widgets {

class TreemapView final : public QWidget {
    Q_OBJECT
public:
    explicit TreemapView(QWidget* parent = nullptr);
    void setTally(ObjectTally tally);
    const ObjectTally& tally() const { return m_tally; }
    void setSelected(const std::optional<ObjectRef>& object);

    // Where things lie, also for tests.
    QRect blockOf(int vertex) const;                 // null: not drawn
    QRect cellOf(const ObjectRef& object) const;
    QSize minimumSizeHint() const override { return {160, 80}; }

Q_SIGNALS:
    void objectChosen(const orrery::widgets::ObjectRef& object);
    void objectOpened(const orrery::widgets::ObjectRef& object); // double click
    void vertexChosen(int vertex);                   // the head of a block of many

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Block {
        QRect frame, head;  // head: null when the block is too small for one
        CellGrid cells;
    };
    struct Hit {
        int group = -1;
        std::int64_t mark = -1; // -1: the head, or the rest
        bool operator==(const Hit&) const = default;
    };
    void layOut();
    void paintAll();
    void paintBlock(QPainter& painter, const ObjectGroup& group, const Block& block) const;
    void paintCells(QPainter& painter, const ObjectGroup& group, const CellGrid& cells) const;
    void paintHead(QPainter& painter, const ObjectGroup& group, const QRect& head) const;
    void paintSingle(QPainter& painter, const ObjectGroup& group, const QRect& body) const;
    Hit hitAt(QPoint point) const;
    Hit find(const ObjectRef& object) const;
    QRect rectOf(const Hit& hit) const;
    ObjectRef refOf(const Hit& hit) const;
    QString tipOf(const Hit& hit) const;

    ObjectTally m_tally;
    std::vector<Block> m_blocks; // by group
    QPixmap m_picture;
    bool m_stale = true;
    std::optional<ObjectRef> m_selected;
    Hit m_hover;
};

} // namespace orrery::widgets
