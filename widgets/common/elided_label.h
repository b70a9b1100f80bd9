// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ElidedLabel: one line of text in a font and a colour of the theme; what does not fit is cut (ids in the middle) and then the
// tooltip has it whole. Copying takes the whole text.
// TextLabel: the same font and colour, but a QLabel: wraps, links, selection.
// Thread: UI. Both follow a switch of theme.

#include "widgets/common/theme.h"

#include <QLabel>
#include <QWidget>

namespace orrery::widgets {

class ElidedLabel final : public QWidget {
    Q_OBJECT
public:
    explicit ElidedLabel(const QString& text = {}, FontRole role = FontRole::Ui, Token ink = Token::Text, QWidget* parent = nullptr);
    void setText(const QString& text);
    const QString& text() const { return m_text; }
    void setInk(Token ink);
    void setElide(Qt::TextElideMode mode);
    void setAlignment(Qt::Alignment alignment);
    bool isCut() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QString m_text;
    Token m_ink;
    Qt::TextElideMode m_elide = Qt::ElideRight;
    Qt::Alignment m_alignment = Qt::AlignLeft;
};

class TextLabel final : public QLabel {
    Q_OBJECT
public:
    explicit TextLabel(const QString& text = {}, FontRole role = FontRole::Ui, Token ink = Token::Text, QWidget* parent = nullptr);
    void setInk(Token ink);

private:
    void dress();
    Token m_ink;
};

} // namespace orrery::widgets
