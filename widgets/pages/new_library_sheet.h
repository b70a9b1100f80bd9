// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// NewLibrarySheet: asks for the name of a task library of one's own and for the folder it goes into. What is wrong with them is
// said in it; it stays open until the library is made. The window beside it goes on working.
// Thread: UI. Lives: as a child of the window, made once.

#include <QDialog>

class QLineEdit;

namespace orrery::widgets {

class FlatButton;
class TextLabel;

class NewLibrarySheet final : public QDialog {
    Q_OBJECT
public:
    explicit NewLibrarySheet(QWidget* window);
    void ask(const QString& folder); // opens it, empty, with the keyboard in the name
    void setBusy();                  // it is written and compiled
    void setProblem(const QString& sentence);

Q_SIGNALS:
    void wanted(const QString& name, const QString& folder);

private:
    void want();
    void allow();
    QLineEdit* m_name;
    QLineEdit* m_folder;
    TextLabel* m_words;
    FlatButton* m_make;
    bool m_busy = false;
};

} // namespace orrery::widgets
