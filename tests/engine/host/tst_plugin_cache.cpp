// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Libraries that come from a head, which may be wrong about everything: none gets its name before its bytes have its hash.
#include "engine/base/epoll_loop.h"
#include "engine/host/plugin_cache.h"
#include "engine/security/sha256.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace orrery;

namespace {

std::string hashOf(const base::Bytes& bytes) { return security::sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()}); }

base::Bytes library(std::size_t size, std::uint8_t seed)
{
    base::Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(seed + i * 7 + (i >> 9));
    return bytes;
}

std::shared_ptr<const types::Catalog> catalogOf(const std::vector<std::string>& hashes)
{
    auto catalog = std::make_shared<types::Catalog>();
    for (const auto& hash : hashes) {
        auto& plugin = catalog->plugins.emplace_back();
        plugin.name = "one";
        plugin.path = "/of/the/head/one.so";
        plugin.sha256 = hash;
    }
    return catalog;
}

// A head that answers by a function, and the catalog that came out.
struct World {
    QTemporaryDir folder;
    std::vector<net::AskPlugin> asked;
    std::shared_ptr<const types::Catalog> ready;
    using Answers = std::function<std::vector<net::PluginPiece>(const net::AskPlugin&)>;

    QDir plugins() const { return QDir(folder.filePath(QStringLiteral("plugins"))); }
    QStringList files() const { return plugins().entryList(QDir::Files | QDir::Hidden); }
    void use(const std::vector<std::shared_ptr<const types::Catalog>>& catalogs, const Answers& answers)
    {
        ready.reset();
        base::EpollLoop loop; // one that was stopped runs no more
        std::unique_ptr<host::PluginCache> cache;
        loop.post([&] {
            cache = std::make_unique<host::PluginCache>(loop, plugins().path().toStdString(), host::PluginCache::Owner{
                [&](net::AskPlugin ask) {
                    asked.push_back(ask);
                    for (auto& piece : answers(ask)) loop.post([&cache, piece = std::move(piece)] {
                        if (cache) cache->piece(piece);
                    });
                },
                [&](std::shared_ptr<const types::Catalog> made) {
                    ready = std::move(made);
                    loop.post([&] {
                        cache.reset();
                        loop.stop();
                    });
                }});
            for (const auto& catalog : catalogs) cache->use(catalog);
        });
        loop.after(20 * base::kSecond, [&] {
            cache.reset();
            loop.stop();
        });
        loop.run();
    }
};

net::PluginPiece pieceOf(const base::Bytes& bytes, const net::AskPlugin& ask)
{
    const std::size_t size = std::min<std::size_t>(net::kPluginPieceBytes, bytes.size() - ask.offset);
    return {ask.sha256, ask.offset, bytes.size(), base::Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(ask.offset), bytes.begin() + static_cast<std::ptrdiff_t>(ask.offset + size)), {}};
}

} // namespace

class TestPluginCache : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aLibraryComesInPiecesAndGetsItsName()
    {
        World world;
        const auto bytes = library(net::kPluginPieceBytes * 2 + 12'345, 3), small = library(100, 4);
        world.use({catalogOf({hashOf(bytes), hashOf(small)})}, [&](const net::AskPlugin& ask) {
            const auto piece = pieceOf(ask.sha256 == hashOf(small) ? small : bytes, ask);
            auto late = piece;
            late.offset += 1;
            return std::vector{late, piece, piece}; // of nowhere, right, doubled
        });
        QVERIFY(world.ready != nullptr);
        QCOMPARE(world.ready->plugins.size(), std::size_t{2});
        QVERIFY(world.ready->problems.empty());
        QCOMPARE(world.asked.size(), std::size_t{4});
        QCOMPARE(world.files().size(), 2);
        for (const auto& plugin : world.ready->plugins) {
            QVERIFY(plugin.path.ends_with("/" + plugin.sha256 + ".so"));
            QCOMPARE(*security::sha256OfFile(plugin.path), plugin.sha256);
        }
    }
    void whatIsHereIsNotAskedForUnlessItsBytesAreOthers()
    {
        World world;
        const auto bytes = library(5000, 5);
        const auto right = [&](const net::AskPlugin& ask) { return std::vector{pieceOf(bytes, ask)}; };
        world.use({catalogOf({hashOf(bytes)})}, right);
        QCOMPARE(world.asked.size(), std::size_t{1});
        world.use({catalogOf({hashOf(bytes)})}, right);
        QCOMPARE(world.asked.size(), std::size_t{1});
        const QString path = world.plugins().filePath(world.files().at(0));
        QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite) && file.write("x") == 1);
        file.close();
        world.use({catalogOf({hashOf(bytes)})}, right);
        QCOMPARE(world.asked.size(), std::size_t{2});
        QCOMPARE(*security::sha256OfFile(path.toStdString()), hashOf(bytes));
    }
    void otherBytesAreNeverUnderTheName()
    {
        World world;
        const auto wanted = library(5000, 6), other = library(5000, 7);
        world.use({catalogOf({hashOf(wanted)})}, [&](const net::AskPlugin& ask) { return std::vector{pieceOf(other, ask)}; });
        QVERIFY(world.ready && world.ready->plugins.empty());
        QCOMPARE(world.ready->problems.size(), std::size_t{1});
        QVERIFY(QString::fromStdString(world.ready->problems.front().message).contains(QStringLiteral("hash")));
        QVERIFY(world.files().isEmpty());
    }
    void sizesThatCannotBeAreRefusedBeforeRoomIsTaken_data()
    {
        QTest::addColumn<quint64>("total");
        QTest::addColumn<quint64>("size");
        QTest::newRow("larger than any library") << quint64(net::kPluginBytesMax + 1) << quint64(10);
        QTest::newRow("more than there is") << quint64(10) << quint64(11);
        QTest::newRow("nothing of something") << quint64(10) << quint64(0);
        QTest::newRow("nothing at all") << quint64(0) << quint64(0);
        QTest::newRow("a piece too large") << quint64(net::kPluginPieceBytes * 3) << quint64(net::kPluginPieceBytes + 1);
    }
    void sizesThatCannotBeAreRefusedBeforeRoomIsTaken()
    {
        QFETCH(quint64, total);
        QFETCH(quint64, size);
        World world;
        world.use({catalogOf({hashOf(library(10, 1))})}, [&](const net::AskPlugin& ask) { return std::vector{net::PluginPiece{ask.sha256, ask.offset, total, base::Bytes(size), {}}}; });
        QVERIFY(world.ready && world.ready->plugins.empty() && world.ready->problems.size() == 1);
        QVERIFY(!world.plugins().exists());
    }
    void aSizeThatChangesOnTheWayIsRefused()
    {
        World world;
        const auto bytes = library(net::kPluginPieceBytes * 2, 8);
        world.use({catalogOf({hashOf(bytes)})}, [&](const net::AskPlugin& ask) {
            auto piece = pieceOf(bytes, ask);
            if (ask.offset > 0) piece.total += 1;
            return std::vector{piece};
        });
        QVERIFY(world.ready && world.ready->plugins.empty() && world.ready->problems.size() == 1);
        QVERIFY(!world.files().contains(QString::fromStdString(hashOf(bytes)) + QStringLiteral(".so")));
    }
    void aNameThatIsNoHashReachesNoPath()
    {
        World world;
        world.use({catalogOf({"../../../../tmp/evil", "", std::string(64, 'G'), std::string(64, 'A')})}, [](const net::AskPlugin&) { return std::vector<net::PluginPiece>(); });
        QVERIFY(world.ready && world.ready->plugins.empty());
        QCOMPARE(world.ready->problems.size(), std::size_t{4});
        QVERIFY(world.asked.empty());
    }
    void aNewerCatalogReplacesTheOneThatIsOnItsWay()
    {
        World world;
        const auto first = library(1000, 9), second = library(1000, 10);
        world.use({catalogOf({hashOf(first)}), catalogOf({hashOf(second)})}, [&](const net::AskPlugin& ask) { return std::vector{pieceOf(ask.sha256 == hashOf(first) ? first : second, ask)}; });
        QVERIFY(world.ready != nullptr);
        QCOMPARE(world.ready->plugins.size(), std::size_t{1});
        QCOMPARE(world.ready->plugins.front().sha256, hashOf(second));
    }
    void whatTheHeadCannotGiveIsAProblemAndTheRestIsThere()
    {
        World world;
        const auto bytes = library(1000, 11);
        world.use({catalogOf({std::string(64, 'a'), hashOf(bytes)})}, [&](const net::AskPlugin& ask) {
            if (ask.sha256 == hashOf(bytes)) return std::vector{pieceOf(bytes, ask)};
            return std::vector{net::PluginPiece{ask.sha256, ask.offset, 0, {}, "the head has no plugin with that hash any more"}};
        });
        QVERIFY(world.ready != nullptr);
        QCOMPARE(world.ready->plugins.size(), std::size_t{1});
        QCOMPARE(world.ready->problems.size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestPluginCache)
#include "tst_plugin_cache.moc"
