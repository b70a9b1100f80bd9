// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/objects_panel.h"

#include "widgets/common/format.h"
#include "widgets/objects/cells.h"
#include "widgets/objects/totals_label.h"

#include <QPainter>
#include <QPointer>
#include <QTableView>
#include <QVBoxLayout>

namespace orrery::widgets {

namespace {

constexpr int kTallyAgainMs = 500, kAgesAgainMs = 1000;
constexpr int kPaneFromWidth = 1440, kBarsFromHeight = 320, kTreemapLeast = 88, kTreemapMost = 304, kRowsLeast = 7;
constexpr int kAllColumnsFromWidth = 1040, kMostColumnsFromWidth = 760;

// A part of the panel on its own ground, with a line at its top or left.
class Part final : public QWidget {
public:
    Part(Token ground, Qt::Edge line, QWidget* inside, QWidget* parent) : QWidget(parent), m_ground(ground), m_line(line)
    {
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(line == Qt::LeftEdge ? 1 : 0, line == Qt::TopEdge ? 1 : 0, 0, 0);
        column->addWidget(inside);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), color(m_ground));
        painter.fillRect(m_line == Qt::LeftEdge ? QRect(0, 0, 1, height()) : QRect(0, 0, width(), 1), color(Token::Border));
    }

private:
    Token m_ground;
    Qt::Edge m_line;
};

} // namespace

ObjectsPanel::ObjectsPanel(RunModel& run, Selection& selection, RowSource& rows, ByteSource& bytes, QWidget* parent)
    : TablePanel(run, selection, rows, objectShape(run), parent)
{
    m_totals = new TotalsLabel(head());
    headRow()->addSpacing(4);
    headRow()->addWidget(m_totals);
    headRow()->addStretch(1);
    m_bars = new StoreBars(this);
    m_treemap = new TreemapView(this);
    m_pane = new ObjectPane(run, rows, bytes, this);
    makeLayout();
    setFocusProxy(table());
    m_refresh = new Refresh(this, kTallyAgainMs, [this] { askTally(); });
    auto* ages = new Refresh(table(), kAgesAgainMs, [this] { table()->viewport()->update(); });
    connect(&run, &RunModel::ticked, ages, &Refresh::ask);

    connect(&selection, &Selection::changed, this, &ObjectsPanel::takeSelection);
    connect(&run, &RunModel::rowsChanged, this, [this] { m_refresh->ask(); });
    connect(&run, &RunModel::shownRunChanged, this, [this] { m_refresh->ask(); });
    connect(&run, &RunModel::nodesChanged, this, [this] {
        if (isVisible()) showBars();
    });
    connect(m_treemap, &TreemapView::objectChosen, this, [this](const ObjectRef& object) { choose(object, false); });
    connect(m_treemap, &TreemapView::objectOpened, this, [this](const ObjectRef& object) { choose(object, true); });
    connect(m_treemap, &TreemapView::vertexChosen, this, [this](int vertex) { m_selection.selectVertices({m_run.vertexName(static_cast<std::uint16_t>(vertex))}); });
    connect(m_pane, &ObjectPane::producerChosen, this, [this](const TaskRef& task, const QString& vertex) {
        m_selection.selectTask(task, vertex);
        m_selection.reveal();
    });
    connect(m_pane, &ObjectPane::openFileRequested, this, &ObjectsPanel::openFileRequested);
    connect(m_pane, &ObjectPane::saved, this, &ObjectsPanel::saved);
    connect(m_pane, &ObjectPane::saveFailed, this, &ObjectsPanel::saveFailed);
    showWords();
}

ObjectsPanel::~ObjectsPanel()
{
    if (m_ticket != 0) m_source.drop(m_ticket);
}

void ObjectsPanel::makeLayout()
{
    auto* left = new QWidget(this);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(head());
    column->addWidget(new Part(Token::Panel, Qt::TopEdge, m_bars, left));
    column->addWidget(new Part(Token::Canvas, Qt::TopEdge, m_treemap, left));
    column->addWidget(table(), 1);
    m_paneFrame = new Part(Token::Panel, Qt::LeftEdge, m_pane, this);
    m_paneFrame->setFixedWidth(metric::kPreview);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->setSizeConstraint(QLayout::SetNoConstraint); // fitParts() takes away what does not fit
    row->addWidget(left, 1);
    row->addWidget(m_paneFrame);
}

// ---- choosing ----

void ObjectsPanel::choose(const ObjectRef& object, bool reveal)
{
    m_selection.selectObject(object, m_run.vertexName(object.task.vertex));
    if (reveal) m_selection.reveal();
}

void ObjectsPanel::rowChosen(int row, bool opened)
{
    const int vertex = m_run.graph() == nullptr ? -1 : m_run.graph()->indexOf(model().text(row, "vertex").toStdString());
    if (vertex < 0) return;
    ObjectRef object;
    object.task.row = static_cast<std::uint32_t>(model().integer(row, "row", types::kNoRow));
    object.task.vertex = static_cast<std::uint16_t>(vertex);
    object.task.mapIndex = static_cast<std::uint32_t>(model().integer(row, "map_index"));
    object.output = static_cast<std::uint16_t>(model().integer(row, "output"));
    choose(object, opened);
}

void ObjectsPanel::takeSelection()
{
    if (!isVisible()) return; // showEvent() catches up
    std::optional<ObjectRef> object = m_selection.object();
    if (!object && m_selection.task() && m_selection.task()->row != types::kNoRow) object = ObjectRef{*m_selection.task(), 0};
    m_pane->setObject(object);
    m_treemap->setSelected(object);
    if (object) TablePanel::choose({{"row", object->task.row}, {"output", object->output}}, true);
    else TablePanel::choose({}, false);
}

void ObjectsPanel::showEvent(QShowEvent* event)
{
    TablePanel::showEvent(event);
    showBars();
    updateHead();
    takeSelection();
}

// ---- the treemap and the bars ----

void ObjectsPanel::askTally()
{
    updateHead();
    ++m_number;
    if (const Ticket ticket = std::exchange(m_ticket, 0); ticket != 0) m_source.drop(ticket);
    const auto* run = m_run.shownRun();
    if (run == nullptr) {
        m_treemap->setTally({});
        showBars();
        return;
    }
    const std::uint64_t number = m_number;
    m_ticket = m_source.ask(ObjectTally::query(run->id), [self = QPointer<ObjectsPanel>(this), number](base::Result<types::Page> answer) {
        if (self && self->m_number == number) self->takeTally(std::move(answer));
    });
}

void ObjectsPanel::takeTally(base::Result<types::Page> answer)
{
    m_ticket = 0;
    ++m_number;
    if (!answer) return; // the table says why
    m_treemap->setTally(ObjectTally::of(*answer, m_run.graph().get(), m_run.objects(), m_run.objectBytes()));
    showBars();
    updateHead();
}

void ObjectsPanel::showBars()
{
    const ObjectTally& tally = m_treemap->tally();
    std::vector<StoreBar> bars;
    for (const auto& node : m_run.nodes()) {
        StoreBar bar;
        bar.node = node.node;
        bar.letter = RunModel::nodeLetter(node.node);
        bar.name = QString::fromStdString(node.name);
        bar.lost = node.state == types::NodeState::Dead;
        bar.usedBytes = node.storeBytes;
        bar.capacityBytes = node.storeCapacityBytes;
        const auto of = [&bar](const auto& bytes) {
            const auto own = bytes.find(bar.letter);
            return own == bytes.end() ? 0 : own->second;
        };
        bar.runBytes = of(tally.nodeBytes);
        bar.copyBytes = of(tally.copyBytes);
        bars.push_back(std::move(bar));
    }
    m_bars->setBars(std::move(bars), tally.complete);
    fitParts(); // another number of nodes is another height
}

QString ObjectsPanel::emptySentence() const
{
    return m_run.shownRun() == nullptr ? tr("No run yet. F5 runs the graph.") : tr("The store is empty. Objects appear when tasks return.");
}

QString ObjectsPanel::totalsText() const { return m_totals->text(); }

void ObjectsPanel::updateHead()
{
    QList<TotalsLabel::Total> totals;
    if (m_run.shownRun() != nullptr) {
        totals << TotalsLabel::Total{countText(m_run.objects()), tr("objects")};
        totals << TotalsLabel::Total{bytesText(m_run.objectBytes()), tr("in all")};
        if (m_run.copies() > 0) totals << TotalsLabel::Total{countText(m_run.copies()), m_run.copies() == 1 ? tr("copy") : tr("copies")};
        if (!model().filter().trimmed().isEmpty() && model().isAnswered())
            totals << TotalsLabel::Total{countText(static_cast<std::uint64_t>(model().rowCount())), tr("match")};
    }
    m_totals->setTotals(totals);
}

void ObjectsPanel::resizeEvent(QResizeEvent* event)
{
    TablePanel::resizeEvent(event);
    fitParts();
}

void ObjectsPanel::fitParts()
{
    const bool pane = width() >= kPaneFromWidth;
    m_paneFrame->setVisible(pane);
    const int wide = width() - (pane ? metric::kPreview : 0);
    for (const char* name : {"refs", "attempt"}) table()->setColumnHidden(model().columnOf(name), wide < kAllColumnsFromWidth);
    for (const char* name : {"type", "state"}) table()->setColumnHidden(model().columnOf(name), wide < kMostColumnsFromWidth);
    m_bars->parentWidget()->setVisible(height() >= kBarsFromHeight);
    // The table keeps a few rows before the treemap gets anything.
    const int bars = m_bars->parentWidget()->isVisibleTo(this) ? m_bars->sizeHint().height() : 0;
    const int left = height() - kHeadRow - bars - (kRowsLeast + 1) * metric::kRow;
    m_treemap->parentWidget()->setVisible(left >= kTreemapLeast);
    m_treemap->parentWidget()->setFixedHeight(std::clamp(left, kTreemapLeast, std::clamp(height() * 3 / 10, kTreemapLeast, kTreemapMost)));
}

} // namespace orrery::widgets
