// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pixels of strips, written straight into an image: merged columns as shaded, hatched rows, wide spans as boxes with labels.
// A column that is busy for the share c is kFaintest + (1 - kFaintest) c of its colour, so that nothing that ran is invisible
// and the painted time is the exact one. What a filter fades keeps kFaded of that.
// Thread: UI. All sizes here are device pixels.

#include "widgets/timeline/label_atlas.h"
#include "widgets/timeline/span_raster.h"

#include <QColor>
#include <functional>

namespace orrery::widgets {

class RunModel;

inline constexpr double kFaintest = .30;
inline constexpr double kFaded = .15;

enum class ColourMode : std::uint8_t { Function, State };

// Colours of spans, made once a theme, graph and mode.
struct SpanLook {
    static SpanLook of(const RunModel& model, ColourMode mode);
    QRgb fill(std::uint16_t vertex, std::uint16_t flags) const;
    QRgb canvas = 0, grid = 0, text = 0, retry = 0, failed = 0, running = 0, onRunning = 0, chip = 0, accent = 0;
    std::vector<QRgb> done;                              // by vertex
    std::array<QRgb, types::kTaskStates> ended{};        // by outcome, Finished: by vertex
    bool byState = false;
    QRgb stateDone = 0;
    double faintest = kFaintest;
};
QRgb mixedRgb(QRgb a, QRgb b, double t);

// Where the glyph of a span stands that was tried again or ended badly: at the left when its label fits beside it, else in the
// middle; nowhere when there is no room.
inline constexpr double kGlyphPx = 11;
struct GlyphPlace {
    bool shown = false;
    double x = 0;       // of the left side, columns from the span's left
    int labelInset = 0; // columns that the label leaves free
    bool label = true;
};
bool hasGlyph(std::uint16_t flags);
GlyphPlace glyphPlace(int spanWidth, int labelWidth, qreal ratio);

struct StripBox {
    int top = 0, height = 1; // rows of the image
    bool detail = true;      // labels, outlines, chips
};

using SpanLabel = std::function<QString(std::uint16_t vertex, std::uint32_t index)>; // "93", "mosaic"

class StripPainter {
public:
    // image: RGB32, of one owner while the painter lives.
    StripPainter(QImage& image, const TimeScale& scale, const SpanLook& look, LabelAtlas& atlas, qreal ratio)
        : m_image(image), m_bits(image.bits()), m_scale(scale), m_look(look), m_atlas(atlas), m_ratio(ratio)
    {
    }
    // The image's rows of the box hold the background already.
    void paint(const Strip& strip, const StripBox& box, const SpanLabel& label);

private:
    void merged(const Strip& strip, const StripBox& box);
    void hatch(const MergedRun& run, const StripBox& box);
    void chip(const MergedRun& run, const StripBox& box);
    void single(const DrawnSpan& span, const StripBox& box, const SpanLabel& label);
    void again(int left, int right, const StripBox& box, QRgb color);
    QRgb* line(int y) { return reinterpret_cast<QRgb*>(m_bits + y * m_image.bytesPerLine()); }
    int x(std::int64_t column) const { return static_cast<int>(std::clamp<std::int64_t>(column - m_scale.first, -1, m_scale.width + 1)); }
    int px(double pixels) const { return std::max(1, qRound(pixels * m_ratio)); }

    QImage& m_image;
    uchar* m_bits;
    const TimeScale& m_scale;
    const SpanLook& m_look;
    LabelAtlas& m_atlas;
    qreal m_ratio;
};

} // namespace orrery::widgets
