// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The control store: what was acknowledged is there, whatever happens; what is broken is said.
#include "engine/archive/journal.h"
#include "tests/engine/archive/archive_samples.h"

#include <QtTest/qtest.h>
#include <QtTest/qtestcase.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qtemporarydir.h>

#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <map>

using namespace orrery;
using archive::Journal;

namespace {

base::Result<std::unique_ptr<Journal>> openIn(const std::filesystem::path& folder, std::uint64_t bytesMax = 0)
{
    Journal::Options options;
    options.folder = folder;
    options.newCluster = base::ClusterId{{3, 4}};
    options.nowWallNs = 1234;
    options.bytesMax = bytesMax;
    return Journal::open(std::move(options));
}

// Run by a child: records runs over and over, each time with a higher number in its text, and tells what is durable.
int recordForEver(const std::filesystem::path& folder)
{
    auto opened = openIn(folder);
    if (!opened) return 2;
    auto& journal = **opened;
    constexpr std::uint64_t kRuns = 20;
    std::atomic<std::uint64_t> waiting{0};
    for (std::uint64_t version = 1;; ++version) {
        auto entry = samples::runEntry(static_cast<std::uint32_t>(1 + version % kRuns), std::to_string(version));
        ++waiting;
        journal.record(entry, [version, &waiting](const std::string& problem) {
            if (!problem.empty()) ::_exit(4);
            samples::tell(version);
            --waiting;
            waiting.notify_one();
        });
        // A few at a time, so that commits are many and small.
        for (auto now = waiting.load(); now >= 7; now = waiting.load()) waiting.wait(now);
    }
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

} // namespace

class TstJournal : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aSpentTokenAndItsMemberAreThereTogetherAndADroppedOneIsNot()
    {
        QTemporaryDir folder;
        const std::filesystem::path at = folder.path().toStdString();
        archive::TokenEntry token{0xfeedu, "aa", "node", "far", "", 0, 10, 20, 0}, other = token;
        other.id = 0xbeefu;
        {
            auto journal = openIn(at);
            QVERIFY(journal.ok());
            (*journal)->record(token);
            (*journal)->record(other);
            archive::EnrolEntry enrol;
            enrol.token = token;
            enrol.token.state = 1;
            enrol.token.usedBy = "N-1 on far";
            enrol.serial = "01";
            enrol.role = "node";
            enrol.id = "N-1";
            (*journal)->record(enrol); // in one batch with the token as it was made: it is written behind it
            (*journal)->record(archive::DropToken{other.id});
            (*journal)->record(archive::DenyEntry{"N-2", 7});
            QVERIFY((*journal)->wait().ok());
        }
        auto again = openIn(at);
        QVERIFY(again.ok());
        const auto& tokens = (*again)->loaded().tokens;
        QCOMPARE(tokens.size(), std::size_t{1});
        QCOMPARE(tokens.front().id, std::uint64_t{0xfeed});
        QCOMPARE(tokens.front().state, std::int64_t{1});
        QCOMPARE(tokens.front().usedBy, std::string("N-1 on far"));
        QCOMPARE(tokens.front().nodeName, std::string("far"));
        QCOMPARE((*again)->loaded().members.size(), std::size_t{1});
        QCOMPARE((*again)->loaded().members.front().id, std::string("N-1"));
        QCOMPARE((*again)->loaded().denied.size(), std::size_t{1});
        QCOMPARE((*again)->loaded().denied.front().id, std::string("N-2"));
        again = base::fail(base::Errc::Closed, "closed");
        auto database = archive::Database::open(at / "control.db", archive::Database::Mode::Create, "control store");
        QVERIFY(database.ok());
        const auto members = database->number("SELECT count(*) FROM members WHERE serial = '01' AND token = '000000000000feed'");
        QVERIFY(members.ok());
        QCOMPARE(*members, std::int64_t{1});
    }
    void whatWasRecordedIsThereForTheNextHead()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath(QStringLiteral("data")).toStdString();
        {
            auto journal = openIn(path);
            QVERIFY2(journal.ok(), journal.ok() ? "" : journal.error().message.c_str());
            QCOMPARE((*journal)->loaded().headEpoch, std::uint64_t{1});
            QVERIFY((*journal)->loaded().runs.empty());
            for (std::uint32_t n = 1; n <= 5; ++n) (*journal)->record(samples::runEntry(n, "a note with ' and \"\n"));
            (*journal)->record(samples::runEntry(3, "changed"));
            auto gone = samples::nodeEntry(2);
            gone.gone = true;
            (*journal)->record(samples::nodeEntry(1));
            (*journal)->record(gone);
            QVERIFY((*journal)->wait().ok());
        }
        auto journal = openIn(path);
        QVERIFY2(journal.ok(), journal.ok() ? "" : journal.error().message.c_str());
        const auto& loaded = (*journal)->loaded();
        QCOMPARE(loaded.headEpoch, std::uint64_t{2});
        QVERIFY(loaded.cluster == (base::ClusterId{{3, 4}}));
        QCOMPARE(loaded.createdWallNs, base::TimeNs{1234});
        QCOMPARE(loaded.runs.size(), std::size_t{5});
        for (std::uint32_t n = 1; n <= 5; ++n) QVERIFY(samples::same(loaded.runs[n - 1], samples::runEntry(n, n == 3 ? "changed" : "a note with ' and \"\n")));
        QCOMPARE(loaded.nodes.size(), std::size_t{2});
        QCOMPARE(loaded.nodes[0].host, std::string("host-1"));
        QCOMPARE(loaded.nodes[0].incarnation, std::uint64_t{4});
        QCOMPARE(loaded.nodes[0].firstTrack, std::uint16_t{100});
        QVERIFY(!loaded.nodes[0].gone && loaded.nodes[1].gone);
    }

    void everyStartHasAHigherEpochEvenWhenNothingElseHappened()
    {
        QTemporaryDir folder;
        for (std::uint64_t epoch = 1; epoch <= 4; ++epoch) {
            auto journal = openIn(folder.path().toStdString());
            QVERIFY(journal.ok());
            QCOMPARE((*journal)->loaded().headEpoch, epoch);
        }
    }

    void twoHeadsNeverShareAFolder()
    {
        QTemporaryDir folder;
        auto first = openIn(folder.path().toStdString());
        QVERIFY(first.ok());
        const auto second = openIn(folder.path().toStdString());
        QVERIFY(!second.ok());
        QCOMPARE(second.error().code, base::Errc::Refused);
        QVERIFY2(second.error().message.find("another head (process " + std::to_string(::getpid()) + ")") != std::string::npos, second.error().message.c_str());
        first->reset();
        QVERIFY(openIn(folder.path().toStdString()).ok());
    }

    void aLockCanBeHandedOver()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        auto first = openIn(path);
        QVERIFY(first.ok());
        base::UniqueFd handed(::dup((*first)->lockFd()));
        first->reset(); // its descriptor is closed, the lock lives on in the other
        QVERIFY(!openIn(path).ok());
        Journal::Options options;
        options.folder = path;
        options.lock = std::move(handed);
        auto next = Journal::open(std::move(options));
        QVERIFY2(next.ok(), next.ok() ? "" : next.error().message.c_str());
        QCOMPARE((*next)->loaded().headEpoch, std::uint64_t{2});
        QVERIFY(!openIn(path).ok());
        Journal::Options wrong;
        wrong.folder = path;
        wrong.lock = base::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        QVERIFY(!Journal::open(std::move(wrong)).ok());
    }

    void acknowledgedEntriesSurviveKillMinusNine()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        base::Random random(11);
        std::uint64_t told = 0;
        for (int round = 0; round < 15; ++round) {
            std::map<std::uint64_t, std::uint64_t> durable; // run -> version
            {
                samples::Child child({"--record", path.string()});
                std::uint64_t version = 0;
                const std::uint64_t until = 1 + random.below(300);
                for (std::uint64_t n = 0; n < until; ++n) {
                    QVERIFY(child.next(version));
                    durable[1 + version % 20] = version;
                }
                child.kill();
                while (child.next(version)) durable[1 + version % 20] = version; // told before it died
            }
            auto journal = openIn(path);
            QVERIFY2(journal.ok(), journal.ok() ? "" : journal.error().message.c_str());
            std::map<std::uint64_t, std::uint64_t> found;
            for (const auto& run : (*journal)->loaded().runs) {
                found[run.row.number] = std::stoull(run.row.error);
                QVERIFY(samples::same(run, samples::runEntry(run.row.number, run.row.error))); // whole, not torn
            }
            for (const auto& [run, version] : durable) {
                ++told;
                QVERIFY2(found.contains(run) && found[run] >= version, qPrintable(QStringLiteral("run %1 was acknowledged at %2 and is at %3").arg(run).arg(version).arg(found[run])));
            }
        }
        qInfo("%llu acknowledged entries were looked for after kill -9", static_cast<unsigned long long>(told));
    }

    void oneCommitTakesWhatPiledUpDuringTheLast()
    {
        QTemporaryDir folder;
        auto journal = openIn(folder.path().toStdString());
        QVERIFY(journal.ok());
        std::atomic<int> done{0};
        constexpr int kEntries = 20'000;
        const auto t0 = base::systemClock().monoNs();
        for (int n = 1; n <= kEntries; ++n) {
            (*journal)->record(samples::runEntry(static_cast<std::uint32_t>(n)), [&](const std::string& problem) { done += problem.empty(); });
        }
        QVERIFY((*journal)->wait().ok());
        const auto t1 = base::systemClock().monoNs();
        QCOMPARE(done.load(), kEntries);
        const auto figures = (*journal)->figures();
        QCOMPARE(figures.entries, std::uint64_t{kEntries});
        qInfo("%d entries in %llu commits, %.0f entries/s, longest commit %.1f ms", kEntries, static_cast<unsigned long long>(figures.commits), kEntries / (static_cast<double>(t1 - t0) / 1e9),
              static_cast<double>(figures.commitNsMax) / 1e6);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // there it is the recording that takes long, and nothing piles up
        QVERIFY(figures.commits < kEntries / 10);
#endif
        // One after the other: each pays for its own fsync.
        const auto t2 = base::systemClock().monoNs();
        for (int n = 1; n <= 200; ++n) {
            (*journal)->record(samples::runEntry(static_cast<std::uint32_t>(n)));
            QVERIFY((*journal)->wait().ok());
        }
        qInfo("one at a time: %.0f us an entry", static_cast<double>(base::systemClock().monoNs() - t2) / 200e3);
    }

    void entriesOfOneIdThatWaitTogetherBecomeOneAndAllAreAnswered()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        std::atomic<int> answers{0};
        {
            auto journal = openIn(path);
            QVERIFY(journal.ok());
            for (int n = 1; n <= 1000; ++n) (*journal)->record(samples::runEntry(1, std::to_string(n)), [&](const std::string& problem) { answers += problem.empty(); });
        } // the destructor writes what waits
        QCOMPARE(answers.load(), 1000);
        auto journal = openIn(path);
        QCOMPARE((*journal)->loaded().runs.size(), std::size_t{1});
        QCOMPARE((*journal)->loaded().runs[0].row.error, std::string("1000"));
    }

    void answersComeWhereTheyWereAskedFor()
    {
        QTemporaryDir folder;
        std::mutex mutex;
        std::vector<std::function<void()>> posted;
        Journal::Options options;
        options.folder = folder.path().toStdString();
        options.deliver = [&](std::function<void()> job) {
            const std::lock_guard guard(mutex);
            posted.push_back(std::move(job));
        };
        auto journal = Journal::open(std::move(options));
        QVERIFY(journal.ok());
        bool called = false;
        (*journal)->record(samples::runEntry(1), [&](const std::string&) { called = true; });
        QVERIFY((*journal)->wait().ok());
        journal->reset();
        QVERIFY(!called);
        for (auto& job : posted) job();
        QVERIFY(called);
    }

    void aFullDiskIsOneSentenceAndTheJournalGoesOnWhenThereIsRoom()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        {
            auto journal = openIn(path, 128 * 1024);
            QVERIFY(journal.ok());
            std::string problem;
            std::uint32_t n = 1;
            for (; n < 2000 && problem.empty(); ++n) {
                (*journal)->record(samples::runEntry(n, std::string(1000, 'x')), [&](const std::string& said) { problem = said; });
                (void)(*journal)->wait();
            }
            QVERIFY2(problem.find("is full") != std::string::npos && problem.find("control.db") != std::string::npos, problem.c_str());
            // What fits is still taken: a change of the same size in place.
            bool fits = false;
            (*journal)->record(samples::runEntry(1, std::string(1000, 'y')), [&](const std::string& said) { fits = said.empty(); });
            QVERIFY((*journal)->wait().ok());
            QVERIFY(fits);
            (*journal)->record(samples::runEntry(5000, std::string(50'000, 'z'))); // nobody is told, so it is kept for later
            QVERIFY(!(*journal)->wait().ok());
        }
        auto journal = openIn(path);
        QVERIFY2(journal.ok(), journal.ok() ? "" : journal.error().message.c_str());
        QCOMPARE((*journal)->loaded().runs[0].row.error[0], 'y');
        QVERIFY(std::none_of((*journal)->loaded().runs.begin(), (*journal)->loaded().runs.end(), [](const auto& run) { return run.row.error.find('z') != std::string::npos; }));
    }

    void aFolderThatCannotBeUsedIsSaidSo()
    {
        QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.filePath(QStringLiteral("file")).toStdString());
        spill(file, "x");
        const auto opened = openIn(file / "data");
        QVERIFY(!opened.ok());
        QVERIFY2(opened.error().message.find("cannot be") != std::string::npos, opened.error().message.c_str());
        std::filesystem::create_directories(std::filesystem::path(folder.path().toStdString()) / "other" / "control.db");
        const auto blocked = openIn(std::filesystem::path(folder.path().toStdString()) / "other");
        QVERIFY(!blocked.ok());
        QVERIFY2(blocked.error().message.find("control.db") != std::string::npos, blocked.error().message.c_str());
    }

    void aDamagedStoreIsRefusedAndTheCopyIsNamed()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        for (int start = 0; start < 2; ++start) {
            auto journal = openIn(path);
            QVERIFY(journal.ok());
            for (std::uint32_t n = 1; n <= 200; ++n) (*journal)->record(samples::runEntry(n, std::string(200, 'n')));
        }
        const std::string sound = slurp(path / "control.db");
        const std::string copy = slurp(path / "control.copy.db");
        base::Random random(2);
        int refused = 0, fine = 0;
        for (int round = 0; round < 150; ++round) {
            std::string bytes = sound;
            if (round % 3 == 0) {
                bytes.resize(1 + random.below(bytes.size() - 1));
            } else {
                const std::size_t at = random.below(bytes.size() / 512) * 512;
                for (std::size_t i = at; i < at + 512 && i < bytes.size(); ++i) bytes[i] = static_cast<char>(random.below(256));
            }
            spill(path / "control.db", bytes);
            std::filesystem::remove(path / "control.db-wal");
            std::filesystem::remove(path / "control.db-shm");
            spill(path / "control.copy.db", copy);
            const auto journal = openIn(path);
            if (journal.ok()) {
                ++fine; // garbage in a text or in unused bytes
                continue;
            }
            ++refused;
            QVERIFY2(journal.error().message.find("control.db") != std::string::npos, journal.error().message.c_str());
            if (journal.error().code == base::Errc::BadInput && journal.error().message.find("another program") == std::string::npos)
                QVERIFY2(journal.error().message.find("control.copy.db") != std::string::npos, journal.error().message.c_str());
        }
        qInfo("%d damaged stores refused, %d opened (garbage inside texts)", refused, fine);
        QVERIFY(refused > 40);
        // And the copy does what the sentence says.
        spill(path / "control.db", copy);
        std::filesystem::remove(path / "control.db-wal");
        std::filesystem::remove(path / "control.db-shm");
        const auto journal = openIn(path);
        QVERIFY2(journal.ok(), journal.ok() ? "" : journal.error().message.c_str());
        QCOMPARE((*journal)->loaded().runs.size(), std::size_t{200});
    }

    void aStoreOfANewerOrreryOrOfAnotherProgramIsLeftAlone()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        { QVERIFY(openIn(path).ok()); }
        {
            auto database = archive::Database::open(path / "control.db", archive::Database::Mode::ReadWrite, "test");
            QVERIFY(database->exec("PRAGMA user_version=99").ok());
        }
        const auto newer = openIn(path);
        QVERIFY(!newer.ok());
        QVERIFY2(newer.error().message.find("newer Orrery") != std::string::npos, newer.error().message.c_str());
        {
            auto database = archive::Database::open(path / "control.db", archive::Database::Mode::ReadWrite, "test");
            QVERIFY(database->exec("PRAGMA user_version=1; PRAGMA application_id=7").ok());
        }
        const auto other = openIn(path);
        QVERIFY(!other.ok());
        QVERIFY2(other.error().message.find("another program") != std::string::npos, other.error().message.c_str());
    }
};

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--record") return recordForEver(argv[2]);
    QCoreApplication app(argc, argv);
    TstJournal test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_journal.moc"
