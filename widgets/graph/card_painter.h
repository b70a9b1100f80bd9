// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CardPainter: one card in full, in pixels of the canvas image: header, state, ports, body. Far away cards are drawn by
// far_raster.h. Thread: UI. Lives: with its canvas; begin() before each pass.

#include "widgets/graph/canvas_text.h"
#include "widgets/graph/tile_painter.h"

namespace orrery::widgets {

struct CardLook {
    bool selected = false;
    bool related = false;            // hovered elsewhere
    double sweep = -1;               // 0..1: where the light on the progress row of a single running task is; -1: none
    const QImage* picture = nullptr; // of a map that is a step
    TileLook tiles;
};

class CardPainter {
public:
    CardPainter(CanvasInk& ink, const RunModel& model) : m_ink(ink), m_model(model), m_tiles(ink, model) {}
    void begin(const Camera& camera);
    void forget()
    {
        m_ports.clear();
        m_icons.clear();
    } // the theme changed
    void paint(QPainter& painter, const Card& card, const CardRun& run, const CardLook& look);

private:
    struct Place; // of one card, in pixels
    void paintFrame(QPainter& painter, const Place& place, const Card& card, const CardRun& run, const CardLook& look);
    void paintHeader(QPainter& painter, const Place& place, const Card& card, const CardRun& run);
    void paintProgress(QPainter& painter, const Place& place, const CardRun& run, const CardLook& look);
    void paintPorts(QPainter& painter, const Place& place, const Card& card);
    void paintFigures(QPainter& painter, const Place& place, const Card& card);
    void paintMap(QPainter& painter, const Place& place, const Card& card, const CardRun& run, const CardLook& look);
    void paintFoot(QPainter& painter, const Place& place, const Card& card, const CardRun& run, const CardLook& look);
    const QImage& portSprite(const QColor& color, bool hollow);
    const QPixmap& iconSprite(const QString& name, int size);

    CanvasInk& m_ink;
    const RunModel& m_model;
    TilePainter m_tiles;
    CanvasText m_text;
    Camera m_camera;
    double m_k = 0;
    QHash<QRgb, QImage> m_ports;
    QHash<QString, QPixmap> m_icons;
};

} // namespace orrery::widgets
