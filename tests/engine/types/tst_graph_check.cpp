// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The check of a graph: every problem at once, each at its place, and none that another one brings with it.
#include "engine/types/graph_check.h"
#include "engine/types/plan.h"
#include "engine/types/vertex_ports.h"

#include <QTest>

using namespace orrery;

namespace {

types::FunctionInfo function(const char* name, std::vector<types::Port> inputs, std::vector<types::Port> outputs)
{
    types::FunctionInfo made;
    made.name = name;
    made.inputs = std::move(inputs);
    made.outputs = std::move(outputs);
    made.paramSchema = R"({"type":"object","properties":{"size":{"type":"integer","default":1}}})";
    return made;
}

// One whose parameters list its ports.
types::FunctionInfo listed()
{
    types::FunctionInfo made;
    made.name = "t.listed";
    made.computedPorts = true;
    made.paramSchema = R"({"type":"object","properties":{
        "inputs":{"type":"array","items":{"type":"string"},"default":[],"x-ports":"inputs","x-port-types":["any","i64"]},
        "outputs":{"type":"array","items":{"type":"string"},"default":["out"],"x-ports":"outputs","x-port-types":["i64","string"]}}})";
    return made;
}

types::Port port(const char* name, const char* type) { return {name, type, "", false}; }

const types::Catalog& catalog()
{
    static const types::Catalog all = [] {
        types::PluginInfo plugin;
        plugin.name = "t";
        plugin.functions = {function("t.number", {}, {port("value", "i64")}), function("t.text", {}, {port("value", "string")}), function("t.list", {}, {port("values", "list<i64>")}),
                            function("t.add", {port("first", "i64"), port("second", "i64")}, {port("sum", "i64")}), function("t.next", {port("n", "i64")}, {port("n", "i64")}), listed()};
        plugin.functions.push_back(listed());
        plugin.functions.back().name = "t.silent";
        plugin.functions.back().paramSchema = R"({"type":"object"})";
        types::Catalog catalog;
        catalog.plugins.push_back(std::move(plugin));
        return catalog;
    }();
    return all;
}

std::string vertex(const char* id, const char* function, const char* more = "")
{
    return std::string(R"({"id":")") + id + R"(","function":")" + function + "\"" + more + "}";
}

std::string edge(const char* from, const char* to, const char* more = "")
{
    return std::string(R"({"from":")") + from + R"(","to":")" + to + "\"" + more + "}";
}

using Texts = std::vector<std::string>;

std::string document(const Texts& vertices, const Texts& edges)
{
    const auto list = [](const Texts& texts) {
        std::string all;
        for (const auto& text : texts) all += (all.empty() ? "" : ",") + text;
        return "[" + all + "]";
    };
    return R"({"orrery":"graph","version":1,"vertices":)" + list(vertices) + R"(,"edges":)" + list(edges) + "}";
}

QStringList problems(const std::string& text)
{
    QStringList all;
    for (const auto& problem : types::checkParsed(types::parseDocument(text), catalog()).problems) all << QString::fromStdString(problem.text());
    all.sort();
    return all;
}

} // namespace

Q_DECLARE_METATYPE(std::string)

class TestGraphCheck : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyProblemIsThereAtItsPlaceAndNoneThatFollows_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<QStringList>("said");
        const auto row = [](const char* name, std::string text, QStringList said) { QTest::newRow(name) << std::move(text) << std::move(said); };
        const std::string a = vertex("a", "t.number"), add = vertex("add", "t.add"), next = vertex("next", "t.next");
        row("a sound graph", document({a, add}, {edge("a.value", "add.first"), edge("a.value", "add.second")}), {});
        row("ports behind a vertex that is not there", document({a, add}, {edge("gone.value", "add.first"), edge("a.valeu", "add.second"), edge("a.value", "add.third")}),
            {QStringLiteral("/edges/0/from: there is no vertex \"gone\""), QStringLiteral("/edges/1/from: t.number has no output \"valeu\"; did you mean \"value\"?"),
             QStringLiteral("/edges/2/to: t.add has no input \"third\"")});
        row("an unknown function, three edges", document({a, vertex("b", "t.numbr"), add, next}, {edge("b.value", "add.first"), edge("b.value", "add.second"), edge("b.x", "next.n"), edge("a.value", "b.y")}),
            {QStringLiteral("/vertices/1/function: there is no function \"t.numbr\"; did you mean \"t.number\"?")});
        row("the known end of an edge to an unknown function", document({a, vertex("b", "t.nothing_near"), next}, {edge("a.wrong", "b.n"), edge("b.n", "next.other")}),
            {QStringLiteral("/edges/0/from: t.number has no output \"wrong\""), QStringLiteral("/edges/1/to: t.next has no input \"other\""),
             QStringLiteral("/vertices/1/function: there is no function \"t.nothing_near\""), QStringLiteral("/vertices/2: next: the input \"n\" is not connected")});
        row("ports and types behind a cycle", document({vertex("x", "t.next"), vertex("y", "t.next"), vertex("s", "t.text"), add}, {edge("x.n", "y.n"), edge("y.n", "x.n"), edge("s.value", "add.first")}),
            {QStringLiteral("/edges/2: s.value to add.first: expects i64, got string"), QStringLiteral("/edges: the graph has a cycle: x -> y -> x; remove one of its edges"),
             QStringLiteral("/vertices/3: add: the input \"second\" is not connected")});
        row("parameters behind a bad edge", document({vertex("a", "t.number", R"(,"params":{"size":"x"})")}, {R"({"from":"a.value"})"}),
            {QStringLiteral("/edges/0: the field \"to\" is missing"), QStringLiteral("/vertices/0/params/size: expected integer and found \"x\"")});
        row("a port without a name", document({a, next}, {edge("a", "next.n")}), {QStringLiteral("/edges/0/from: \"a\" names no port; write vertex.port")});
        row("a mode that is none, and what is a map by it", document({vertex("l", "t.list"), next, vertex("after", "t.next")}, {edge("l.values", "next.n", R"(,"mode":"eech")"), edge("next.n", "after.n")}),
            {QStringLiteral("/edges/0/mode: \"eech\" is no edge mode; one, each, all or transpose")});
        row("an id used twice", document({a, a, next}, {edge("a.value", "next.n"), edge("a.wrong", "next.n")}), {QStringLiteral("/edges/1/to: next.n has an edge already and takes one value"), QStringLiteral("/vertices/1/id: the id \"a\" is used twice; give one of them another")});
        row("a vertex without a function", document({R"({"id":"a"})", next}, {edge("a.value", "next.n")}), {QStringLiteral("/vertices/0: the field \"function\" is missing")});
        row("parameters that are no object", document({vertex("a", "t.number", R"(,"params":3)")}, {}), {QStringLiteral("/vertices/0/params: expected an object and found number")});
        row("no list of vertices", R"({"orrery":"graph","version":1,"edges":[{"from":"a.b","to":"c.d"}],"frames":[{"id":"f","vertices":["a"]}]})", {QStringLiteral("/: the field \"vertices\" is missing")});
        row("listed ports that fit", document({a, vertex("c", "t.listed", R"(,"params":{"inputs":["n:i64"],"outputs":["out","text:string"]})"), next}, {edge("a.value", "c.n"), edge("c.out", "next.n")}), {});
        row("ports that are not listed", document({a, vertex("c", "t.listed", R"(,"params":{"inputs":["n:i64","m"]})"), next}, {edge("a.value", "c.n"), edge("c.text", "next.n")}),
            {QStringLiteral("/edges/1/from: t.listed has no output \"text\""), QStringLiteral("/vertices/1: c: the input \"m\" is not connected")});
        row("a listed type that does not fit", document({vertex("c", "t.listed", R"(,"params":{"outputs":["text:string"]})"), next}, {edge("c.text", "next.n")}),
            {QStringLiteral("/edges/0: c.text to next.n: expects i64, got string")});
        row("lists that cannot be read", document({a, vertex("c", "t.listed", R"(,"params":{"inputs":["N","n","n"],"outputs":["x:image",3]})"), next}, {edge("a.value", "c.N"), edge("c.x", "next.n")}),
            {QStringLiteral("/vertices/1/params/inputs/0: \"N\" is no name of a port: a small letter, then small letters, digits and _, 63 at most"), QStringLiteral("/vertices/1/params/inputs/2: the port \"n\" is listed twice"),
             QStringLiteral("/vertices/1/params/outputs/0: a port listed here cannot be of type \"image\"; types are [\"i64\",\"string\"]"), QStringLiteral("/vertices/1/params/outputs/1: expected string and found 3")});
        row("ports that only the library knows", document({vertex("c", "t.silent"), next}, {edge("c.x", "next.n")}),
            {QStringLiteral("/vertices/0/params: the ports of t.silent are known to its library alone, which may not be asked here; its parameters must list them (x-ports)")});
        // The document's order, not the sorted one of the graph.
        row("places of a document that is not sorted", document({vertex("z", "t.nothing_near"), next, a}, {edge("a.value", "next.n"), edge("a.wrong", "add.first")}),
            {QStringLiteral("/edges/1/from: t.number has no output \"wrong\""), QStringLiteral("/edges/1/to: there is no vertex \"add\""), QStringLiteral("/vertices/0/function: there is no function \"t.nothing_near\"")});
    }
    void everyProblemIsThereAtItsPlaceAndNoneThatFollows()
    {
        QFETCH(std::string, text);
        QFETCH(QStringList, said);
        said.sort();
        QCOMPARE(problems(text), said);
    }

    void aGraphThatWasNeverADocumentIsCheckedAsWell()
    {
        auto graph = types::parseDocument(document({vertex("a", "t.number"), vertex("next", "t.next")}, {edge("a.value", "next.n")})).graph;
        QVERIFY(types::checkGraph(graph, catalog()).ok());
        graph.edges[0].from.vertex = "gone";
        graph.vertices.push_back(graph.vertices[0]);
        const auto checked = types::checkGraph(graph, catalog());
        QStringList all;
        for (const auto& problem : checked.problems) all << QString::fromStdString(problem.pointer);
        QCOMPARE(all, QStringList({QStringLiteral("/vertices/0/id"), QStringLiteral("/vertices/2/id"), QStringLiteral("/edges/0/from")}));
    }

    void aPlanHasTheListedPortsOfEachVertex()
    {
        auto graph = types::parseDocument(document({vertex("a", "t.listed"), vertex("b", "t.listed", R"(,"params":{"inputs":["x","n:i64"],"outputs":[]})")}, {edge("a.out", "b.n"), edge("a.out", "b.x")})).graph;
        const auto plan = types::makePlan(std::make_shared<types::Graph>(graph), catalog());
        QVERIFY2(plan.ok(), plan.ok() ? "" : plan.error().message.c_str());
        QCOMPARE(plan->vertices[0].outputs.size(), std::size_t{1});
        QCOMPARE(plan->vertices[1].inputs.size(), std::size_t{2});
        QVERIFY(plan->vertices[1].outputs.empty());
        QCOMPARE(types::functionOf(catalog(), graph.vertices[1])->inputs[1].type, std::string("i64"));
        QCOMPARE(types::functionOf(catalog(), graph.vertices[0])->outputs[0].name, std::string("out"));
    }

    void mapsAreKnownBesideACycle()
    {
        const auto parsed = types::parseDocument(document({vertex("l", "t.list"), vertex("m", "t.next"), vertex("x", "t.next")}, {edge("l.values", "m.n", R"(,"mode":"each")"), edge("x.n", "x.n")}));
        const auto checked = types::checkParsed(parsed, catalog());
        QVERIFY(checked.order.empty());
        QVERIFY(checked.vertices[1].wide);
        QVERIFY(!checked.vertices[0].wide);
    }
};

QTEST_GUILESS_MAIN(TestGraphCheck)
#include "tst_graph_check.moc"
