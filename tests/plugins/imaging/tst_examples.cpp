// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/sdk/testing/local_host.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

#include <set>

using namespace orrery::plugin;

namespace {

// A plain reading of a graph document: every vertex once its sources are done, every index of a map in turn.
// It knows nothing of clusters; what it gives is what a cluster must give.
class PlainRun {
public:
    PlainRun(LocalHost& host, const Json& graph) : m_host(host), m_graph(graph) {}

    // "": all went well. Results of each vertex: indexes of its map, outputs.
    std::string run(const std::map<std::string, Json>& overrides)
    {
        std::set<std::string> done;
        while (done.size() < m_graph["vertices"].size()) {
            const std::size_t before = done.size();
            for (const Json& vertex : m_graph["vertices"]) {
                const std::string id = vertex["id"];
                if (done.contains(id) || !ready(id, done)) continue;
                Json params = vertex.value("params", Json::object());
                if (const auto found = overrides.find(id); found != overrides.end()) params.update(found->second);
                if (std::string error = runVertex(id, vertex["function"], params); !error.empty()) return id + ": " + error;
                done.insert(id);
            }
            if (done.size() == before) return "the graph has a cycle";
        }
        return {};
    }
    const std::vector<std::vector<LocalValue>>& results(const std::string& vertex) const { return m_results.at(vertex); }
    std::uint64_t tasks() const { return m_tasks; }

private:
    static std::pair<std::string, std::string> split(const std::string& ref) { return {ref.substr(0, ref.find('.')), ref.substr(ref.find('.') + 1)}; }
    bool ready(const std::string& id, const std::set<std::string>& done) const
    {
        for (const Json& edge : m_graph["edges"])
            if (split(edge["to"]).first == id && !done.contains(split(edge["from"]).first)) return false;
        return true;
    }
    std::size_t outputOf(const std::string& vertex, const std::string& port) const
    {
        for (const Json& v : m_graph["vertices"]) {
            if (v["id"] != vertex) continue;
            const orrery_function_v1_t* f = m_host.find(v["function"]);
            for (std::uint32_t i = 0; i < f->output_count; ++i)
                if (port == f->outputs[i]->name) return i;
        }
        throw Error("no output " + vertex + "." + port);
    }
    static std::vector<LocalValue> itemsOf(const LocalValue& list)
    {
        std::vector<LocalValue> out;
        for (const AnyView item : AnyView(list->view(), "").as<List<AnyView>>()) out.push_back(local(item));
        return out;
    }
    std::string runVertex(const std::string& id, const std::string& function, const Json& params)
    {
        const orrery_function_v1_t* f = m_host.find(function);
        if (f == nullptr) return "no function " + function;
        std::vector<LocalInputs> calls(1, LocalInputs(f->input_count));
        for (const bool each : {true, false}) { // the maps first: they say how many calls there are
            for (const Json& edge : m_graph["edges"]) {
                const auto [toVertex, toPort] = split(edge["to"]);
                const std::string mode = edge.value("mode", "one");
                if (toVertex != id || (mode == "each") != each) continue;
                const auto [fromVertex, fromPort] = split(edge["from"]);
                const auto& source = m_results.at(fromVertex);
                const std::size_t output = outputOf(fromVertex, fromPort);
                std::uint32_t port = 0;
                while (port < f->input_count && toPort != f->inputs[port]->name) ++port;
                if (port == f->input_count) return "no input " + toPort;
                std::vector<LocalValue> values;
                if (each && !m_wide.contains(fromVertex)) values = itemsOf(source[0][output]);
                else
                    for (const auto& index : source) values.push_back(index[output]);
                if (each) {
                    m_wide.insert(id);
                    calls.resize(values.size(), calls[0]);
                    for (std::size_t i = 0; i < calls.size(); ++i) calls[i][port] = {values.at(i)};
                } else {
                    for (LocalInputs& call : calls) call[port].insert(call[port].end(), values.begin(), values.end());
                }
            }
        }
        for (std::size_t i = 0; i < calls.size(); ++i) {
            LocalOptions options;
            options.mapIndex = i;
            options.mapCount = calls.size();
            LocalResult result = m_host.run(function, calls[i], params, options);
            if (!result.ok()) return result.error;
            m_results[id].push_back(std::move(result.outputs));
            ++m_tasks;
        }
        return {};
    }

    LocalHost& m_host;
    const Json m_graph;
    std::map<std::string, std::vector<std::vector<LocalValue>>> m_results;
    std::set<std::string> m_wide;
    std::uint64_t m_tasks = 0;
};

std::string textOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

} // namespace

class TestExamples : public QObject {
    Q_OBJECT
    LocalHost m_host;

    static QString example(const char* name) { return QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/%1.orrery").arg(QString::fromUtf8(name)); }
    static Json read(const char* name) { return Json::parse(textOf(example(name))); }

private Q_SLOTS:
    void initTestCase()
    {
        std::string problem;
        for (const char* plugin : {"basic", "census", "command", "imaging"}) QVERIFY2(m_host.load(text(ORRERY_BUILD_DIR "/plugins/", plugin, ".so"), problem) != nullptr, problem.c_str());
    }

    void everyExampleIsCanonicalText_data()
    {
        QTest::addColumn<QString>("path");
        const QDir folder(QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples"));
        for (const QString& name : folder.entryList({QStringLiteral("*.orrery")})) QTest::newRow(qPrintable(name)) << folder.filePath(name);
    }
    void everyExampleIsCanonicalText()
    {
        QFETCH(QString, path);
        const std::string document = textOf(path);
        const Json graph = Json::parse(document);
        QCOMPARE(QString::fromStdString(document), QString::fromStdString(graph.dump(2) + "\n"));
        QCOMPARE(graph["orrery"].get<std::string>(), std::string("graph"));
        QCOMPARE(graph["version"].get<int>(), 1);
        const auto sorted = [](const Json& list, auto key) {
            for (std::size_t i = 1; i < list.size(); ++i)
                if (!(key(list[i - 1]) < key(list[i]))) return false;
            return true;
        };
        QVERIFY(sorted(graph["vertices"], [](const Json& v) { return v["id"].get<std::string>(); }));
        QVERIFY(sorted(graph["edges"], [](const Json& e) { return std::pair(e["to"].get<std::string>(), e["from"].get<std::string>()); }));
        QVERIFY(sorted(graph["plugins"], [](const Json& p) { return p["name"].get<std::string>(); }));
    }

    void everyWireJoinsPortsThatExistAndFit_data() { everyExampleIsCanonicalText_data(); }
    void everyWireJoinsPortsThatExistAndFit()
    {
        QFETCH(QString, path);
        const Json graph = Json::parse(textOf(path));
        std::map<std::string, std::array<std::vector<LocalPort>, 2>> ports; // inputs, outputs
        for (const Json& vertex : graph["vertices"]) {
            const orrery_function_v1_t* f = m_host.find(vertex["function"]);
            QVERIFY2(f != nullptr, vertex["function"].get<std::string>().c_str());
            const Json params = LocalHost::withDefaults(f->params, vertex.value("params", Json::object())); // throws for a parameter that is not there
            ports[vertex["id"]] = {LocalHost::ports(*f, params, false), LocalHost::ports(*f, params, true)};
            QVERIFY(vertex["position"].size() == 2 && vertex["position"][0].is_number_integer() && vertex["position"][1].is_number_integer());
        }
        const auto typeOf = [&](const std::string& ref, bool output) -> std::string {
            for (const LocalPort& port : ports[ref.substr(0, ref.find('.'))][output ? 1 : 0])
                if (ref.substr(ref.find('.') + 1) == port.name) return port.type;
            return "no port";
        };
        std::set<std::string> wide;
        for (const Json& edge : graph["edges"])
            if (edge.value("mode", "one") == "each" || edge.value("mode", "one") == "transpose") wide.insert(edge["to"].get<std::string>().substr(0, edge["to"].get<std::string>().find('.')));
        for (const Json& edge : graph["edges"]) {
            const std::string from = edge["from"], to = edge["to"], mode = edge.value("mode", "one");
            const bool fromWide = wide.contains(from.substr(0, from.find('.')));
            std::string given = typeOf(from, true);
            const std::string taken = typeOf(to, false);
            if (mode == "each" && !fromWide) given = given.substr(5, given.size() - 6);
            if (mode == "all") given = "list<" + given + ">";
            // Several edges into one list port give it an item each.
            QVERIFY2(given == taken || "list<" + given + ">" == taken, qPrintable(QString::fromStdString(from + " " + given + " -> " + to + " " + taken)));
        }
    }

    void addGives42()
    {
        PlainRun run(m_host, read("add"));
        QCOMPARE(run.run({}), std::string());
        QCOMPARE(AnyView(run.results("sum")[0][0]->view(), "").as<double>(), 42.0);
        QCOMPARE(run.tasks(), std::uint64_t{3});
    }

    void floodIsAHundredThousandTasksAndAddsThemUp()
    {
        const Json graph = read("flood");
        std::uint64_t spins = 0;
        std::map<std::string, Json> overrides = {{"range", {{"count", 7}}}};
        for (const Json& vertex : graph["vertices"]) {
            if (vertex["function"] != "basic.spin") continue;
            ++spins;
            overrides[vertex["id"]] = {{"microseconds", 0}};
        }
        QCOMPARE(spins * 5000, std::uint64_t{100'000});
        PlainRun run(m_host, graph);
        QCOMPARE(run.run(overrides), std::string());
        QCOMPARE(AnyView(run.results("total")[0][0]->view(), "").as<std::int64_t>(), std::int64_t{20 * 21});
        QCOMPARE(run.tasks(), std::uint64_t{1 + 20 * 7 + 20 + 1});
    }

    void deepZoomIsAPictureOfTwelveVertices()
    {
        const Json graph = read("deep_zoom");
        QCOMPARE(graph["vertices"].size(), std::size_t{12});
        // The main chain is a straight line.
        std::map<std::string, int> rows;
        for (const Json& vertex : graph["vertices"]) rows[vertex["id"]] = vertex["position"][1];
        for (const char* id : {"tiles_list", "render", "blur", "colour_map", "mosaic", "sharpen"}) QCOMPARE(rows[id], rows["zoom_window"]);
        const QTemporaryDir folder;
        const QByteArray wanted = qgetenv("ORRERY_KEEP"); // a folder, to look at the picture
        qputenv("ORRERY_OUTPUT", wanted.isEmpty() ? folder.path().toUtf8() : wanted);
        const Json tiles = qEnvironmentVariableIsSet("ORRERY_FULL") ? Json::object() : Json{{"tiles", 8}, {"pixels", 64}};
        PlainRun run(m_host, graph);
        const std::string error = run.run({{"tiles_list", tiles}});
        const QString file = QDir(QString::fromUtf8(qgetenv("ORRERY_OUTPUT"))).filePath(QStringLiteral("zoom.png"));
        qunsetenv("ORRERY_OUTPUT");
        QCOMPARE(error, std::string());
        const QImage picture(file);
        QVERIFY(!picture.isNull());
        if (!tiles.empty()) {
            QCOMPARE(run.tasks(), std::uint64_t{8 + 4 * 64});
            QCOMPARE(picture.size(), QSize(448, 448)); // 64 less two overlaps of 4, eight times
        }
        // Not one grey mush: many colours, light and dark.
        std::set<QRgb> colours;
        int dark = 0, light = 0;
        for (int y = 0; y < picture.height(); y += 3) {
            for (int x = 0; x < picture.width(); x += 3) {
                const QRgb rgb = picture.pixel(x, y);
                colours.insert(rgb);
                dark += qGray(rgb) < 60 ? 1 : 0;
                light += qGray(rgb) > 180 ? 1 : 0;
            }
        }
        QVERIFY(colours.size() > 2000 && dark > 500 && light > 500);
    }

    // 64 tiles, blurred, coloured and with their edges drawn, are the picture that one large tile gives: no tile is misplaced,
    // mirrored or shifted, and its overlap leaves no seam.
    void tilesJoinWithoutASeam()
    {
        const LocalResult window = m_host.run("imaging.zoom_window", {}, {{"iterations", 200}, {"width", 0.01}});
        const auto render = [&](int tiles, int pixels, int overlap) {
            const LocalResult list = m_host.run("imaging.tiles_list", {window.outputs}, {{"tiles", tiles}, {"pixels", pixels + 2 * overlap}, {"overlap", overlap}});
            std::vector<LocalValue> images, edges;
            for (const Json& tile : list.get<List<Json>>()) {
                const LocalResult value = m_host.run("imaging.render", {{local(tile)}}, {{"samples", 4}});
                const LocalResult smooth = m_host.run("imaging.blur", {value.outputs}, {{"radius", 1.5}});
                images.push_back(m_host.run("imaging.colour_map", {smooth.outputs}, {{"palette", "grey"}, {"inside", 200}}).outputs[0]);
                edges.push_back(m_host.run("imaging.edges", {smooth.outputs}).outputs[0]);
            }
            return m_host.run("imaging.mosaic", {images, edges}, {{"overlap", overlap}});
        };
        const LocalResult one = render(1, 128, 4), many = render(8, 16, 4), seams = render(8, 16, 0);
        const auto different = [&](const LocalResult& other) {
            const auto a = one.get<ImageView>().pixels(), b = other.get<ImageView>().pixels();
            std::size_t out = 0;
            for (std::size_t i = 0; i < a.size(); i += 4) out += std::abs(a[i] - b[i]) > 8 ? 1 : 0;
            return out;
        };
        QCOMPARE(many.get<ImageView>().width(), std::int64_t{128});
        QVERIFY2(different(many) < 128 * 128 / 100, qPrintable(QString::number(different(many)))); // the border itself is chaotic
        QVERIFY(different(seams) > different(many) + 100); // and without an overlap it would show
    }
};

QTEST_GUILESS_MAIN(TestExamples)
#include "tst_examples.moc"
