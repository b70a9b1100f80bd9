// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// OutputChooser: which of a task's outputs is shown: their names side by side, or, where they do not fit, a list that opens.
// Hidden when there is nothing to choose. Thread: UI.

#include <QStringList>
#include <QWidget>

namespace orrery::widgets {

class ComboButton;
class Segments;

class OutputChooser final : public QWidget {
    Q_OBJECT
public:
    explicit OutputChooser(QWidget* parent = nullptr);
    void setOutputs(const QStringList& names, int current); // no signal; fewer than two: hidden
    int current() const { return m_current; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

Q_SIGNALS:
    void chosen(int output); // by the user

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void place();
    void take(int output);
    QStringList m_names;
    int m_current = 0;
    Segments* m_segments = nullptr; // made anew with other names
    ComboButton* m_list;
};

} // namespace orrery::widgets
