// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Card: a vertex as it is drawn: where its header, ports and body lie in the document's plane, and the words on it. What a run
// says of it is a CardRun; pixels are the painters'. Thread: plain value.

#include "engine/types/graph_check.h"

#include <QPoint>
#include <QRect>
#include <QString>

#include <vector>

namespace orrery::widgets {

inline constexpr int kCardMin = 112, kCardPlainMin = 132, kCardMapMin = 152, kCardMax = 180, kCardStep = 4;
inline constexpr int kHeader = 28, kProgress = 3, kFirstPort = 42, kPortStep = 22, kPortRadius = 4, kFigureStep = 16;
inline constexpr int kTilesWidth = 288, kTilesInset = 8, kTilesFoot = 34, kMapPicture = 40;
inline constexpr int kFiguresMax = 3;

enum class CardBody : std::uint8_t {
    Plain,
    Figures, // parameters that say what the result is
    Map,     // how many of the map are done, with a small picture
    Tiles,   // the map is the picture
};

struct CardPort {
    QString name, type, doc;
    bool connected = false;
    bool required = false;
    QString problem; // of the port or of a wire into it
};

struct CardFigure {
    QString name, value;
};

struct Card {
    QString id, title, function, icon;
    QString problem; // first one that is not a port's, empty: none
    bool known = true;
    bool early = false; // not known because no catalog has come yet
    bool wide = false;
    bool pictured = false; // results of a map that can be shown small
    CardBody body = CardBody::Plain;
    std::vector<CardPort> inputs, outputs;
    std::vector<CardFigure> figures;
    QString rowFigure; // right of the first port's row, where no output is
    QRect rect;
    int columns = 0, rows = 0; // of the tiles; 0: not known yet

    QPoint inputAt(int port) const { return {rect.left(), rect.top() + kFirstPort + kPortStep * port}; }
    QPoint outputAt(int port) const { return {rect.left() + rect.width(), rect.top() + kFirstPort + kPortStep * port}; }
    int lastPort() const; // y of the last row of ports, from the card's top
    int figureAt(int figure) const
    {
        return (portRows() > 0 ? lastPort() + 17 : kHeader + kProgress + 14) + kFigureStep * figure;
    }
    int portRows() const { return static_cast<int>(std::max(inputs.size(), outputs.size())); }
    QRect picture() const
    {
        return {rect.left() + 12, rect.top() + lastPort() + 13, kMapPicture + 2, kMapPicture + 2};
    }                                       // with its frame
    QRect tiles() const;                    // cells, without the frame
    QRectF cell(int column, int row) const; // REQUIRES: columns, rows > 0
};

// Pictures of a map in place of numbers: the shape of their grid.
struct TileShape {
    int columns = 0, rows = 0;
    bool operator==(const TileShape&) const = default;
};

} // namespace orrery::widgets
