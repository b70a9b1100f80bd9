// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// AddNodePanel: the ways a node comes into the cluster: as one more process of this computer, or with a token from another machine.
// Thread: UI. Reads: RunModel. Asks for: a node of this computer; what TokenPage asks for.

#include "engine/types/session_values.h"

#include <QWidget>

class QSpinBox;
class QStackedWidget;

namespace orrery::widgets {

class ComboButton;
class FlatButton;
class RunModel;
class Segments;
class TokenPage;

class AddNodePanel final : public QWidget {
    Q_OBJECT
public:
    enum Way : std::uint8_t { ThisComputer, Token };
    explicit AddNodePanel(RunModel& run, QWidget* parent = nullptr);
    TokenPage& token() { return *m_token; }
    void setWay(Way way);
    void setCanAdd(const types::Can& can); // a reason disables the button and is its tooltip

Q_SIGNALS:
    void addNodeRequested(double cpus, quint64 storeBytes); // 0: the cluster's own share
    void shown(); // it is seen from now on

protected:
    void showEvent(QShowEvent* event) override;

private:
    Segments* m_ways;
    QStackedWidget* m_pages;
    QSpinBox* m_cpus;
    ComboButton* m_store;
    FlatButton* m_add;
    TokenPage* m_token;
};

} // namespace orrery::widgets
