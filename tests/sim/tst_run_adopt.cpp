// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What a later home takes over, where the simulator does not go: tasks of several outputs or of none, a run that is stopped before it
// begins.
#include "tests/support/silent_sink.h"

#include <QtTest/qtest.h>

using namespace orrery;
using owner::Holder;
using types::TaskState;

namespace {

constexpr std::uint16_t kHome = 1;

struct Sink final : tests::SilentSink {
    struct Adopted {
        std::uint32_t row = 0;
        std::uint16_t output = 0, node = 0;
        bool keep = false;
        bool operator==(const Adopted&) const = default;
    };
    void range(const types::RowRange& range) override { ranges.push_back(range); }
    void mark(const types::StateMark& mark) override { cached += mark.state == TaskState::Cached ? 1 : 0; }
    void adopted(std::uint32_t row, std::uint16_t output, const owner::Value& value, bool keep, base::TimeNs) override { taken.push_back({row, output, value.node, keep}); }
    void leftOver(const net::ObjectKey& key, std::uint16_t node, const types::Place&) override { freed.emplace_back(key, node); }
    std::vector<types::RowRange> ranges;
    std::vector<Adopted> taken;
    std::vector<std::pair<net::ObjectKey, std::uint16_t>> freed;
    int cached = 0;
};

// split (two outputs) -> join -> save (no outputs)
std::shared_ptr<const types::Plan> threeVertices()
{
    auto plan = std::make_shared<types::Plan>();
    for (const char* id : {"split", "join", "save"}) {
        auto& vertex = plan->vertices.emplace_back();
        vertex.id = vertex.function = id;
        vertex.resources = types::Resources::cpus(1);
        plan->order.push_back(static_cast<std::uint16_t>(plan->vertices.size() - 1));
    }
    plan->vertices[0].outputs = {{"low", "any", "", false}, {"high", "any", "", false}};
    plan->vertices[1].outputs = {{"out", "any", "", false}};
    plan->vertices[1].inputs = {{{{0, 0, types::EdgeMode::One}}}, {{{0, 1, types::EdgeMode::One}}}};
    plan->vertices[2].inputs = {{{{1, 0, types::EdgeMode::One}}}};
    plan->vertices[0].consumers = {{1, 0, 0}, {1, 1, 0}};
    plan->vertices[1].consumers = {{2, 0, 0}};
    return plan;
}

Holder at(std::uint16_t node, bool primary = true) { return {node, primary, {0, 0, 100}}; }

struct World {
    Sink sink;
    owner::RunTable table{base::RunId{{1, 2}}, 1, threeVertices(), sink, kHome};
};

} // namespace

class TestRunAdopt : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aTaskIsCachedWhenAllItsOutputsAreThereAndItsReaderIsReady()
    {
        World world;
        QVERIFY(world.table.adopt({0, 0, 0}, 0, at(2)));
        QVERIFY(world.table.adopt({0, 1, 0}, 0, at(3)));
        world.table.start(10);
        QVERIFY(world.table.state(0) == TaskState::Cached);
        QVERIFY(world.table.state(1) == TaskState::PendingAssignment);
        QVERIFY(world.table.state(2) == TaskState::PendingArgs);
        QCOMPARE(world.table.adopted(), 1u);
        QCOMPARE(world.sink.cached, 1);
        QCOMPARE(world.sink.taken, (std::vector<Sink::Adopted>{{0, 0, 2, false}, {0, 1, 3, false}}));
        QVERIFY2(world.table.audit().empty(), world.table.audit().c_str());
    }
    void whatIsThereOfATaskInPartIsLetGo()
    {
        World world;
        QVERIFY(world.table.adopt({0, 1, 0}, 0, at(2)));
        QVERIFY(world.table.adopt({1, 0, 7}, 0, at(2))); // an index that does not exist
        world.table.start(10);
        QVERIFY(world.table.state(0) == TaskState::PendingAssignment);
        QCOMPARE(world.sink.freed.size(), std::size_t{2});
        QVERIFY((world.sink.freed[0].first == net::ObjectKey{0, 1, 0}));
        QVERIFY2(world.table.audit().empty(), world.table.audit().c_str());
    }
    void homesOwnComesFirstThenAPrimaryThenACopyThatIsKept()
    {
        World world;
        QVERIFY(world.table.adopt({0, 0, 0}, 0, at(2, false)));
        QVERIFY(world.table.adopt({0, 0, 0}, 0, at(3)));
        QVERIFY(world.table.adopt({0, 0, 0}, 0, at(kHome)));
        QVERIFY(world.table.adopt({0, 1, 0}, 0, at(2, false)));
        QVERIFY(world.table.adopt({0, 1, 0}, 0, at(3)));
        QVERIFY(world.table.adopt({1, 0, 0}, 0, at(2, false)));
        world.table.start(10);
        QCOMPARE(world.sink.taken, (std::vector<Sink::Adopted>{{0, 0, kHome, false}, {0, 1, 3, false}, {1, 0, 2, true}}));
        QCOMPARE(world.table.copiesOf(0, 0), (std::vector<std::uint16_t>{2, 3}));
        QVERIFY(world.table.state(2) == TaskState::PendingAssignment); // without outputs: it runs again
        world.table.nodeLost(2, 20);
        QVERIFY(world.table.state(1) == TaskState::PendingAssignment);
        QVERIFY(world.table.state(2) == TaskState::PendingArgs);
        QVERIFY2(world.table.audit().empty(), world.table.audit().c_str());
    }
    void whatIsLostBeforeTheStartIsNotTakenOver()
    {
        World world;
        QVERIFY(world.table.adopt({1, 0, 0}, 0, at(2)));
        QVERIFY(world.table.adopt({1, 0, 0}, 0, at(3, false)));
        world.table.adoptableGone({1, 0, 0}, 3);
        world.table.nodeLost(2, 5);
        world.table.start(10);
        QVERIFY(world.table.state(1) == TaskState::PendingArgs);
        QVERIFY(world.sink.taken.empty() && world.sink.freed.empty());
        QVERIFY2(world.table.audit().empty(), world.table.audit().c_str());
    }
    void whatCannotBeOfTheRunIsRefused()
    {
        World world;
        QVERIFY(!world.table.adopt({3, 0, 0}, 0, at(2)));
        QVERIFY(!world.table.adopt({0, 2, 0}, 0, at(2)));
        QVERIFY(!world.table.adopt({2, 0, 0}, 0, at(2)));
        QVERIFY(!world.table.adopt({0, 0, 0}, 0, {2, true, {0, 0, 0}}));
        QVERIFY(world.table.adopt({0, 0, 0}, 4, at(2)));
        QVERIFY(!world.table.adopt({0, 0, 0}, 5, at(3))); // equal keys have equal values
    }
    void whatOnlyTheTableOfAHomeHadIsTakenOver()
    {
        World before;
        before.table.start(10);
        const auto ends = [&](std::uint32_t row, std::size_t outputs) {
            const auto rows = before.table.take(0, 1, kHome, 20);
            QCOMPARE(rows, std::vector<std::uint32_t>{row});
            types::ResultRecord result;
            result.row = row;
            result.attempt = 1;
            result.outputs.resize(outputs);
            for (auto& output : result.outputs) {
                output.isInline = true;
                output.bytes = base::Bytes(8, std::byte{static_cast<unsigned char>(row)});
            }
            QVERIFY(before.table.finished(result, 1, kHome, 30));
        };
        ends(0, 2);
        ends(1, 1);
        ends(2, 0);
        QVERIFY(before.table.ended());
        const auto given = before.table.inlineValues(1000);
        QCOMPARE(given.size(), std::size_t{4});
        QVERIFY((given.back().key == net::ObjectKey{2, net::kDoneMark, 0}));
        QCOMPARE(before.table.inlineValues(20).size(), std::size_t{3}); // bounded: what is beyond is made again

        World after;
        for (const auto& one : given) QVERIFY(after.table.adopt(one.key, one.items, {kHome, true, {}, one.bytes}));
        QVERIFY(after.table.adopt({1, 0, 0}, 0, at(3))); // it lies somewhere too
        QVERIFY(!after.table.adopt({1, net::kDoneMark, 0}, 0, {kHome, true, {}, given.back().bytes})); // that one has outputs
        after.table.nodeLost(3, 5);
        QVERIFY(after.table.adopt({1, 0, 0}, 0, at(2)));
        after.table.start(10);
        QVERIFY(after.table.ended());
        QCOMPARE(after.table.adopted(), 3u);
        QCOMPARE(after.sink.freed.size(), std::size_t{1}); // the table has it
        const auto* value = after.table.value(after.table.rowOf(1, 0), 0);
        QVERIFY(value && value->where == owner::Value::Where::Inline && *value->bytes == base::Bytes(8, std::byte{1}));
        QVERIFY2(after.table.audit().empty(), after.table.audit().c_str());
    }
    void aRunThatIsStoppedBeforeItBeginsLetsEverythingGo()
    {
        World world;
        QVERIFY(world.table.adopt({0, 0, 0}, 0, at(2)));
        QVERIFY(world.table.adopt({0, 1, 0}, 0, at(2)));
        world.table.stop(5);
        world.table.start(10);
        QVERIFY(world.table.ended());
        QVERIFY(world.table.outcome() == types::RunState::Stopped);
        QCOMPARE(world.sink.freed.size(), std::size_t{2});
        QVERIFY2(world.table.audit().empty(), world.table.audit().c_str());
    }
};

QTEST_GUILESS_MAIN(TestRunAdopt)
#include "tst_run_adopt.moc"
