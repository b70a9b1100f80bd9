// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LogsPanel: the newest kLogLinesKept log lines of the cluster: filter (the grammar of tables, over the columns of "logs"), level,
// follow, copy; how many are shown, and how many were lost on the way.
// Thread: UI. While hidden it does nothing; showing catches up. Seen, it takes each update at once (old lines may be gone with
// it), which costs the new lines only.

#include "widgets/logs/log_lines.h"
#include "widgets/models/selection.h"

#include <QWidget>

class QToolButton;
class QVBoxLayout;

namespace orrery::widgets {

class ElidedLabel;
class EmptyState;
class LogView;
class SearchField;
class Segments;

class LogsPanel final : public QWidget {
    Q_OBJECT
public:
    LogsPanel(RunModel& run, Selection& selection, QWidget* parent = nullptr);
    ~LogsPanel() override;
    void setFilter(const QString& text); // as if a person had typed it
    void focusFilter();
    LogView& view() { return *m_view; }
    const LogLines& lines() const { return m_lines; }
    QString shownText() const;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void makeHead(QVBoxLayout* column);
    void takeFilter(const QString& text);
    void takeLines();
    void showWords();

    RunModel& m_run;
    LogLines m_lines;
    SearchField* m_filter;
    ElidedLabel* m_problem;
    Segments* m_levels;
    ElidedLabel* m_shown;
    QToolButton* m_follow;
    LogView* m_view;
    EmptyState* m_empty;
};

} // namespace orrery::widgets
