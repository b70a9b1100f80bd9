// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ParamRow: one parameter: its name, an editor made for its kind, a way back to the default, and below, when there is one, the
// reason why a value was refused. It changes nothing itself: what a person enters leaves as a signal, and the row shows what
// the model then says. Thread: UI.

#include "widgets/inspector/param_schema.h"

#include <QWidget>

#include <functional>

class QToolButton;

namespace orrery::widgets {

class TextLabel;

class ParamRow final : public QWidget {
    Q_OBJECT
public:
    explicit ParamRow(const ParamField& field, QWidget* parent = nullptr);
    const ParamField& field() const { return m_field; }
    // Undefined: nothing is set, the default counts. A text that a person is writing stays while the value is the same one,
    // unless it is of something else (afresh).
    void setValue(const QJsonValue& value, bool afresh = false);
    void setProblem(const QString& reason); // empty: none
    QString problem() const;
    void setHint(const QString& hint); // a muted line, e.g. what the shown run had
    QWidget* editor() const { return m_editor; }
    QWidget* label() const { return m_label; }
    QToolButton* resetButton() const { return m_reset; }

Q_SIGNALS:
    void entered(const QByteArray& json, int gesture); // gesture > 0: a step of one drag
    void resetRequested();

private:
    QWidget* makeEditor();
    QWidget* makeNumber();
    QWidget* makeChoice();
    QWidget* makeSwitch();
    QWidget* makeLine();
    QWidget* makeText(bool json);
    void enter(const QJsonValue& value);
    void browse();
    void showLine();

    ParamField m_field;
    QJsonValue m_value = QJsonValue::Undefined; // as shown
    bool m_shown = false;
    std::function<void(const QJsonValue&)> m_show; // into the editor
    QString m_problem, m_hint;
    QWidget* m_label = nullptr;
    QWidget* m_editor = nullptr;
    QToolButton* m_reset = nullptr;
    TextLabel* m_line = nullptr; // problem or hint
    int m_gesture = 0;           // of the drag that goes on; 0: none
};

} // namespace orrery::widgets
