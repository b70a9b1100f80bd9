// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The stream between a node and a head whose loop does not come to it: what is received waits within its bound, nothing is lost
// while the stream stands, and neither end waits for the other when it is closed.
#include "engine/rpc/channel.h"
#include "engine/rpc/intake.h"
#include "engine/rpc/node_stream.h"

#include <QTemporaryDir>
#include <QTest>

#include <deque>
#include <mutex>
#include <optional>

using namespace orrery;
using rpc::kIntakeMax;

namespace {

// A loop that runs one job when the test says so.
class HeldLoop final : public base::Loop {
public:
    void post(base::Job job) override
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.push_back(std::move(job));
    }
    std::size_t waiting() const
    {
        const std::lock_guard lock(m_mutex);
        return m_jobs.size();
    }
    bool step()
    {
        base::Job job;
        {
            const std::lock_guard lock(m_mutex);
            if (m_jobs.empty()) return false;
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        job();
        return true;
    }
    bool onLoop() const override { return true; }
    base::TimerId after(base::TimeNs, base::Job) override { return 0; }
    void cancel(base::TimerId) override {}
    void watch(int, std::uint32_t, std::function<void(std::uint32_t)>) override {}
    void rewatch(int, std::uint32_t) override {}
    void unwatch(int) override {}
    base::TimeNs nowNs() const override { return 0; }

private:
    mutable std::mutex m_mutex;
    std::deque<base::Job> m_jobs;
};

// A head that keeps the numbers of the blocks it gets, and a node that keeps those of the acknowledgements.
class Ends {
public:
    Ends() : m_streams(rpc::NodeStreams::Owner{head, [this](auto link, const std::string&) { return m_link = std::move(link), 1; },
                                               [this](std::uint64_t, net::FromNode message) { received.push_back(std::get<net::TraceBlock>(message).number); },
                                               [](std::uint64_t) {}})
    {
        m_server = rpc::startServer(socket(), {&m_streams.service()});
        node = rpc::connectToHead(socket(), nodeLoop, {[this](net::ToNode message) { acknowledged.push_back(std::get<net::AckBlocks>(message).upTo); },
                                                       [this](bool up) { isUp = up; }});
    }
    ~Ends()
    {
        node.reset();
        endHead();
    }
    // As a head ends: its loop runs no more.
    void endHead()
    {
        if (!m_server) return;
        m_streams.shutdown();
        m_server->Shutdown(std::chrono::system_clock::now());
        m_server.reset();
    }
    bool connected()
    {
        return QTest::qWaitFor([this] {
            while (nodeLoop.step()) {}
            while (head.step()) {}
            return isUp && m_link;
        }, 20'000);
    }
    void sendToHead(std::uint64_t count)
    {
        for (std::uint64_t i = 1; i <= count; ++i) node->send(net::TraceBlock{{}, i, {}});
    }
    void sendToNode(std::uint64_t count)
    {
        for (std::uint64_t i = 1; i <= count; ++i) m_link->send(net::AckBlocks{{}, i});
    }
    HeldLoop head, nodeLoop;
    std::vector<std::uint64_t> received, acknowledged;
    std::unique_ptr<net::HeadLink> node;
    bool isUp = false;

private:
    std::string socket() const { return m_folder.filePath(QStringLiteral("head.sock")).toStdString(); }
    QTemporaryDir m_folder;
    std::unique_ptr<net::NodeLink> m_link;
    rpc::NodeStreams m_streams;
    std::unique_ptr<grpc::Server> m_server;
};

constexpr std::uint64_t kMessages = 10 * kIntakeMax;

// Lets the loop go forward, one job at a time, until so many have come; the most that waited meanwhile.
std::size_t mostWaiting(HeldLoop& loop, const std::vector<std::uint64_t>& come)
{
    std::size_t most = 0;
    const bool all = QTest::qWaitFor([&] {
        for (int i = 0; i < 200; ++i) {
            most = std::max(most, loop.waiting());
            if (!loop.step()) break;
        }
        return come.size() >= kMessages;
    }, 60'000);
    return all ? most : std::numeric_limits<std::size_t>::max();
}

bool inOrder(const std::vector<std::uint64_t>& come)
{
    for (std::size_t i = 0; i < come.size(); ++i)
        if (come[i] != i + 1) return false;
    return come.size() == kMessages;
}

} // namespace

class TestNodeStream : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatAHeadDoesNotComeToWaitsWithinItsBoundAndAllOfItArrives()
    {
        Ends ends;
        QVERIFY(ends.connected());
        ends.sendToHead(kMessages);
        QVERIFY(QTest::qWaitFor([&] { return ends.head.waiting() >= kIntakeMax; }, 20'000));
        QVERIFY(mostWaiting(ends.head, ends.received) <= kIntakeMax);
        QVERIFY(inOrder(ends.received));
    }

    void whatANodeDoesNotComeToWaitsWithinItsBoundAndAllOfItArrives()
    {
        Ends ends;
        QVERIFY(ends.connected());
        ends.sendToNode(kMessages);
        QVERIFY(QTest::qWaitFor([&] { return ends.nodeLoop.waiting() >= kIntakeMax; }, 20'000));
        QVERIFY(mostWaiting(ends.nodeLoop, ends.acknowledged) <= kIntakeMax);
        QVERIFY(inOrder(ends.acknowledged));
    }

    void aFullEndIsClosedWithoutWaiting()
    {
        Ends ends;
        QVERIFY(ends.connected());
        ends.sendToHead(kMessages);
        ends.sendToNode(kMessages);
        QVERIFY(QTest::qWaitFor([&] { return ends.head.waiting() >= kIntakeMax && ends.nodeLoop.waiting() >= kIntakeMax; }, 20'000));
        ends.endHead(); // both ends here: a reader that waits for its loop would keep this thread for ever
        ends.node.reset();
    }
};

QTEST_GUILESS_MAIN(TestNodeStream)
#include "tst_node_stream.moc"
