// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/plugin_checks.h"

#include <QTest>

#include <cmath>
#include <complex>
#include <random>

using namespace orrery::plugin;

namespace {

const Json kSeahorseTile = {{"column", 0}, {"im", 0.131826}, {"iterations", 900}, {"pixels", 32}, {"re", -0.743643}, {"row", 0}, {"width", 4.41e-4}};

Tensor<float> randomTile(std::int64_t height, std::int64_t width, unsigned seed)
{
    std::mt19937 random(seed);
    Tensor<float> out{{height, width}, {}};
    for (std::int64_t i = 0; i < height * width; ++i) out.data.push_back(static_cast<float>(1 + random() % 100'000 / 100.0));
    return out;
}

Image randomImage(std::int64_t width, std::int64_t height, unsigned seed)
{
    std::mt19937 random(seed);
    Image out{width, height, {}};
    for (std::int64_t i = 0; i < width * height * 4; ++i) out.pixels.push_back(static_cast<std::uint8_t>(random()));
    return out;
}

Image plain(std::int64_t side, std::uint8_t r, std::uint8_t g, std::uint8_t b)
{
    Image out{side, side, {}};
    for (std::int64_t i = 0; i < side * side; ++i) out.pixels.insert(out.pixels.end(), {r, g, b, 255});
    return out;
}

std::uint64_t fnv(const void* data, std::size_t bytes)
{
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ static_cast<const unsigned char*>(data)[i]) * 0x100000001b3u;
    return hash;
}

} // namespace

class TestImaging : public QObject {
    Q_OBJECT
    LocalHost m_host;
    const orrery_plugin_v1_t* m_plugin = nullptr;

    LocalResult run(const std::string& name, const LocalInputs& inputs = {}, const Json& params = Json::object()) { return m_host.run("imaging." + name, inputs, params); }

private Q_SLOTS:
    void initTestCase()
    {
        std::string problem;
        m_plugin = m_host.load(ORRERY_BUILD_DIR "/plugins/imaging.so", problem);
        QVERIFY2(m_plugin != nullptr, problem.c_str());
    }

    void everyFunctionDescribesItself()
    {
        QCOMPARE(QString::fromStdString(pluginProblems(*m_plugin)), QString());
        QCOMPARE(m_plugin->fork_safe, std::uint32_t{1});
        QCOMPARE(m_plugin->function_count, std::uint32_t{13});
    }

    void tilesCoverTheWindowOnceFromTheMiddleOutward_data()
    {
        QTest::addColumn<int>("n");
        for (const int n : {1, 2, 3, 4, 5, 16}) QTest::addRow("%d x %d", n, n) << n;
    }
    void tilesCoverTheWindowOnceFromTheMiddleOutward()
    {
        QFETCH(int, n);
        const LocalResult window = run("zoom_window", {}, {{"re", -0.5}, {"im", 0.25}, {"width", 2.0}, {"iterations", 77}});
        const LocalResult tiles = run("tiles_list", {window.outputs}, {{"tiles", n}, {"pixels", 8}, {"overlap", 0}});
        const auto list = tiles.get<List<Json>>();
        QCOMPARE(list.size(), static_cast<std::uint64_t>(n * n));
        std::set<std::pair<int, int>> seen;
        int previousRow = -1, previousColumn = -1, reach = 0;
        for (const Json& tile : list) {
            const int row = tile["row"], column = tile["column"];
            QVERIFY(row >= 0 && row < n && column >= 0 && column < n);
            QVERIFY(seen.insert({row, column}).second);
            if (previousRow >= 0) QCOMPARE(std::abs(row - previousRow) + std::abs(column - previousColumn), 1); // a walk
            previousRow = row;
            previousColumn = column;
            const int distance = std::max(std::abs(2 * row - (n - 1)), std::abs(2 * column - (n - 1)));
            QVERIFY(distance >= reach - 2); // never back inward by a whole ring
            reach = std::max(reach, distance);
            QCOMPARE(tile["width"].get<double>(), 2.0 / n);
            QCOMPARE(tile["iterations"].get<int>(), 77);
            QVERIFY(std::abs(tile["re"].get<double>() - (-0.5 - 1 + 2.0 * (column + 0.5) / n)) < 1e-12);
            QVERIFY(std::abs(tile["im"].get<double>() - (0.25 - 1 + 2.0 * (row + 0.5) / n)) < 1e-12);
        }
    }

    void anOverlapShowsMoreAndMovesNothing()
    {
        const LocalResult window = run("zoom_window");
        const LocalResult bare = run("tiles_list", {window.outputs}, {{"tiles", 2}, {"pixels", 8}, {"overlap", 0}});
        const LocalResult wide = run("tiles_list", {window.outputs}, {{"tiles", 2}, {"pixels", 16}, {"overlap", 4}});
        for (std::uint64_t i = 0; i < 4; ++i) {
            const Json a = bare.get<List<Json>>()[i], b = wide.get<List<Json>>()[i];
            QCOMPARE(a["re"].dump(), b["re"].dump());
            QCOMPARE(a["im"].dump(), b["im"].dump());
            QCOMPARE(b["width"].get<double>(), 2 * a["width"].get<double>());
        }
        QVERIFY(!run("tiles_list", {window.outputs}, {{"pixels", 8}, {"overlap", 4}}).ok());
    }

    void renderAgreesWithAPlainComputation()
    {
        const LocalResult result = run("render", {{local(kSeahorseTile)}});
        QVERIFY2(result.ok(), result.error.c_str());
        const auto value = result.get<TensorView<float>>();
        QVERIFY(value.shape() == (Shape{32, 32}));
        const double step = 4.41e-4 / 32;
        int smooth = 0;
        for (int y = 0; y < 32; ++y) {
            for (int x = 0; x < 32; ++x) {
                const std::complex<double> c(-0.743643 + (x + 0.5 - 16) * step, 0.131826 + (y + 0.5 - 16) * step);
                std::complex<double> z = 0;
                int n = 0;
                while (n < 900 && std::norm(z) <= 65536) {
                    z = z * z + c;
                    ++n;
                }
                const double expected = std::norm(z) <= 65536 ? 900 : n + 4 - std::log2(std::log2(std::norm(z)) / 2);
                // Points on the border are chaotic: the last bit of c decides there. All others agree.
                smooth += std::abs(value(y, x) - expected) < 0.05 ? 1 : 0;
            }
        }
        QVERIFY2(smooth > 1014, qPrintable(QString::number(smooth)));
    }

    // The same on every machine and with every width of its registers: the figure was made once and must never change.
    void renderGivesTheSameBitsEverywhere()
    {
        const LocalResult one = run("render", {{local(kSeahorseTile)}}, {{"samples", 3}});
        const LocalResult two = run("render", {{local(kSeahorseTile)}}, {{"samples", 3}});
        QCOMPARE(one.outputs[0]->bytes(), two.outputs[0]->bytes());
        QVERIFY(std::memcmp(one.outputs[0]->data(), two.outputs[0]->data(), one.outputs[0]->bytes()) == 0);
        const auto tile = one.get<TensorView<float>>();
        QCOMPARE(fnv(tile.data(), tile.elements() * sizeof(float)), kRenderHash);
        const LocalResult blurred = run("blur", {one.outputs}, {{"radius", 1.5}});
        const LocalResult coloured = run("colour_map", {blurred.outputs});
        const LocalResult edged = run("edges", {blurred.outputs});
        QCOMPARE(fnv(coloured.get<ImageView>().pixels().data(), 4096), kColourHash);
        QCOMPARE(fnv(edged.get<ImageView>().pixels().data(), 4096), kEdgesHash);
    }

    void pointsInsideGiveTheLimitAndSamplesAreAveraged()
    {
        Json tile = kSeahorseTile;
        tile["re"] = -0.1;
        tile["im"] = 0.0;
        tile["width"] = 0.1;
        const LocalResult inside = run("render", {{local(tile)}}, {{"iterations", 50}});
        for (const float value : inside.get<TensorView<float>>().span()) QCOMPARE(value, 50.0f);
        const LocalResult rough = run("render", {{local(kSeahorseTile)}});
        const LocalResult fine = run("render", {{local(kSeahorseTile)}}, {{"samples", 64}});
        const auto roughness = [](const TensorView<float>& t) {
            double sum = 0;
            for (std::int64_t y = 0; y < 32; ++y)
                for (std::int64_t x = 1; x < 32; ++x) sum += std::abs(t(y, x) - t(y, x - 1));
            return sum;
        };
        QVERIFY(roughness(fine.get<TensorView<float>>()) < roughness(rough.get<TensorView<float>>()));
    }

    void aTileThatIsNoneIsRefusedByName()
    {
        QVERIFY(run("render", {{local(Json{{"re", 1}})}}).error.starts_with("input `tile` has no number `im`"));
        Json tile = kSeahorseTile;
        tile["pixels"] = 1e300;
        QCOMPARE(run("render", {{local(tile)}}).error, std::string("input `tile` says `pixels` is 1e+300; 1 to 4096 is possible"));
        tile["pixels"] = 0;
        QVERIFY(!run("render", {{local(tile)}}).ok());
        QVERIFY(!run("tiles_list", {{local(Json::array())}}).ok());
    }

    void aCancelEndsARenderSoon()
    {
        LocalOptions options;
        int asked = 0;
        options.cancelled = [&asked] { return ++asked > 3; };
        QCOMPARE(m_host.run("imaging.render", {{local(kSeahorseTile)}}, Json::object(), options).status, std::int32_t{ORRERY_CANCELLED});
    }

    void blurIsAConvolutionWithABell()
    {
        const Tensor<float> tile = randomTile(9, 14, 1);
        const double radius = 2.5;
        const LocalResult result = run("blur", {{local(tile)}}, {{"radius", radius}});
        const auto value = result.get<TensorView<float>>();
        const auto mirrored = [](int i, int n) { return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i; };
        const auto weight = [&](int d) { return std::pow(1 - std::pow(d / (radius + 1), 2), 2); };
        for (int y = 0; y < 9; ++y) {
            for (int x = 0; x < 14; ++x) {
                double sum = 0, total = 0;
                for (int dy = -3; dy <= 3; ++dy) {
                    for (int dx = -3; dx <= 3; ++dx) {
                        const double w = weight(dx) * weight(dy);
                        sum += w * tile.data[static_cast<std::size_t>(mirrored(y + dy, 9) * 14 + mirrored(x + dx, 14))];
                        total += w;
                    }
                }
                QVERIFY(std::abs(value(y, x) - sum / total) < 1e-2);
            }
        }
        const LocalResult none = run("blur", {{local(tile)}}, {{"radius", 0}});
        QVERIFY(std::equal(tile.data.begin(), tile.data.end(), none.get<TensorView<float>>().span().begin()));
        QVERIFY(run("blur", {{local(Tensor<float>{{1, 1}, {5}})}}, {{"radius", 64}}).ok()); // smaller than its reach
        QVERIFY(!run("blur", {{local(Tensor<float>{{4}, {1, 2, 3, 4}})}}).ok());
    }

    void coloursDependOnTheNumberAlone()
    {
        Tensor<float> tile{{1, 4}, {10, 20, 900, 5000}};
        const LocalResult first = run("colour_map", {{local(tile)}}, {{"cycles", 1.0}});
        const auto pixels = first.get<ImageView>().pixels();
        QVERIFY(std::memcmp(&pixels[0], &pixels[4], 4) == 0);  // twice the number: once round
        QVERIFY(std::memcmp(&pixels[8], &pixels[12], 4) == 0); // both are inside
        QCOMPARE(pixels[3], std::uint8_t{255});
        QVERIFY(std::memcmp(&pixels[0], &pixels[8], 4) != 0);
        for (const char* palette : {"ember", "ice", "grey"}) QVERIFY(run("colour_map", {{local(tile)}}, {{"palette", palette}}).ok());
        QCOMPARE(run("colour_map", {{local(tile)}}, {{"palette", "pink"}}).error, std::string("parameter `palette` must be one of [\"seahorse\",\"ember\",\"ice\",\"grey\"]; it is \"pink\""));
    }

    void edgesAreDarkWhereNothingChangesAndEvenOnASlope()
    {
        const LocalResult flat = run("edges", {{local(Tensor<float>{{3, 3}, std::vector<float>(9, 7)})}});
        for (std::size_t i = 0; i < 36; i += 4) QCOMPARE(flat.get<ImageView>().pixels()[i], std::uint8_t{0});
        Tensor<float> slope{{5, 6}, {}};
        for (int y = 0; y < 5; ++y)
            for (int x = 0; x < 6; ++x) slope.data.push_back(static_cast<float>(std::exp2(1 + x))); // straight in its logarithm
        const LocalResult even = run("edges", {{local(slope)}});
        const auto pixels = even.get<ImageView>().pixels();
        for (std::size_t i = 0; i < 120; i += 4) QCOMPARE(pixels[i], std::uint8_t{226}); // 255 * 8 / 9, at the rim too: no seam
    }

    void sharpenAgreesWithAPlainComputation()
    {
        const Image image = randomImage(7, 5, 3);
        const LocalResult result = run("sharpen", {{local(image)}}, {{"amount", 0.5}});
        const auto pixels = result.get<ImageView>().pixels();
        const auto mirrored = [](int i, int n) { return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i; };
        for (int y = 0; y < 5; ++y) {
            for (int x = 0; x < 7; ++x) {
                for (int c = 0; c < 4; ++c) {
                    const auto at = [&](int yy, int xx) { return static_cast<double>(image.pixels[static_cast<std::size_t>((mirrored(yy, 5) * 7 + mirrored(xx, 7)) * 4 + c)]); };
                    double neighbours = 0;
                    for (int dy = -1; dy <= 1; ++dy)
                        for (int dx = -1; dx <= 1; ++dx) neighbours += dy == 0 && dx == 0 ? 0 : at(y + dy, x + dx);
                    const double expected = c == 3 ? at(y, x) : std::clamp(at(y, x) + 0.5 * (at(y, x) - neighbours / 8), 0.0, 255.0);
                    QVERIFY(std::abs(pixels[static_cast<std::size_t>((y * 7 + x) * 4 + c)] - expected) <= 1);
                }
            }
        }
    }

    void mosaicPutsEachTileInItsPlace()
    {
        std::vector<LocalValue> tiles;
        for (std::uint8_t i = 0; i < 9; ++i) tiles.push_back(local(plain(2, static_cast<std::uint8_t>(i * 20), 100, 200)));
        const LocalResult spiral = run("mosaic", {tiles, {}}, {{"overlap", 0}});
        QVERIFY2(spiral.ok(), spiral.error.c_str());
        const auto at = [](const LocalResult& result, int row, int column) { return result.get<ImageView>().row(row * 2)[column * 8] / 20; };
        const int expected[3][3] = {{6, 7, 8}, {5, 0, 1}, {4, 3, 2}}; // from the middle: right, down, left, up, right
        const LocalResult rows = run("mosaic", {tiles, {}}, {{"order", "rows"}, {"overlap", 0}});
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 3; ++column) {
                QCOMPARE(at(spiral, row, column), expected[row][column]);
                QCOMPARE(at(rows, row, column), row * 3 + column);
            }
        }
        std::vector<LocalValue> edges(9, local(plain(2, 255, 255, 255)));
        const LocalResult dark = run("mosaic", {tiles, edges}, {{"edges", 0.5}, {"overlap", 0}});
        QCOMPARE(dark.get<ImageView>().row(0)[1], std::uint8_t{50});
        QCOMPARE(dark.get<ImageView>().row(0)[3], std::uint8_t{255});
    }

    void mosaicSaysWhatDoesNotFit()
    {
        const LocalValue small = local(plain(2, 0, 0, 0)), large = local(plain(3, 0, 0, 0));
        const Json bare = {{"overlap", 0}};
        QCOMPARE(run("mosaic", {{small, small}, {}}, bare).error, std::string("input `tiles` has 2 items; a square picture needs 1, 4, 9, 16 ... of them"));
        QCOMPARE(run("mosaic", {{}, {}}, bare).ok(), false);
        QCOMPARE(run("mosaic", {{small, small, small, large}, {}}, bare).error, std::string("item 3 is 3 x 3 pixels; the first tile is 2 x 2"));
        QCOMPARE(run("mosaic", {{small}, {small, small}}, bare).error, std::string("input `edges` has 2 items and `tiles` 1; each tile needs one"));
        QVERIFY(!run("mosaic", {{small}, {large}}, bare).ok());
        QCOMPARE(run("mosaic", {{small}, {}}, {{"overlap", 1}}).error, std::string("tiles of 2 pixels have nothing left between two overlaps of 1; give the `overlap` that tiles list used"));
    }

    void histogramCountsEveryNumberOnce()
    {
        const std::vector<LocalValue> tiles = {local(Tensor<float>{{2, 2}, {1, 2, 4, 8}}), local(Tensor<float>{{3}, {16, 3, std::numeric_limits<float>::quiet_NaN()}})};
        const LocalResult result = run("histogram", {tiles}, {{"bins", 4}});
        QVERIFY2(result.ok(), result.error.c_str());
        const auto table = result.get<TableView>();
        const auto count = table.column<std::int64_t>("count");
        const std::int64_t expected[] = {1, 2, 1, 2}; // 1 | 2 3 | 4 | 8 16: a bin is one doubling
        for (std::uint64_t i = 0; i < 4; ++i) {
            QCOMPARE(count[i], expected[i]);
            QCOMPARE(table.column<double>("from")[i], std::exp2(static_cast<double>(i)));
        }
        QCOMPARE(table.column<double>("share")[1], 2.0 / 6);
        QVERIFY(run("histogram", {{local(Tensor<float>{{2}, {5, 5}})}}).ok());
        QVERIFY(!run("histogram", {{local(Tensor<float>{{0}, {}})}}).ok());
    }

    void annotateDrawsInItsCornerOnly()
    {
        const LocalValue image = local(plain(400, 90, 20, 20));
        const LocalResult table = run("histogram", {{local(randomTile(50, 50, 4))}});
        const LocalResult result = run("annotate", {{image}, table.outputs}, {{"title", "Il"}, {"caption", "1.5"}});
        QVERIFY2(result.ok(), result.error.c_str());
        const auto after = result.get<ImageView>();
        int changed = 0, bright = 0;
        for (std::int64_t y = 0; y < 400; ++y) {
            for (std::int64_t x = 0; x < 400; ++x) {
                const std::uint8_t* p = after.row(y) + x * 4;
                const bool same = p[0] == 90 && p[1] == 20 && p[2] == 20 && p[3] == 255;
                changed += same ? 0 : 1;
                bright += p[0] == 240 && p[1] == 238 && p[2] == 230 ? 1 : 0; // the colour of the title
                QVERIFY(same || (y >= 300 && x < 200));
            }
        }
        QVERIFY(changed > 5'000 && bright > 20);
        const LocalResult nothing = run("annotate", {{image}, {}}, {{"title", ""}, {"caption", ""}});
        QVERIFY(std::memcmp(nothing.outputs[0]->data(), image->data(), image->bytes()) == 0);
        QVERIFY(run("annotate", {{local(plain(1, 0, 0, 0))}, {}}).ok()); // far too small for its text
        QCOMPARE(run("annotate", {{image}, {local(Table().add("x", std::vector<double>{1}))}}).error, std::string("the table has no column `from`"));
    }

private:
    static constexpr std::uint64_t kRenderHash = 12950123386745691323u;
    static constexpr std::uint64_t kColourHash = 7918536445907207859u;
    static constexpr std::uint64_t kEdgesHash = 16631662858199432909u;
};

QTEST_GUILESS_MAIN(TestImaging)
#include "tst_imaging.moc"
