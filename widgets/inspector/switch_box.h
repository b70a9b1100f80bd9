// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SwitchBox: true or false, as a small slide. Thread: UI.

#include <QAbstractButton>

namespace orrery::widgets {

class SwitchBox final : public QAbstractButton {
    Q_OBJECT
public:
    explicit SwitchBox(QWidget* parent = nullptr);
    QSize sizeHint() const override { return {30, 24}; }

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace orrery::widgets
