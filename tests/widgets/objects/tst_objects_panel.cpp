// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "tests/support/zoom_scene.h"
#include "widgets/common/picture_view.h"
#include "widgets/objects/cells.h"
#include "widgets/objects/objects_panel.h"

#include <QAbstractButton>
#include <QFileDialog>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>

using namespace orrery;
using widgets::ObjectsPanel;

namespace {

struct World {
    tests::ZoomScene scene;
    widgets::RunModel run;
    widgets::Selection selection;
    ObjectsPanel panel;

    explicit World(tests::ZoomScene::Wish wish = {}) : scene(wish), panel(run, selection, scene.rows, scene.bytes) { run.take(scene.update()); }
    bool show(int width = 1920, int height = 990)
    {
        return tests::showAt(panel, width, height) && QTest::qWaitFor([this] { return panel.model().isLoaded(0) && (!panel.treemap().isVisible() || !panel.treemap().tally().groups.empty()); });
    }
    widgets::ObjectRef object(const char* vertex, std::uint32_t index = 0) const { return {{scene.row(vertex, index), scene.vertex(vertex), index}, 0}; }
    void choose(const char* vertex, std::uint32_t index = 0) { selection.selectObject(object(vertex, index), QString::fromLatin1(vertex)); }
    bool pictured(const char* vertex)
    {
        choose(vertex);
        return QTest::qWaitFor([&] { return panel.pane().facts() && panel.pane().facts()->vertex == QLatin1String(vertex) && panel.pane().preview().preview(); });
    }
    QAbstractButton* button(const QString& text) const
    {
        for (auto* one : panel.findChildren<QAbstractButton*>())
            if (one->text() == text) return one;
        return nullptr;
    }
};

} // namespace

class TestObjectsPanel final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme(); }
    void blocksHaveTheShareOfTheirBytes();
    void whatTheTreemapLeavesOutIsOneBlock();
    void whereCopiesLieIsShownBesideThePrimary();
    void aClickOnACellChoosesItsObject();
    void aClickOnAHeadChoosesTheVertex();
    void aRowChoosesItsObjectAndAnObjectItsRow();
    void aTaskThatIsChosenElsewhereShowsItsResult();
    void theLargestObjectsComeFirstWhenSortedByBytes();
    void theYoungestComeFirstWhenSortedByAge();
    void factsTellTheObject();
    void aFreedValueSaysSoAndCannotBeSaved();
    void theProducerIsALink();
    void saveAsksForAPathWithTheRightExtension();
    void savingCanBeCancelledAndLeavesNoFile();
    void openWritesAFileAndAsksForItToBeShown();
    void aValueThatCannotBeReadSaysWhy();
    void whatDoesNotFitIsLeftOut();
    void itLooksLikeTheMock();
};

void TestObjectsPanel::blocksHaveTheShareOfTheirBytes()
{
    World world;
    QVERIFY(world.show());
    const auto& tally = world.panel.treemap().tally();
    QVERIFY(tally.complete);
    double bytes = 0, area = 0;
    for (const auto& group : tally.groups) bytes += static_cast<double>(group.bytes);
    for (const char* id : {"render", "blur", "colour_map", "edges", "mosaic", "sharpen", "annotate", "png_encode"}) {
        const QRect block = world.panel.treemap().blockOf(world.scene.vertex(id));
        area += (block.width() + 2.0) * (block.height() + 2.0); // with their gaps
    }
    for (const auto& group : tally.groups) {
        if (group.bytes < 1'000'000) continue;
        const QRect block = world.panel.treemap().blockOf(group.vertex);
        const double share = (block.width() + 2.0) * (block.height() + 2.0) / area;
        QVERIFY2(std::abs(share - static_cast<double>(group.bytes) / bytes) < 0.01, qPrintable(group.name));
    }
}

void TestObjectsPanel::whatTheTreemapLeavesOutIsOneBlock()
{
    World world({1500, 0, 0}); // 6,008 objects
    QVERIFY(world.show());
    const auto& tally = world.panel.treemap().tally();
    QVERIFY(!tally.complete);
    std::uint64_t objects = 0, bytes = 0;
    for (const auto& group : tally.groups) {
        objects += group.count;
        bytes += group.bytes;
    }
    QCOMPARE(objects, world.run.objects());
    QCOMPARE(bytes, world.run.objectBytes());
}

void TestObjectsPanel::whereCopiesLieIsShownBesideThePrimary()
{
    tests::ZoomScene::Wish wish;
    wish.copies = true;
    World world(wish);
    QVERIFY(world.show());
    QVERIFY2(world.scene.store.problem().empty(), world.scene.store.problem().c_str());
    const auto copies = world.scene.store.copies();
    QVERIFY(copies > 100);
    QVERIFY2(world.panel.totalsText().contains(QStringLiteral("%1 copies").arg(copies)), qPrintable(world.panel.totalsText()));
    // The bars know as many bytes of copies as there are.
    const auto& tally = world.panel.treemap().tally();
    std::uint64_t told = 0, wanted = 0;
    for (const auto& [letter, bytes] : tally.copyBytes) told += bytes;
    const auto& store = world.scene.store;
    for (std::uint64_t number = 1; number <= store.blocks(); ++number)
        store.eachCopyOfBlock(number, [&](const types::CopyRecord& copy) { wanted += store.objectBytes(store.findObject(copy.row, copy.output)); });
    QCOMPARE(told, wanted);
    QVERIFY(tally.copyBytes.count(QStringLiteral("A")) == 1);
    // Each row: the primary's letter, then those of copies; and a filter finds them.
    const auto asked = [&](const char* filter) {
        types::Query query;
        query.table = "objects";
        query.run = tests::ZoomScene::runId();
        query.filter = filter;
        query.columns = {"node", "copies"};
        query.count = 10'000;
        return world.scene.page(query);
    };
    const auto page = asked("copies:A");
    QVERIFY(page.ok());
    QVERIFY(page->total > 100 && page->total < copies + 1);
    for (const auto& row : page->rows) {
        QVERIFY(std::get<std::string>(row[0]) != "A");
        QCOMPARE(std::get<std::string>(row[1]), std::string("A"));
    }
    const auto cell = widgets::objectShape(world.run).look;
    world.choose("mosaic");
    QTRY_VERIFY(!world.panel.table()->selectionModel()->selectedRows().isEmpty());
    const int row = world.panel.table()->selectionModel()->selectedRows().first().row();
    const auto look = cell(world.panel.model(), row, world.panel.model().columnOf("node"));
    QCOMPARE(look.nodes.size(), qsizetype{2});
    QVERIFY(look.nodes[0] != look.nodes[1] && look.text.isEmpty());
    if (const auto shots = qEnvironmentVariable("ORRERY_SHOTS"); !shots.isEmpty()) world.panel.grab().save(shots + QStringLiteral("/objects-copies.png"));
}

void TestObjectsPanel::aClickOnACellChoosesItsObject()
{
    World world;
    QVERIFY(world.show());
    const auto wanted = world.object("blur", 130);
    QTest::mouseClick(&world.panel.treemap(), Qt::LeftButton, {}, world.panel.treemap().cellOf(wanted).center());
    QVERIFY(world.selection.object().has_value());
    QCOMPARE(world.selection.object()->task.row, wanted.task.row);
    QCOMPARE(world.selection.object()->task.mapIndex, 130u);
    QTRY_VERIFY(world.panel.pane().facts().has_value());
    QCOMPARE(world.panel.pane().facts()->producer, QStringLiteral("blur [130]"));
    QTRY_COMPARE(world.panel.model().key(world.panel.table()->currentIndex().row()), QStringLiteral("%1 0").arg(wanted.task.row));
}

void TestObjectsPanel::aClickOnAHeadChoosesTheVertex()
{
    World world;
    QVERIFY(world.show());
    const QRect block = world.panel.treemap().blockOf(world.scene.vertex("render"));
    QTest::mouseClick(&world.panel.treemap(), Qt::LeftButton, {}, block.topLeft() + QPoint(20, 8));
    QCOMPARE(world.selection.vertices(), QStringList(QStringLiteral("render")));
    QVERIFY(!world.selection.object().has_value());
}

void TestObjectsPanel::aRowChoosesItsObjectAndAnObjectItsRow()
{
    World world;
    QVERIFY(world.show());
    QTableView* table = world.panel.table();
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(world.panel.model().index(2, 0)).center());
    QVERIFY(world.selection.object().has_value());
    QCOMPARE(world.selection.object()->task.row, static_cast<std::uint32_t>(world.panel.model().integer(2, "row")));
    world.choose("annotate");
    QTRY_COMPARE(world.panel.model().text(table->currentIndex().row(), "vertex"), QStringLiteral("annotate"));
    QVERIFY(table->viewport()->rect().contains(table->visualRect(table->currentIndex()).center()));
}

void TestObjectsPanel::aTaskThatIsChosenElsewhereShowsItsResult()
{
    World world;
    QVERIFY(world.show());
    world.selection.selectTask(world.object("colour_map").task, QStringLiteral("colour_map"));
    QTRY_VERIFY(!world.panel.pane().preview().image().isNull());
    QCOMPARE(world.panel.pane().preview().image().size(), QSize(64, 64));
    world.selection.selectTask(world.object("save").task, QStringLiteral("save"));
    QTRY_VERIFY(!world.panel.pane().facts().has_value()); // it has none
    QVERIFY(world.panel.pane().preview().image().isNull());
}

void TestObjectsPanel::theLargestObjectsComeFirstWhenSortedByBytes()
{
    World world;
    QVERIFY(world.show());
    world.panel.table()->sortByColumn(3, Qt::DescendingOrder);
    QTRY_COMPARE(world.panel.model().text(0, "vertex"), QStringLiteral("mosaic"));
    QCOMPARE(world.panel.model().text(3, "vertex"), QStringLiteral("png_encode"));
}

void TestObjectsPanel::theYoungestComeFirstWhenSortedByAge()
{
    World world;
    QVERIFY(world.show());
    world.panel.table()->sortByColumn(8, Qt::AscendingOrder);
    QTRY_COMPARE(world.panel.model().text(0, "vertex"), QStringLiteral("png_encode"));
}

void TestObjectsPanel::factsTellTheObject()
{
    World world;
    QVERIFY(world.show());
    world.choose("annotate");
    QTRY_VERIFY(world.panel.pane().facts().has_value());
    const auto rows = world.panel.pane().facts()->rows({});
    const auto value = [&rows](const QString& key) {
        for (const auto& row : rows)
            if (row.key == key) return row.value;
        return QStringLiteral("none");
    };
    QCOMPARE(value(QStringLiteral("type")), QStringLiteral("image"));
    QCOMPARE(value(QStringLiteral("shape")), QStringLiteral("4096 × 4096 × 4"));
    QCOMPARE(value(QStringLiteral("bytes")), QStringLiteral("64.0 MiB  (67,109,056)"));
    QCOMPARE(value(QStringLiteral("producer")), QStringLiteral("annotate"));
    QCOMPARE(value(QStringLiteral("where")), QStringLiteral("in memory"));
}

void TestObjectsPanel::aFreedValueSaysSoAndCannotBeSaved()
{
    World world;
    world.scene.rows.reply = [&](const types::Query& query) {
        auto page = world.scene.page(query);
        if (!page.ok()) return page;
        for (std::size_t c = 0; c < page->columns.size(); ++c)
            for (auto& row : page->rows)
                if (page->columns[c] == "state") row[c] = std::string("FREED");
        return page;
    };
    QVERIFY(world.show());
    world.choose("annotate");
    QTRY_VERIFY(world.panel.pane().facts().has_value());
    QVERIFY(world.scene.bytes.wishes.empty()); // nobody is asked for what is gone
    QVERIFY(!world.button(QStringLiteral("Save…"))->isEnabled());
    QCOMPARE(world.button(QStringLiteral("Save…"))->toolTip(), QStringLiteral("The value is gone."));
}

void TestObjectsPanel::theProducerIsALink()
{
    World world;
    QVERIFY(world.show());
    QSignalSpy revealed(&world.selection, &widgets::Selection::revealed);
    QVERIFY(world.pictured("annotate"));
    auto* list = world.panel.pane().findChild<widgets::KeyValueList*>();
    QTest::mouseClick(list, Qt::LeftButton, {}, {24 + 112 + 20, 3 * widgets::metric::kRow + 12});
    QCOMPARE(revealed.size(), 1);
    QCOMPARE(world.selection.task()->row, world.scene.row("annotate"));
}

void TestObjectsPanel::saveAsksForAPathWithTheRightExtension()
{
    World world;
    QVERIFY(world.show());
    QTemporaryDir folder;
    QVERIFY(world.pictured("annotate"));
    QSignalSpy saved(&world.panel, &ObjectsPanel::saved);
    QTest::mouseClick(world.button(QStringLiteral("Save…")), Qt::LeftButton);
    QTRY_VERIFY(world.panel.findChild<QFileDialog*>() != nullptr);
    auto* dialog = world.panel.findChild<QFileDialog*>();
    QTRY_VERIFY(dialog->isVisible());
    auto* name = dialog->findChild<QLineEdit*>();
    QCOMPARE(name->text(), QStringLiteral("annotate.image.png"));
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, folder.filePath(QStringLiteral("picture")));
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE(saved.size(), 1);
    const QImage written(folder.filePath(QStringLiteral("picture.png")));
    QCOMPARE(written.size(), QSize(512, 512));
    QCOMPARE(written.pixel(100, 200), world.panel.pane().preview().image().pixel(100, 200));
    QVERIFY(!world.panel.pane().isSaving());
}

void TestObjectsPanel::savingCanBeCancelledAndLeavesNoFile()
{
    World world;
    QVERIFY(world.show());
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.png"));
    QVERIFY(world.pictured("annotate"));
    QSignalSpy saved(&world.panel, &ObjectsPanel::saved);
    world.scene.bytes.byItself = false;
    const std::uint32_t row = world.scene.row("annotate");
    world.panel.pane().saveTo({tests::ZoomScene::runId(), row, 0, -1}, path);
    QVERIFY(world.panel.pane().isSaving());
    QAbstractButton* cancel = nullptr;
    for (auto* one : world.panel.findChildren<QAbstractButton*>())
        if (one->toolTip() == QStringLiteral("Cancel saving")) cancel = one;
    QVERIFY(cancel != nullptr && cancel->isVisible());
    QTest::mouseClick(cancel, Qt::LeftButton);
    QCOMPARE(world.scene.bytes.open(), std::size_t{0}); // the question was dropped
    QVERIFY(!world.panel.pane().isSaving());
    QVERIFY(!QFile::exists(path));
    QVERIFY(world.button(QStringLiteral("Save…"))->isEnabled());
    QCOMPARE(saved.size(), 0);
}

void TestObjectsPanel::openWritesAFileAndAsksForItToBeShown()
{
    World world;
    QVERIFY(world.show());
    QVERIFY(world.pictured("histogram"));
    QSignalSpy open(&world.panel, &ObjectsPanel::openFileRequested);
    QTest::mouseClick(world.button(QStringLiteral("Open")), Qt::LeftButton);
    QTRY_COMPARE(open.size(), 1);
    const QString path = open[0][0].toString();
    QCOMPARE(QFileInfo(path).fileName(), QStringLiteral("histogram.table.csv"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readLine(), QByteArray("bin,count\n"));
}

void TestObjectsPanel::aValueThatCannotBeReadSaysWhy()
{
    World world;
    QVERIFY(world.show());
    QVERIFY(world.pictured("annotate"));
    QSignalSpy failed(&world.panel, &ObjectsPanel::saveFailed);
    world.scene.bytes.error = base::fail(base::Errc::Lost, "The last copy is gone.");
    QTest::mouseClick(world.button(QStringLiteral("Save…")), Qt::LeftButton);
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed[0][0].toString(), QStringLiteral("The last copy is gone."));
    QVERIFY(!world.panel.pane().isSaving());
}

void TestObjectsPanel::whatDoesNotFitIsLeftOut()
{
    World world;
    QVERIFY(world.show());
    QVERIFY(world.panel.pane().isVisible() && world.panel.treemap().isVisible());
    world.panel.resize(900, 260);
    QTRY_VERIFY(!world.panel.pane().isVisible());
    QVERIFY(!world.panel.treemap().isVisible());
    QTRY_VERIFY(world.panel.table()->viewport()->height() > 150);
}

void TestObjectsPanel::itLooksLikeTheMock()
{
    World world;
    QVERIFY(world.show(1920, 1080));
    world.panel.table()->sortByColumn(3, Qt::DescendingOrder);
    QVERIFY(world.pictured("annotate"));
    QTRY_COMPARE(world.panel.model().text(0, "vertex"), QStringLiteral("mosaic"));
    QVERIFY(tests::shoot(world.panel, QStringLiteral("objects")));
    for (const char* id : {"tiles_list", "histogram", "zoom_window"}) {
        QVERIFY(world.pictured(id));
        QVERIFY(tests::shoot(world.panel.pane(), QStringLiteral("pane-") + QLatin1String(id)));
    }
    world.panel.resize(1664, 400);
    QVERIFY(tests::shoot(world.panel, QStringLiteral("objects-low")));
}

QTEST_MAIN(TestObjectsPanel)
#include "tst_objects_panel.moc"
