// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CardBuilder: vertices of the edited graph to cards: which words they carry and how large they are. A card is as wide as its
// words need, in steps of kCardStep. Widths of words are measured once. Thread: UI (fonts). Lives: with its scene.

#include "widgets/common/theme.h"
#include "widgets/graph/card.h"

#include <QHash>

namespace orrery::widgets {

class CardBuilder {
public:
    // picture: the map whose tiles are the picture (no other map of pictures feeds it index by index).
    Card build(const types::Vertex& vertex, const types::CheckedVertex& checked, bool picture, TileShape shape);
    // A function that the catalog lacks: ports are what its wires say. early: no catalog is there yet, so nothing is missed.
    Card placeholder(const types::Vertex& vertex, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs, bool early);
    static void place(Card& card, QPoint at, TileShape shape); // rect from what is on the card; its width stays

    // "zoom window", "zoom window 2"; an id that a person chose stays as it is.
    static QString titleOf(const QString& id, const QString& function, const QString& label);
    // As a person writes it: 256, -0.743643, 4.41e-4; empty for what does not fit a line.
    static QString figureText(const QString& json);

private:
    struct Look { // of a function
        QString label, icon;
        QStringList parameters; // in the order of the schema
        bool figures = false;
    };
    const Look& lookOf(const types::FunctionInfo& function);
    int widthOf(const Card& card);
    double textWidth(FontRole role, const QString& text);
    QHash<QString, Look> m_looks;
    QHash<QString, double> m_widths;
};

// Results of this type are images or numbers in two dimensions: a map of them is drawn as a picture.
bool isPictureType(std::string_view type);

} // namespace orrery::widgets
