// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// StatusStrip: the content of the status bar: link to the head, nodes, CPU, store, states, events a second, lag. Parts leave
// when the window is too narrow, words first. Thread: UI. Reads: RunModel.

#include "widgets/common/refresh.h"
#include "widgets/common/theme.h"
#include "widgets/models/run_model.h"

#include <QWidget>

#include <vector>

namespace orrery::widgets {

class StatusStrip final : public QWidget {
    Q_OBJECT
public:
    explicit StatusStrip(RunModel& run, QWidget* parent = nullptr);
    void setHead(const QString& words); // what it is called while it is there
    QSize sizeHint() const override { return {320, metric::kStatusBar}; }
    QSize minimumSizeHint() const override { return {160, metric::kStatusBar}; }
    QStringList shownTexts() const; // as painted at this width, for tests and screen readers

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Part;
    std::vector<Part> parts() const; // that fit
    std::vector<Part> allParts(int level) const;
    void addCluster(std::vector<Part>& parts, int level) const;
    void addStates(std::vector<Part>& parts, int level) const;
    void paintPart(QPainter& painter, const Part& part, int left, int width) const;
    RunModel& m_run;
    QString m_head = tr("local head");
    Refresh* m_refresh;
};

} // namespace orrery::widgets
