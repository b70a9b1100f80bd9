// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SectionHead: how panels are divided instead of by boxes: chevron, title, a muted value at the right, a line above.
// Opens and closes its body by click, Space, Left and Right.
// Thread: UI.

#include <QPointer>
#include <QWidget>

namespace orrery::widgets {

class SectionHead final : public QWidget {
    Q_OBJECT
public:
    explicit SectionHead(const QString& title, QWidget* parent = nullptr);
    void setBody(QWidget* body);      // shown while open; belongs to somebody else
    void setTitle(const QString& title);
    void setValue(const QString& value);
    void setLine(bool line);          // above; off for the first of a panel
    bool isOpen() const { return m_open; }
    void setOpen(bool open);
    QSize sizeHint() const override;

Q_SIGNALS:
    void toggled(bool open);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void describe();
    QString m_title;
    QString m_value;
    QPointer<QWidget> m_body;
    bool m_open = true;
    bool m_line = true;
};

} // namespace orrery::widgets
