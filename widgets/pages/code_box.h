// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CodeBox: a command as one would type it, in the font of code on the canvas' ground; breaks anywhere, as high as its text.
// Thread: UI.

#include "widgets/common/theme.h"

#include <QWidget>

namespace orrery::widgets {

class CodeBox final : public QWidget {
    Q_OBJECT
public:
    explicit CodeBox(QWidget* parent = nullptr);
    void setText(const QString& text);
    const QString& text() const { return m_text; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override { return {240, heightForWidth(240)}; }
    QSize minimumSizeHint() const override { return {120, heightForWidth(240)}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
};

} // namespace orrery::widgets
