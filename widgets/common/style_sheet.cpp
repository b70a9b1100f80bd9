// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/style_sheet.h"

#include "engine/base/assert.h"
#include "widgets/common/theme.h"

namespace orrery::widgets {

namespace {

constexpr const char kSheet[] = R"(
QLineEdit, QPlainTextEdit[edit="true"], QTextEdit[edit="true"] {
    background: @window; color: @text; border: 1px solid @border; border-radius: 4px; padding: 0 7px; min-height: 22px;
    selection-background-color: @selection; selection-color: @text;
}
QLineEdit:hover { border-color: @scrollThumb; }
QLineEdit:focus, QPlainTextEdit[edit="true"]:focus, QTextEdit[edit="true"]:focus { border: 2px solid @accent; padding: 0 6px; min-height: 20px; }
QLineEdit:disabled { color: @disabled; }
QLineEdit[bare="true"], QLineEdit[bare="true"]:focus { background: transparent; border: none; padding: 0; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit, QComboBox QLineEdit:focus {
    background: transparent; border: none; padding: 0; min-height: 0;
}
QLineEdit[wrong="true"], QLineEdit[wrong="true"]:focus { border-color: @failed; }

QPushButton {
    background: @hover; color: @text; border: 1px solid @border; border-radius: 4px; padding: 0 11px; min-height: 22px;
}
QPushButton:hover { background: @pressed; }
QPushButton:pressed { background: @scrollThumb; }
QPushButton:focus { border: 2px solid @accent; padding: 0 10px; min-height: 20px; }
QPushButton:disabled { color: @disabled; }
QPushButton[primary="true"] { background: @primary; color: @onAccent; border: 1px solid @primary; }
QPushButton[primary="true"]:hover { background: @primaryHover; border-color: @primaryHover; }
QPushButton[primary="true"]:focus { border: 2px solid @text; }
QPushButton[primary="true"]:disabled { background: @hover; color: @disabled; border-color: @border; }
)";

struct Name {
    const char* word;
    Token token;
};

// Longer words first: @panel would eat the head of @panelLine.
constexpr Name kNames[] = {
    {"@scrollThumb", Token::ScrollThumb}, {"@primaryHover", Token::PrimaryHover}, {"@selection", Token::Selection}, {"@disabled", Token::Disabled},
    {"@onAccent", Token::OnAccent},       {"@primary", Token::Primary},           {"@pressed", Token::Pressed},     {"@window", Token::Window},
    {"@border", Token::Border},           {"@accent", Token::Accent},             {"@failed", Token::Failed},       {"@panel", Token::Panel},
    {"@hover", Token::Hover},             {"@text", Token::Text},
};

} // namespace

QString styleSheet(const Theme& theme)
{
    QString sheet = QString::fromLatin1(kSheet);
    for (const Name& name : kNames) sheet.replace(QLatin1String(name.word), theme.color(name.token).name());
    ORRERY_ASSERT_NOTE(!sheet.contains(u'@'), "a token of the style sheet has no colour");
    return sheet;
}

} // namespace orrery::widgets
