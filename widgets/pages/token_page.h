// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TokenPage: how another machine joins the cluster: the head opens a port, a token is made, a command is carried to the machine;
// then what became of the tokens, and the steps of the newest joining.
// A token is a secret: it is shown cut until asked for, kept in this page only, and gone from it when it is spent or over.
// Thread: UI. Reads: RunModel. Asks for: a port, a token, its revocation; what comes of it is set from outside.

#include "widgets/common/refresh.h"
#include "widgets/models/run_model.h"

#include <QWidget>

class QProgressBar;

namespace orrery::widgets {

class CodeBox;
class ComboButton;
class FlatButton;
class KeyValueList;
class SectionHead;
class StateRows;
class TextLabel;

class TokenPage final : public QWidget {
    Q_OBJECT
public:
    explicit TokenPage(RunModel& run, QWidget* parent = nullptr);
    // As the head told it. tokens: newest first.
    void setNetwork(const types::NetworkInfo& network, const std::vector<types::TokenInfo>& tokens);
    void setToken(const types::TokenInfo& token, const QString& secret); // that was made for this page
    void setProblem(const QString& sentence); // why something was not done; empty: it was
    bool hasOpenTokens() const; // one may be spent at any moment: ask again soon
    QString command() const;    // as it is copied; empty: there is no token
    QString secret() const { return mine() ? m_secret : QString(); }
    bool listens() const { return m_told && !m_network.address.empty(); }

Q_SIGNALS:
    void portWanted(const QString& address);
    void tokenWanted(const QString& role);
    void revokeWanted(const QString& id);

private:
    void refresh();
    void showToken(types::TimeNs wallNs);
    void showTokens(types::TimeNs wallNs);
    void showJoining();
    const types::TokenInfo* mine() const; // the row of the token that is shown; null: it is not open any more
    types::TimeNs wallNs() const;         // of the head's machine

    RunModel& m_run;
    Refresh* m_refresh;
    types::NetworkInfo m_network;
    std::vector<types::TokenInfo> m_tokens;
    bool m_told = false;   // by the head
    QString m_mine;        // id
    QString m_role;
    QString m_secret;
    bool m_shown = false;  // the whole secret
    TextLabel* m_words;
    ComboButton* m_host;
    FlatButton* m_open;
    ComboButton* m_for;
    FlatButton* m_make;
    CodeBox* m_code;
    FlatButton* m_copy;
    FlatButton* m_show;
    QWidget* m_valid;
    TextLabel* m_left;
    QProgressBar* m_bar;
    TextLabel* m_problem;
    KeyValueList* m_facts;
    SectionHead* m_tokensHead;
    StateRows* m_tokenRows;
    SectionHead* m_joinHead;
    StateRows* m_joinRows;
};

} // namespace orrery::widgets
