// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/sdk/encode.h"
#include "tests/app/view_world.h"

#include <QTest>

using namespace orrery;
using namespace orrery::tests;

namespace {

// The sealed list of these JSON texts.
base::Bytes listOf(const std::vector<std::string>& items)
{
    std::vector<plugin::Json> values;
    for (const auto& item : items) values.push_back(plugin::Json::parse(item));
    const plugin::Encode<std::vector<plugin::Json>> encode(values);
    base::Bytes bytes(encode.bytes());
    encode.write(bytes.data());
    return bytes;
}

std::vector<std::string> spiralItems()
{
    return {R"({"column":1,"row":1,"x":0.5})", R"({"column":2,"row":1})", R"({"column":2,"row":0})", R"({"column":0,"row":0})"};
}

types::Preview pictureOf(std::uint32_t width, std::uint32_t height, std::byte red)
{
    types::Preview preview;
    preview.kind = types::Preview::Kind::Image;
    preview.width = width;
    preview.height = height;
    for (std::uint32_t i = 0; i < width * height; ++i) preview.pixels.insert(preview.pixels.end(), {red, std::byte{0}, std::byte{0}, std::byte{255}});
    return preview;
}

void answerPreview(ViewWorld& world, std::size_t i, base::Result<types::Preview> preview)
{
    world.session->previews.answer(i, std::move(preview));
    world.loop->runReady();
}

// The list and its items are there, in parts of a few bytes.
void answerList(ViewWorld& world, const base::Bytes& list, std::size_t part = 1u << 20)
{
    while (world.session->fetches.size() > 0) {
        const auto asked = world.session->fetches.wish(0);
        const auto from = list.begin() + static_cast<std::ptrdiff_t>(asked.range.offset);
        const auto bytes = std::min(part, static_cast<std::size_t>(list.end() - from));
        world.session->fetches.answer(0, types::Chunk{list.size(), base::Bytes(from, from + static_cast<std::ptrdiff_t>(bytes))});
        world.loop->runReady();
    }
}

// A run whose list of tiles is made and whose maps are `width` wide.
struct TilesWorld : ViewWorld {
    ScriptedRun run{1};
    std::uint32_t list = 0, render = 0, blur = 0;
    explicit TilesWorld(std::uint32_t width, bool madeList = true)
    {
        list = run.addRows(kTiles, 1);
        render = run.addRows(kRender, width);
        blur = run.addRows(kBlur, width);
        if (madeList) {
            run.ends(list, 0);
            run.object(list, 0, types::ObjectState::Inline, types::ValueType::List);
        }
        run.seal();
        show(run);
    }
    void more()
    {
        const auto have = run.blocks();
        run.seal();
        tellShown(run, have);
        take();
    }
};

} // namespace

class tst_view_pictures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyFinishedTileGetsItsPictureTheNewestFirstAndEightAtATime()
    {
        constexpr std::uint32_t kWidth = 50;
        TilesWorld world(kWidth);
        answerList(world, listOf(spiralItems()));
        for (std::uint32_t i = 0; i < kWidth; ++i) world.run.ends(world.render + i, 0, 0);
        world.more();
        QCOMPARE(world.session->previews.size(), std::size_t{app::kPicturesOpenMax});
        QCOMPARE(world.session->previews.wish(0).object.row, world.render + kWidth - 1);
        QCOMPARE(world.session->previews.wish(0).pixels, static_cast<std::uint32_t>(widgets::kTilePixels));
        // What finishes meanwhile goes before the older ones.
        world.run.ends(world.blur, 0, 1);
        world.more();
        answerPreview(world, 0, pictureOf(4, 3, std::byte{9}));
        QCOMPARE(world.session->previews.wish(app::kPicturesOpenMax - 1).object.row, world.blur);
        QCOMPARE(world.session->previews.wish(app::kPicturesOpenMax - 1).object.output, std::uint16_t{1});
        while (world.session->previews.size() > 0) {
            QVERIFY(world.session->previews.size() <= app::kPicturesOpenMax);
            QVERIFY(world.model.shownRunLacksPictures());
            answerPreview(world, world.session->previews.size() - 1, pictureOf(4, 3, std::byte{9}));
            world.take();
        }
        QVERIFY(!world.model.shownRunLacksPictures());
        QCOMPARE(world.model.tiles(kRender)->images.size(), static_cast<int>(kWidth));
        QCOMPARE(world.model.tiles(kBlur)->images.size(), 1);
        QCOMPARE(world.model.tiles(kRender)->images.value(0).size(), QSize(4, 3));
        QCOMPARE(qRed(world.model.tiles(kRender)->images.value(0).pixel(0, 0)), 9);
    }
    void aPictureIsAskedForOnceAndAfterAFailureForTheNextAttemptsResult()
    {
        TilesWorld world(2);
        world.run.ends(world.render, 0, 0);
        world.run.object(world.render, 0, types::ObjectState::Memory, types::ValueType::Image);
        world.more();
        QCOMPARE(world.session->previews.size(), std::size_t{1});
        answerPreview(world, 0, base::fail(base::Errc::Lost, "its last copy is gone"));
        world.run.object(world.render, 0, types::ObjectState::Memory, types::ValueType::Image, 1);
        world.more();
        QCOMPARE(world.session->previews.size(), std::size_t{0});
        world.run.object(world.render, 0, types::ObjectState::Memory, types::ValueType::Image, 2);
        world.more();
        QCOMPARE(world.session->previews.size(), std::size_t{1});
        answerPreview(world, 0, pictureOf(1, 1, std::byte{1}));
        world.run.object(world.render, 0, types::ObjectState::Memory, types::ValueType::Image, 3);
        world.more();
        QCOMPARE(world.session->previews.size(), std::size_t{0});
    }
    void whatIsFreedBeforeItsTurnIsPassedOver()
    {
        TilesWorld world(20);
        answerList(world, listOf(spiralItems()));
        for (std::uint32_t i = 0; i < 20; ++i) world.run.ends(world.render + i, 0, 0);
        world.more();
        for (std::uint32_t i = 0; i < 12; ++i) world.run.object(world.render + i, 0, types::ObjectState::Freed, types::ValueType::Image);
        world.more();
        for (int i = 0; i < 8; ++i) answerPreview(world, 0, pictureOf(1, 1, std::byte{1}));
        QCOMPARE(world.session->previews.size(), std::size_t{0});
        world.take();
        QVERIFY(!world.model.shownRunLacksPictures());
    }
    void aPictureThatDoesNotFitItsSizesIsNone()
    {
        TilesWorld world(2);
        world.run.ends(world.render, 0, 0);
        world.more();
        auto wrong = pictureOf(4, 4, std::byte{1});
        wrong.height = 5;
        answerPreview(world, 0, wrong);
        world.take();
        QVERIFY(world.model.tiles(kRender)->images.isEmpty());
    }
    void aVertexThatIsNoMapShowsItsPictureOnTheCard()
    {
        TilesWorld world(2);
        const auto mosaic = world.run.addRows(kMosaic, 1);
        world.run.ends(mosaic, 0, 0);
        world.more();
        QCOMPARE(world.session->previews.size(), std::size_t{1});
        QCOMPARE(world.session->previews.wish(0).pixels, static_cast<std::uint32_t>(app::kCardPixels));
        answerPreview(world, 0, pictureOf(160, 90, std::byte{7}));
        world.take();
        QCOMPARE(world.model.preview(kMosaic).size(), QSize(160, 90));
        QVERIFY(!world.model.tiles(kMosaic));
    }
    void tilesLieWhereTheListSaysAndSoDoThoseOfTheMapsBehind()
    {
        TilesWorld world(4);
        QCOMPARE(world.session->fetches.size(), std::size_t{1});
        QCOMPARE(world.session->fetches.wish(0).object.row, world.list);
        QCOMPARE(world.model.tiles(kRender)->columns, 0); // not known: no square that would jump
        answerList(world, listOf(spiralItems()), 100);
        world.take();
        for (const std::uint16_t vertex : {kRender, kBlur}) {
            const auto& tiles = *world.model.tiles(vertex);
            QCOMPARE(tiles.columns, 3);
            QCOMPARE(tiles.rows, 2);
            QCOMPARE(tiles.places.size(), std::size_t{4});
            QCOMPARE(tiles.places[2], std::pair(std::uint16_t{2}, std::uint16_t{0}));
        }
        // With places the tiles are the picture: nothing on the card.
        world.run.ends(world.render, 0, 0);
        world.more();
        answerPreview(world, 0, pictureOf(1, 1, std::byte{1}));
        world.take();
        QVERIFY(world.model.preview(kRender).isNull());
        QCOMPARE(world.model.tiles(kRender)->images.size(), 1);
    }
    void withoutPlacesTilesLieInASquareAndTheNewestIsOnTheCard_data()
    {
        QTest::addColumn<QByteArray>("items");
        QTest::newRow("no column") << QByteArray(R"({"row":1})");
        QTest::newRow("not whole") << QByteArray(R"({"row":1,"column":0.5})");
        QTest::newRow("not an object") << QByteArray("7");
        QTest::newRow("negative") << QByteArray(R"({"row":-1,"column":0})");
        QTest::newRow("scattered") << QByteArray(R"({"row":60000,"column":60000})");
        QTest::newRow("the same twice") << QByteArray(R"({"row":0,"column":0})");
    }
    void withoutPlacesTilesLieInASquareAndTheNewestIsOnTheCard()
    {
        QFETCH(const QByteArray, items);
        TilesWorld world(5);
        answerList(world, listOf({R"({"column":0,"row":0})", items.toStdString()}));
        world.take();
        const auto& tiles = *world.model.tiles(kRender);
        QCOMPARE(tiles.columns, 3);
        QCOMPARE(tiles.rows, 2);
        QVERIFY(tiles.places.empty());
        world.run.ends(world.render + 1, 0, 0);
        world.run.ends(world.render + 2, 0, 0);
        world.more();
        answerPreview(world, 0, pictureOf(2, 2, std::byte{2})); // the newest is asked for first
        answerPreview(world, 0, pictureOf(1, 1, std::byte{1}));
        world.take();
        QCOMPARE(qRed(world.model.preview(kRender).pixel(0, 0)), 2);
    }
    void aListThatCannotBeReadLeavesASquare()
    {
        TilesWorld world(4);
        world.session->fetches.answer(0, base::fail(base::Errc::Lost, "it is gone"));
        world.loop->runReady();
        world.take();
        QCOMPARE(world.model.tiles(kBlur)->columns, 2);
        TilesWorld damaged(4);
        answerList(damaged, base::Bytes(300, std::byte{1}));
        damaged.take();
        QCOMPARE(damaged.model.tiles(kBlur)->columns, 2);
        TilesWorld huge(4);
        huge.session->fetches.answer(0, types::Chunk{1ull << 40, base::Bytes(10)});
        huge.loop->runReady();
        huge.take();
        QCOMPARE(huge.model.tiles(kBlur)->columns, 2);
        QCOMPARE(huge.session->fetches.size(), std::size_t{0});
    }
    void tilesTellWhatRunsWhereAndSince()
    {
        TilesWorld world(3);
        world.run.runs(world.render + 1, 5);
        world.more();
        const auto running = world.model.tiles(kRender)->tiles[1];
        QCOMPARE(running.state, types::TaskState::Running);
        QCOMPARE(running.track, std::uint16_t{5});
        QCOMPARE(running.row, world.render + 1);
        QCOMPARE(running.startNs, world.run.now());
        world.run.ends(world.render + 1, 5, {}, types::TaskState::Retrying);
        world.run.ends(world.render + 1, 2, {}, types::TaskState::Finished, 2);
        world.more();
        const auto done = world.model.tiles(kRender)->tiles[1];
        QCOMPARE(done.state, types::TaskState::Finished);
        QCOMPARE(done.attempt, std::uint8_t{2});
        QCOMPARE(done.startNs, types::TimeNs{0});
        QCOMPARE(world.model.tiles(kRender)->tiles[0].state, types::TaskState::PendingAssignment);
    }
    void aCatalogThatComesAfterTheRunFindsItsPictures()
    {
        ScriptedRun run(1);
        const auto render = run.addRows(kRender, 2);
        run.ends(render, 0, 0);
        run.seal();
        ViewWorld world;
        world.deliver(world.session->world(), worldOf({&run}, false));
        world.tellShown(run, 0);
        world.take();
        QVERIFY(!world.model.tiles(kRender));
        world.tellWorld({&run});
        world.take();
        QCOMPARE(world.model.tiles(kRender)->tiles.size(), std::size_t{2});
        QCOMPARE(world.session->previews.size(), std::size_t{1});
    }
    void picturesOfARunThatIsNoLongerShownArriveNowhere()
    {
        TilesWorld world(2);
        world.run.ends(world.render, 0, 0);
        world.more();
        ScriptedRun second(2);
        second.addRows(kRender, 2);
        second.seal();
        world.tellWorld({&second});
        world.tellShown(second, 0);
        answerPreview(world, 0, pictureOf(1, 1, std::byte{1}));
        world.take();
        QVERIFY(world.model.tiles(kRender)->images.isEmpty());
    }
};

QTEST_APPLESS_MAIN(tst_view_pictures)
#include "tst_view_pictures.moc"
