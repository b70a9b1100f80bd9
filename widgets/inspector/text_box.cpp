// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/text_box.h"

#include "widgets/common/theme.h"

#include <QKeyEvent>

#include <algorithm>

namespace orrery::widgets {

TextBox::TextBox(bool mono, QWidget* parent) : QPlainTextEdit(parent)
{
    setProperty("edit", true);
    setFont(Theme::of().font(mono ? FontRole::Mono : FontRole::Ui));
    setTabChangesFocus(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    document()->setDocumentMargin(2);
    connect(this, &QPlainTextEdit::textChanged, this, &TextBox::updateGeometry);
}

void TextBox::setWritten(const QString& text)
{
    m_written = text;
    if (toPlainText() != text) setPlainText(text);
}

QSize TextBox::sizeHint() const
{
    const int lines = std::clamp(document()->blockCount(), 1, kTextLinesMax);
    return {120, lines * fontMetrics().lineSpacing() + 10};
}

void TextBox::commit()
{
    if (toPlainText() != m_written) Q_EMIT written(toPlainText());
}

void TextBox::focusOutEvent(QFocusEvent* event)
{
    QPlainTextEdit::focusOutEvent(event);
    if (event->reason() != Qt::PopupFocusReason) commit();
}

void TextBox::keyPressEvent(QKeyEvent* event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers() & Qt::ControlModifier) return commit();
    if (event->key() == Qt::Key_Escape && toPlainText() != m_written) {
        setPlainText(m_written);
        Q_EMIT written(m_written); // takes the reason of a refusal away
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

} // namespace orrery::widgets
