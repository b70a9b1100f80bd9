// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "widgets/logs/log_view.h"
#include "widgets/logs/logs_panel.h"

#include <QAbstractButton>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>

using namespace orrery;
using base::LogLevel;
using widgets::LogsPanel;

namespace {

constexpr base::TimeNs kBegin = 50 * base::kSecond;

struct World {
    widgets::RunModel run;
    widgets::Selection selection;
    LogsPanel panel{run, selection};

    World()
    {
        widgets::RunUpdate update;
        update.nowNs = kBegin;
        update.wallOffsetNs = 1'700'000'000 * base::kSecond;
        for (std::uint16_t track = 0; track < 4; ++track) {
            types::WorkerRow worker;
            worker.track = track;
            worker.node = track / 2;
            update.workers.push_back(worker);
        }
        run.take(update);
    }
    static types::LogLine line(const std::string& text, LogLevel level = LogLevel::Info, std::uint16_t worker = types::kNoWorker)
    {
        types::LogLine made;
        made.atNs = kBegin;
        made.level = static_cast<std::uint8_t>(level);
        made.node = worker == types::kNoWorker ? 0 : worker / 2;
        made.worker = worker;
        made.text = text;
        return made;
    }
    void say(std::vector<types::LogLine> lines)
    {
        widgets::RunUpdate update;
        update.logs = std::move(lines);
        run.take(update);
    }
    void say(int count, const std::string& what = "line")
    {
        std::vector<types::LogLine> lines;
        for (int i = 0; i < count; ++i) lines.push_back(line(what + " " + std::to_string(m_said++)));
        say(std::move(lines));
    }
    bool show(int width = 900, int height = 340) { return tests::showAt(panel, width, height); }
    QScrollBar* bar() { return panel.view().verticalScrollBar(); }
    bool atEnd() { return bar()->value() == bar()->maximum(); }
    QString top() { return QString::fromStdString(panel.lines().line(static_cast<std::size_t>(panel.view().topLine())).text); }
    QLineEdit* filter() const { return panel.findChild<QLineEdit*>(); }
    QAbstractButton* button(const QString& name) const
    {
        for (auto* one : panel.findChildren<QAbstractButton*>())
            if (one->text() == name || one->toolTip() == name) return one;
        return nullptr;
    }

private:
    int m_said = 0;
};

} // namespace

class TestLogsPanel final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme(); }
    void theNewestLineIsInViewWhileItFollows();
    void scrollingUpStopsFollowingAndTheEndBeginsItAgain();
    void whatIsReadStaysInPlaceWhileOldLinesGo();
    void thereAreNeverMoreLinesThanAreKept();
    void aFilterIsTheGrammarOfTables();
    void aBadFilterSaysWhyAndChangesNothing();
    void levelsLeaveLinesOut();
    void newLinesPassTheFilter();
    void chosenLinesAreCopiedWhole();
    void whatTheWindowSaysStandsAmongTheLines();
    void aChoiceKeepsItsLinesWhileOthersGo();
    void aDoubleClickChoosesTheWorker();
    void aHiddenPanelCatchesUpWhenShown();
    void linesThatWereLostAreCounted();
    void withoutLinesASentenceSaysSo();
    void itLooksCalm();
};

void TestLogsPanel::theNewestLineIsInViewWhileItFollows()
{
    World world;
    QVERIFY(world.show());
    world.say(500);
    QVERIFY(world.atEnd());
    QVERIFY(world.bar()->maximum() > 0);
    world.say(500);
    QVERIFY(world.atEnd());
    QCOMPARE(world.panel.shownText(), QStringLiteral("1,000 lines"));
}

void TestLogsPanel::scrollingUpStopsFollowingAndTheEndBeginsItAgain()
{
    World world;
    QVERIFY(world.show());
    world.say(500);
    QAbstractButton* follow = world.button(QStringLiteral("Follow the newest line"));
    QVERIFY(follow->isChecked());
    QWheelEvent wheel({50, 50}, world.panel.view().viewport()->mapToGlobal(QPointF(50, 50)), {}, {0, 240}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(world.panel.view().viewport(), &wheel);
    QVERIFY(!world.panel.view().follows() && !follow->isChecked());
    const QString top = world.top();
    world.say(100);
    QCOMPARE(world.top(), top);
    QTest::mouseClick(follow, Qt::LeftButton);
    QVERIFY(world.panel.view().follows() && world.atEnd());
    QTest::keyClick(&world.panel.view(), Qt::Key_Home);
    QVERIFY(!world.panel.view().follows());
    QTest::keyClick(&world.panel.view(), Qt::Key_End);
    QVERIFY(world.panel.view().follows());
}

void TestLogsPanel::whatIsReadStaysInPlaceWhileOldLinesGo()
{
    World world;
    QVERIFY(world.show());
    world.say(static_cast<int>(widgets::kLogLinesKept));
    world.bar()->setValue(5000 * widgets::kLogLine);
    const QString top = world.top();
    QCOMPARE(top, QStringLiteral("line 5000"));
    world.say(300); // as many go at the front
    QCOMPARE(world.top(), top);
    world.say(10'000);
    QCOMPARE(world.bar()->value(), 0); // what was read is gone
    QCOMPARE(world.top(), QStringLiteral("line 10300"));
}

void TestLogsPanel::thereAreNeverMoreLinesThanAreKept()
{
    World world;
    QVERIFY(world.show());
    for (int i = 0; i < 5; ++i) world.say(9000);
    QCOMPARE(world.panel.lines().size(), widgets::kLogLinesKept);
    QCOMPARE(world.panel.shownText(), QStringLiteral("20,000 lines  ·  25,000 older ones are gone"));
}

void TestLogsPanel::aFilterIsTheGrammarOfTables()
{
    World world;
    QVERIFY(world.show());
    world.say({World::line("worker 1 was killed", LogLevel::Error), World::line("all is well"), World::line("KILLED again", LogLevel::Warn, 3), World::line("render 7", LogLevel::Info, 2)});
    const auto shows = [&](const QString& filter) {
        world.panel.setFilter(filter);
        QStringList texts;
        for (std::size_t i = 0; i < world.panel.lines().size(); ++i) texts << QString::fromStdString(world.panel.lines().line(i).text);
        return texts.join(u'|');
    };
    QCOMPARE(shows(QStringLiteral("killed")), QStringLiteral("worker 1 was killed|KILLED again"));
    QCOMPARE(shows(QStringLiteral("killed and node:B")), QStringLiteral("KILLED again"));
    QCOMPARE(shows(QStringLiteral("level:error or worker=1")), QStringLiteral("worker 1 was killed|render 7"));
    QCOMPARE(shows(QStringLiteral("not killed")), QStringLiteral("all is well|render 7"));
    QCOMPARE(shows(QStringLiteral("track=3")), QStringLiteral("KILLED again"));
    QCOMPARE(shows(QString()), QStringLiteral("worker 1 was killed|all is well|KILLED again|render 7"));
}

void TestLogsPanel::aBadFilterSaysWhyAndChangesNothing()
{
    World world;
    QVERIFY(world.show());
    world.say(10);
    world.panel.focusFilter();
    QTest::keyClicks(world.filter(), QStringLiteral("levl:error"));
    QTRY_VERIFY(world.filter()->property("wrong").toBool());
    QVERIFY2(world.filter()->toolTip().contains(QStringLiteral("did you mean \"level\"")), qPrintable(world.filter()->toolTip()));
    QCOMPARE(world.panel.lines().size(), std::size_t{10});
}

void TestLogsPanel::levelsLeaveLinesOut()
{
    World world;
    QVERIFY(world.show());
    world.say({World::line("a", LogLevel::Debug), World::line("b"), World::line("c", LogLevel::Warn), World::line("d", LogLevel::Error)});
    QTest::mouseClick(world.button(QStringLiteral("Errors")), Qt::LeftButton);
    QCOMPARE(world.panel.lines().size(), std::size_t{1});
    QTest::mouseClick(world.button(QStringLiteral("Warnings")), Qt::LeftButton);
    QCOMPARE(world.panel.lines().size(), std::size_t{2});
    QCOMPARE(world.panel.shownText(), QStringLiteral("showing 2 of 4"));
    QTest::mouseClick(world.button(QStringLiteral("All")), Qt::LeftButton);
    QCOMPARE(world.panel.lines().size(), std::size_t{4});
}

void TestLogsPanel::newLinesPassTheFilter()
{
    World world;
    QVERIFY(world.show());
    world.panel.setFilter(QStringLiteral("render"));
    world.say(20, "blur");
    world.say(3, "render");
    QCOMPARE(world.panel.lines().size(), std::size_t{3});
}

void TestLogsPanel::chosenLinesAreCopiedWhole()
{
    World world;
    QVERIFY(world.show());
    world.say({World::line("one", LogLevel::Error, 3), World::line("two\nsecond row"), World::line("three")});
    QTest::mouseClick(world.panel.view().viewport(), Qt::LeftButton, {}, {400, widgets::kLogLine / 2});
    QTest::mouseClick(world.panel.view().viewport(), Qt::LeftButton, Qt::ShiftModifier, {400, widgets::kLogLine * 3 / 2});
    QTest::keySequence(&world.panel.view(), QKeySequence::Copy);
    const QStringList copied = QGuiApplication::clipboard()->text().split(u'\n');
    QCOMPARE(copied.size(), 3);
    QVERIFY2(copied[0].endsWith(QStringLiteral("error    B worker 2  one")), qPrintable(copied[0]));
    QVERIFY(copied[1].endsWith(QStringLiteral("info     A node  two")));
    QCOMPARE(copied[2], QStringLiteral("second row"));
    QTest::keySequence(&world.panel.view(), QKeySequence::SelectAll);
    QCOMPARE(world.panel.view().chosenText().count(u'\n'), 3);
}

void TestLogsPanel::whatTheWindowSaysStandsAmongTheLines()
{
    World world;
    QVERIFY(world.show());
    world.say({World::line("one")});
    world.run.note(LogLevel::Error, QStringLiteral("mylib was not built"));
    QCOMPARE(world.panel.lines().size(), std::size_t{2});
    QTest::keySequence(&world.panel.view(), QKeySequence::SelectAll);
    const QString copied = world.panel.view().chosenText().section(u'\n', 1, 1);
    QVERIFY2(copied.endsWith(QStringLiteral("error    window  mylib was not built")), qPrintable(copied));
    world.panel.setFilter(QStringLiteral("node:window"));
    QCOMPARE(world.panel.lines().size(), std::size_t{1});
    world.panel.setFilter(QStringLiteral("node:A"));
    QCOMPARE(QString::fromStdString(world.panel.lines().line(0).text), QStringLiteral("one"));
}

void TestLogsPanel::aChoiceKeepsItsLinesWhileOthersGo()
{
    World world;
    QVERIFY(world.show());
    world.say(static_cast<int>(widgets::kLogLinesKept));
    world.bar()->setValue(100 * widgets::kLogLine);
    QTest::mouseClick(world.panel.view().viewport(), Qt::LeftButton, {}, {400, 10});
    QVERIFY(world.panel.view().chosenText().endsWith(QStringLiteral("line 100")));
    world.say(50);
    QVERIFY(world.panel.view().chosenText().endsWith(QStringLiteral("line 100")));
    world.say(100);
    QCOMPARE(world.panel.view().chosenText(), QString()); // it is gone
}

void TestLogsPanel::aDoubleClickChoosesTheWorker()
{
    World world;
    QVERIFY(world.show());
    world.say({World::line("one"), World::line("two", LogLevel::Info, 2)});
    QTest::mouseDClick(world.panel.view().viewport(), Qt::LeftButton, {}, {400, 10});
    QVERIFY(!world.selection.worker().has_value());
    QTest::mouseDClick(world.panel.view().viewport(), Qt::LeftButton, {}, {400, 30});
    QCOMPARE(world.selection.worker(), std::optional<std::uint16_t>(2));
}

void TestLogsPanel::aHiddenPanelCatchesUpWhenShown()
{
    World world;
    QVERIFY(world.show());
    world.say(100);
    world.panel.hide();
    world.say(200);
    QCOMPARE(world.panel.lines().size(), std::size_t{100}); // nothing was done
    world.panel.show();
    QTRY_COMPARE(world.panel.lines().size(), std::size_t{300});
    QVERIFY(world.atEnd());
}

void TestLogsPanel::linesThatWereLostAreCounted()
{
    World world;
    QVERIFY(world.show());
    widgets::RunUpdate update;
    update.logs = {World::line("a")};
    update.logsDropped = 1234;
    world.run.take(update);
    QCOMPARE(world.panel.shownText(), QStringLiteral("1 line  ·  1,234 older ones are gone"));
}

void TestLogsPanel::withoutLinesASentenceSaysSo()
{
    World world;
    QVERIFY(world.show());
    const auto says = [&](const QString& text) {
        const auto labels = world.panel.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->isVisible() && label->text() == text; });
    };
    QVERIFY(says(QStringLiteral("No log line yet. What nodes and tasks say appears here.")));
    world.say(3);
    world.panel.setFilter(QStringLiteral("nothing"));
    QVERIFY(says(QStringLiteral("No lines match “nothing”.")));
    QTest::mouseClick(world.button(QStringLiteral("Clear filter")), Qt::LeftButton);
    QCOMPARE(world.panel.lines().size(), std::size_t{3});
}

void TestLogsPanel::itLooksCalm()
{
    World world;
    QVERIFY(world.show(1416, 480));
    std::vector<types::LogLine> lines;
    for (int i = 0; i < 40; ++i) lines.push_back(World::line("render [" + std::to_string(i) + "]: 256 x 256, 900 iterations at most", i % 5 == 0 ? LogLevel::Debug : LogLevel::Info, static_cast<std::uint16_t>(i % 4)));
    lines.push_back(World::line("store is 91 % full: results of finished runs are freed first", LogLevel::Warn));
    lines.push_back(World::line("worker 2 died: killed by signal 9; 2 tasks go to another worker", LogLevel::Error, 1));
    lines.push_back(World::line("edges [4] failed: the picture is empty\n  at edges.cpp:41\n  at call.cpp:88", LogLevel::Error, 3));
    world.say(lines);
    QTest::mouseClick(world.panel.view().viewport(), Qt::LeftButton, {}, {400, 200});
    world.selection.selectWorker(3);
    QVERIFY(tests::shoot(world.panel, QStringLiteral("logs")));
}

QTEST_MAIN(TestLogsPanel)
#include "tst_logs_panel.moc"
