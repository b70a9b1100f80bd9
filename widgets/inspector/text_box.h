// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TextBox: a few lines of text, written when the focus leaves or Ctrl+Enter is pressed; Escape brings the last text back.
// Grows with its text to kTextLinesMax. Thread: UI.

#include <QPlainTextEdit>

namespace orrery::widgets {

inline constexpr int kTextLinesMax = 8;

class TextBox final : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit TextBox(bool mono, QWidget* parent = nullptr);
    void setWritten(const QString& text); // by the model; replaces what is there
    const QString& lastWritten() const { return m_written; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void written(const QString& text);

protected:
    void focusOutEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void commit();
    QString m_written;
};

} // namespace orrery::widgets
