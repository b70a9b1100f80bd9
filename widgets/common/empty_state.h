// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// EmptyState: what a panel shows when it has nothing: one sentence and at most one action, in the middle.
// Thread: UI.

#include <QWidget>

namespace orrery::widgets {

class FlatButton;
class TextLabel;

class EmptyState final : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(const QString& sentence, const QString& action = {}, QWidget* parent = nullptr);
    void setWords(const QString& sentence, const QString& action);

Q_SIGNALS:
    void triggered();

private:
    TextLabel* m_sentence;
    FlatButton* m_action;
};

} // namespace orrery::widgets
