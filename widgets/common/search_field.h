// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SearchField: a line edit with a leading icon, a key cap while it is empty and a clear button while it is not. Esc clears,
// then gives the keyboard back. The text is told after a short rest of typing (kSearchRestMs), at once when cleared.
// Thread: UI.

#include <QLineEdit>

class QTimer;
class QToolButton;

namespace orrery::widgets {

class HintChip;

inline constexpr int kSearchRestMs = 80;

class SearchField final : public QLineEdit {
    Q_OBJECT
public:
    explicit SearchField(const QString& placeholder, const QString& keys = {}, QWidget* parent = nullptr);
    void setIconName(const QString& name); // "search" at first
    void setTall(bool tall);               // 28 instead of 24: in the toolbar
    void setWrong(const QString& why);     // red border and tooltip; "" when right
    void tellNow();                        // what was typed and not told yet

Q_SIGNALS:
    void searched(const QString& text);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void place();
    QString m_iconName = QStringLiteral("search");
    HintChip* m_keys;
    QToolButton* m_clear;
    QTimer* m_rest;
};

} // namespace orrery::widgets
