// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/param_row.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/icons.h"
#include "widgets/common/scrub_label.h"
#include "widgets/inspector/number_box.h"
#include "widgets/inspector/switch_box.h"
#include "widgets/inspector/text_box.h"

#include <QComboBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QJsonDocument>
#include <QLineEdit>
#include <QStyle>
#include <QToolButton>

namespace orrery::widgets {

namespace {

constexpr int kLabelWidth = 96;

int nextGesture()
{
    static int last = 0; // one for each drag; UI thread
    return ++last;
}

QString plain(const QJsonValue& value)
{
    return value.isString() ? value.toString() : QString::fromUtf8(jsonText(value));
}

void markWrong(QWidget* editor, bool wrong)
{
    if (editor->property("wrong").toBool() == wrong) return;
    editor->setProperty("wrong", wrong);
    editor->style()->unpolish(editor);
    editor->style()->polish(editor);
}

} // namespace

ParamRow::ParamRow(const ParamField& field, QWidget* parent) : QWidget(parent), m_field(field)
{
    using Kind = ParamField::Kind;
    const bool tall = field.kind == Kind::Multiline || field.kind == Kind::Json;
    m_editor = makeEditor();
    if (auto* number = qobject_cast<NumberBox*>(m_editor)) {
        auto* scrub = new ScrubLabel(field.label, number, this);
        connect(scrub, &ScrubLabel::scrubStarted, this, [this] { m_gesture = nextGesture(); });
        connect(scrub, &ScrubLabel::scrubEnded, this, [this] { m_gesture = 0; });
        m_label = scrub;
    } else {
        m_label = new ElidedLabel(field.label, FontRole::Secondary, Token::Muted, this);
    }
    m_label->setToolTip(field.doc);
    m_label->setFixedSize(kLabelWidth, metric::kLineEdit);
    m_editor->setObjectName(field.name);
    m_editor->setAccessibleName(field.label);
    if (m_editor->toolTip().isEmpty()) m_editor->setToolTip(field.doc);
    m_reset = toolButton(QStringLiteral("undo"), tr("Back to the default"), this);
    m_reset->setIcon(icon(QStringLiteral("undo"), Token::Muted));
    m_reset->setToolTip(field.fallback.isUndefined() ? tr("Remove the value")
                                                     : tr("Back to %1").arg(plain(field.fallback).left(60)));
    QSizePolicy keeps = m_reset->sizePolicy();
    keeps.setRetainSizeWhenHidden(true);
    m_reset->setSizePolicy(keeps);
    connect(m_reset, &QToolButton::clicked, this, &ParamRow::resetRequested);
    m_line = new TextLabel({}, FontRole::Secondary, Token::Muted, this);
    m_line->setWordWrap(true);
    m_line->hide();

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(metric::kTextInset, 2, metric::kPadding, 2);
    grid->setHorizontalSpacing(4);
    grid->setVerticalSpacing(2);
    grid->addWidget(m_label, 0, 0, Qt::AlignTop);
    grid->addWidget(m_editor, 0, 1, field.kind == Kind::Bool ? Qt::AlignLeft : Qt::Alignment());
    grid->addWidget(m_reset, 0, 2, Qt::AlignTop);
    grid->addWidget(m_line, 1, tall ? 0 : 1, 1, tall ? 2 : 1);
    grid->setColumnStretch(1, 1);
}

QWidget* ParamRow::makeEditor()
{
    using Kind = ParamField::Kind;
    switch (m_field.kind) {
    case Kind::Bool: return makeSwitch();
    case Kind::Integer:
    case Kind::Number: return makeNumber();
    case Kind::Choice: return makeChoice();
    case Kind::Multiline: return makeText(false);
    case Kind::Json: return makeText(true);
    case Kind::Text:
    case Kind::File:
    case Kind::Folder: break;
    }
    return makeLine();
}

QWidget* ParamRow::makeNumber()
{
    auto* box = new NumberBox(m_field.kind == ParamField::Kind::Integer,
                              {m_field.minimum, m_field.maximum, m_field.step}, m_field.unit, this);
    m_show = [box](const QJsonValue& value) { box->setValue(value); };
    connect(box, &NumberBox::entered, this, [this](const QJsonValue& value) {
        if (value.isUndefined())
            setProblem(m_field.kind == ParamField::Kind::Integer ? tr("This is no whole number.")
                                                                 : tr("This is no number."));
        else enter(value);
    });
    return box;
}

QWidget* ParamRow::makeChoice()
{
    auto* box = new QComboBox(this);
    for (const auto& choice : m_field.choices) box->addItem(plain(choice));
    box->setFocusPolicy(Qt::StrongFocus);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_show = [this, box](const QJsonValue& value) {
        int at = -1;
        for (int i = 0; i < m_field.choices.size(); ++i)
            if (m_field.choices[i] == value) at = i;
        box->setCurrentIndex(at);
    };
    connect(box, &QComboBox::activated, this, [this](int at) { enter(m_field.choices[at]); });
    return box;
}

QWidget* ParamRow::makeSwitch()
{
    auto* box = new SwitchBox(this);
    m_show = [box](const QJsonValue& value) { box->setChecked(value.toBool()); };
    connect(box, &SwitchBox::clicked, this, [this](bool on) { enter(on); });
    return box;
}

QWidget* ParamRow::makeLine()
{
    auto* line = new QLineEdit(this);
    if (m_field.kind != ParamField::Kind::Text) {
        auto* action = line->addAction(icon(QStringLiteral("file"), Token::Muted), QLineEdit::TrailingPosition);
        action->setToolTip(tr("Browse..."));
        connect(action, &QAction::triggered, this, &ParamRow::browse);
    }
    m_show = [line](const QJsonValue& value) {
        const QString text = plain(value);
        if (line->text() != text) line->setText(text);
        line->setModified(false);
    };
    connect(line, &QLineEdit::editingFinished, this, [this, line] {
        if (line->isModified()) enter(line->text());
    });
    return line;
}

QWidget* ParamRow::makeText(bool json)
{
    auto* box = new TextBox(json, this);
    m_show = [box, json](const QJsonValue& value) {
        box->setWritten(json && !value.isUndefined() ? QString::fromUtf8(jsonText(value)) : plain(value));
    };
    connect(box, &TextBox::written, this, [this, json](const QString& text) {
        if (!json) return enter(text);
        QJsonParseError error;
        const QByteArray bytes = text.toUtf8();
        const QJsonDocument parsed = QJsonDocument::fromJson("[" + bytes + "]", &error);
        if (error.error != QJsonParseError::NoError)
            return setProblem(tr("This is no JSON: %1 at character %2.").arg(error.errorString()).arg(error.offset));
        if (parsed.array().size() != 1) return setProblem(tr("This must be one JSON value."));
        enter(parsed.array().first());
    });
    return box;
}

void ParamRow::browse()
{
    const QString from = m_value.toString();
    const QString path = m_field.kind == ParamField::Kind::Folder
                             ? QFileDialog::getExistingDirectory(this, m_field.label, from)
                             : QFileDialog::getOpenFileName(this, m_field.label, from);
    if (!path.isEmpty()) enter(path);
}

void ParamRow::enter(const QJsonValue& value)
{
    if (value == m_value) return setProblem({}); // back where it was: nothing to change
    Q_EMIT entered(jsonText(value), m_gesture);
}

void ParamRow::setValue(const QJsonValue& value, bool afresh)
{
    const bool isDefault = value.isUndefined() || value == m_field.fallback;
    m_reset->setVisible(!isDefault);
    const QJsonValue effective = value.isUndefined() ? m_field.fallback : value;
    if (m_shown && !afresh && effective == m_value) return;
    m_value = effective;
    m_shown = true;
    m_show(m_value);
}

void ParamRow::setProblem(const QString& reason)
{
    m_problem = reason;
    markWrong(m_editor, !reason.isEmpty());
    showLine();
}

QString ParamRow::problem() const
{
    return m_problem;
}

void ParamRow::setHint(const QString& hint)
{
    m_hint = hint;
    showLine();
}

void ParamRow::showLine()
{
    const bool wrong = !m_problem.isEmpty();
    m_line->setInk(wrong ? Token::Failed : Token::Muted);
    m_line->setText(wrong ? m_problem : m_hint);
    m_line->setVisible(!m_line->text().isEmpty());
}

} // namespace orrery::widgets
