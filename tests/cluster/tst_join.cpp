// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A machine joins a cluster over the network, as a user has it: with a token and nothing else, no plugins and no data. Here the other
// machine is another home on this one (tst_join_machines has three that are apart). What is not let in is told so, on both sides.
#include "engine/host/joiner.h"
#include "engine/host/member_links.h"
#include "engine/base/epoll_loop.h"
#include "engine/rpc/node_stream.h"
#include "engine/security/join_token.h"
#include "engine/security/sha256.h"
#include "tests/support/ctl.h"
#include "tests/support/far_node.h"

#include <QTest>

#include <csignal>
#include <thread>

using namespace orrery;

namespace {

const QString kCluster = QStringLiteral("join");

QStringList runWords(const QString& folder)
{
    return {QStringLiteral("run"), QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/deep_zoom.orrery"), QStringLiteral("--wait"), QStringLiteral("--json"), QStringLiteral("--address"), kCluster, QStringLiteral("--out"), folder,
            QStringLiteral("--param"), QStringLiteral("tiles_list.tiles=8"), QStringLiteral("--param"), QStringLiteral("tiles_list.pixels=128"), QStringLiteral("--param"), QStringLiteral("render.samples=6")};
}

QByteArray picture(const QString& folder)
{
    QFile file(folder + QStringLiteral("/png_encode.bytes.png"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QJsonArray rowsOf(const QStringList& words) { return tests::ctl(words + QStringList{QStringLiteral("--json"), QStringLiteral("--address"), kCluster}).rows(); }

QJsonObject nodeNamed(const QString& name)
{
    for (const auto& row : rowsOf({QStringLiteral("nodes")}))
        if (row.toObject().value(QStringLiteral("node_name")).toString() == name && row.toObject().value(QStringLiteral("state")).toString() == QStringLiteral("ALIVE")) return row.toObject();
    return {};
}

double bytes(const QString& node, const char* counter) { return nodeNamed(node).value(QString::fromLatin1(counter)).toVariant().toDouble(); }

QByteArray freshToken(const QStringList& more = {})
{
    const auto rows = rowsOf(QStringList{QStringLiteral("token"), QStringLiteral("create")} + more);
    return rows.isEmpty() ? QByteArray() : rows.at(0).toObject().value(QStringLiteral("token")).toString().toUtf8();
}

// Lines of the head's log that say who was not let join.
int refusals()
{
    int count = 0;
    for (const auto& row : rowsOf({QStringLiteral("events"), QStringLiteral("--limit"), QStringLiteral("0")}))
        if (row.toObject().value(QStringLiteral("text")).toString().contains(QStringLiteral("was not let join"))) ++count;
    return count;
}

// TCP ports that processes of this home listen at.
int listeners(const tests::ClusterHome& home)
{
    QSet<QString> sockets;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        QFile file(QString::fromLatin1(table));
        if (!file.open(QIODevice::ReadOnly)) continue;
        for (const auto& line : file.readAll().split('\n')) {
            const auto words = line.simplified().split(' ');
            if (words.size() > 9 && words.at(3) == "0A") sockets.insert(QStringLiteral("socket:[%1]").arg(QString::fromLatin1(words.at(9))));
        }
    }
    int count = 0;
    for (const auto& process : tests::processesOf(home))
        for (const auto& entry : QDir(QStringLiteral("/proc/%1/fd").arg(process.pid)).entryInfoList(QDir::Files | QDir::System))
            if (sockets.contains(QFile::symLinkTarget(entry.filePath()).section(u'/', -1)) || sockets.contains(entry.symLinkTarget().section(u'/', -1))) ++count;
    return count;
}

// Somebody at another machine: a home of their own, orreryctl and nothing else.
class Person {
public:
    Person(const tests::ClusterHome& home, const QString& name) : m_folder(QString::fromStdString(home.path("person-")) + name)
    {
        for (const char* part : {"/run", "/data"}) {
            QDir().mkpath(m_folder + QLatin1String(part));
            QFile::setPermissions(m_folder + QLatin1String(part), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
    }
    tests::Said ctl(const QStringList& words, const QByteArray& input = {}) const
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_folder + QStringLiteral("/run"));
        environment.insert(QStringLiteral("XDG_DATA_HOME"), m_folder + QStringLiteral("/data"));
        QProcess program;
        program.setProcessEnvironment(environment);
        tests::startCtl(program, words);
        program.write(input);
        program.closeWriteChannel();
        return tests::finish(program);
    }

private:
    const QString m_folder;
};

} // namespace

class TestJoin : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    tests::FarNode m_far{m_home, QStringLiteral("far")};
    QByteArray m_picture;
    QString folder(const QString& run) const { return QString::fromStdString(m_home.path("out")) + run; }

    bool up(const QStringList& more = {})
    {
        return tests::ctl(QStringList{QStringLiteral("up"), QStringLiteral("--name"), kCluster, QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--cpus"), QStringLiteral("1"), QStringLiteral("--store-mib"), QStringLiteral("256")} + more).code == 0;
    }
    bool comes(const QByteArray& token)
    {
        m_far.start({QStringLiteral("--join"), QStringLiteral("-")}, token);
        return QTest::qWaitFor([] { return !nodeNamed(QStringLiteral("far")).isEmpty(); }, 20'000 * tests::kSlower);
    }
    void refused(const QByteArray& token, const QString& why, bool headIsAsked)
    {
        const int before = refusals();
        tests::FarNode stranger(m_home, QStringLiteral("stranger"));
        const auto said = stranger.runToEnd({QStringLiteral("--join"), QStringLiteral("-")}, token);
        QCOMPARE(said.code, 2);
        QVERIFY2(said.err.contains(why) && said.err.count(u'\n') == 1, qPrintable(said.err));
        QVERIFY2(token.size() < 20 || !said.err.contains(QString::fromUtf8(token.mid(5, 20))), "the token stands in the refusal");
        QCOMPARE(refusals(), before + (headIsAsked ? 1 : 0));
    }
private Q_SLOTS:
    void nothingListensBeforeSomebodyWantsIt()
    {
        QVERIFY(up());
        QCOMPARE(listeners(m_home), 0);
        const auto said = tests::ctl({QStringLiteral("token"), QStringLiteral("create"), QStringLiteral("--address"), kCluster});
        QVERIFY2(said.code == 1 && said.err.contains(QStringLiteral("orreryctl listen")), qPrintable(said.err));
        QVERIFY(tests::ctl(runWords(folder(QStringLiteral("alone")))).code == 0);
        m_picture = picture(folder(QStringLiteral("alone")));
        QVERIFY(!m_picture.isEmpty());
        // A cluster that runs opens its port, and that of the node, which stays what it was.
        const auto pid = nodeNamed(QStringLiteral("local")).value(QStringLiteral("pid")).toVariant().toLongLong();
        const auto listen = [](const char* at) { return tests::ctl({QStringLiteral("listen"), QString::fromUtf8(at), QStringLiteral("--address"), kCluster}); };
        for (const char* wrong : {"127.0.0.1", ":1", "203.0.113.7:0"}) QVERIFY2(listen(wrong).code != 0, wrong); // the last is not of this machine
        QCOMPARE(listeners(m_home), 0);
        const auto opened = listen("127.0.0.1:0");
        QVERIFY2(opened.code == 0, qPrintable(opened.err));
        QTRY_COMPARE(listeners(m_home), 2);
        const auto twice = listen("127.0.0.1:0");
        QVERIFY2(twice.code == 1 && twice.err.contains(QStringLiteral("already")), qPrintable(twice.err));
        QCOMPARE(nodeNamed(QStringLiteral("local")).value(QStringLiteral("pid")).toVariant().toLongLong(), pid);
        QVERIFY(freshToken({QStringLiteral("--ttl"), QStringLiteral("1s")}).startsWith("orr1_")); // over before the next slot
        QTRY_COMPARE(listeners(m_home), 2);
        QCOMPARE(tests::ctl({QStringLiteral("down"), QStringLiteral("--address"), kCluster}).code, 0);
        for (const char* wrong : {"nowhere", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", ":1"}) {
            const auto refused = tests::ctl({QStringLiteral("up"), QStringLiteral("--name"), kCluster, QStringLiteral("--listen"), QString::fromUtf8(wrong)});
            QVERIFY2(refused.code == 2 && refused.err.count(u'\n') == 1, qPrintable(refused.err));
        }
    }
    void aMachineWithATokenAndNothingElseSharesARun()
    {
        QVERIFY(up({QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0")}));
        const auto status = tests::ctl({QStringLiteral("status"), QStringLiteral("--json")}).rows();
        QVERIFY(status.at(0).toObject().value(QStringLiteral("listen")).toString().startsWith(QStringLiteral("127.0.0.1:")));
        QCOMPARE(listeners(m_home), 2); // head and local node; nobody may enrol
        const QByteArray token = freshToken();
        QVERIFY(token.startsWith("orr1_"));
        QCOMPARE(listeners(m_home), 3);
        QVERIFY2(comes(token), m_far.said().constData());
        QTRY_COMPARE(listeners(m_home), 2);
        const auto crossed = [] { return bytes(QStringLiteral("far"), "net_in_bytes") > 0 && bytes(QStringLiteral("local"), "net_in_bytes") > 0; };
        // On a busy machine the plugins or a worker may come when a short run is over: then the next one meets them.
        for (int run = 0; run < 8 && !crossed(); ++run) {
            const auto said = tests::ctl(runWords(folder(QStringLiteral("both"))));
            QVERIFY2(said.code == 0, qPrintable(said.err));
            QVERIFY2(picture(folder(QStringLiteral("both"))) == m_picture, "the picture differs");
            QTest::qWait(1200); // one heartbeat: the counters come with it
        }
        QVERIFY2(crossed(), m_far.said().constData());
        QVERIFY(bytes(QStringLiteral("far"), "net_out_bytes") > 0 && bytes(QStringLiteral("local"), "net_out_bytes") > 0);
        QVERIFY2(!m_far.said().contains(token), "the token stands in the log");
    }
    void itsPluginsHaveTheNameOfTheirBytes()
    {
        const QDir plugins(m_far.memberFolder() + QStringLiteral("/plugins"));
        const auto files = plugins.entryList({QStringLiteral("*.so")}, QDir::Files);
        QVERIFY(!files.isEmpty());
        QCOMPARE(plugins.entryList(QDir::Files).size(), files.size()); // nothing half
        for (const QString& file : files) {
            const auto hash = security::sha256OfFile(plugins.filePath(file).toStdString());
            QVERIFY(hash.ok());
            QCOMPARE(QString::fromStdString(*hash) + QStringLiteral(".so"), file);
        }
    }
    void whatIsNoGoodTokenIsRefusedOnBothSides()
    {
        const QByteArray shortLived = freshToken({QStringLiteral("--ttl"), QStringLiteral("1s")}), good = freshToken();
        auto wrong = security::parseToken(good.toStdString());
        QVERIFY(wrong.ok());
        wrong->secret = security::freshToken()->secret;
        const auto forged = security::formatToken(*wrong);
        refused(QByteArray::fromStdString(*forged), QStringLiteral("wrong"), true);
        QTest::qWait(1500);
        refused(shortLived, QStringLiteral("expired"), true);
        // Of another head's authority: who answers is not told the secret.
        wrong->pin[0] ^= std::byte{1};
        refused(QByteArray::fromStdString(*security::formatToken(*wrong)), QStringLiteral("told nothing"), false);
        refused(QByteArrayLiteral("orr1_") + QByteArray(60, 'a'), QStringLiteral("not whole"), false);
        refused({}, QStringLiteral("token create"), false);
        tests::FarNode second(m_home, QStringLiteral("second"));
        second.start({QStringLiteral("--join"), QStringLiteral("-")}, good);
        QTRY_VERIFY_WITH_TIMEOUT(!nodeNamed(QStringLiteral("second")).isEmpty(), 20'000 * tests::kSlower);
        const QByteArray other = freshToken(); // so that somebody is there to be asked
        refused(good, QStringLiteral("was used"), true);
        const auto open = rowsOf({QStringLiteral("token"), QStringLiteral("list")});
        for (const auto& row : open)
            if (row.toObject().value(QStringLiteral("state")).toString() == QStringLiteral("OPEN"))
                QCOMPARE(tests::ctl({QStringLiteral("token"), QStringLiteral("revoke"), row.toObject().value(QStringLiteral("id")).toString(), QStringLiteral("--address"), kCluster}).code, 0);
        refused(other, QStringLiteral("refused"), false); // the port is closed
        QCOMPARE(tests::ctl({QStringLiteral("drain"), QStringLiteral("second"), QStringLiteral("--address"), kCluster}).code, 0);
    }
    void aMemberSpeaksForItselfOnly()
    {
        const auto links = host::MemberLinks::load(m_far.memberFolder().toStdString());
        QVERIFY(links.ok());
        const auto at = host::readMembership(m_far.memberFolder().toStdString());
        QVERIFY(at.ok());
        base::EpollLoop loop;
        std::atomic<int> ups{0}, downs{0}, messages{0};
        std::unique_ptr<net::HeadLink> link;
        loop.post([&] {
            link = rpc::connectToHead({at->head, {}, (*links)->secure()}, loop, {[&](net::ToNode) { ++messages; }, [&](bool isUp) {
                ++(isUp ? ups : downs);
                if (!isUp) return;
                net::RegisterNode hello;
                hello.node = base::NodeId{{1, 2}};
                hello.incarnation = 1;
                hello.name = "impostor";
                hello.total = types::Resources::cpus(64);
                link->send(std::move(hello));
            }});
        });
        std::thread thread([&] { loop.run(); });
        const bool cutOff = QTest::qWaitFor([&] { return downs.load() > 0; }, 15'000 * tests::kSlower);
        loop.post([&] {
            link.reset();
            loop.stop();
        });
        thread.join();
        QVERIFY(ups.load() > 0 && cutOff);
        QCOMPARE(messages.load(), 0);
        QVERIFY(nodeNamed(QStringLiteral("impostor")).isEmpty());
        QVERIFY(!nodeNamed(QStringLiteral("far")).isEmpty());
    }
    void aPersonWithATokenDoesWhatTheirRoleAllows()
    {
        const QString address = tests::ctl({QStringLiteral("status"), QStringLiteral("--json")}).rows().at(0).toObject().value(QStringLiteral("listen")).toString();
        const auto at = [&](QStringList words) { return words + QStringList{QStringLiteral("--address"), address}; };
        const Person nobody(m_home, QStringLiteral("nobody")), viewer(m_home, QStringLiteral("viewer")), worker(m_home, QStringLiteral("operator"));
        const auto stranger = nobody.ctl(at({QStringLiteral("nodes")}));
        QVERIFY2(stranger.code == 3 && stranger.err.contains(QStringLiteral("have not joined")), qPrintable(stranger.err));
        QVERIFY(nobody.ctl({QStringLiteral("join"), QStringLiteral("-")}, "orr1_aaaa\n").code == 2);
        const auto joins = [&](const Person& person, const char* role) { return person.ctl({QStringLiteral("join"), QStringLiteral("-")}, freshToken({QStringLiteral("--role"), QString::fromLatin1(role)}) + '\n'); };
        for (const auto& [person, role] : {std::pair(&viewer, "viewer"), std::pair(&worker, "operator")}) {
            const auto said = joins(*person, role);
            QVERIFY2(said.code == 0 && said.out.trimmed() == address, qPrintable(said.err + said.out));
        }
        QCOMPARE(viewer.ctl(at({QStringLiteral("nodes"), QStringLiteral("--json")})).rows().size(), rowsOf({QStringLiteral("nodes")}).size());
        auto run = runWords(folder(QStringLiteral("person")));
        run[run.indexOf(kCluster)] = address;
        const auto denied = viewer.ctl(run);
        QVERIFY2(denied.code == 1 && denied.err.contains(QStringLiteral("StartRun is not allowed for the role viewer")), qPrintable(denied.err));
        const auto done = worker.ctl(run);
        QVERIFY2(done.code == 0, qPrintable(done.err));
        QVERIFY(picture(folder(QStringLiteral("person"))) == m_picture);
        const auto grabs = worker.ctl(at({QStringLiteral("token"), QStringLiteral("create"), QStringLiteral("--role"), QStringLiteral("admin")}));
        QVERIFY2(grabs.code == 1 && grabs.err.contains(QStringLiteral("not allowed for the role operator")), qPrintable(grabs.err));
        // A machine's certificate opens no session, and a person's makes no node.
        const auto machine = joins(nobody, "node");
        QVERIFY2(machine.code == 2 && machine.err.contains(QStringLiteral("for a machine")), qPrintable(machine.err));
        QVERIFY(nobody.ctl(at({QStringLiteral("nodes")})).code != 0);
    }
    void aMemberRenewsItsCertificateForItselfOnly()
    {
        const auto folder = m_far.memberFolder().toStdString();
        const auto links = host::MemberLinks::load(folder);
        const auto at = host::readMembership(folder);
        QVERIFY(links.ok() && at.ok());
        const auto before = (*links)->identity();
        base::EpollLoop loop;
        std::string pem;
        std::unique_ptr<net::HeadLink> link;
        loop.post([&] {
            link = rpc::connectToHead({at->head, {}, (*links)->secure()}, loop, {[&](net::ToNode message) {
                if (const auto* use = std::get_if<net::UseCertificate>(&message)) pem = use->pem;
                loop.stop();
            }, [&](bool isUp) {
                if (isUp) link->send(net::RenewCertificate{*security::Identity::request(folder)});
            }});
        });
        loop.after(15 * base::kSecond, [&] { loop.stop(); });
        loop.run();
        link.reset();
        QVERIFY(!pem.empty() && pem != before->certificatePem());
        const auto renewed = (*links)->renew(pem);
        QVERIFY2(renewed.ok(), renewed.ok() ? "" : renewed.error().message.c_str());
        QVERIFY((*links)->who() == before->who());
        QVERIFY((*links)->identity()->notAfterWallNs() >= before->notAfterWallNs());
    }
    void aMemberComesBackWithoutAToken()
    {
        m_far.kill();
        QTRY_VERIFY_WITH_TIMEOUT(nodeNamed(QStringLiteral("far")).isEmpty(), 15'000 * tests::kSlower);
        m_far.start({QStringLiteral("--again")}, {});
        QTRY_VERIFY_WITH_TIMEOUT(!nodeNamed(QStringLiteral("far")).isEmpty(), 20'000 * tests::kSlower);
        const auto said = tests::ctl(runWords(folder(QStringLiteral("again"))));
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QVERIFY(picture(folder(QStringLiteral("again"))) == m_picture);
        tests::FarNode twice(m_home, QStringLiteral("far"));
        const auto second = twice.runToEnd({QStringLiteral("--again")}, {});
        QVERIFY2(second.code == 1 && second.err.contains(QStringLiteral("already")), qPrintable(second.err));
    }
    void aMemberFindsTheNextHead()
    {
        const auto status = tests::ctl({QStringLiteral("status"), QStringLiteral("--json")}).rows();
        const auto pid = status.at(0).toObject().value(QStringLiteral("pid")).toVariant().toLongLong();
        const QString at = status.at(0).toObject().value(QStringLiteral("listen")).toString(), letter = nodeNamed(QStringLiteral("far")).value(QStringLiteral("node")).toString();
        const QByteArray token = freshToken(); // it outlives the head
        QVERIFY(pid > 0 && !token.isEmpty());
        QCOMPARE(::kill(static_cast<pid_t>(pid), SIGKILL), 0);
        QTRY_VERIFY(tests::gone(pid));
        QVERIFY(up({QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0")}));
        QTRY_VERIFY_WITH_TIMEOUT(!nodeNamed(QStringLiteral("far")).isEmpty(), 15'000 * tests::kSlower);
        QCOMPARE(nodeNamed(QStringLiteral("far")).value(QStringLiteral("node")).toString(), letter);
        QCOMPARE(tests::ctl({QStringLiteral("status"), QStringLiteral("--json")}).rows().at(0).toObject().value(QStringLiteral("listen")).toString(), at);
        int open = 0;
        for (const auto& row : rowsOf({QStringLiteral("token"), QStringLiteral("list")})) open += row.toObject().value(QStringLiteral("state")).toString() == QStringLiteral("OPEN") ? 1 : 0;
        QCOMPARE(open, 1);
        const auto said = tests::ctl(runWords(folder(QStringLiteral("next"))));
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QVERIFY(picture(folder(QStringLiteral("next"))) == m_picture);
    }
    // Promise: who is taken out is out at once and for good, also for the next head; a token makes it another member.
    void whoIsTakenOutIsOutForGood()
    {
        const auto remove = [](const QString& id) { return tests::ctl({QStringLiteral("member"), QStringLiteral("remove"), id, QStringLiteral("--address"), kCluster}); };
        const QString id = nodeNamed(QStringLiteral("far")).value(QStringLiteral("node_id")).toString();
        const auto isListed = [&id](bool removed) {
            for (const auto& row : rowsOf({QStringLiteral("member"), QStringLiteral("list")}))
                if (row.toObject().value(QStringLiteral("id")).toString() == id) return row.toObject().value(QStringLiteral("removed")).toBool() == removed;
            return false;
        };
        QVERIFY(isListed(false));
        QVERIFY(remove(QStringLiteral("N-nobody")).code != 0);
        const auto removed = remove(id);
        QVERIFY2(removed.code == 0, qPrintable(removed.err));
        QVERIFY(isListed(true));
        QTRY_VERIFY_WITH_TIMEOUT(nodeNamed(QStringLiteral("far")).isEmpty(), 15'000 * tests::kSlower);
        QVERIFY2(m_far.ends(), m_far.said().constData());
        // Its name is free again when it is given up.
        QTRY_VERIFY_WITH_TIMEOUT(([&id] {
            for (const auto& row : rowsOf({QStringLiteral("nodes")}))
                if (row.toObject().value(QStringLiteral("node_id")).toString() == id) return row.toObject().value(QStringLiteral("state")).toString() == QStringLiteral("DEAD");
            return true;
        }()), 15'000 * tests::kSlower);
        const auto head = tests::ctl({QStringLiteral("status"), QStringLiteral("--json")}).rows().at(0).toObject().value(QStringLiteral("pid")).toVariant().toLongLong();
        QCOMPARE(::kill(static_cast<pid_t>(head), SIGKILL), 0);
        QTRY_VERIFY(tests::gone(head));
        QVERIFY(up({QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0")}));
        QTRY_VERIFY_WITH_TIMEOUT(!nodeNamed(QStringLiteral("local")).isEmpty(), 15'000 * tests::kSlower);
        m_far.start({QStringLiteral("--again")}, {});
        QTRY_VERIFY_WITH_TIMEOUT(m_far.said().contains("was taken out of the cluster"), 15'000 * tests::kSlower);
        QVERIFY(nodeNamed(QStringLiteral("far")).isEmpty());
        m_far.kill();
        QVERIFY2(comes(freshToken()), m_far.said().constData());
        QVERIFY(nodeNamed(QStringLiteral("far")).value(QStringLiteral("node_id")).toString() != id);
    }
    void downEndsTheMemberToo()
    {
        const auto down = tests::ctl({QStringLiteral("down"), QStringLiteral("--address"), kCluster});
        QVERIFY2(down.code == 0, qPrintable(down.err));
        QVERIFY2(m_far.ends(), m_far.said().constData());
        const auto left = tests::processesOf(m_home);
        QVERIFY2(left.isEmpty(), left.isEmpty() ? "" : qPrintable(left.first().name));
    }
};

QTEST_GUILESS_MAIN(TestJoin)
#include "tst_join.moc"
