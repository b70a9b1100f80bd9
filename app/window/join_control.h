// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// JoinControl: the panel "Add node" and the head: ports, tokens and nodes of this computer. It asks for the tokens when the panel is
// seen, after each change, and every kTokensMs while one may be spent; never while the panel is hidden.
// Thread: UI.

#include "app/bridge/bridge.h"

#include <QTimer>

namespace orrery::widgets {
class AddNodePanel;
class TokenPage;
}

namespace orrery::app {

inline constexpr int kTokensMs = 1000;

class JoinControl final : public QObject {
    Q_OBJECT
public:
    JoinControl(Bridge& bridge, widgets::RunModel& run, widgets::AddNodePanel& panel, QObject* parent);
    void list();
    void openPort(const QString& address);
    void makeToken(const QString& role);
    void revoke(const QString& id);

private:
    void take(const Outcome& outcome);
    Bridge& m_bridge;
    widgets::AddNodePanel& m_panel;
    widgets::TokenPage& m_page;
    QTimer m_timer;
    bool m_asking = false;
};

} // namespace orrery::app
