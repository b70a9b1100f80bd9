// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/theme.h"

#include "engine/base/assert.h"
#include "widgets/common/accessible.h"
#include "widgets/common/color_math.h"
#include "widgets/common/house_style.h"
#include "widgets/common/style_sheet.h"
#include "widgets/common/system_scheme.h"
#include "widgets/common/theme_tokens.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QPointer>
#include <QToolTip>

namespace orrery::widgets {

namespace {

constexpr qsizetype kHuesKept = 4'096;
constexpr double kFunctionChroma = .10;

QPointer<Theme>& theTheme()
{
    static QPointer<Theme> theme;
    return theme;
}

double lightness(bool dark) { return dark ? .70 : .55; }

QFont face(const QString& family, int pixels, QFont::Weight weight, QFont::StyleStrategy strategy = QFont::PreferAntialias)
{
    QFont font(family);
    font.setPixelSize(pixels);
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferNoHinting);
    font.setStyleStrategy(strategy);
    return font;
}

void addFaces()
{
    for (const char* name : {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf", "JetBrainsMono-Medium.ttf"})
        QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/") + QLatin1String(name));
}

// All roles in all groups, so that even a forgotten widget matches.
QPalette paletteOf(const Theme& theme)
{
    struct Entry {
        QPalette::ColorRole role;
        Token token;
    };
    static constexpr Entry kEntries[] = {
        {QPalette::Window, Token::Panel},          {QPalette::WindowText, Token::Text},       {QPalette::Base, Token::Panel},
        {QPalette::AlternateBase, Token::Zebra},   {QPalette::Text, Token::Text},             {QPalette::Button, Token::Panel},
        {QPalette::ButtonText, Token::Text},       {QPalette::BrightText, Token::OnAccent},   {QPalette::ToolTipBase, Token::Panel},
        {QPalette::ToolTipText, Token::Text},      {QPalette::PlaceholderText, Token::Muted}, {QPalette::Highlight, Token::Selection},
        {QPalette::HighlightedText, Token::Text},  {QPalette::Link, Token::Link},             {QPalette::LinkVisited, Token::Link},
        {QPalette::Light, Token::Pressed},         {QPalette::Midlight, Token::Hover},        {QPalette::Mid, Token::LineInside},
        {QPalette::Dark, Token::Border},           {QPalette::Shadow, Token::Border},
    };
    QPalette palette;
    for (const Entry& entry : kEntries) palette.setColor(QPalette::All, entry.role, theme.color(entry.token));
    palette.setColor(QPalette::Inactive, QPalette::Highlight, theme.color(Token::SelectionAway));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText, QPalette::ToolTipText,
                            QPalette::PlaceholderText, QPalette::Link, QPalette::LinkVisited})
        palette.setColor(QPalette::Disabled, role, mixed(theme.color(Token::Panel), palette.color(QPalette::Active, role), kDisabledOpacity));
    return palette;
}

} // namespace

Theme& Theme::of()
{
    ORRERY_ASSERT_NOTE(!theTheme().isNull(), "installTheme() comes before the first widget");
    return *theTheme();
}

Theme& installTheme(QApplication& app, Theme::Mode mode)
{
    addFaces();
    auto* theme = new Theme;
    theme->setParent(&app);
    theTheme() = theme;
    QApplication::setFont(theme->font(FontRole::Ui));
    theme->m_mode = mode;
    theme->m_dark = mode != Theme::Mode::Light;
    theme->m_colors = tokenTable(theme->m_dark);
    QApplication::setStyle(new HouseStyle);
    installAccessibility();
    theme->apply();

    auto* system = new SystemScheme(theme);
    QObject::connect(system, &SystemScheme::darkWanted, theme, &Theme::takeSystemScheme);
    QObject::connect(system, &SystemScheme::motionWanted, theme, [theme](bool motion) { theme->setReduceMotion(!motion); });
    system->start();
    return *theme;
}

void Theme::takeSystemScheme(bool dark)
{
    m_systemDark = dark;
    if (m_mode == Mode::System) setMode(Mode::System);
}

void Theme::setMode(Mode mode)
{
    m_mode = mode;
    const bool dark = mode == Mode::System ? m_systemDark : mode == Mode::Dark;
    if (dark == m_dark) return;
    m_dark = dark;
    m_colors = tokenTable(dark);
    m_functions.clear();
    apply();
    Q_EMIT changed();
}

void Theme::apply()
{
    QApplication::setPalette(paletteOf(*this));
    qApp->setStyleSheet(styleSheet(*this));
    QToolTip::setFont(font(FontRole::Secondary));
    QToolTip::setPalette(QApplication::palette());
}

Token Theme::stateToken(types::TaskState state)
{
    using S = types::TaskState;
    switch (state) {
    case S::PendingArgs: return Token::Waiting;
    case S::PendingAssignment: return Token::Ready;
    case S::PendingFetch: return Token::Fetching;
    case S::Held: return Token::Paused;
    case S::Submitted: return Token::Ready;
    case S::Running: return Token::Running;
    case S::Retrying: return Token::Retrying;
    case S::Finished: return Token::Succeeded;
    case S::Cached: return Token::Cached;
    case S::Failed: return Token::Failed;
    case S::Cancelled:
    case S::Skipped: return Token::Cancelled;
    }
    return Token::Waiting;
}

QColor Theme::mix(const QColor& a, const QColor& b, double t) const { return mixed(a, b, t); }

QColor Theme::function(const QString& name) const
{
    const auto known = m_functions.constFind(name);
    if (known != m_functions.constEnd()) return *known;
    if (m_functions.size() >= kHuesKept) m_functions.clear();
    return *m_functions.insert(name, oklch(lightness(m_dark), kFunctionChroma, functionHue(name)));
}

QColor Theme::functionSpan(const QString& name) const { return mixed(color(Token::Panel), function(name), m_dark ? .42 : .50); }

QColor Theme::node(int number) const { return oklch(lightness(m_dark), kFunctionChroma, nodeHue(number)); }

QColor Theme::portType(const QString& type) const
{
    const PortTint tint = portTint(type);
    return oklch(lightness(m_dark), tint.chroma, tint.hue);
}

const QFont& Theme::font(FontRole role) const
{
    static const QString inter = QStringLiteral("Inter Tabular"), mono = QStringLiteral("JetBrains Mono");
    // Unshaped where the script allows it: a log shows "=>" and "!=", not the glyphs that the face would make of them.
    constexpr auto plain = static_cast<QFont::StyleStrategy>(QFont::PreferAntialias | QFont::PreferNoShaping);
    static const std::array<QFont, 10> fonts = {
        face(inter, 13, QFont::Normal), face(inter, 13, QFont::Medium), face(inter, 13, QFont::DemiBold), face(inter, 12, QFont::Normal),
        face(inter, 12, QFont::DemiBold), face(inter, 11, QFont::Normal), face(inter, 15, QFont::DemiBold), face(mono, 12, QFont::Normal, plain),
        face(mono, 11, QFont::Normal, plain), face(mono, 10, QFont::Normal, plain)};
    return fonts[static_cast<std::size_t>(role)];
}

} // namespace orrery::widgets
