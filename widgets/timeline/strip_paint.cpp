// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/strip_paint.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/models/run_model.h"

#include <algorithm>
#include <cstring>

namespace orrery::widgets {

using types::TaskState;

namespace {

constexpr double kHatchPx = 6, kHatchLeastPx = 10; // between strokes; lower strips go without
constexpr double kCutShare = .55, kRunningShare = .80, kStateShare = .62;

int part(int a, int b, int t) { return a + (((b - a) * t + 32'768) >> 16); }

} // namespace

// Whole numbers: it runs for every column of every track of every frame.
QRgb mixedRgb(QRgb a, QRgb b, double t)
{
    const int share = static_cast<int>(t * 65'536);
    return qRgb(part(qRed(a), qRed(b), share), part(qGreen(a), qGreen(b), share), part(qBlue(a), qBlue(b), share));
}

SpanLook SpanLook::of(const RunModel& model, ColourMode mode)
{
    const Theme& theme = Theme::of();
    const auto rgb = [&](Token token) { return theme.color(token).rgb(); };
    SpanLook look;
    look.canvas = rgb(Token::Canvas);
    look.grid = rgb(Token::Grid);
    look.text = rgb(Token::Text);
    look.retry = rgb(Token::Retrying);
    look.failed = rgb(Token::Failed);
    look.accent = rgb(Token::Accent);
    look.chip = rgb(Token::Canvas);
    look.onRunning = rgb(Token::OnAccent);
    look.running = mixedRgb(look.canvas, rgb(Token::Running), kRunningShare);
    look.byState = mode == ColourMode::State;
    look.stateDone = mixedRgb(look.canvas, rgb(Token::Succeeded), kStateShare);
    for (int state = 0; state < types::kTaskStates; ++state)
        look.ended[static_cast<std::size_t>(state)] = mixedRgb(look.canvas, theme.state(static_cast<TaskState>(state)).rgb(), kStateShare);
    const QRgb cut = mixedRgb(look.canvas, look.failed, kCutShare);
    look.ended[static_cast<std::size_t>(TaskState::Failed)] = cut;
    look.ended[static_cast<std::size_t>(TaskState::Retrying)] = cut; // the attempt failed; that another follows shows on that one
    const std::size_t vertices = model.graph() ? model.graph()->vertices.size() : 0;
    for (std::size_t v = 0; v < vertices; ++v) look.done.push_back(theme.functionSpan(model.functionOf(static_cast<std::uint16_t>(v))).rgb());
    return look;
}

QRgb SpanLook::fill(std::uint16_t vertex, std::uint16_t flags) const
{
    const TaskState outcome = types::spanOutcome(flags);
    if (!types::isGood(outcome) && static_cast<int>(outcome) < types::kTaskStates) return ended[static_cast<std::size_t>(outcome)];
    if (byState) return (flags & types::kSpanAgain) != 0 ? mixedRgb(canvas, retry, kStateShare) : stateDone;
    return vertex < done.size() ? done[vertex] : stateDone;
}

bool hasGlyph(std::uint16_t flags) { return (flags & types::kSpanAgain) != 0 || !types::isGood(types::spanOutcome(flags)); }

GlyphPlace glyphPlace(int spanWidth, int labelWidth, qreal ratio)
{
    const double side = kGlyphPx * ratio, inset = 3 * ratio;
    if (spanWidth < side + 2 * inset) return {false, 0, 0, false};
    const int taken = qRound(inset + side);
    if (spanWidth >= taken + labelWidth + qRound(8 * ratio)) return {true, inset, taken, true};
    return {true, (spanWidth - side) / 2, 0, false};
}

void StripPainter::paint(const Strip& strip, const StripBox& box, const SpanLabel& label)
{
    merged(strip, box);
    for (const DrawnSpan& span : strip.spans())
        if (span.absorbed) single(span, {box.top, box.height, false}, label);
    for (const MergedRun& run : strip.runs())
        if (run.count > 1 && box.height >= px(kHatchLeastPx)) hatch(run, box);
    for (const DrawnSpan& span : strip.spans())
        if (!span.absorbed) single(span, box, label);
    if (!box.detail) return;
    for (const MergedRun& run : strip.runs())
        if (run.count > 1) chip(run, box);
}

void StripPainter::merged(const Strip& strip, const StripBox& box)
{
    const auto& columns = strip.columns();
    QRgb* first = line(box.top);
    const int width = std::min(static_cast<int>(columns.size()), m_image.width());
    for (int i = 0; i < width; ++i) {
        const MergedColumn& column = columns[static_cast<std::size_t>(i)];
        if (!column.any()) continue;
        const double busy = column.kept + column.faded;
        const double painted = std::min(1.0, busy + column.edge);
        const double seen = busy > 0 ? (column.kept + kFaded * column.faded) / busy : column.bestKept ? 1 : kFaded;
        first[i] = mixedRgb(first[i], m_look.fill(column.vertex, column.flags), (m_look.faintest + (1 - m_look.faintest) * painted) * seen);
    }
    for (int y = 1; y < box.height; ++y) std::memcpy(line(box.top + y), first, static_cast<std::size_t>(m_image.width()) * sizeof(QRgb));
}

// Falls along absolute columns, so a pan does not make it swim.
void StripPainter::hatch(const MergedRun& run, const StripBox& box)
{
    const int left = std::max(0, x(run.left)), right = std::min(x(run.right), m_image.width());
    const int period = px(kHatchPx), stroke = px(1);
    for (int y = 0; y < box.height; ++y) {
        QRgb* row = line(box.top + y);
        const int phase = static_cast<int>(((m_scale.first + left + y) % period + period) % period);
        for (int at = left - phase; at < right; at += period)
            for (int i = std::max(at, left); i < std::min(at + stroke, right); ++i) row[i] = mixedRgb(row[i], m_look.canvas, .30);
    }
}

void StripPainter::chip(const MergedRun& run, const StripBox& box)
{
    const QString text = QStringLiteral("×") + countText(run.count);
    const int left = std::max(0, x(run.left)), right = std::min(x(run.right), m_image.width());
    const int wide = m_atlas.width(text) + px(8), high = std::min(box.height - px(2), px(14));
    if (right - left < wide + px(6) || high < px(10)) return;
    const int at = left + (right - left - wide) / 2, top = box.top + (box.height - high) / 2;
    for (int y = 0; y < high; ++y) {
        const int inset = y == 0 || y == high - 1 ? px(1) : 0; // corners
        std::fill(line(top + y) + at + inset, line(top + y) + at + wide - inset, m_look.chip);
    }
    m_atlas.draw(m_image, at + px(4), top + high / 2, text, m_look.text, 0, m_image.width());
}

void StripPainter::single(const DrawnSpan& span, const StripBox& box, const SpanLabel& label)
{
    const int left = x(span.left), right = x(span.right), from = std::max(left, 0), to = std::min(right, m_image.width());
    if (from >= to) return;
    QRgb fill = m_look.fill(span.vertex, span.flags);
    if (!span.kept) fill = mixedRgb(m_look.canvas, fill, kFaded);
    for (int y = 0; y < box.height; ++y) std::fill(line(box.top + y) + from, line(box.top + y) + to, fill);
    if (!box.detail) return;

    // A dark edge at the right keeps neighbours apart without a gap that would be time that is not there.
    const int edge = px(1);
    if (right - left >= px(3) && right - edge >= 0 && right <= m_image.width())
        for (int y = 0; y < box.height; ++y) std::fill(line(box.top + y) + std::max(0, right - edge), line(box.top + y) + right, mixedRgb(fill, m_look.canvas, .55));
    if (right - left >= px(5))
        for (const int y : {0, box.height - 1}) { // rounded a little
            if (left >= 0) line(box.top + y)[left] = mixedRgb(fill, m_look.canvas, .7);
            if (right <= m_image.width()) line(box.top + y)[right - 1] = m_look.canvas;
        }
    if ((span.flags & types::kSpanAgain) != 0 && types::isGood(types::spanOutcome(span.flags))) again(left, right, box, span.kept ? m_look.retry : mixedRgb(m_look.canvas, m_look.retry, kFaded));
    if (!span.kept || box.height < px(11)) return;
    const QString text = label(span.vertex, span.index);
    int inset = 0;
    if (hasGlyph(span.flags)) {
        const GlyphPlace place = glyphPlace(span.width(), m_atlas.width(text), m_ratio);
        if (!place.label) return;
        inset = place.labelInset;
    }
    const int room = right - left - inset - px(8);
    if (text.isEmpty() || room < m_atlas.advance()) return;
    QString shown = text;
    if (m_atlas.width(text) > room) {
        const auto letters = room / m_atlas.advance();
        if (letters < 4 || text.at(0).isDigit()) return; // half a number is another number
        shown = text.left(letters - 1) + QChar(0x2026);
    }
    m_atlas.draw(m_image, left + inset + px(4), box.top + box.height / 2, shown, m_look.text, from, to);
}

void StripPainter::again(int left, int right, const StripBox& box, QRgb color)
{
    const int stroke = px(1), from = std::max(left, 0), to = std::min(right, m_image.width());
    for (int y = 0; y < box.height; ++y) {
        QRgb* row = line(box.top + y);
        if (y < stroke || y >= box.height - stroke) {
            std::fill(row + from, row + to, color);
            continue;
        }
        for (int i = 0; i < stroke; ++i) {
            if (left + i >= 0 && left + i < to) row[left + i] = color;
            if (right - 1 - i >= from && right - 1 - i < m_image.width()) row[right - 1 - i] = color;
        }
    }
}

} // namespace orrery::widgets
