// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/new_library_sheet.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QFormLayout>
#include <QLineEdit>

namespace orrery::widgets {

namespace {
constexpr int kWidth = 440, kEdge = 16, kWordsHeight = 56; // three lines: a path in a sentence is long
}

NewLibrarySheet::NewLibrarySheet(QWidget* window)
    : QDialog(window), m_name(new QLineEdit(this)), m_folder(new QLineEdit(this)), m_words(new TextLabel({}, FontRole::Secondary, Token::Muted, this)), m_make(new FlatButton(tr("Make it"), FlatButton::Kind::Primary, this))
{
    setObjectName(QStringLiteral("newLibrary"));
    setWindowTitle(tr("New task library"));
    setFixedWidth(kWidth);
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setPlaceholderText(tr("small letters, digits and _"));
    m_name->setAccessibleName(tr("Name of the library"));
    m_folder->setObjectName(QStringLiteral("folder"));
    m_folder->setAccessibleName(tr("Folder in which its folder is made"));
    m_words->setWordWrap(true);
    m_words->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_words->setFixedHeight(kWordsHeight);
    m_words->setObjectName(QStringLiteral("words"));
    auto* other = toolButton(QStringLiteral("folder"), tr("Choose a folder"), this);
    auto* cancel = new FlatButton(tr("Close"), FlatButton::Kind::Plain, this);
    cancel->setAutoDefault(false);
    m_make->setDefault(true);

    auto* folderRow = new QHBoxLayout;
    folderRow->setSpacing(4);
    folderRow->addWidget(m_folder, 1);
    folderRow->addWidget(other);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(12);
    form->setVerticalSpacing(8);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(new TextLabel(tr("Name"), FontRole::Ui, Token::Muted, this), m_name);
    form->addRow(new TextLabel(tr("In folder"), FontRole::Ui, Token::Muted, this), folderRow);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_make);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kEdge, kEdge, kEdge, kEdge);
    column->setSpacing(12);
    column->addLayout(form);
    column->addWidget(m_words);
    column->addLayout(buttons);

    connect(m_name, &QLineEdit::textChanged, this, &NewLibrarySheet::allow);
    connect(m_folder, &QLineEdit::textChanged, this, &NewLibrarySheet::allow);
    connect(m_make, &QPushButton::clicked, this, &NewLibrarySheet::want);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(other, &QToolButton::clicked, this, [this] {
        const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder for the library"), m_folder->text());
        if (!folder.isEmpty()) m_folder->setText(folder);
    });
}

void NewLibrarySheet::ask(const QString& folder)
{
    if (!m_busy) {
        m_name->clear();
        m_folder->setText(folder);
        m_words->setText(tr("A folder with a source of one function is written and built. Each time the source is saved it is built again, and the next run uses it."));
        allow();
    }
    show();
    raise();
    activateWindow();
    m_name->setFocus(Qt::OtherFocusReason);
}

void NewLibrarySheet::setBusy()
{
    m_busy = true;
    m_words->setText(tr("It is written and compiled; this takes some seconds."));
    allow();
}

void NewLibrarySheet::setProblem(const QString& sentence)
{
    m_busy = false;
    m_words->setText(sentence);
    allow();
    if (sentence.isEmpty()) return;
    m_name->setFocus(Qt::OtherFocusReason); // disabled meanwhile, it had lost the keyboard
    m_name->selectAll();
}

void NewLibrarySheet::allow()
{
    const bool whole = !m_name->text().trimmed().isEmpty() && !m_folder->text().trimmed().isEmpty();
    m_name->setEnabled(!m_busy);
    m_folder->setEnabled(!m_busy);
    m_make->setEnabled(whole && !m_busy);
    m_make->setToolTip(m_busy ? tr("One library is being made") : whole ? QString() : tr("A name and a folder are needed"));
}

void NewLibrarySheet::want()
{
    if (m_make->isEnabled()) Q_EMIT wanted(m_name->text().trimmed(), m_folder->text().trimmed());
}

} // namespace orrery::widgets
