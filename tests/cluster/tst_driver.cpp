// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A driver attached by shared memory to a node with real workers.
#include "engine/client/driver.h"
#include "plugins/sdk/orrery_value.h"
#include "tests/support/mini_node.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/qtest.h>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

using namespace orrery;

namespace {

double number(std::span<const std::byte> bytes)
{
    orrery_value_t head;
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.type == ORRERY_TYPE_I64) return static_cast<double>(static_cast<std::int64_t>(head.scalar));
    double value = 0;
    std::memcpy(&value, &head.scalar, sizeof value);
    return value;
}

base::Bytes scalar(double value)
{
    orrery_value_t head{};
    head.magic = ORRERY_VALUE_MAGIC;
    head.version = ORRERY_VALUE_VERSION;
    head.type = ORRERY_TYPE_F64;
    head.size = sizeof head;
    head.length = 1;
    std::memcpy(&head.scalar, &value, sizeof value);
    const auto bytes = std::as_bytes(std::span(&head, 1));
    return {bytes.begin(), bytes.end()};
}

} // namespace

class TestDriver : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    std::unique_ptr<tests::MiniNode> m_node;
    std::unique_ptr<client::Driver> m_driver;
private Q_SLOTS:
    void init()
    {
        const std::string build = ORRERY_BUILD_DIR;
        const std::string socket = m_folder.filePath(QStringLiteral("node.sock")).toStdString();
        m_node = std::make_unique<tests::MiniNode>(build + "/bin/orrery-worker", build + "/plugins/basic.so", 2, socket);
        QVERIFY(m_node->start().ok());
        auto driver = client::Driver::attach(socket);
        QVERIFY2(driver.ok(), driver.ok() ? "" : driver.error().message.c_str());
        m_driver = std::move(*driver);
    }
    void cleanup()
    {
        m_driver.reset();
        m_node.reset();
    }

    void aTaskRunsInAWorkerAndItsResultComesBack()
    {
        auto add = m_driver->function("basic.add");
        QVERIFY2(add.ok(), add.ok() ? "" : add.error().message.c_str());
        const auto a = scalar(2), b = scalar(40);
        const client::Driver::Arg args[] = {{0, false, {}, a}, {1, false, {}, b}};
        const auto ref = m_driver->submit(*add, args);
        auto value = m_driver->get(ref);
        QVERIFY2(value.ok(), value.ok() ? "" : value.error().message.c_str());
        QCOMPARE(number(*value), 42.0);
    }

    void resultsFeedOtherTasksByReference()
    {
        auto add = m_driver->function("basic.add");
        QVERIFY(add.ok());
        const auto one = scalar(1);
        const client::Driver::Arg first[] = {{0, false, {}, one}, {1, false, {}, one}};
        auto ref = m_driver->submit(*add, first);
        for (int i = 0; i < 100; ++i) {
            const client::Driver::Arg next[] = {{0, true, ref, {}}, {1, false, {}, one}};
            const auto sum = m_driver->submit(*add, next);
            m_driver->release(ref);
            ref = sum;
        }
        auto value = m_driver->get(ref);
        QVERIFY2(value.ok(), value.ok() ? "" : value.error().message.c_str());
        QCOMPARE(number(*value), 102.0);
    }

    void everyTaskOfALargeBatchIsAnsweredOnce()
    {
        auto noop = m_driver->function("basic.noop");
        QVERIFY(noop.ok());
        std::vector<client::RefId> refs;
        for (int i = 0; i < 20'000; ++i) refs.push_back(m_driver->submit(*noop));
        for (const auto& ref : refs) {
            const auto value = m_driver->get(ref);
            QVERIFY2(value.ok(), value.ok() ? "" : value.error().message.c_str());
            m_driver->release(ref);
        }
    }

    void waitReturnsWhenAllAreOverWellOrNot()
    {
        auto noop = m_driver->function("basic.noop");
        auto add = m_driver->function("basic.add");
        auto fail = m_driver->function("basic.fail");
        QVERIFY(noop.ok() && add.ok() && fail.ok());
        const auto one = scalar(1);
        std::vector<client::RefId> refs;
        for (int i = 0; i < 3000; ++i) refs.push_back(m_driver->submit(*noop));
        refs.push_back(m_driver->submit(*fail));
        const client::Driver::Arg first[] = {{0, false, {}, one}, {1, false, {}, one}};
        refs.push_back(m_driver->submit(*add, first));
        for (int i = 0; i < 200; ++i) { // a chain: each result lets the next begin, in whatever lane it lies
            const client::Driver::Arg next[] = {{0, true, refs.back(), {}}, {1, false, {}, one}};
            refs.push_back(m_driver->submit(*add, next));
        }
        const auto all = m_driver->wait(refs);
        QVERIFY2(all.ok(), all.ok() ? "" : all.error().message.c_str());
        QVERIFY(!m_driver->get(refs[3000]).ok());
        const auto last = m_driver->get(refs.back());
        QVERIFY(last.ok());
        QCOMPARE(number(*last), 202.0);
        m_driver->release(refs.front());
        QVERIFY(!m_driver->wait(refs).ok()); // one of them was let go
    }

    void aReferenceThatWasLetGoIsWaitedForByNobody()
    {
        auto spin = m_driver->function("basic.spin", R"({"microseconds": 20000})");
        QVERIFY(spin.ok());
        const auto ref = m_driver->submit(*spin);
        m_driver->release(ref); // it is under way
        QVERIFY(!m_driver->get(ref).ok());
        QVERIFY(!m_driver->wait({&ref, 1}).ok());
    }

    // The node follows at its own pace. A driver that is a ring ahead of it waits for room and goes on when it is there, though it
    // has nothing under way whose result would wake it: it used to stand until its idle leases were taken away, a second later.
    void aDriverThatIsARingAheadOfTheNodeGoesOn()
    {
        auto noop = m_driver->function("basic.noop");
        QVERIFY(noop.ok());
        std::vector<client::RefId> refs;
        for (int i = 0; i < 2000; ++i) refs.push_back(m_driver->submit(*noop));
        QVERIFY(m_driver->wait(refs).ok());
        std::vector<std::int64_t> pids;
        m_node->onLoop([&] {
            for (const auto& row : m_node->node().workerRows()) pids.push_back(row.pid);
        });
        const auto asleep = [](std::int64_t pid) {
            QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
            return stat.open(QIODevice::ReadOnly) && stat.readAll().contains(") S ");
        };
        std::atomic<bool> stands{false}, submitted{false};
        std::thread node([&] {
            m_node->onLoop([&] {
                stands = true;
                stands.notify_one();
                submitted.wait(false);
                // Workers that sleep for so many looks have done all that there was room for (they look for more every millisecond).
                for (int looks = 0; looks < 20;) looks = std::all_of(pids.begin(), pids.end(), asleep) ? looks + 1 : 0;
            });
        });
        stands.wait(false);
        for (int i = 0; i < 12'000; ++i) refs.push_back(m_driver->submit(*noop)); // rings have 4,096 slots
        submitted = true;
        submitted.notify_one();
        const auto all = m_driver->wait(refs);
        node.join();
        QVERIFY2(all.ok(), all.ok() ? "" : all.error().message.c_str());
        QVERIFY2(m_driver->lanesTaken() <= 2, qPrintable(QString::number(m_driver->lanesTaken()))); // one a CPU; none was taken away
    }

    void aKilledWorkerCostsAttemptsAndNoTask()
    {
        auto spin = m_driver->function("basic.noop");
        QVERIFY(spin.ok());
        for (int round = 0; round < 10; ++round) {
            std::vector<client::RefId> refs;
            for (int i = 0; i < 3000; ++i) refs.push_back(m_driver->submit(*spin));
            std::vector<std::int64_t> pids;
            m_node->onLoop([&] {
                for (const auto& row : m_node->node().workerRows()) pids.push_back(row.pid);
            });
            if (!pids.empty()) ::kill(static_cast<pid_t>(pids[static_cast<std::size_t>(round) % pids.size()]), SIGKILL);
            for (const auto& ref : refs) {
                const auto value = m_driver->get(ref);
                QVERIFY2(value.ok(), value.ok() ? "" : value.error().message.c_str());
                m_driver->release(ref);
            }
        }
    }

    void putValuesComeBackAndTheirMemoryReturns()
    {
        base::Bytes value(1 << 20);
        for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<std::byte>(i * 7);
        for (int i = 0; i < 600; ++i) { // 600 MiB through a store of 256
            auto ref = m_driver->put(value);
            QVERIFY2(ref.ok(), ref.ok() ? "" : ref.error().message.c_str());
            auto back = m_driver->get(*ref);
            QVERIFY(back.ok());
            QVERIFY(std::equal(back->begin(), back->end(), value.begin(), value.end()));
            m_driver->release(*ref);
        }
        std::uint64_t objects = 1;
        QTRY_VERIFY((m_node->onLoop([&] { objects = m_node->store().objects(); }), objects == 0));
    }

    void aFailingFunctionSaysWhy()
    {
        auto failing = m_driver->function("basic.fail");
        QVERIFY(failing.ok());
        const auto value = m_driver->get(m_driver->submit(*failing));
        QVERIFY(!value.ok());
        QVERIFY(!value.error().message.empty());
    }

    void aDriverThatGoesLeavesNothingBehind()
    {
        auto noop = m_driver->function("basic.noop");
        for (int i = 0; i < 1000; ++i) m_driver->submit(*noop);
        m_driver.reset();
        std::size_t drivers = 1;
        std::uint32_t leases = 1;
        QTRY_VERIFY((m_node->onLoop([&] { drivers = m_node->drivers(); leases = m_node->node().leases().leases(); }), drivers == 0 && leases == 0));
    }
};

QTEST_GUILESS_MAIN(TestDriver)
#include "tst_driver.moc"
