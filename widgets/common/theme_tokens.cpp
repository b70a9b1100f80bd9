// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/theme_tokens.h"

#include "widgets/common/color_math.h"

#include <array>
#include <cmath>

namespace orrery::widgets {

namespace {

struct Row {
    Token token;
    QRgb dark;
    QRgb light;
};

constexpr Row kRows[] = {
    {Token::Window, 0xff1e1f22, 0xfff7f8fa},
    {Token::Panel, 0xff2b2d30, 0xffffffff},
    {Token::Canvas, 0xff18191b, 0xfff2f3f5},
    {Token::Grid, 0xff26282b, 0xffe4e6ea},
    {Token::Text, 0xffdfe1e5, 0xff1e1f22},
    {Token::Muted, 0xff9da0a8, 0xff5a5d63},
    {Token::Border, 0xff393b40, 0xffd3d5db},
    {Token::Accent, 0xff4c8dff, 0xff2563eb},
    {Token::Selection, 0xff2e436e, 0xffcfe0ff},
    {Token::LiveOff, 0xffe0a32e, 0xffa86a00},
    {Token::OnAccent, 0xffffffff, 0xffffffff},
    {Token::Waiting, 0xff6d7979, 0xff7b7b7b},
    {Token::Ready, 0xffaaa7a5, 0xff3c434e},
    {Token::Fetching, 0xff70eddf, 0xff0098c0},
    {Token::Running, 0xff5578ff, 0xff2856ee},
    {Token::Succeeded, 0xff6eb576, 0xff21654b},
    {Token::Cached, 0xff836c9f, 0xff460076},
    {Token::Retrying, 0xfffadd56, 0xffb9820f},
    {Token::Paused, 0xfff098f7, 0xff8d4987},
    {Token::Failed, 0xffee5c11, 0xffb11c06},
    {Token::Cancelled, 0xff9c6a53, 0xff482114},
};

struct Mix {
    Token token;
    Token from;
    Token to;
    double dark;
    double light;
};

constexpr Mix kMixes[] = {
    {Token::Hover, Token::Panel, Token::Text, .06, .06},
    {Token::Pressed, Token::Panel, Token::Text, .12, .12},
    {Token::Zebra, Token::Panel, Token::Text, .025, .025},
    {Token::LineInside, Token::Panel, Token::Border, .60, .55},
    {Token::SelectionAway, Token::Panel, Token::Selection, .60, .60},
    {Token::BarEmpty, Token::Panel, Token::Text, .10, .08},
    {Token::Load, Token::Panel, Token::Muted, .85, .85},
    {Token::LoadFill, Token::Panel, Token::Muted, .22, .22},
    {Token::StoreOwn, Token::Panel, Token::Accent, .75, .75},
    {Token::StoreCopy, Token::Panel, Token::Accent, .36, .36},
    {Token::StoreOther, Token::Panel, Token::Muted, .40, .40},
    {Token::ScrollThumb, Token::Panel, Token::Text, .20, .20},
    {Token::ScrollThumbHover, Token::Panel, Token::Text, .35, .35},
    {Token::Lost, Token::Muted, Token::Panel, .38, .38},
    {Token::Disabled, Token::Panel, Token::Text, kDisabledOpacity, kDisabledOpacity},
    {Token::Primary, Token::Accent, Token::Window, .24, .0},
    {Token::PrimaryHover, Token::Accent, Token::Canvas, .34, .0},
    {Token::Link, Token::Accent, Token::Text, .10, .0},
};

constexpr std::size_t index(Token token) { return static_cast<std::size_t>(token); }

} // namespace

TokenTable tokenTable(bool dark)
{
    static_assert(std::size(kRows) + std::size(kMixes) == index(Token::Count), "every token has one row");
    TokenTable table;
    for (const Row& row : kRows) table[index(row.token)] = QColor::fromRgb(dark ? row.dark : row.light);
    for (const Mix& mix : kMixes) table[index(mix.token)] = mixed(table[index(mix.from)], table[index(mix.to)], dark ? mix.dark : mix.light);
    return table;
}

PortTint portTint(const QString& type)
{
    QString name = type;
    if (name.startsWith(u"list<") && name.endsWith(u'>')) {
        name = name.mid(5).chopped(1);
        if (name == u"json" || name == u"any") name = QStringLiteral("list"); // a list of pictures is pictures; of records, a list
    }
    struct Known {
        const char* name;
        PortTint tint;
    };
    static constexpr Known kKnown[] = {
        {"tensor", {215, .10}}, {"image", {335, .10}}, {"json", {100, .10}}, {"list", {75, .10}}, {"table", {150, .10}}, {"bytes", {50, .10}},
        {"string", {290, .10}}, {"bool", {260, .02}},  {"i64", {260, .02}},  {"f64", {260, .02}}, {"any", {260, .00}},
    };
    for (const Known& known : kKnown)
        if (name == QLatin1String(known.name)) return known.tint;
    return {functionHue(name), .07};
}

double nodeHue(int number)
{
    static constexpr double kFirst[] = {230, 75, 335, 150, 285, 110, 20, 190};
    if (number >= 0 && number < static_cast<int>(std::size(kFirst))) return kFirst[number];
    return std::fmod(230 + 137.5 * number, 360);
}

double functionHue(const QString& name)
{
    // FNV-1a: the same colour on every machine, in every session. The start is the one of all 2^32 with which the functions of
    // the imaging library lie where the design has them, far apart (render blue, blur violet, colour map ochre, edges green ...).
    std::uint32_t hash = 1732605163u;
    for (const QChar c : name) hash = (hash ^ c.unicode()) * 16777619u;
    hash ^= hash >> 15;
    return (hash % 3600) / 10.0;
}

} // namespace orrery::widgets
