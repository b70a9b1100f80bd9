// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Recorded runs: what was told comes back, one file each, and a damaged file is refused.
#include "engine/archive/recorded_run.h"
#include "engine/archive/run_archive.h"
#include "engine/archive/run_bundle.h"
#include "tests/engine/archive/archive_samples.h"

#include <QtTest/qtest.h>
#include <QtTest/qtestcase.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qtemporarydir.h>

#include <atomic>
#include <fstream>

using namespace orrery;
using archive::RecordInfo;
using archive::RunArchive;

namespace {

RecordInfo recordInfo()
{
    auto catalog = std::make_shared<types::Catalog>();
    types::PluginInfo plugin;
    plugin.name = "basic";
    plugin.version = "1.2";
    plugin.path = "/plugins/basic.so";
    plugin.sha256 = "abc";
    plugin.interfaceHash = "sha256:def";
    plugin.pages = {"{}"};
    types::FunctionInfo function;
    function.name = "basic.add";
    function.inputs = {{"a", "i64", "left", false}, {"b", "i64", "right", true}};
    function.outputs = {{"sum", "i64", "", false}};
    function.resources = types::Resources::cpus(0.5);
    function.pure = true;
    plugin.functions = {function};
    catalog->plugins = {plugin};
    return {base::ClusterId{{5, 6}}, 123'456'789, catalog};
}

std::vector<types::LogLine> logLines(int count)
{
    std::vector<types::LogLine> lines;
    for (int i = 0; i < count; ++i) lines.push_back({1000 + i, 1, static_cast<std::uint16_t>(i % 4), static_cast<std::uint32_t>(i), 2, "line " + std::to_string(i) + " äöü"});
    return lines;
}

struct Members {
    std::vector<types::NodeRow> nodes;
    std::vector<types::WorkerRow> workers;
};

Members members()
{
    Members made;
    types::NodeRow node;
    node.id = base::NodeId{{1, 1}};
    node.name = "local";
    node.host = "here";
    node.total = types::Resources::cpus(2);
    node.cpuShare = 0.25;
    node.why = "still well";
    made.nodes = {node};
    types::WorkerRow worker;
    worker.track = 3;
    worker.id = base::WorkerId{{2, 2}};
    worker.alive = false;
    worker.exit = "killed by signal 9";
    made.workers = {worker};
    return made;
}

// A finished record with something of everything.
std::filesystem::path record(const std::filesystem::path& folder, std::uint32_t number, std::uint32_t width)
{
    RunArchive archive({folder, {}, 0, archive::kArchiveBytesMax});
    auto run = samples::runEntry(number);
    archive.open(run, recordInfo());
    std::uint64_t n = 0;
    for (const auto& block : samples::flood(run.row.id, width)) archive.append(run.row.id, ++n, block, [](const std::string& problem) { QVERIFY2(problem.empty(), problem.c_str()); });
    archive.addLogs(run.row.id, logLines(20));
    archive.setMembers(run.row.id, members().nodes, members().workers);
    archive.addObject(run.row.id, 1, 0, base::Bytes(5000, std::byte{42}));
    run.row.state = types::RunState::Succeeded;
    run.row.endNs = 999;
    std::string problem = "not called";
    archive.close(run, [&](const std::string& said) { problem = said; });
    archive.wait();
    if (!problem.empty()) qCritical("%s", problem.c_str());
    return archive.pathOf(number, run.row.id);
}

// Everything of a record as one text, for comparing.
std::string digest(const archive::RecordedRun& run)
{
    base::ByteWriter out;
    out.put(run.run.row.id);
    out.put(run.run.row.title);
    out.put(run.run.row.state);
    out.put(run.run.row.error);
    out.put(run.run.row.endNs);
    out.put(run.run.document);
    out.put(run.cluster);
    out.put(run.wallOffsetNs);
    out.put(run.complete);
    for (const auto& plugin : run.catalog->plugins) { out.put(plugin.name); out.put(plugin.sha256); out.put(plugin.functions.size()); }
    for (const auto& line : run.logs) { out.put(line.atNs); out.put(line.text); out.put(line.row); }
    for (const auto& node : run.nodes) { out.put(node.name); out.put(node.why); }
    for (const auto& worker : run.workers) out.put(worker.exit);
    for (std::uint64_t n = 1; n <= run.store->blocks(); ++n) out.put(*run.store->block(n));
    for (const auto& [key, size] : run.objects) {
        out.put(key.first);
        out.put(size);
        const auto value = run.value(key.first, key.second);
        if (value) out.put(*value);
    }
    const auto view = out.view();
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}

std::string slurp(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void spill(const std::filesystem::path& path, const std::string& bytes)
{
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << bytes;
}

// Run by a child: records one run without end and tells the number of each block that is in the file.
int recordForEver(const std::filesystem::path& folder)
{
    RunArchive archive({folder, {}, 0, archive::kArchiveBytesMax});
    const auto run = samples::runEntry(7);
    archive.open(run, recordInfo());
    trace::BlockWriter writer(run.row.id, 0, 1);
    std::atomic<std::uint64_t> waiting{0};
    for (std::uint32_t n = 1;; ++n) {
        writer.add(types::RowRange{n - 1, 1, n - 1, 0, types::TaskState::PendingArgs, n});
        ++waiting;
        archive.append(run.row.id, n, writer.seal(n), [n, &waiting](const std::string& problem) {
            if (!problem.empty()) ::_exit(4);
            samples::tell(n);
            --waiting;
            waiting.notify_one();
        });
        for (auto now = waiting.load(); now >= 7; now = waiting.load()) waiting.wait(now);
    }
}

} // namespace

class TstRunArchive : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // Seen on a busy machine: the file was there, its tables and its log were not yet, and the bundle was made of it.
    void aRecordThatIsOnlyBeingMadeIsNotTakenForAClosedOne()
    {
        QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("new.orun")).toStdString();
        { std::ofstream file(path); }
        QVERIFY(!archive::waitRecordClosed(path, std::chrono::milliseconds(0)).ok());
        const auto whole = record(folder.path().toStdString(), 3, 100);
        QVERIFY(archive::waitRecordClosed(whole, std::chrono::seconds(10)).ok());
    }

    void aRecordedRunIsWhatWasTold()
    {
        QTemporaryDir folder;
        const auto path = record(folder.path().toStdString(), 3, 20'000);
        const auto opened = archive::openRecordedRun(path);
        QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
        QVERIFY(opened->complete);
        auto wanted = samples::runEntry(3);
        wanted.row.state = types::RunState::Succeeded;
        wanted.row.endNs = 999;
        QVERIFY(samples::same(opened->run, wanted));
        QVERIFY(opened->cluster == (base::ClusterId{{5, 6}}));
        QCOMPARE(opened->wallOffsetNs, std::int64_t{123'456'789});
        QCOMPARE(opened->graph->vertices.size(), std::size_t{1});
        const auto blocks = samples::flood(wanted.row.id, 20'000);
        QCOMPARE(opened->store->blocks(), static_cast<std::uint64_t>(blocks.size()));
        for (std::size_t i = 0; i < blocks.size(); ++i) QVERIFY(*blocks[i] == *opened->store->block(i + 1)); // verbatim
        QVERIFY2(opened->store->audit().empty(), opened->store->audit().c_str());
        QCOMPARE(opened->logs.size(), std::size_t{20});
        QCOMPARE(opened->logs[7].text, std::string("line 7 äöü"));
        QCOMPARE(opened->nodes[0].total.amount("CPU"), 2.0);
        QCOMPARE(opened->nodes[0].cpuShare, 0.25);
        QCOMPARE(opened->workers[0].exit, std::string("killed by signal 9"));
        QCOMPARE(opened->catalog->plugins[0].functions[0].inputs[1].doc, std::string("right"));
        QVERIFY(opened->catalog->plugins[0].functions[0].resources == types::Resources::cpus(0.5));
        QCOMPARE(opened->catalog->plugins[0].sha256, std::string("abc"));
        QVERIFY(*opened->value(1, 0) == base::Bytes(5000, std::byte{42}));
        QVERIFY(!opened->value(2, 0).ok());
        QCOMPARE(opened->value(2, 0).error().code, base::Errc::NotFound);
    }

    void aFinishedRecordIsOneFile()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const auto made = record(path, 3, 100);
        std::vector<std::string> files;
        for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path().filename().string());
        QCOMPARE(files.size(), std::size_t{1});
        QCOMPARE(files[0], made.filename().string());
        // And it can be read where nothing can be written.
        QVERIFY(archive::openRecordedRun(made).ok());
        QCOMPARE(static_cast<int>(std::distance(std::filesystem::directory_iterator(path), {})), 1);
    }

    void aNewHomeReplacesTheRecord()
    {
        QTemporaryDir folder;
        RunArchive archive({folder.path().toStdString(), {}, 0, archive::kArchiveBytesMax});
        const auto run = samples::runEntry(4);
        archive.open(run, recordInfo());
        std::uint64_t n = 0;
        for (const auto& block : samples::flood(run.row.id, 20'000, 1)) archive.append(run.row.id, ++n, block, {});
        archive.open(run, recordInfo());
        n = 0;
        const auto second = samples::flood(run.row.id, 5'000, 2);
        for (const auto& block : second) archive.append(run.row.id, ++n, block, {});
        archive.close(run);
        archive.wait();
        const auto opened = archive::openRecordedRun(archive.pathOf(4, run.row.id));
        QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
        QCOMPARE(opened->store->rows(), 5'000u);
        QCOMPARE(opened->store->homeEpoch(), std::uint64_t{2});
    }

    void aBlockToldTwiceIsThereOnce()
    {
        QTemporaryDir folder;
        RunArchive archive({folder.path().toStdString(), {}, 0, archive::kArchiveBytesMax});
        const auto run = samples::runEntry(4);
        archive.open(run, {});
        const auto blocks = samples::flood(run.row.id, 5'000);
        int answers = 0;
        for (int twice = 0; twice < 2; ++twice)
            for (std::size_t i = 0; i < blocks.size(); ++i) archive.append(run.row.id, i + 1, blocks[i], [&](const std::string& problem) { answers += problem.empty(); });
        archive.close(run);
        archive.wait();
        QCOMPARE(answers, static_cast<int>(2 * blocks.size()));
        QVERIFY(archive::openRecordedRun(archive.pathOf(4, run.row.id)).ok());
    }

    void acknowledgedBlocksSurviveKillMinusNineAndTheRecordCanBeRead()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        base::Random random(5);
        for (int round = 0; round < 6; ++round) {
            std::uint64_t number = 0;
            {
                samples::Child child({"--record", path.string()});
                for (std::uint64_t until = 1 + random.below(500), n = 0; n < until; ++n) QVERIFY(child.next(number));
                child.kill();
                while (child.next(number)) {}
            }
            const auto file = path / archive::runFileName(7, samples::runId(7));
            if (round % 2 == 1) { // the next head mends it first
                RunArchive archive({path, {}, 0, archive::kArchiveBytesMax});
                archive.open(samples::runEntry(8), {});
                archive.wait();
                QVERIFY(!std::filesystem::exists(file.string() + "-wal"));
            }
            const auto opened = archive::openRecordedRun(file);
            QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
            QVERIFY(!opened->complete);
            QVERIFY2(opened->store->blocks() >= number, qPrintable(QStringLiteral("%1 of %2").arg(opened->store->blocks()).arg(number)));
        }
    }

    void aFolderThatCannotBeWrittenStopsTheRecordNotTheHead()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        spill(path / "file", "x");
        RunArchive archive({path / "file" / "runs", {}, 0, archive::kArchiveBytesMax});
        const auto run = samples::runEntry(1);
        archive.open(run, recordInfo());
        std::vector<std::string> said;
        std::uint64_t n = 0;
        for (const auto& block : samples::flood(run.row.id, 10'000)) archive.append(run.row.id, ++n, block, [&](const std::string& problem) { said.push_back(problem); });
        archive.wait();
        archive.append(run.row.id, ++n, samples::flood(run.row.id, 1)[0], [&](const std::string& problem) { said.push_back(problem); });
        archive.close(run);
        archive.wait();
        QCOMPARE(said.size(), static_cast<std::size_t>(n));
        for (const auto& problem : said) QVERIFY2(problem.find("cannot be") != std::string::npos && problem.find("not recorded any more") != std::string::npos, problem.c_str());
    }

    void aFullDiskStopsOneRecordWithASentenceAndWhatWasWrittenStays()
    {
        QTemporaryDir folder;
        RunArchive archive({folder.path().toStdString(), {}, 400 * 1024, archive::kArchiveBytesMax});
        const auto big = samples::runEntry(1), small = samples::runEntry(2);
        archive.open(big, recordInfo());
        archive.open(small, recordInfo());
        std::uint64_t written = 0;
        std::string problem;
        std::uint64_t n = 0;
        for (const auto& block : samples::flood(big.row.id, 100'000)) {
            ++n;
            archive.append(big.row.id, n, block, [&, n](const std::string& said) {
                if (said.empty()) written = n;
                else if (problem.empty()) problem = said;
            });
            archive.wait();
        }
        QVERIFY2(problem.find("full") != std::string::npos && problem.find("not recorded any more") != std::string::npos, problem.c_str());
        QVERIFY(written > 0 && written < n);
        bool other = false;
        archive.append(small.row.id, 1, samples::flood(small.row.id, 100)[0], [&](const std::string& said) { other = said.empty(); });
        archive.close(small);
        archive.close(big);
        archive.wait();
        QVERIFY(other);
        const auto opened = archive::openRecordedRun(archive.pathOf(1, big.row.id));
        QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
        QCOMPARE(opened->store->blocks(), written);
        QVERIFY(!opened->complete);
        QVERIFY(archive::openRecordedRun(archive.pathOf(2, small.row.id))->complete);
    }

    void aDiskThatDoesNotKeepUpStopsTheRecordInsteadOfEatingMemory()
    {
        QTemporaryDir folder;
        RunArchive archive({folder.path().toStdString(), {}, 0, 1000});
        const auto run = samples::runEntry(1);
        archive.open(run, recordInfo());
        std::string problem;
        archive.append(run.row.id, 1, samples::flood(run.row.id, 1000)[0], [&](const std::string& said) { problem = said; });
        QVERIFY2(problem.find("does not keep up") != std::string::npos, problem.c_str());
        std::string again;
        archive.append(run.row.id, 2, samples::flood(run.row.id, 1)[0], [&](const std::string& said) { again = said; });
        QCOMPARE(again, problem);
    }

    void damagedFilesAreRefusedOrReadAsTheyWere()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const auto made = record(path, 3, 3'000);
        const std::string sound = slurp(made);
        const std::string wanted = digest(*archive::openRecordedRun(made));
        const auto broken = path / "broken.orun";
        base::Random random(1);
        int refused = 0, same = 0;
        std::map<std::string, int> reasons;
        const auto look = [&](const std::string& bytes, const char* what) {
            spill(broken, bytes);
            const auto opened = archive::openRecordedRun(broken);
            if (!opened) {
                ++refused;
                return !opened.error().message.empty() && opened.error().message.find("broken.orun") != std::string::npos;
            }
            ++same;
            if (digest(*opened) == wanted) return true;
            // A kept value is looked at when it is wanted.
            for (const auto& [key, size] : opened->objects)
                if (!opened->value(key.first, key.second).ok()) return true;
            qCritical("%s was read as something else", what);
            return false;
        };
        for (int round = 0; round < 60; ++round) QVERIFY(look(sound.substr(0, random.below(sound.size())), "a cut file"));
        QVERIFY(look(sound + std::string(4096, '\0'), "a longer file"));
        for (int round = 0; round < 1500; ++round) {
            std::string bytes = sound;
            const std::size_t at = random.chance(0.2) ? random.below(std::min<std::size_t>(4096, bytes.size())) : random.below(bytes.size());
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
            QVERIFY2(look(bytes, "a flipped bit"), std::to_string(at).c_str());
        }
        for (int round = 0; round < 200; ++round) {
            std::string bytes = sound;
            const std::size_t at = random.below(bytes.size());
            for (std::size_t i = at; i < std::min(bytes.size(), at + 1 + random.below(700)); ++i) bytes[i] = static_cast<char>(random.below(256));
            QVERIFY2(look(bytes, "garbage"), std::to_string(at).c_str());
        }
        qInfo("%d damaged files refused, %d read as they were (unused bytes)", refused, same);
        QVERIFY(refused > 1000);
    }

    void aFileThatIsNotARecordIsSaidSo()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const auto refused = [&](const std::filesystem::path& file, const char* words) {
            const auto opened = archive::openRecordedRun(file);
            if (!opened && opened.error().message.find(words) != std::string::npos) return true;
            qCritical("%s", opened ? "opened" : opened.error().message.c_str());
            return false;
        };
        QVERIFY(refused(path / "none.orun", "There is no file"));
        QVERIFY(refused(path, "is not a file"));
        spill(path / "empty.orun", "");
        QVERIFY(refused(path / "empty.orun", "not a recorded run"));
        spill(path / "text.orun", std::string(5000, 'a'));
        QVERIFY(refused(path / "text.orun", "not a recorded run"));
        {
            auto other = archive::Database::open(path / "other.orun", archive::Database::Mode::Create, "test");
            QVERIFY(other->exec("CREATE TABLE x (y)").ok());
        }
        QVERIFY(refused(path / "other.orun", "not a recorded run"));
        const auto made = record(path, 3, 100);
        const auto change = [&](const char* name, const char* sql) {
            std::filesystem::copy_file(made, path / name);
            auto database = archive::Database::open(path / name, archive::Database::Mode::ReadWrite, "test");
            return database.ok() && database->exec(sql).ok();
        };
        QVERIFY(change("newer.orun", "PRAGMA user_version=42"));
        QVERIFY(refused(path / "newer.orun", "newer Orrery"));
        QVERIFY(change("trigger.orun", "CREATE TRIGGER t AFTER INSERT ON blocks BEGIN DELETE FROM blocks; END"));
        QVERIFY(refused(path / "trigger.orun", "its tables are not those"));
        QVERIFY(change("missing.orun", "DELETE FROM blocks WHERE number=1"));
        QVERIFY(refused(path / "missing.orun", "trace block"));
        QVERIFY(change("title.orun", "UPDATE run SET title='another'"));
        QVERIFY(refused(path / "title.orun", "was changed"));
        QVERIFY(change("logs.orun", "DELETE FROM logs WHERE seq=20"));
        QVERIFY(refused(path / "logs.orun", "log line"));
        QVERIFY(change("two.orun", "DELETE FROM run"));
        QVERIFY(refused(path / "two.orun", "describes 0 runs"));
    }

    void recordingAMillionTasksKeepsUp()
    {
        QTemporaryDir folder;
        RunArchive archive({folder.path().toStdString(), {}, 0, archive::kArchiveBytesMax});
        const auto run = samples::runEntry(1);
        const auto blocks = samples::flood(run.row.id, 1'000'000);
        archive.open(run, recordInfo());
        const auto t0 = base::systemClock().monoNs();
        std::uint64_t n = 0;
        for (const auto& block : blocks) archive.append(run.row.id, ++n, block, {});
        archive.wait();
        const auto t1 = base::systemClock().monoNs();
        archive.close(run);
        archive.wait();
        const auto t2 = base::systemClock().monoNs();
        const auto opened = archive::openRecordedRun(archive.pathOf(1, run.row.id));
        const auto t3 = base::systemClock().monoNs();
        QVERIFY(opened.ok());
        qInfo("a million tasks: %.1f MB, written in %.0f ms, closed in %.0f ms, opened with every check in %.0f ms; %llu commits",
              static_cast<double>(std::filesystem::file_size(archive.pathOf(1, run.row.id))) / 1e6, static_cast<double>(t1 - t0) / 1e6, static_cast<double>(t2 - t1) / 1e6,
              static_cast<double>(t3 - t2) / 1e6, static_cast<unsigned long long>(archive.figures().commits));
        QCOMPARE(opened->store->rows(), 1'000'000u);
    }
};

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--record") return recordForEver(argv[2]);
    QCoreApplication app(argc, argv);
    TstRunArchive test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_run_archive.moc"
