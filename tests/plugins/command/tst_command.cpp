// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// command.run: what goes in, what comes out, and the one sentence of each failure.
#include "engine/types/plugin_info.h"
#include "engine/types/vertex_ports.h"
#include "tests/plugins/plugin_checks.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace orrery;
using namespace orrery::plugin;

namespace {

Json sh(const char* script, Json more = Json::object())
{
    more["program"] = "sh";
    more["arguments"] = {"-c", script};
    return more;
}

} // namespace

class TestCommand : public QObject {
    Q_OBJECT
    LocalHost m_host;
    const orrery_plugin_v1_t* m_plugin = nullptr;
    QTemporaryDir m_scratch; // TMPDIR of the programs
    LocalResult run(const Json& params, const LocalInputs& inputs = {})
    {
        return m_host.run("command.run", inputs, params);
    }
    std::string error(const Json& params, const LocalInputs& inputs = {})
    {
        const LocalResult result = run(params, inputs);
        return result.ok() ? "it succeeded" : result.error;
    }
    std::string printed(const Json& params, const LocalInputs& inputs = {})
    {
        const LocalResult result = run(params, inputs);
        return result.ok() ? result.get<std::string>() : "failed: " + result.error;
    }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("TMPDIR", m_scratch.path().toUtf8());
        std::string problem;
        m_plugin = m_host.load(ORRERY_BUILD_DIR "/plugins/command.so", problem);
        QVERIFY2(m_plugin != nullptr, problem.c_str());
    }
    void cleanup() { QVERIFY2(QDir(m_scratch.path()).isEmpty(), "a call left its scratch folder"); }

    void itDescribesItself()
    {
        QCOMPARE(QString::fromStdString(pluginProblems(*m_plugin)), QString());
        QVERIFY2(error(Json::object()).find("`program` must be given") != std::string::npos,
                 error(Json::object()).c_str());
    }

    void argumentsArriveAsTheyAreAndNoShellReadsThem()
    {
        QCOMPARE(printed({{"program", "printf"},
                          {"arguments", {"<%s>", "a b", "$HOME", "; ls", "{print $1}", "{arg", "*"}}}),
                 std::string("<a b><$HOME><; ls><{print $1}><{arg><*>"));
        QCOMPARE(printed(sh("echo $WORD", {{"environment", {"WORD=spoken"}}})), std::string("spoken\n"));
    }

    void valuesStandInArguments()
    {
        const Json params = {{"program", "printf"},
                             {"arguments", {"<%s>", "n={arg:n}", "{arg:x}{arg:yes}", "{arg:words}"}},
                             {"inputs", {"n", "x:f64", "yes:bool", "words:list<string>"}}};
        const LocalInputs inputs = {{local(std::int64_t{-7})},
                                    {local(2.5)},
                                    {local(true)},
                                    {local(std::string("a b")), local(std::string("c"))}};
        QCOMPARE(printed(params, inputs), std::string("<n=-7><2.5true><a b><c>"));
        QCOMPARE(printed(params, {inputs[0], inputs[1], inputs[2], {}}), std::string("<n=-7><2.5true>"));
    }

    void filesGoInAndOut()
    {
        const Json params = sh("cat \"$1\" \"$1\" > \"$2\"; echo \"$1 $2\"",
                               {{"inputs", {"one:bytes"}}, {"outputs", {"stdout", "twice:bytes"}}});
        Json named = params;
        named["arguments"].insert(named["arguments"].end(), {"sh", "{in:one.txt}", "{out:twice.dat}"});
        const std::string zero("a\0b", 3);
        const LocalResult result = run(named, {{local(std::as_bytes(std::span(zero)))}});
        QVERIFY2(result.ok(), result.error.c_str());
        const auto printed = result.get<BytesView>(0), twice = result.get<BytesView>(1);
        QCOMPARE(std::string(reinterpret_cast<const char*>(printed.data()), printed.size()),
                 std::string("in/one.txt out/twice.dat\n")); // the same each time
        QCOMPARE(std::string(reinterpret_cast<const char*>(twice.data()), twice.size()), zero + zero);
    }

    void aListIsAFileEachAndItsOrderIsKept()
    {
        std::vector<LocalValue> items;
        std::string expected;
        for (int i = 0; i < 12; ++i) {
            items.push_back(local(text("item ", i, "\n")));
            expected += text("item ", i, "\n");
        }
        const Json params = {{"program", "cat"}, {"arguments", {"{in:parts.txt}"}}, {"inputs", {"parts:list<any>"}}};
        QCOMPARE(printed(params, {items}), expected);
        // The same to a port that takes any value, and as what the program reads.
        std::vector<std::string> texts;
        for (int i = 0; i < 12; ++i) texts.push_back(text("item ", i, "\n"));
        QCOMPARE(
            printed({{"program", "cat"}, {"arguments", {"{in:parts.txt}"}}, {"inputs", {"parts"}}}, {{local(texts)}}),
            expected);
        QCOMPARE(printed({{"program", "cat"}, {"inputs", {"stdin:list<string>"}}}, {items}), expected);
    }

    void aProgramInANamedFolderGetsWholePaths()
    {
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        QCOMPARE(printed({{"program", "pwd"}, {"folder", path}}), path + "\n");
        const std::string said =
            printed({{"program", "echo"}, {"arguments", {"{in:a}"}}, {"inputs", {"a"}}, {"folder", path}},
                    {{local(std::string("x"))}});
        QVERIFY2(said.starts_with(m_scratch.path().toStdString() + "/orrery-command-") && said.ends_with("/in/a\n"),
                 said.c_str());
    }

    void standardInputIsWhatThePortGot()
    {
        QCOMPARE(printed({{"program", "tr"}, {"arguments", {"a-z", "A-Z"}}, {"inputs", {"stdin:string"}}},
                         {{local(std::string("hello"))}}),
                 std::string("HELLO"));
        QCOMPARE(printed({{"program", "cat"}}), std::string()); // without the port there is nothing to read
        const std::string large(8 << 20, 'x');
        QCOMPARE(printed({{"program", "true"}, {"inputs", {"stdin:string"}}}, {{local(large)}}),
                 std::string()); // not read at all
        QCOMPARE(printed({{"program", "cat"}, {"inputs", {"stdin:string"}}}, {{local(large)}}), large);
    }

    void outputsAreOfTheirPortsType()
    {
        const auto with = [](const char* type, const char* script) {
            return sh(script, {{"outputs", {text("stdout:", type)}}});
        };
        QCOMPARE(run(with("i64", "echo '  42'")).get<std::int64_t>(), std::int64_t{42});
        QCOMPARE(run(with("f64", "echo 2.5e3")).get<double>(), 2500.0);
        QVERIFY(run(with("json", "echo '{\"a\": [1]}'")).get<Json>() == Json({{"a", {1}}}));
        const LocalResult lines = run(with("list<string>", "printf 'a\\nb c\\n\\nd'"));
        std::string all;
        for (const std::string_view line : lines.get<List<std::string_view>>()) all += "<" + std::string(line) + ">";
        QCOMPARE(all, std::string("<a><b c><><d>"));
        QVERIFY(run(sh("echo nobody takes it", {{"outputs", Json::array()}})).ok());
    }

    void standardErrorIsTheTasksLog()
    {
        const LocalResult result =
            run(sh("echo one >&2; printf '10%%\\r90%%\\r100%%\\n' >&2; echo out; printf last >&2"));
        QVERIFY2(result.ok(), result.error.c_str());
        std::string log;
        for (const auto& [level, line] : result.log) log += line + "|";
        QCOMPARE(log, std::string("one|100%|last|"));
        const LocalResult silent = run(sh("echo printed", {{"outputs", Json::array()}}));
        QCOMPARE(silent.log.size(), std::size_t{1});
        QCOMPARE(silent.log[0].second, std::string("printed"));
        const LocalResult flood = run(sh("yes 2>&1 | head -20000 >&2"));
        QCOMPARE(flood.log.size(), std::size_t{10'001});
        QCOMPARE(flood.log.back().second, std::string("only the first 10000 lines are logged"));
    }

    void eachFailureIsOneSentence_data()
    {
        QTest::addColumn<QByteArray>("params"); // as JSON
        QTest::addColumn<QString>("said");
        const auto row = [](const char* name, const Json& params, const char* said) {
            QTest::newRow(name) << QByteArray::fromStdString(params.dump()) << QString::fromUtf8(said);
        };
        row("an exit code", sh("echo first >&2; echo no luck >&2; echo >&2; exit 3"),
            "`sh` ended with exit code 3: no luck");
        row("an exit code without a word", {{"program", "false"}}, "`false` ended with exit code 1");
        row("a signal", sh("echo ouch >&2; kill -TERM $$"), "`sh` was ended by signal 15 (Terminated): ouch");
        row("no such program", {{"program", "no-such-program"}},
            "cannot run `no-such-program`: no folder of PATH has such a program; install it on this node, or give its "
            "path");
        row("no such file", {{"program", "/no/such/program"}},
            "cannot run `/no/such/program`: there is no file `/no/such/program`");
        row("not executable", {{"program", ORRERY_SOURCE_DIR "/README.md"}},
            "cannot run `" ORRERY_SOURCE_DIR "/README.md`: `" ORRERY_SOURCE_DIR "/README.md` is not executable");
        row("a folder", {{"program", "/usr"}}, "cannot run `/usr`: `/usr` is no file that may be run");
        row("no folder to run in", {{"program", "pwd"}, {"folder", "/no/such"}},
            "cannot run `pwd`: its working folder `/no/such`: No such file or directory");
        row("an output that is not written", sh("true", {{"outputs", {"picture"}}}),
            "`sh` did not write its output `picture`: the file {out:picture} is not there");
        row("an output that is a folder", sh("mkdir out/picture", {{"outputs", {"picture"}}}),
            "`sh` wrote no file as its output `picture` but something else, a folder maybe");
        row("an output that is a named pipe", sh("mkfifo out/picture", {{"outputs", {"picture"}}}),
            "`sh` wrote no file as its output `picture` but something else, a folder maybe");
        row("more printed than the bound", sh("yes", {{"output_bytes_max", 1000}}),
            "`sh` was ended: its output `stdout` is larger than 1000 bytes; raise output_bytes_max if that is right");
        row("more written than the bound", sh("yes > out/f; true", {{"output_bytes_max", 1000}, {"outputs", {"f"}}}),
            "`sh` was ended: its output `f` is larger than 1000 bytes; raise output_bytes_max if that is right");
        row("no number", sh("echo 12 apples", {{"outputs", {"stdout:i64"}}}),
            "output `stdout` is declared as i64 and the program wrote `12 apples\n`");
        row("no JSON", sh("echo {", {{"outputs", {"stdout:json"}}}),
            "output `stdout` is declared as json and what the program wrote is no JSON");
        row("an input that is not listed", {{"program", "cat"}, {"arguments", {"{in:x}"}}},
            "argument `{in:x}` names the input `x`, which the parameter `inputs` does not list");
        row("an output that is not listed", {{"program", "cat"}, {"arguments", {"-o={out:x}"}}},
            "argument `-o={out:x}` names the output `x`, which the parameter `outputs` does not list");
        row("the stream as a file", {{"program", "cat"}, {"arguments", {"{out:stdout}"}}},
            "argument `{out:stdout}` names the output `stdout`, which is what the program prints and no file");
        row("two endings", {{"program", "cat"}, {"arguments", {"{out:x.png}", "{out:x}"}}, {"outputs", {"x"}}},
            "argument `{out:x}`: the output `x` is `out/x.png` in another argument; one file, one ending");
        row("an ending that leads away", {{"program", "cat"}, {"arguments", {"{out:x./../../y}"}}, {"outputs", {"x"}}},
            "argument `{out:x./../../y}`: `./../../y` is no ending of a file's name");
        row("no environment", {{"program", "cat"}, {"environment", {"WORD"}}},
            "`WORD` in the parameter `environment` is not NAME=value");
        row("no program", {{"program", ""}}, "parameter `program` is empty; name a program");
        row("a port's type", {{"program", "cat"}, {"outputs", {"x:image"}}}, "port `x` cannot be of type `image`");
        row("a port twice", {{"program", "cat"}, {"outputs", {"x", "x"}}}, "the port `x` is listed twice");
    }
    void eachFailureIsOneSentence()
    {
        QFETCH(QByteArray, params);
        QFETCH(QString, said);
        QCOMPARE(QString::fromStdString(error(Json::parse(params.toStdString()))), said);
    }

    void scriptsThatCannotRunAreSaidToBeSuch()
    {
        const QTemporaryDir folder;
        const auto script = [&](const char* name, const QByteArray& contents, bool executable) {
            QFile file(folder.filePath(QString::fromUtf8(name)));
            if (!file.open(QIODevice::WriteOnly)) return std::string();
            file.write(contents);
            file.setPermissions(executable ? QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner : QFile::ReadOwner);
            return file.fileName().toStdString();
        };
        const std::string lost = script("lost", "#!/no/such/interpreter\n", true),
                          plain = script("plain", "echo hello\n", true);
        script("closed", "#!/bin/sh\n", false);
        QCOMPARE(error({{"program", lost}}),
                 "cannot run `" + lost + "`: the interpreter that its first line names does not exist");
        QCOMPARE(error({{"program", plain}}),
                 "cannot run `" + plain +
                     "`: it is neither a program of this machine nor a script with #! in its first line");
        const std::string path = folder.path().toStdString();
        QCOMPARE(error({{"program", "closed"}, {"environment", {"PATH=" + path}}}),
                 "cannot run `closed`: `" + path + "/closed` is not executable");
    }

    void whatNoProgramReadsIsRefused()
    {
        const Json params = {{"program", "cat"}, {"arguments", {"{in:x}"}}, {"inputs", {"x"}}};
        QCOMPARE(error(params, {{local(Image{1, 1, {0, 0, 0, 0}})}}),
                 std::string(
                     "input `x` got a value of type image, which no program reads; make bytes or a text of it first"));
        const Json argument = {{"program", "echo"}, {"arguments", {"{arg:x}"}}, {"inputs", {"x"}}};
        QCOMPARE(error(argument, {{local(std::string("a\0b", 3))}}),
                 std::string("argument `{arg:x}`: the input `x` holds a zero byte; give it as a file, {in:x}"));
        QCOMPARE(error(argument, {{local(std::string(3 << 20, 'x'))}}),
                 std::string("cannot run `echo`: its arguments are too long; give the large ones as files, {in:name}"));
        const Json joined = {{"program", "echo"}, {"arguments", {"x={arg:x}"}}, {"inputs", {"x"}}};
        QCOMPARE(error(joined, {{local(std::vector<std::string>{"a", "b"})}}),
                 std::string(
                     "argument `x={arg:x}`: the input `x` is a list of 2; its place must be an argument of its own"));
    }

    // A library is not opened to check a graph: the engine reads the lists of ports by itself, and must read the same.
    void theEngineReadsTheSamePorts()
    {
        types::FunctionInfo function;
        function.name = "command.run";
        function.paramSchema = m_host.find("command.run")->params;
        function.computedPorts = true;
        const std::string longName(64, 'a');
        const std::vector<Json> lists = {
            Json::array(),     {"a"}, {"a", "b:string"}, {"a:list<string>"},   {"a:"},       {"a:image"}, {"A"},
            {"a", "a:string"}, {""},  {longName},        {longName.substr(1)}, {"a_1:json"}, {"1a"},      {"a b"}};
        for (const char* side : {"inputs", "outputs"}) {
            for (const Json& list : lists) {
                const Json params = {{"program", "x"}, {side, list}};
                std::vector<types::Problem> problems;
                const auto read = types::withPorts(function, params.dump(), {}, problems);
                std::string theirs, ours;
                for (const auto& port : read->inputs) theirs += "in " + port.name + ":" + port.type + " ";
                for (const auto& port : read->outputs) theirs += "out " + port.name + ":" + port.type + " ";
                if (!problems.empty()) theirs = "refused";
                try {
                    for (const auto& port : LocalHost::ports(*m_host.find("command.run"), params, false))
                        ours += "in " + port.name + ":" + port.type + " ";
                    for (const auto& port : LocalHost::ports(*m_host.find("command.run"), params, true))
                        ours += "out " + port.name + ":" + port.type + " ";
                } catch (const Error&) {
                    ours = "refused";
                }
                QCOMPARE(theirs, ours);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestCommand)
#include "tst_command.moc"
