// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TabBar: text, a 2 px accent line under the chosen one, a badge. The same bar is the title of a dock. Tabs that do not fit go
// into a "+n" menu at the right; the chosen one is always visible.
// Thread: UI. An index is a tab's for as long as it is not moved or removed, visible or not.

#include "widgets/common/theme.h"

#include <QTabBar>

class QToolButton;

namespace orrery::widgets {

class TabBar final : public QTabBar {
    Q_OBJECT
public:
    explicit TabBar(QWidget* parent = nullptr);
    int add(const QString& text, const QString& toolTip = {}) { const int at = addTab(text); setTabToolTip(at, toolTip); return at; }
    void setCompact(bool compact); // closer together: six tabs in an inspector
    // "" takes it away. The ground is `tint` mixed into the panel, the text stays text.
    void setBadge(int index, const QString& text, Token tint = Token::Retrying);
    QString badge(int index) const { return m_badges.value(index).text; }
    int hiddenTabs() const; // in the menu
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    QSize tabSizeHint(int index) const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void tabInserted(int index) override;
    void tabRemoved(int index) override;

private:
    struct Badge {
        QString text;
        Token tint = Token::Retrying;
    };
    void fit();
    void fillMenu();
    QList<Badge> m_badges;
    QToolButton* m_more = nullptr;
    bool m_fitting = false;
};

} // namespace orrery::widgets
