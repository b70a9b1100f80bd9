// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A session behind gRPC: what a client may cost the head's loop.
#include "engine/client/session_service.h"
#include "engine/rpc/channel.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <mutex>

using namespace orrery;

namespace {

// Counts what reaches it; gives a delta of its one watch when the test says so.
class CountedSession final : public client::Session {
public:
    types::Can can(types::Verb) const override { return {}; }
    void act(types::Intent, std::function<void(base::Result<types::Reply>)>) override {}
    client::WatchId watch(types::Interest, std::function<void(base::Result<types::Delta>)> delta) override
    {
        const std::lock_guard lock(m_mutex);
        m_delta = std::move(delta);
        return 1;
    }
    void taken(client::WatchId) override { ++takes; }
    void unwatch(client::WatchId) override { ended = true; }
    void ask(types::Query, std::function<void(base::Result<types::Page>)>) override {}
    void preview(types::PreviewWish, std::function<void(base::Result<types::Preview>)>) override {}
    void fetch(types::ObjectAddress, types::Range, std::function<void(base::Result<types::Chunk>)>) override {}
    bool watched() const
    {
        const std::lock_guard lock(m_mutex);
        return m_delta != nullptr;
    }
    void give()
    {
        const std::lock_guard lock(m_mutex);
        m_delta(types::Delta{});
    }
    std::atomic<int> takes{0};
    std::atomic<bool> ended{false};

private:
    mutable std::mutex m_mutex;
    std::function<void(base::Result<types::Delta>)> m_delta;
};

} // namespace

class TestSessionService : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aDeltaIsTakenOnceHoweverOftenThatIsSaid()
    {
        const QTemporaryDir folder;
        const std::string socket = folder.filePath(QStringLiteral("head.sock")).toStdString();
        CountedSession session;
        client::SessionServer sessions(session);
        auto server = rpc::startServer(socket, {&sessions.service()});
        QVERIFY(server);
        {
            std::atomic<int> deltas{0};
            const auto remote = client::connectSession(socket);
            const auto watch = remote->watch({}, [&](base::Result<types::Delta> delta) { deltas += delta.ok() ? 1 : 0; });
            QTRY_VERIFY_WITH_TIMEOUT(session.watched(), 20'000);
            session.give();
            QTRY_COMPARE_WITH_TIMEOUT(deltas.load(), 1, 20'000);
            for (int i = 0; i < 5000; ++i) remote->taken(watch);
            QTRY_VERIFY_WITH_TIMEOUT(session.takes.load() >= 1, 20'000);
            session.give();
            QTRY_COMPARE_WITH_TIMEOUT(deltas.load(), 2, 20'000);
            remote->taken(watch);
            QTRY_VERIFY_WITH_TIMEOUT(session.takes.load() >= 2, 20'000);
        }
        QTRY_VERIFY_WITH_TIMEOUT(session.ended.load(), 20'000);
        QCOMPARE(session.takes.load(), 2);
        sessions.shutdown();
        server->Shutdown(std::chrono::system_clock::now());
    }
};

QTEST_GUILESS_MAIN(TestSessionService)
#include "tst_session_service.moc"
