// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// InspectorStage: the inspector beside a finished deep zoom whose rows and values are answered by the code that answers in
// production. The catalog is the one of tests/widgets/pages/scene.h, so functions have ports, icons and parameters.
// Thread: the test's.

#include "engine/types/span_block.h"
#include "tests/support/panel_hand.h"
#include "tests/support/zoom_scene.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/inspector/inspector_panel.h"

#include <QTest>

namespace orrery::tests {

struct InspectorStage {
    ZoomScene scene;
    widgets::GraphModel graph;
    widgets::RunModel run;
    widgets::Selection selection;
    widgets::InspectorPanel panel;

    explicit InspectorStage(ZoomScene::Wish wish = {}, bool withRun = true)
        : scene(wish), panel((theme(), graph), run, selection, scene.rows, scene.bytes)
    {
        graph.setCatalog(catalog());
        graph.setGraph(*scene.graph, {});
        putTile();
        if (withRun) run.take(update());
    }
    widgets::RunUpdate update() const
    {
        widgets::RunUpdate told = scene.update();
        told.catalog = catalog();
        types::SpanBuilder builder;
        for (std::uint64_t block = 1; block <= scene.store.blocks(); ++block)
            scene.store.eachAttemptOfBlock(block,
                                           [&](std::uint32_t, const types::Attempt& attempt) { builder.add(attempt); });
        told.spans = builder.snapshot();
        widgets::TileUpdate tiles;
        tiles.vertex = scene.vertex("render");
        tiles.columns = tiles.rows = 16;
        for (std::uint16_t i = 0; i < 256; ++i) tiles.places.emplace_back(i % 16, i / 16);
        told.tiles = {tiles};
        return told;
    }
    bool show(int width = metricWidth, int height = 530) { return showAt(panel, width, height); }
    void selectTask(const char* id, std::uint32_t index)
    {
        selection.selectTask({scene.row(id, index), scene.vertex(id), index}, QString::fromLatin1(id));
    }
    // blur has three results: the tile, one that is a text, and one that it did not give.
    void giveBlurThreeOutputs()
    {
        auto changed = std::make_shared<types::Catalog>(*catalog());
        for (auto& plugin : changed->plugins)
            for (auto& function : plugin.functions)
                if (function.name == "imaging.blur")
                    for (const char* name : {"radius", "mask"}) function.outputs.push_back({name, "string", "", false});
        graph.setCatalog(changed);
        for (const std::uint32_t index : {5u, 6u}) {
            const auto text = plugin::OwnedValue::of("radius of " + std::to_string(index));
            const auto* data = reinterpret_cast<const std::byte*>(text.data());
            scene.bytes.values[{scene.row("blur", index), 1}] = base::Bytes(data, data + text.bytes());
        }
    }
    // All questions are answered and shown.
    bool settled()
    {
        return QTest::qWaitFor([this] { return scene.rows.open.empty() && scene.bytes.open() == 0; }) &&
               (QTest::qWait(0), true);
    }
    void answerTables() // until nobody asks any more
    {
        while (!scene.rows.open.empty()) scene.rows.answerFirst();
    }

    static constexpr int metricWidth = 320;

private:
    void putTile()
    {
        plugin::Tensor<float> tile{plugin::Shape{256, 256}, {}};
        for (int y = 0; y < 256; ++y)
            for (int x = 0; x < 256; ++x)
                tile.data.push_back(67.8f + 832.2f * std::abs(std::sin(x * 0.02f) * std::cos(y * 0.03f + x * 0.01f)));
        put("render", 93, tile);
        put("png_encode", 0, std::string("bytes of a picture"));
    }
    template <class T>
    void put(const char* id, std::uint32_t index, const T& value)
    {
        const auto owned = plugin::OwnedValue::of(value);
        const auto* data = reinterpret_cast<const std::byte*>(owned.data());
        scene.bytes.values[{scene.row(id, index), 0}] = base::Bytes(data, data + owned.bytes());
    }
};

} // namespace orrery::tests
