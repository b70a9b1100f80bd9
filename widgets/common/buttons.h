// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Buttons beside the stock tool button: FlatButton (24 high, text; one Primary per panel at most), ComboButton (muted label and
// value), Segments (one of few, always visible), ChipButton (a dot, a name and its detail), toolButton() (icon, named).
// Thread: UI. All are reached by Tab and say their name to a screen reader.

#include "widgets/common/theme.h"

#include <QComboBox>
#include <QPushButton>
#include <QToolButton>

class QAction;

namespace orrery::widgets {

class FlatButton final : public QPushButton {
    Q_OBJECT
public:
    enum class Kind : std::uint8_t { Plain, Primary };
    explicit FlatButton(const QString& text = {}, Kind kind = Kind::Plain, QWidget* parent = nullptr);
    explicit FlatButton(const QString& iconName, const QString& text, QWidget* parent = nullptr);
};

class ComboButton final : public QComboBox {
    Q_OBJECT
public:
    explicit ComboButton(const QString& label = {}, QWidget* parent = nullptr);
    void setLabel(const QString& label);
    QSize minimumSizeHint() const override { return sizeHint(); }
};

class Segments final : public QWidget {
    Q_OBJECT
public:
    explicit Segments(QWidget* parent = nullptr);
    int add(const QString& text, const QString& toolTip = {}); // its index
    int current() const { return m_current; }
    void setCurrent(int index); // no signal
    int count() const { return static_cast<int>(m_buttons.size()); }

Q_SIGNALS:
    void chosen(int index); // by the user

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<QAbstractButton*> m_buttons;
    int m_current = 0;
};

class ChipButton final : public QAbstractButton {
    Q_OBJECT
public:
    explicit ChipButton(QWidget* parent = nullptr);
    void setWords(Token dot, const QString& name, const QString& detail);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Token m_dot = Token::Muted;
    QString m_name;
    QString m_detail;
};

// A flat icon button, 24 or 28 px square; the name is its tooltip and what a screen reader says.
QToolButton* toolButton(const QString& iconName, const QString& name, QWidget* parent, int side = metric::kRow);

} // namespace orrery::widgets
