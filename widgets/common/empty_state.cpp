// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/empty_state.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"

#include <QVBoxLayout>

namespace orrery::widgets {

EmptyState::EmptyState(const QString& sentence, const QString& action, QWidget* parent) : QWidget(parent)
{
    m_sentence = new TextLabel({}, FontRole::Ui, Token::Muted, this);
    m_sentence->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_action = new FlatButton({}, FlatButton::Kind::Plain, this);
    connect(m_action, &QPushButton::clicked, this, &EmptyState::triggered);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);
    column->addStretch(1);
    column->addWidget(m_sentence);
    column->addWidget(m_action, 0, Qt::AlignHCenter);
    column->addStretch(1);
    setWords(sentence, action);
}

void EmptyState::setWords(const QString& sentence, const QString& action)
{
    m_sentence->setText(sentence);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
}

} // namespace orrery::widgets
