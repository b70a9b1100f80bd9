// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/sdk/testing/local_host.h"

#include <QBuffer>
#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace orrery::plugin;

namespace {

Image randomImage(std::int64_t width, std::int64_t height, bool opaque)
{
    std::mt19937 random(11);
    Image out{width, height, {}};
    for (std::int64_t i = 0; i < width * height * 4; ++i) out.pixels.push_back(opaque && i % 4 == 3 ? 255 : static_cast<std::uint8_t>(random() % (i % 3 == 0 ? 256 : 9)));
    return out;
}

Bytes pngOf(const QImage& image)
{
    QByteArray data;
    QBuffer buffer(&data);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    const auto* from = reinterpret_cast<const std::byte*>(data.constData());
    return Bytes(from, from + data.size());
}

bool samePixels(const ImageView& image, const QImage& other)
{
    const QImage rgba = other.convertToFormat(QImage::Format_RGBA8888);
    if (rgba.width() != image.width() || rgba.height() != image.height()) return false;
    for (int y = 0; y < rgba.height(); ++y)
        if (std::memcmp(rgba.constScanLine(y), image.row(y), static_cast<std::size_t>(image.width()) * 4) != 0) return false;
    return true;
}

} // namespace

class TestPng : public QObject {
    Q_OBJECT
    LocalHost m_host;

private Q_SLOTS:
    void initTestCase()
    {
        std::string problem;
        QVERIFY2(m_host.load(ORRERY_BUILD_DIR "/plugins/imaging.so", problem) != nullptr, problem.c_str());
    }

    void anImageComesBackAsItWas_data()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::addColumn<bool>("opaque");
        QTest::addColumn<int>("compression");
        QTest::newRow("opaque") << 61 << 37 << true << 3;
        QTest::newRow("transparent") << 61 << 37 << false << 3;
        QTest::newRow("one pixel") << 1 << 1 << false << 9;
        QTest::newRow("not compressed, noise") << 300 << 300 << false << 0;
        QTest::newRow("wide") << 5000 << 1 << true << 1;
        QTest::newRow("tall") << 1 << 5000 << true << 6;
    }
    void anImageComesBackAsItWas()
    {
        QFETCH(int, width);
        QFETCH(int, height);
        QFETCH(bool, opaque);
        QFETCH(int, compression);
        const Image image = randomImage(width, height, opaque);
        const LocalResult encoded = m_host.run("imaging.png_encode", {{local(image)}}, {{"compression", compression}});
        QVERIFY2(encoded.ok(), encoded.error.c_str());
        const LocalResult decoded = m_host.run("imaging.png_decode", {encoded.outputs});
        QVERIFY2(decoded.ok(), decoded.error.c_str());
        const auto back = decoded.get<ImageView>();
        QCOMPARE(back.width(), std::int64_t{width});
        QVERIFY(std::equal(image.pixels.begin(), image.pixels.end(), back.pixels().begin(), back.pixels().end()));
        // And for a reader that is not ours.
        const auto bytes = encoded.get<BytesView>();
        QVERIFY(samePixels(back, QImage::fromData(reinterpret_cast<const uchar*>(bytes.data()), static_cast<int>(bytes.size()))));
        const LocalResult again = m_host.run("imaging.png_encode", {{local(image)}}, {{"compression", compression}});
        QVERIFY(std::ranges::equal(bytes, again.get<BytesView>()));
    }

    void everyKindOfPngIsRead_data()
    {
        QTest::addColumn<int>("format");
        QTest::newRow("one bit") << int{QImage::Format_Mono};
        QTest::newRow("palette") << int{QImage::Format_Indexed8};
        QTest::newRow("grey") << int{QImage::Format_Grayscale8};
        QTest::newRow("grey, 16 bit") << int{QImage::Format_Grayscale16};
        QTest::newRow("RGB") << int{QImage::Format_RGB888};
        QTest::newRow("RGBA") << int{QImage::Format_ARGB32};
    }
    void everyKindOfPngIsRead()
    {
        QFETCH(int, format);
        QImage image(40, 30, QImage::Format_ARGB32);
        for (int y = 0; y < 30; ++y)
            for (int x = 0; x < 40; ++x) image.setPixelColor(x, y, QColor(x * 6, y * 8, 99, format == QImage::Format_ARGB32 ? 50 + x : 255));
        const Bytes png = pngOf(image.convertToFormat(static_cast<QImage::Format>(format)));
        const LocalResult decoded = m_host.run("imaging.png_decode", {{local(png)}});
        QVERIFY2(decoded.ok(), decoded.error.c_str());
        const QImage expected = QImage::fromData(reinterpret_cast<const uchar*>(png.data()), static_cast<int>(png.size()));
        if (format == QImage::Format_Grayscale16) QCOMPARE(decoded.get<ImageView>().width(), std::int64_t{40}); // rounding differs
        else QVERIFY(samePixels(decoded.get<ImageView>(), expected));
    }

    void whatIsNoPngIsSaid()
    {
        QCOMPARE(m_host.run("imaging.png_decode", {{local(Bytes{})}}).error, std::string("input `bytes` is not a PNG file"));
        QCOMPARE(m_host.run("imaging.png_decode", {{local(Bytes(100))}}).error, std::string("input `bytes` is not a PNG file"));
        QCOMPARE(m_host.run("imaging.png_encode", {{local(Image{})}}).error, std::string("an image without pixels cannot be a PNG file"));
    }

    void aCutOrDamagedFileIsAnErrorAndNeverMore()
    {
        const Bytes whole = pngOf(QImage(20, 20, QImage::Format_ARGB32));
        for (std::size_t bytes = 0; bytes + 12 < whole.size(); ++bytes) // without its last chunk all pixels may be there
            QVERIFY(!m_host.run("imaging.png_decode", {{local(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes)))}}).ok());
        std::mt19937 random(5);
        for (int round = 0; round < 2000; ++round) {
            Bytes copy = whole;
            for (int n = 0; n < 3; ++n) copy[random() % copy.size()] = static_cast<std::byte>(random());
            m_host.run("imaging.png_decode", {{local(copy)}}); // under the sanitizer this must be silent
        }
        LocalOptions little;
        little.memoryBytes = 100;
        QVERIFY(m_host.run("imaging.png_decode", {{local(whole)}}, Json::object(), little).error.ends_with("the store has no room for 1792 bytes"));
    }

    void savingWritesAllOrNothing()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("a.bin")).toStdString();
        const Bytes one(100'000, std::byte{1}), two(10, std::byte{2});
        QVERIFY(m_host.run("imaging.save", {{local(one)}}, {{"file", path}}).ok());
        QCOMPARE(QFile(QString::fromStdString(path)).size(), qint64{100'000});
        QVERIFY(m_host.run("imaging.save", {{local(two)}}, {{"file", path}}).ok());
        QCOMPARE(QFile(QString::fromStdString(path)).size(), qint64{10});
        LocalOptions cancelled;
        cancelled.cancelled = [] { return true; };
        QCOMPARE(m_host.run("imaging.save", {{local(one)}}, {{"file", path}}, cancelled).status, std::int32_t{ORRERY_CANCELLED});
        QCOMPARE(QFile(QString::fromStdString(path)).size(), qint64{10}); // the old one is whole
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{QStringLiteral("a.bin")});
        QCOMPARE(m_host.run("imaging.save", {{local(one)}}, {{"file", folder.filePath(QStringLiteral("no/b")).toStdString()}}).error,
                 "cannot write `" + folder.filePath(QStringLiteral("no/b")).toStdString() + "`: No such file or directory");
        QVERIFY(!m_host.run("imaging.save", {{local(one)}}, {{"file", ""}}).ok());
        qputenv("ORRERY_OUTPUT", folder.path().toUtf8());
        QVERIFY(m_host.run("imaging.save", {{local(two)}}, {{"file", "c.bin"}}).ok());
        qunsetenv("ORRERY_OUTPUT");
        QVERIFY(QFile::exists(folder.filePath(QStringLiteral("c.bin"))));
    }
};

QTEST_GUILESS_MAIN(TestPng)
#include "tst_png.moc"
