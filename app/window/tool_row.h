// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ToolRow: the tool bar: the cluster, run and stop, the search field, the perspectives. Words and keys leave as the window
// gets narrower. Thread: UI. Reads: RunModel; acts through Actions only.

#include "app/window/actions.h"
#include "widgets/models/run_model.h"

#include <QToolBar>

class QMenu;
class QToolButton;

namespace orrery::widgets {
class ChipButton;
class ComboButton;
class Omnibox;
class Segments;
}

namespace orrery::app {

class ToolRow final : public QToolBar {
    Q_OBJECT
public:
    ToolRow(Actions& actions, widgets::RunModel& run, widgets::Omnibox& omnibox, QWidget* parent);
    // keys: key caps beside the words; words: text beside icons; segments: perspectives side by side, else a combo.
    void setRoom(bool keys, bool words, bool segments);
    void showPerspective(int index);
    void setCluster(const QString& name); // what the cluster is called

private:
    QToolButton* addButton(const char* id, bool primary);
    void refreshCluster();
    Actions& m_actions;
    widgets::RunModel& m_run;
    widgets::ChipButton* m_cluster;
    QString m_clusterName = tr("local");
    QMenu* m_clusterMenu;
    QList<QToolButton*> m_buttons;
    QList<QAction*> m_keys; // of the key caps
    widgets::Segments* m_segments;
    widgets::ComboButton* m_combo;
    QAction* m_segmentsPlace;
    QAction* m_comboPlace;
};

} // namespace orrery::app
