// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/plugin_checks.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace orrery::plugin;

class TestBasic : public QObject {
    Q_OBJECT
    LocalHost m_host;
    const orrery_plugin_v1_t* m_plugin = nullptr;

private Q_SLOTS:
    void initTestCase()
    {
        std::string problem;
        m_plugin = m_host.load(ORRERY_BUILD_DIR "/plugins/basic.so", problem);
        QVERIFY2(m_plugin != nullptr, problem.c_str());
    }

    void everyFunctionDescribesItself()
    {
        QCOMPARE(QString::fromStdString(pluginProblems(*m_plugin)), QString());
        QCOMPARE(m_plugin->fork_safe, std::uint32_t{1});
        QVERIFY(m_plugin->function_count >= 16);
    }

    void numbersAreAdded()
    {
        QCOMPARE(m_host.run("basic.add", {{local(2.0)}, {local(40.0)}}).get<double>(), 42.0);
        QCOMPARE(m_host.run("basic.add", {{local(2.0)}, {local(std::int64_t{40})}}).get<double>(), 42.0);
        QCOMPARE(m_host.run("basic.number", {}, {{"value", -1.5}}).get<double>(), -1.5);
        QCOMPARE(m_host.run("basic.text", {}, {{"text", "a\nb"}}).get<std::string>(), std::string("a\nb"));
        QCOMPARE(m_host.run("basic.noop").get<bool>(), true);
    }

    void identityGivesTheSameBytes()
    {
        const LocalValue value = local(std::vector<std::string>{"a", "b"});
        const LocalResult result = m_host.run("basic.identity", {{value}});
        QVERIFY2(result.ok(), result.error.c_str());
        QCOMPARE(result.outputs[0]->bytes(), value->bytes());
        QVERIFY(std::memcmp(result.outputs[0]->data(), value->data(), value->bytes()) == 0);
    }

    void aRangeIsSummed()
    {
        const LocalResult range = m_host.run("basic.range", {}, {{"count", 1000}, {"start", -3}, {"step", 7}});
        QCOMPARE(range.get<List<std::int64_t>>().size(), std::uint64_t{1000});
        std::int64_t expected = 0;
        for (std::int64_t i = 0; i < 1000; ++i) expected += -3 + 7 * i;
        QCOMPARE(m_host.run("basic.sum", {{range.outputs[0]}}).get<std::int64_t>(), expected);
        QCOMPARE(m_host.run("basic.sum", {{}}).get<std::int64_t>(), std::int64_t{0});
        QVERIFY(!m_host.run("basic.sum", {{local(std::numeric_limits<std::int64_t>::max()), local(std::int64_t{1})}}).ok());
        QVERIFY(!m_host.run("basic.range", {}, {{"step", std::numeric_limits<std::int64_t>::max()}}).ok());
    }

    void nestedAddsWhatItsChildrenGive()
    {
        QCOMPARE(m_host.run("basic.nested", {}, {{"children", 5}}).get<double>(), 15.0);
        QCOMPARE(m_host.run("basic.nested", {}, {{"children", 3}, {"depth", 3}}).get<double>(), 54.0); // 6 * 3 * 3
        QCOMPARE(m_host.run("basic.nested", {}, {{"children", 0}}).get<double>(), 0.0);
    }

    void spinAndSleepLastAsLongAsAsked()
    {
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(m_host.run("basic.spin", {{local(std::int64_t{9})}}, {{"microseconds", 3000}}).get<std::int64_t>(), std::int64_t{9});
        QVERIFY(timer.nsecsElapsed() >= 3'000'000);
        timer.restart();
        QCOMPARE(m_host.run("basic.sleep", {{}}, {{"seconds", 0.03}}).get<double>(), 0.03);
        QVERIFY(timer.nsecsElapsed() >= 30'000'000);
    }

    void aSleepListensToACancel()
    {
        QElapsedTimer timer;
        timer.start();
        LocalOptions options;
        options.cancelled = [] { return true; };
        QCOMPARE(m_host.run("basic.sleep", {{}}, {{"seconds", 600}}, options).status, std::int32_t{ORRERY_CANCELLED});
        QVERIFY(timer.elapsed() < 60'000);
    }

    void filesAreListedSortedByPattern()
    {
        const QTemporaryDir folder;
        for (const char* name : {"b.txt", "a.txt", "c.png"}) {
            QFile file(folder.filePath(QString::fromUtf8(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
        }
        QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("sub")));
        QVERIFY(QFile::copy(folder.filePath(QStringLiteral("a.txt")), folder.filePath(QStringLiteral("sub/d.txt"))));
        const std::string path = folder.path().toStdString();
        const auto names = [&](const Json& params) {
            const LocalResult result = m_host.run("basic.list_files", {}, params);
            std::string out = result.error;
            if (result.ok())
                for (const std::string_view file : result.get<List<std::string_view>>()) out += std::string(file.substr(path.size() + 1)) + " ";
            return out;
        };
        QCOMPARE(names({{"folder", path}, {"pattern", "*.txt"}}), std::string("a.txt b.txt "));
        QCOMPARE(names({{"folder", path}, {"recursive", true}}), std::string("a.txt b.txt c.png sub/d.txt "));
        QCOMPARE(names({{"folder", path + "/absent"}}), "cannot list `" + path + "/absent`: No such file or directory");
    }

    void bigValuesDependOnTheirSeedAlone()
    {
        const Json params = {{"bytes", 100'001}, {"seed", 7}};
        const LocalResult one = m_host.run("basic.big_value", {{}}, params);
        const LocalResult two = m_host.run("basic.big_value", {{}}, params);
        QCOMPARE(one.get<TensorView<std::uint8_t>>().elements(), std::uint64_t{100'001});
        QVERIFY(std::memcmp(one.outputs[0]->data(), two.outputs[0]->data(), one.outputs[0]->bytes()) == 0);
        const LocalResult other = m_host.run("basic.big_value", {{}}, {{"bytes", 100'001}, {"seed", 8}});
        QVERIFY(std::memcmp(one.outputs[0]->data(), other.outputs[0]->data(), one.outputs[0]->bytes()) != 0);
    }

    void failFailsWhereAndWhenItIsTold()
    {
        QCOMPARE(m_host.run("basic.fail", {{}}, {{"message", "no"}}).error, std::string("no"));
        LocalOptions second;
        second.attempt = 2;
        QCOMPARE(m_host.run("basic.fail", {{local(std::int64_t{5})}}, {{"attempts", 1}}, second).get<std::int64_t>(), std::int64_t{5});
        LocalOptions index;
        index.mapIndex = 3;
        index.mapCount = 4;
        QVERIFY(!m_host.run("basic.fail", {{}}, {{"index", 3}}, index).ok());
        QVERIFY(m_host.run("basic.fail", {{}}, {{"index", 2}}, index).ok());
    }

    void abortEndsItsProcess()
    {
        const pid_t child = fork();
        if (child == 0) {
            signal(SIGABRT, SIG_DFL); // not the one that Qt Test prints a stack with
            const rlimit none = {0, 0};
            setrlimit(RLIMIT_CORE, &none);
            m_host.run("basic.abort", {{}});
            _exit(0);
        }
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        LocalOptions second;
        second.attempt = 2;
        QVERIFY(m_host.run("basic.abort", {{}}, {{"attempts", 1}}, second).ok());
    }

    void wrongOutputsAndTypesAreWhatAHostMustNotice()
    {
        QCOMPARE(m_host.run("basic.wrong_outputs").error, std::string("`basic.wrong_outputs` did not give its output `second`"));
        QCOMPARE(m_host.run("basic.wrong_type").error, std::string("output `value` is declared as i64 and is string"));
    }

    // A call that runs another of its own function inside it keeps its own parameters (nested at depth 3 showed it once).
    void parametersSurviveACallInsideACall()
    {
        QCOMPARE(m_host.run("basic.nested", {}, {{"children", 2}, {"depth", 5}}).get<double>(), 48.0);
    }

    // The price of the wall: everything between the host's call and the C++ function and back.
    void whatACallCosts()
    {
        const orrery_function_v1_t* noop = m_host.find("basic.noop");
        const orrery_function_v1_t* add = m_host.find("basic.add");
        alignas(64) static char memory[64];
        orrery_host_v1_t host = {};
        host.size = sizeof host;
        host.allocate = [](void*, std::uint32_t, std::uint64_t) -> void* { return memory; };
        const OwnedValue a = OwnedValue::of(1.0), b = OwnedValue::of(2.0);
        const orrery_view_v1_t views[2] = {a.view(), b.view()};
        const orrery_input_v1_t inputs[2] = {{&views[0], 1}, {&views[1], 1}};
        orrery_call_v1_t call = {};
        call.size = sizeof call;
        call.host = &host;
        call.output_count = 1;
        call.params = "{}";
        call.params_bytes = 2;
        std::int32_t bad = 0;
        call.inputs = inputs;
        call.input_count = 2;
        constexpr int kCalls = 1'000'000;
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < kCalls; ++i) bad |= add->run(&call, add->self);
        const double addNs = static_cast<double>(timer.nsecsElapsed()) / kCalls;
        timer.restart();
        call.input_count = 0;
        for (int i = 0; i < kCalls; ++i) bad |= noop->run(&call, noop->self);
        const double noopNs = static_cast<double>(timer.nsecsElapsed()) / kCalls;
        QCOMPARE(bad, 0);
        qInfo("noop %.1f ns, add %.1f ns a call", noopNs, addNs);
        QVERIFY2(noopNs < 2000 && addNs < 2000, "a call through the C++ API must stay far below the lane's microseconds");
    }
};

QTEST_GUILESS_MAIN(TestBasic)
#include "tst_basic.moc"
