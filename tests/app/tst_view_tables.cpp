// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/run_query.h"
#include "tests/app/view_world.h"

#include <QTest>

using namespace orrery;
using namespace orrery::tests;

namespace {

types::Query tasks(std::string filter = {}, std::string sort = {}, std::uint64_t first = 0, std::uint32_t count = 100)
{
    types::Query query;
    query.table = "tasks";
    query.filter = std::move(filter);
    query.sort = std::move(sort);
    query.first = first;
    query.count = count;
    return query;
}

QString cells(const types::Page& page)
{
    QString text = QStringLiteral("%1 of %2:").arg(page.rows.size()).arg(page.total);
    for (const auto& row : page.rows)
        for (const auto& cell : row)
            std::visit(
                [&](const auto& value) {
                    using T = std::decay_t<decltype(value)>;
                    if constexpr (std::is_same_v<T, std::string>) text += u' ' + QString::fromStdString(value);
                    else if constexpr (!std::is_same_v<T, std::monostate>) text += u' ' + QString::number(value);
                },
                cell);
    return text;
}

// Twenty tasks, the even ones done.
struct TablesWorld : ViewWorld {
    ScriptedRun run{1};
    TablesWorld()
    {
        const auto first = run.addRows(kRender, 20);
        for (std::uint32_t row = first; row < first + 20; row += 2) run.ends(row, 0, {}, types::TaskState::Finished, 1, 1000 * (1 + row));
        run.seal();
        show(run);
    }
    widgets::Ticket last = 0;
    widgets::Ticket ask(types::Query query)
    {
        view->ask(++last, std::move(query));
        return last;
    }
};

} // namespace

class tst_view_tables : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rowsOfTheShownRunComeFromTheMirrorAsTheHeadWouldAnswer()
    {
        TablesWorld world;
        for (const auto& query : {tasks(), tasks("state=FINISHED"), tasks({}, "-dur", 2, 5), tasks("dur>5us", "dur")}) {
            const auto ticket = world.ask(query);
            QVERIFY(!world.answers.count(ticket)); // not inside the call
            world.loop->runReady();
            const auto& page = world.answered<types::Page>(ticket);
            trace::RunWorld named;
            named.graph = tilesGraph();
            named.catalog = tilesCatalog();
            named.wallOffsetNs = world.model.wallOffsetNs();
            named.nowNs = world.model.nowNs();
            types::NodeRow node;
            named.addNode(node);
            auto expected = trace::RunQuery::make(query, world.run.store(), named);
            QVERIFY2(expected.ok(), expected ? "" : expected.error().message.c_str());
            while (!expected->work([] { return false; })) {}
            QCOMPARE(cells(page), cells(expected->page(query.first, query.count)));
            QVERIFY(page.complete && page.total > 0 && page.epoch == 1);
        }
        QCOMPARE(world.session->asks.size(), std::size_t{0});
    }
    void objectsToo()
    {
        TablesWorld world;
        world.run.object(0, 0, types::ObjectState::Memory, types::ValueType::Tensor);
        world.run.seal();
        world.tellShown(world.run, 1);
        types::Query query;
        query.table = "objects";
        const auto ticket = world.ask(query);
        world.loop->runReady();
        QCOMPARE(world.answered<types::Page>(ticket).total, std::uint64_t{1});
    }
    void aBadFilterIsAnsweredWithOneSentence()
    {
        TablesWorld world;
        const auto ticket = world.ask(tasks("nonsense ="));
        world.loop->runReady();
        QCOMPARE(world.answered<base::Error>(ticket).code, base::Errc::BadInput);
        QVERIFY(!world.refused(ticket).isEmpty());
    }
    void whatTheMirrorDoesNotHoldIsAskedOfTheSession()
    {
        TablesWorld world;
        types::Query nodes;
        nodes.table = "nodes";
        world.ask(nodes);
        auto other = tasks();
        other.run = base::RunId{{0xabc, 77}};
        world.ask(other);
        QCOMPARE(world.session->asks.size(), std::size_t{2});
        QCOMPARE(world.session->asks.wish(1).run, other.run);
        world.session->asks.answer(0, types::Page{});
        world.loop->runReady();
        QVERIFY(world.answers.count(1));
        // The head counts a row that has not come yet.
        world.run.addRows(kBlur, 1);
        world.run.seal();
        auto behind = world.run.delta(1);
        behind.blocks.clear();
        world.deliver(world.session->shown(), behind);
        const auto ticket = world.ask(tasks());
        QCOMPARE(world.session->asks.size(), std::size_t{2});
        QCOMPARE(world.session->asks.wish(1).run, world.run.id());
        types::Page page;
        page.total = 21;
        world.session->asks.answer(1, page);
        world.loop->runReady();
        QCOMPARE(world.answered<types::Page>(ticket).total, std::uint64_t{21});
    }
    void aLaterPageOfTheSameQuestionIsTheSameAnswer()
    {
        TablesWorld world;
        const auto whole = world.ask(tasks("state=FINISHED", "-dur"));
        world.loop->runReady();
        const auto part = world.ask(tasks("state=FINISHED", "-dur", 4, 3));
        world.loop->runReady();
        const auto& all = world.answered<types::Page>(whole);
        const auto& some = world.answered<types::Page>(part);
        QCOMPARE(some.total, all.total);
        QCOMPARE(some.rows.size(), std::size_t{3});
        QVERIFY(some.rows[0] == all.rows[4]);
        // What changed since is seen.
        world.run.ends(1, 0);
        world.run.seal();
        world.tellShown(world.run, 1);
        const auto again = world.ask(tasks("state=FINISHED", "-dur"));
        world.loop->runReady();
        QCOMPARE(world.answered<types::Page>(again).total, all.total + 1);
    }
    void aDroppedQuestionIsNotAnswered()
    {
        TablesWorld world;
        const auto gone = world.ask(tasks());
        const auto kept = world.ask(tasks("state=FINISHED"));
        world.view->drop(gone);
        world.loop->runReady();
        QVERIFY(!world.answers.count(gone));
        QCOMPARE(world.answered<types::Page>(kept).total, std::uint64_t{10});
    }
    void aQuestionAboutARunThatIsNoLongerShownGoesToTheSession()
    {
        TablesWorld world;
        ScriptedRun second(2);
        second.addRows(kRender, 3);
        second.seal();
        world.session->deliver(world.session->world(), worldOf({&second})); // on its way
        const auto ticket = world.ask(tasks());
        world.loop->runReady();
        QVERIFY(!world.answers.count(ticket));
        QCOMPARE(world.session->asks.wish(0).run, world.run.id());
        world.ask(tasks());
        QCOMPARE(world.session->asks.wish(1).run, second.id()); // nothing of it is here yet
        world.tellShown(second, 0);
        const auto mirrored = world.ask(tasks());
        world.loop->runReady();
        QCOMPARE(world.answered<types::Page>(mirrored).total, std::uint64_t{3});
    }
    void aStoreThatIsReplacedUnderAQuestionAnswersFromTheNewOne()
    {
        TablesWorld world;
        world.ask(tasks());
        world.loop->runReady(); // an answer is kept
        ScriptedRun anew(1);
        anew.addRows(kRender, 7);
        anew.seal();
        auto delta = anew.delta(0);
        delta.resync = true;
        delta.epoch = 2;
        world.session->deliver(world.session->shown(), delta); // on its way
        const auto ticket = world.ask(tasks());
        world.loop->runReady();
        QCOMPARE(world.answered<types::Page>(ticket).total, std::uint64_t{7});
    }
    void withoutASessionTheMirrorStillAnswers()
    {
        TablesWorld world;
        world.view->detach(widgets::LinkState::Away, "the head has ended");
        const auto ticket = world.ask(tasks());
        types::Query nodes;
        nodes.table = "nodes";
        const auto refused = world.ask(nodes);
        world.loop->runReady();
        QCOMPARE(world.answered<types::Page>(ticket).total, std::uint64_t{20});
        QCOMPARE(world.refused(refused), QStringLiteral("the head has ended"));
    }
};

QTEST_APPLESS_MAIN(tst_view_tables)
#include "tst_view_tables.moc"
