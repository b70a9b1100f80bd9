// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ObjectsPanel: the object store: how full each node is, a treemap of bytes by producer, the table of objects, and the chosen
// object with its picture, facts, Open and Save. A task that is chosen elsewhere shows its first result.
// Thread: UI. Asks while it is visible: for visible rows, and kTallyRows of the largest objects, at most twice a second.
// What does not fit is left out: by width the preview, then columns; by height the treemap, then the bars.

#include "widgets/objects/object_pane.h"
#include "widgets/objects/store_bars.h"
#include "widgets/objects/table_panel.h"
#include "widgets/objects/treemap_view.h"

namespace orrery::widgets {

class TotalsLabel;

class ObjectsPanel final : public TablePanel {
    Q_OBJECT
public:
    ObjectsPanel(RunModel& run, Selection& selection, RowSource& rows, ByteSource& bytes, QWidget* parent = nullptr);
    ~ObjectsPanel() override;
    ObjectPane& pane() { return *m_pane; }
    TreemapView& treemap() { return *m_treemap; }
    QString totalsText() const;
    QSize minimumSizeHint() const override { return {320, 120}; }

Q_SIGNALS:
    void openFileRequested(const QString& path); // written; show it with the desktop's viewer
    void saved(const QString& path);
    void saveFailed(const QString& sentence);

protected:
    void rowChosen(int row, bool opened) override;
    QString emptySentence() const override;
    void updateHead() override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeLayout();
    void takeSelection();
    void choose(const ObjectRef& object, bool reveal);
    void askTally();
    void takeTally(base::Result<types::Page> answer);
    void showBars();
    void fitParts();

    StoreBars* m_bars;
    TreemapView* m_treemap;
    ObjectPane* m_pane;
    QWidget* m_paneFrame;
    TotalsLabel* m_totals;
    Ticket m_ticket = 0;
    std::uint64_t m_number = 0;
    Refresh* m_refresh;
};

} // namespace orrery::widgets
