// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/canvas_ink.h"

namespace orrery::widgets {

namespace {

constexpr double kHeaderTint = .13, kWireTint = .75, kRunningTint = .30, kFilledTint = .62, kBlockTint = .55,
                 kCellTint = .035, kCellLine = .65;

template <typename Key, typename Make>
const QColor& kept(QHash<Key, QColor>& known, const Key& key, Make make)
{
    const auto found = known.constFind(key);
    if (found != known.constEnd()) return *found;
    if (known.size() >= kInksKept) known.clear();
    return *known.insert(key, make());
}

} // namespace

void CanvasInk::mix()
{
    const Theme& theme = Theme::of();
    m_headers.clear();
    m_ports.clear();
    m_wires.clear();
    m_nodes.clear();
    canvas = theme.color(Token::Canvas);
    panel = theme.color(Token::Panel);
    grid = theme.color(Token::Grid);
    text = theme.color(Token::Text);
    muted = theme.color(Token::Muted);
    border = theme.color(Token::Border);
    accent = theme.color(Token::Accent);
    onAccent = theme.color(Token::OnAccent);
    failed = theme.color(Token::Failed);
    retrying = theme.color(Token::Retrying);
    barEmpty = theme.color(Token::BarEmpty);
    lineInside = theme.color(Token::LineInside);
    cell = theme.mix(canvas, theme.isDark() ? text : panel, theme.isDark() ? kCellTint : kCellLine);
    cellLine = theme.mix(canvas, border, kCellLine);
    const QColor running = theme.color(Token::Running);
    cellRunning = theme.mix(canvas, running, kRunningTint);
    cellFilled = theme.mix(canvas, running, kFilledTint);
    cellFailed = theme.mix(canvas, failed, kRunningTint);
    idle = theme.mix(panel, muted, .45);
    idleBlock = theme.mix(canvas, muted, .35);
    dash = theme.mix(text, canvas, .15);
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i] = theme.state(static_cast<types::TaskState>(i));
        blocks[i] = theme.mix(canvas, states[i], kBlockTint);
    }
}

const QColor& CanvasInk::header(const QString& function)
{
    return kept(m_headers, function,
                [&] { return Theme::of().mix(panel, Theme::of().function(function), kHeaderTint); });
}

const QColor& CanvasInk::port(const QString& type)
{
    return kept(m_ports, type, [&] { return Theme::of().portType(type); });
}

const QColor& CanvasInk::wire(const QString& type)
{
    return kept(m_wires, type, [&] { return Theme::of().mix(canvas, Theme::of().portType(type), kWireTint); });
}

const QColor& CanvasInk::node(int number)
{
    return kept(m_nodes, number, [&] { return Theme::of().node(number); });
}

} // namespace orrery::widgets
