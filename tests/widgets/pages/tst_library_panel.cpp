// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/common/search_field.h"
#include "widgets/pages/fuzzy.h"
#include "widgets/pages/library_model.h"
#include "widgets/pages/library_panel.h"

#include <QLabel>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

using namespace orrery;
using namespace orrery::widgets;

namespace {

struct Stage {
    GraphModel graph;
    LibraryPanel panel{(tests::theme(), graph)};

    explicit Stage(std::shared_ptr<const types::Catalog> catalog = tests::catalog())
    {
        graph.setCatalog(std::move(catalog));
    }
    bool show() { return tests::showAt(panel, 256, 600); }
    QAbstractItemModel* model() const { return panel.view()->model(); }
    // The row with this text, seen or not.
    QModelIndex find(const QString& text) const
    {
        const auto found =
            model()->match(model()->index(0, 0), Qt::DisplayRole, text, 1, Qt::MatchExactly | Qt::MatchRecursive);
        return found.isEmpty() ? QModelIndex() : found.first();
    }
    QStringList functions() const
    {
        QStringList names;
        for (const auto& index : model()->match(model()->index(0, 0), LibraryModel::KindRole, LibraryModel::Function,
                                                -1, Qt::MatchExactly | Qt::MatchRecursive))
            names << index.data().toString();
        return names;
    }
    void type(const QString& text)
    {
        panel.focusFilter();
        QTest::keyClicks(panel.filter(), text);
    }
};

} // namespace

class TestLibraryPanel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void functionsStandUnderPluginAndCategory();
    void typingFiltersAndTheBestIsMarked();
    void enterInsertsTheBest();
    void downGoesIntoTheTreeAndEnterInserts();
    void aDoubleClickInserts();
    void aClickOnAHeadOpensAndClosesIt();
    void whatWasClosedStaysClosedWhenTheCatalogChanges();
    void aDragCarriesTheFunction();
    void headsCannotBeDragged();
    void aLibraryThatCannotBeLoadedSaysWhy();
    void nothingMatchesOffersToClear();
    void escapeClearsTheFilter();
    void aFunctionIsRevealedAsSoonAsItIsThere();
    void fuzzyPutsTheNearestFirst();
};

void TestLibraryPanel::functionsStandUnderPluginAndCategory()
{
    Stage stage;
    QVERIFY(stage.show());
    const QModelIndex render = stage.find(QStringLiteral("render"));
    QVERIFY(render.isValid());
    QCOMPARE(render.parent().data().toString(), QStringLiteral("Fractal"));
    QCOMPARE(render.parent().parent().data().toString(), QStringLiteral("imaging"));
    QCOMPARE(render.data(LibraryModel::FunctionRole).toString(), QStringLiteral("imaging.render"));
    QCOMPARE(render.data(LibraryModel::OutputsRole).toStringList(), QStringList{QStringLiteral("tensor")});
    QVERIFY(stage.panel.view()->visualRect(render).isValid());                     // the first library is open
    QVERIFY(!stage.panel.view()->isExpanded(stage.find(QStringLiteral("basic")))); // the others are not
    QCOMPARE(stage.find(QStringLiteral("imaging")).data(LibraryModel::CountRole).toInt(), 12);
}

void TestLibraryPanel::typingFiltersAndTheBestIsMarked()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("ed"));
    QCOMPARE(stage.panel.view()->currentIndex().data().toString(), QStringLiteral("edges"));
    QVERIFY(!stage.functions().contains(QStringLiteral("blur")));
    QVERIFY(!stage.find(QStringLiteral("Numbers")).isValid()); // empty categories leave
}

void TestLibraryPanel::enterInsertsTheBest()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy inserted(&stage.panel, &LibraryPanel::insertRequested);
    stage.type(QStringLiteral("histo"));
    QTest::keyClick(stage.panel.filter(), Qt::Key_Return);
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(inserted[0][0].toString(), QStringLiteral("imaging.histogram"));
}

void TestLibraryPanel::downGoesIntoTheTreeAndEnterInserts()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy inserted(&stage.panel, &LibraryPanel::insertRequested);
    stage.type(QStringLiteral("filter")); // a category: all of its functions
    QCOMPARE(stage.functions().size(), 4);
    QTest::keyClick(stage.panel.filter(), Qt::Key_Down);
    QVERIFY(stage.panel.view()->hasFocus());
    const QString first = stage.panel.view()->currentIndex().data().toString();
    QTest::keyClick(stage.panel.view(), Qt::Key_Down);
    QVERIFY(stage.panel.view()->currentIndex().data().toString() != first);
    QTest::keyClick(stage.panel.view(), Qt::Key_Return);
    QCOMPARE(inserted.size(), 1);
}

void TestLibraryPanel::aFunctionIsRevealedAsSoonAsItIsThere()
{
    Stage stage(std::make_shared<const types::Catalog>());
    QVERIFY(stage.show());
    stage.type(QStringLiteral("nothing"));
    stage.panel.reveal(QStringLiteral("imaging.save"));
    QVERIFY(stage.panel.filter()->text().isEmpty()); // it might hide it
    stage.graph.setCatalog(tests::catalog());
    QTRY_COMPARE(stage.panel.view()->currentIndex().data(LibraryModel::FunctionRole).toString(), QStringLiteral("imaging.save"));
    QVERIFY(stage.panel.view()->visualRect(stage.panel.view()->currentIndex()).isValid());
}

void TestLibraryPanel::aDoubleClickInserts()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy inserted(&stage.panel, &LibraryPanel::insertRequested);
    const QPoint at = stage.panel.view()->visualRect(stage.find(QStringLiteral("blur"))).center();
    QTest::mouseClick(stage.panel.view()->viewport(), Qt::LeftButton, {}, at);
    QCOMPARE(inserted.size(), 0);
    QTest::mouseDClick(stage.panel.view()->viewport(), Qt::LeftButton, {}, at);
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(inserted[0][0].toString(), QStringLiteral("imaging.blur"));
}

void TestLibraryPanel::aClickOnAHeadOpensAndClosesIt()
{
    Stage stage;
    QVERIFY(stage.show());
    const QModelIndex filter = stage.find(QStringLiteral("Filter"));
    const QPoint at = stage.panel.view()->visualRect(filter).center();
    QTest::mouseClick(stage.panel.view()->viewport(), Qt::LeftButton, {}, at);
    QVERIFY(!stage.panel.view()->isExpanded(filter));
    QTest::mouseClick(stage.panel.view()->viewport(), Qt::LeftButton, {}, at);
    QVERIFY(stage.panel.view()->isExpanded(filter));
}

void TestLibraryPanel::whatWasClosedStaysClosedWhenTheCatalogChanges()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.panel.view()->collapse(stage.find(QStringLiteral("Filter")));
    stage.panel.view()->expand(stage.find(QStringLiteral("basic")));
    stage.type(QStringLiteral("blur")); // a search opens what matches, and does not forget
    QVERIFY(stage.panel.view()->isExpanded(stage.find(QStringLiteral("Filter"))));
    stage.panel.filter()->clear();
    auto changed = std::make_shared<types::Catalog>(*tests::catalog());
    changed->plugins[0].functions.pop_back();
    stage.graph.setCatalog(changed);
    QTRY_COMPARE(stage.find(QStringLiteral("imaging")).data(LibraryModel::CountRole).toInt(), 11);
    QVERIFY(!stage.panel.view()->isExpanded(stage.find(QStringLiteral("Filter"))));
    QVERIFY(stage.panel.view()->isExpanded(stage.find(QStringLiteral("basic"))));
}

void TestLibraryPanel::aDragCarriesTheFunction()
{
    Stage stage;
    QVERIFY(stage.show());
    const QModelIndex blur = stage.find(QStringLiteral("blur"));
    QVERIFY(blur.flags() & Qt::ItemIsDragEnabled);
    const std::unique_ptr<QMimeData> data(stage.model()->mimeData({blur}));
    QVERIFY(data);
    QCOMPARE(data->formats(), QStringList{QStringLiteral("application/x-orrery-function")});
    QCOMPARE(data->data(QStringLiteral("application/x-orrery-function")), QByteArray("imaging.blur"));
    QVERIFY(stage.panel.view()->dragEnabled());
}

void TestLibraryPanel::headsCannotBeDragged()
{
    Stage stage;
    QVERIFY(stage.show());
    const QModelIndex head = stage.find(QStringLiteral("imaging"));
    QVERIFY(!(head.flags() & Qt::ItemIsDragEnabled));
    QVERIFY(!std::unique_ptr<QMimeData>(stage.model()->mimeData({head})));
}

void TestLibraryPanel::aLibraryThatCannotBeLoadedSaysWhy()
{
    auto catalog = std::make_shared<types::Catalog>(*tests::catalog());
    catalog->problems = {{"/lib/orrery/wavelets.so", "it needs the symbol wav_open, which libwav.so.2 does not have"}};
    Stage stage(catalog);
    QVERIFY(stage.show());
    const QModelIndex row = stage.find(QStringLiteral("wavelets.so"));
    QVERIFY(row.isValid());
    QVERIFY(row.data(LibraryModel::FunctionRole).toString().contains(QStringLiteral("wav_open")));
    QVERIFY(row.data(Qt::ToolTipRole).toString().contains(QStringLiteral("/lib/orrery/wavelets.so")));
    QSignalSpy inserted(&stage.panel, &LibraryPanel::insertRequested);
    stage.panel.view()->setCurrentIndex(row);
    QTest::keyClick(stage.panel.view(), Qt::Key_Return);
    QCOMPARE(inserted.size(), 0);
}

void TestLibraryPanel::nothingMatchesOffersToClear()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("qqq"));
    QVERIFY(!stage.panel.view()->isVisible());
    bool said = false;
    for (const auto* label : stage.panel.findChildren<QLabel*>())
        said = said || (label->isVisible() && label->text().contains(QStringLiteral("qqq")));
    QVERIFY(said);
    QTest::keyClick(stage.panel.filter(), Qt::Key_Return); // and inserts nothing
}

void TestLibraryPanel::escapeClearsTheFilter()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("blur"));
    QTest::keyClick(stage.panel.filter(), Qt::Key_Escape);
    QVERIFY(stage.panel.filter()->text().isEmpty());
    QCOMPARE(stage.functions().size(), 14);
}

void TestLibraryPanel::fuzzyPutsTheNearestFirst()
{
    const auto better = [](const char* pattern, const char* a, const char* b) {
        return fuzzyScore(QLatin1String(pattern).toString(), QLatin1String(a).toString()) >
               fuzzyScore(QLatin1String(pattern).toString(), QLatin1String(b).toString());
    };
    QVERIFY(better("run", "Run", "Run to here"));
    QVERIFY(better("run", "Run to here", "Prune"));
    QVERIFY(better("here", "Run to here", "Adherent run to it"));
    QVERIFY(better("rth", "Run to here", "breathe"));
    QVERIFY(!fuzzyScore(u"xyz", u"Run to here"));
    QVERIFY(fuzzyScore(u"here run", u"Run to here")); // words in any order
    QCOMPARE(fuzzyScore(u"", u"anything"), std::optional(0));
}

QTEST_MAIN(TestLibraryPanel)
#include "tst_library_panel.moc"
