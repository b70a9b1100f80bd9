// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Theme: every colour, font and size of the window, by name. The only place with colour literals (theme_tokens.cpp); mixes are
// computed once per theme. Source of the values: the design's palette (checked for colour vision and contrast) and its grid.
// Thread: UI. Lives: from installTheme() to the end of the application.

#include "engine/types/task_state.h"

#include <QColor>
#include <QFont>
#include <QHash>
#include <QObject>
#include <QString>

class QApplication;

namespace orrery::widgets {

enum class Token : std::uint8_t {
    Window, Panel, Canvas, Grid, Text, Muted, Border, Accent, Selection, LiveOff,
    // mixes
    Hover, Pressed, Zebra, LineInside, SelectionAway, BarEmpty, Load, LoadFill, StoreOwn, StoreCopy, StoreOther, OnAccent, ScrollThumb, ScrollThumbHover, Lost,
    Disabled, Primary, PrimaryHover, Link, // text at 40 %; the one filled button: accent as deep as white text needs; accent as text
    // states (types::TaskState maps onto these; CACHED and failed ones are their own)
    Waiting, Ready, Fetching, Running, Succeeded, Cached, Retrying, Paused, Failed, Cancelled,
    Count
};

enum class FontRole : std::uint8_t { Ui, Medium, Title, Secondary, Section, Caption, Heading, Mono, MonoSmall, MonoTiny };

// Sizes in device-independent pixels; the grid is 4.
namespace metric {
inline constexpr int kMenuBar = 28, kToolBar = 40, kToolButton = 28, kTabRow = 30, kRow = 24, kRunStrip = 32, kStatusBar = 24, kLeftDock = 256, kInspector = 320,
                     kPreview = 424, kTimelineTree = 240, kPadding = 8, kTextInset = 12, kSectionHead = 24, kTrack = 18, kTrackSpan = 14, kRuler = 24, kNodeHeader = 22,
                     kTransport = 32, kLineEdit = 24, kIcon = 16, kGlyph = 14, kRadius = 4, kScrollBar = 8, kNodeCardHeight = 132;
}

class Theme final : public QObject {
    Q_OBJECT
public:
    enum class Mode : std::uint8_t { System, Dark, Light };
    static Theme& of(); // REQUIRES: installTheme() was called
    Mode mode() const { return m_mode; }
    bool isDark() const { return m_dark; }
    void setMode(Mode mode); // applies palette and style sheet; changed() when colours changed
    bool reduceMotion() const { return m_reduceMotion; }
    void setReduceMotion(bool reduce) { m_reduceMotion = reduce; }

    QColor color(Token token) const { return m_colors[static_cast<std::size_t>(token)]; }
    QColor state(types::TaskState state) const { return color(stateToken(state)); }
    static Token stateToken(types::TaskState state);
    QColor mix(const QColor& a, const QColor& b, double t) const; // a + (b - a) t per channel
    // OKLCH hue from the function's name; L .70 dark, .55 light; C .10.
    QColor function(const QString& name) const;
    QColor functionSpan(const QString& name) const; // mixed into panel, for done spans and the treemap
    QColor node(int number) const;                  // tint of node A, B, ...
    QColor portType(const QString& type) const;     // "tensor", "list<image>"...
    const QFont& font(FontRole role) const;

Q_SIGNALS:
    void changed(); // repaint; cached pixmaps are stale

private:
    friend Theme& installTheme(QApplication& app, Mode mode);
    Theme() = default;
    void apply();
    void takeSystemScheme(bool dark);
    Mode m_mode = Mode::System;
    bool m_dark = true;
    bool m_systemDark = true; // until the desktop has answered
    bool m_reduceMotion = false;
    std::array<QColor, static_cast<std::size_t>(Token::Count)> m_colors;
    mutable QHash<QString, QColor> m_functions; // bounded; of this theme
};

// Adds the fonts, sets proxy style, palette, style sheet and application font. Once, before the first widget.
Theme& installTheme(QApplication& app, Theme::Mode mode);

inline constexpr double kDisabledOpacity = .40;

inline QColor color(Token token) { return Theme::of().color(token); }

} // namespace orrery::widgets
