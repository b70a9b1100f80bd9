// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/sdk/testing/local_host.h"

#include <QTest>

using namespace orrery::plugin;

namespace {

std::vector<LocalValue> one(LocalValue value) { return {std::move(value)}; }

} // namespace

class TestRemoteFunction : public QObject {
    Q_OBJECT
    LocalHost m_host;
    const orrery_plugin_v1_t* m_plugin = nullptr;

    std::string errorOf(const std::string& function, const LocalInputs& inputs = {}, const Json& params = Json::object())
    {
        const LocalResult result = m_host.run(function, inputs, params);
        return result.ok() ? "no error" : result.error;
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::string problem;
        m_plugin = m_host.load(ORRERY_BUILD_DIR "/tests/plugins/odd.so", problem);
        QVERIFY2(m_plugin != nullptr, problem.c_str());
    }

    void aSignatureGivesThePorts()
    {
        const orrery_function_v1_t* kinds = m_host.find("odd.kinds");
        std::string types;
        for (std::uint32_t i = 0; i < kinds->input_count; ++i) types += std::string(kinds->inputs[i]->type) + (kinds->inputs[i]->optional != 0 ? "? " : " ");
        QCOMPARE(types, std::string("bool i64 f64 string bytes json tensor table image any list<i64> f64? "));
        QCOMPARE(kinds->output_count, std::uint32_t{1});
        QCOMPARE(std::string(kinds->outputs[0]->type), std::string("string"));
        const orrery_function_v1_t* mixed = m_host.find("odd.mixed");
        types.clear();
        for (std::uint32_t i = 0; i < mixed->output_count; ++i) types += std::string(mixed->outputs[i]->name) + ":" + mixed->outputs[i]->type + " ";
        QCOMPARE(types, std::string("image:image tensors:list<tensor> none:list<string> bytes:bytes text:string "));
    }

    void whatIsSaidOfAFunctionIsInItsTable()
    {
        const orrery_function_v1_t* several = m_host.find("odd.several");
        std::string resources;
        for (std::uint32_t i = 0; i < several->resource_count; ++i) resources += text(several->resources[i].name, "=", several->resources[i].amount, " ");
        QCOMPARE(resources, std::string("CPU=0.500000 GPU=1.000000 memory=1048576.000000 licence=2.000000 "));
        QCOMPARE(several->retries, 0);
        QCOMPARE(several->pure, std::uint32_t{1});
        QCOMPARE(std::string(several->label), std::string("Several"));
        const orrery_function_v1_t* plain = m_host.find("odd.parent_of_failing");
        QCOMPARE(std::string(plain->label), std::string("parent of failing"));
        QCOMPARE(plain->retries, 3);
        QCOMPARE(plain->resource_count, std::uint32_t{1});
        QCOMPARE(plain->resources[0].amount, 1.0);
        QCOMPARE(m_plugin->page_count, std::uint32_t{1});
        QVERIFY(Json::accept(m_plugin->pages[0]));
        QCOMPARE(m_plugin->actor_count, std::uint32_t{0});
        QCOMPARE(m_plugin->fork_safe, std::uint32_t{0});
    }

    void argumentsOfEveryKindArrive()
    {
        const LocalInputs inputs = {one(local(true)), one(local(std::int64_t{2})), one(local(3.5)), one(local(std::string("four"))), one(local(Bytes(5))), one(local(Json{{"six", 6}})),
                                    one(local(Tensor<float>{{7}, std::vector<float>(7)})), one(local(Table().add("x", std::vector<double>(8)))), one(local(Image{9, 1, std::vector<std::uint8_t>(36)})),
                                    one(local(std::string("any"))), {local(std::int64_t{1}), local(std::int64_t{2})}, {}};
        const LocalResult result = m_host.run("odd.kinds", inputs);
        QVERIFY2(result.ok(), result.error.c_str());
        QCOMPARE(result.get<std::string>(), std::string("1 2 3.500000 four 5 {\"six\":6} 7 8 9 string 2 none"));
    }

    void aListValueAndItsItemsOneByOneAreTheSameArgument()
    {
        QCOMPARE(m_host.run("odd.total", {{local(1.5), local(2.5)}}).get<double>(), 4.0);
        QCOMPARE(m_host.run("odd.total", {one(local(std::vector<double>{1.5, 2.5}))}).get<double>(), 4.0);
        QCOMPARE(m_host.run("odd.total", {{}}).get<double>(), 0.0);
    }

    void severalResultsComeInOrder()
    {
        const LocalResult result = m_host.run("odd.several");
        QVERIFY2(result.ok(), result.error.c_str());
        QCOMPARE(result.outputs.size(), std::size_t{3});
        QCOMPARE(result.get<double>(0), 1.5);
        QCOMPARE(result.get<List<std::string>>(1)[1], std::string("y"));
        QCOMPARE(result.get<TableView>(2).column<std::int64_t>("n")[1], std::int64_t{2});
    }

    void resultsAreBuiltInPlaceAndTrimmed()
    {
        const LocalResult result = m_host.run("odd.mixed");
        QVERIFY2(result.ok(), result.error.c_str());
        QCOMPARE(result.get<ImageView>(0).pixels()[15], std::uint8_t{7});
        const auto tensors = result.get<List<TensorView<float>>>(1);
        QCOMPARE(tensors.size(), std::uint64_t{3});
        QCOMPARE(tensors[2].elements(), std::uint64_t{3});
        QCOMPARE(tensors[2](2), 3.0f);
        QCOMPARE(result.get<List<std::string>>(2).size(), std::uint64_t{0});
        QCOMPARE(result.get<BytesView>(3).size(), std::size_t{1});
        QCOMPARE(result.get<BytesView>(3)[0], std::byte{42});
        QCOMPARE(result.get<std::string>(4), std::string("last"));
    }

    void everyExceptionBecomesAMessage()
    {
        QCOMPARE(errorOf("odd.throwing"), std::string("the disk is on fire"));
        QCOMPARE(errorOf("odd.throwing", {}, {{"what", "int"}}), std::string("an exception that is not a std::exception"));
        QCOMPARE(errorOf("odd.throwing", {}, {{"what", "bad_alloc"}}), std::string("out of memory"));
        QCOMPARE(errorOf("odd.throwing", {}, {{"what", "empty"}}), std::string("an exception without a message"));
        QCOMPARE(m_host.run("odd.throwing", {}, {{"what", "cancelled"}}).status, std::int32_t{ORRERY_CANCELLED});
    }

    void mistakesAreToldWithTheNameOfThePort()
    {
        QCOMPARE(errorOf("odd.forgets"), std::string("output `value` was not given"));
        QCOMPARE(errorOf("odd.twice"), std::string("output `value` of 196 bytes: output `value` was given before"));
        QCOMPARE(errorOf("odd.total", {{local(std::string("x"))}}), std::string("input `numbers` takes list<f64>, not string"));
        LocalInputs wrongDtype(12);
        QVERIFY(errorOf("odd.kinds", wrongDtype).starts_with("input `a` takes one value, not 0"));
    }

    // A worker gives arguments as they come; the wall in the library checks again.
    void aDamagedOrWrongArgumentIsRefusedAtTheWall()
    {
        const orrery_function_v1_t* add = m_host.find("odd.total");
        std::string said;
        orrery_host_v1_t host = {};
        host.size = sizeof host;
        host.fail = [](void* to, const char* why, std::uint64_t bytes) { static_cast<std::string*>(to)->assign(why, bytes); };
        OwnedValue value = OwnedValue::of(std::string("text"));
        orrery_view_v1_t view = value.view();
        orrery_input_v1_t input = {&view, 1};
        orrery_call_v1_t call = {};
        call.size = sizeof call;
        call.host = &host;
        call.context = &said;
        call.inputs = &input;
        call.input_count = 1;
        call.output_count = 1;
        call.params = "{}";
        call.params_bytes = 2;
        QCOMPARE(add->run(&call, add->self), std::int32_t{ORRERY_FAILED});
        QCOMPARE(said, std::string("item 0 is of type string, not f64"));
        view.bytes = 65;
        QCOMPARE(add->run(&call, add->self), std::int32_t{ORRERY_FAILED});
        QCOMPARE(said, std::string("item 0 is cut short"));
        call.input_count = 2;
        QCOMPARE(add->run(&call, add->self), std::int32_t{ORRERY_FAILED});
        QCOMPARE(said, std::string("this call has 2 inputs and 1 outputs; the function has 1 and 1"));
    }

    void aFullStoreFailsTheTaskWithItsReason()
    {
        LocalOptions options;
        options.memoryBytes = 1000;
        const LocalResult result = m_host.run("odd.large", {}, Json::object(), options);
        QCOMPARE(result.error, std::string("output `value` of 1000192 bytes: the store has no room for 1000192 bytes"));
    }

    void aCancelEndsTheCall()
    {
        int asked = 0;
        LocalOptions options;
        options.cancelled = [&asked] { return ++asked > 5; };
        options.attempt = 2;
        options.mapIndex = 3;
        options.mapCount = 9;
        const LocalResult result = m_host.run("odd.waits", {}, Json::object(), options);
        QCOMPARE(result.status, std::int32_t{ORRERY_CANCELLED});
        QCOMPARE(asked, 6);
        QCOMPARE(result.progress.size(), std::size_t{6});
        QCOMPARE(result.log.at(0).second, std::string("attempt 2 index 3 of 9"));
    }

    void aCallSubmitsPutsAndWaits()
    {
        QCOMPARE(m_host.run("odd.parent").get<double>(), 5.5);
        QCOMPARE(errorOf("odd.parent_of_failing"), std::string("get: the disk is on fire"));
    }

    void aHostThatOffersNoTasksIsNamedAsTheReason()
    {
        LocalOptions options;
        options.offersTasks = false;
        QCOMPARE(m_host.run("odd.parent", {}, Json::object(), options).error, std::string("`put` is not offered here: this process runs single functions only; run the graph on a cluster"));
    }

    void parametersAreReadWithDefaultsAndRefusedWithTheirName()
    {
        const Json given = {{"must", "x"}, {"small", -5}, {"names", {"p", "q"}}, {"free", {1, 2}}, {"large", 4.0}};
        const LocalResult result = m_host.run("odd.describe", {}, given);
        QVERIFY2(result.ok(), result.error.c_str());
        const Json read = Json::parse(result.get<std::string>());
        QCOMPARE(read.dump(), Json({{"flag", true}, {"small", -5}, {"large", 4}, {"share", 0.5}, {"mode", "fast"}, {"names", {"p", "q"}}, {"free", {1, 2}}, {"must", "x"}}).dump());
        QCOMPARE(errorOf("odd.describe"), std::string("parameter `must` must be given"));
        QCOMPARE(errorOf("odd.describe", {}, {{"must", "x"}, {"small", 6}}), std::string("parameter `small` must be at most 5; it is 6"));
        QCOMPARE(errorOf("odd.describe", {}, {{"must", "x"}, {"mode", "slow"}}), std::string("parameter `mode` must be one of [\"fast\",\"exact\"]; it is \"slow\""));
        QCOMPARE(errorOf("odd.describe", {}, {{"must", 1}}), std::string("parameter `must` must be text; it is 1"));
        QCOMPARE(errorOf("odd.describe", {}, {{"must", "x"}, {"large", 1.5}}), std::string("parameter `large` must be a whole number; it is 1.5"));
        QCOMPARE(errorOf("odd.describe", {}, {{"must", "x"}, {"small", 1e300}}).starts_with("parameter `small` must be"), true);
    }

    void theSchemaSaysWhatTheStructSays()
    {
        const Json schema = Json::parse(m_host.find("odd.describe")->params);
        QCOMPARE(schema["required"].dump(), std::string("[\"must\"]"));
        QCOMPARE(schema["properties"]["share"].dump(),
                 std::string(R"({"default":0.5,"description":"A part","maximum":1.0,"minimum":0.0,"type":"number","x-order":3,"x-step":0.1,"x-unit":"%"})"));
        QCOMPARE(schema["properties"]["small"].dump(), std::string(R"({"default":3,"description":"Fits 32 bits","maximum":5,"minimum":-5,"type":"integer","x-order":1})"));
        QCOMPARE(schema["properties"]["mode"]["enum"].dump(), std::string(R"(["fast","exact"])"));
        QCOMPARE(schema["properties"]["names"]["items"]["type"].get<std::string>(), std::string("string"));
        QVERIFY(!schema["properties"]["must"].contains("default"));
        QVERIFY(!schema["properties"]["free"].contains("type"));
    }

    void portsAreComputedFromTheParameters()
    {
        const orrery_function_v1_t* computed = m_host.find("odd.computed");
        QCOMPARE(LocalHost::ports(*computed, {{"count", 3}}, true).size(), std::size_t{3});
        QCOMPARE(m_host.run("odd.computed").outputs.size(), std::size_t{2});
        QCOMPARE(errorOf("odd.computed", {}, {{"count", 4}}), std::string("three outputs at most"));
        QCOMPARE(errorOf("odd.computed", {}, {{"count", "x"}}).empty(), false);
    }

    void noFunctionOfThatNameIsSaid() { QCOMPARE(errorOf("odd.absent"), std::string("there is no function `odd.absent`")); }

    void aFileThatIsNoPluginIsRefused()
    {
        std::string problem;
        QVERIFY(m_host.load("/nowhere/x.so", problem) == nullptr && !problem.empty());
        QVERIFY(m_host.load("libm.so.6", problem) == nullptr);
        QCOMPARE(problem, std::string("libm.so.6 is not an Orrery plugin: it exports no orrery_plugin_v1"));
    }
};

QTEST_GUILESS_MAIN(TestRemoteFunction)
#include "tst_remote_function.moc"
