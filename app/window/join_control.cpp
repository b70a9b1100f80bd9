// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/join_control.h"

#include "widgets/models/run_model.h"
#include "widgets/pages/add_node_panel.h"
#include "widgets/pages/token_page.h"

namespace orrery::app {

JoinControl::JoinControl(Bridge& bridge, widgets::RunModel& run, widgets::AddNodePanel& panel, QObject* parent) : QObject(parent), m_bridge(bridge), m_panel(panel), m_page(panel.token())
{
    m_timer.setInterval(kTokensMs);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (!m_panel.isVisible()) m_timer.stop();
        else if (m_page.hasOpenTokens()) list();
    });
    connect(&m_panel, &widgets::AddNodePanel::shown, this, [this] {
        m_timer.start();
        list();
    });
    connect(&run, &widgets::RunModel::linkChanged, this, [this, &run] {
        if (run.link() == widgets::LinkState::Up && m_panel.isVisible()) list();
    });
    connect(&m_page, &widgets::TokenPage::portWanted, this, &JoinControl::openPort);
    connect(&m_page, &widgets::TokenPage::tokenWanted, this, &JoinControl::makeToken);
    connect(&m_page, &widgets::TokenPage::revokeWanted, this, &JoinControl::revoke);
}

void JoinControl::list()
{
    if (std::exchange(m_asking, true)) return;
    m_bridge.act(types::ListTokens{}, [this](const Outcome& outcome) {
        m_asking = false;
        if (outcome.ok) m_page.setNetwork(outcome.network, outcome.tokens);
        else m_page.setProblem(outcome.text);
    });
}

void JoinControl::take(const Outcome& outcome)
{
    m_page.setProblem(outcome.ok ? QString() : outcome.text);
    list();
}

void JoinControl::openPort(const QString& address)
{
    m_bridge.act(types::Listen{address.toStdString()}, [this](const Outcome& outcome) { take(outcome); });
}

void JoinControl::makeToken(const QString& role)
{
    types::MakeToken wish;
    wish.role = role.toStdString();
    m_bridge.act(wish, [this](const Outcome& outcome) {
        if (outcome.ok && !outcome.tokens.empty()) m_page.setToken(outcome.tokens.front(), outcome.text);
        take(outcome);
    });
}

void JoinControl::revoke(const QString& id)
{
    m_bridge.act(types::RevokeToken{id.toStdString()}, [this](const Outcome& outcome) { take(outcome); });
}

} // namespace orrery::app
