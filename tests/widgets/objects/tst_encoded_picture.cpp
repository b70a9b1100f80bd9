// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Bytes that hold a PNG file are seen as the picture; all other bytes as what they are.
#include "plugins/sdk/encode.h"
#include "tests/support/fake_byte_source.h"
#include "tests/support/panel_hand.h"
#include "widgets/common/encoded_picture.h"
#include "widgets/common/picture_view.h"
#include "widgets/common/value_preview.h"

#include <QBuffer>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSignalSpy>

using namespace orrery;
using namespace orrery::widgets;

namespace {

base::Bytes valueOf(const QByteArray& file)
{
    const auto* from = reinterpret_cast<const std::byte*>(file.data());
    const auto owned = plugin::OwnedValue::of(plugin::Bytes(from, from + file.size()));
    const auto* data = reinterpret_cast<const std::byte*>(owned.data());
    return base::Bytes(data, data + owned.bytes());
}

QImage drawn(QSize size)
{
    QImage image(size, QImage::Format_RGB32);
    for (int y = 0; y < size.height(); ++y)
        for (int x = 0; x < size.width(); ++x) image.setPixel(x, y, qRgb(x * 255 / size.width(), y * 255 / size.height(), (x + y) % 2 * 255));
    return image;
}

QByteArray pngOf(const QImage& image)
{
    QByteArray file;
    QBuffer buffer(&file);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return file;
}

// Its head says width and height; the rest is `more` bytes of nothing.
QByteArray pngThatSays(quint32 width, quint32 height, qsizetype more)
{
    QByteArray file("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    for (const quint32 side : {width, height})
        for (const int shift : {24, 16, 8, 0}) file.append(static_cast<char>(side >> shift));
    return file + QByteArray(more, 'x');
}

types::ObjectAddress at(std::uint32_t row, std::int64_t item = -1) { return {base::RunId{{1, 1}}, row, 0, item}; }

struct World {
    tests::FakeByteSource source;
    ValuePreview preview{source};
    QSignalSpy changed{&preview, &ValuePreview::previewChanged};
    explicit World(bool compact = false) { preview.setCompact(compact); }
    bool show(std::uint32_t row, std::int64_t item = -1)
    {
        preview.setValue(at(row, item));
        return tests::showAt(preview, 400, 424) && QTest::qWaitFor([&] { return preview.preview().has_value(); });
    }
    QString sentence() const
    {
        for (const auto* label : preview.findChildren<QLabel*>())
            if (label->isVisible() && label->wordWrap()) return label->text();
        return {};
    }
    bool isDump() const { return preview.findChild<QPlainTextEdit*>()->isVisible(); }
};

} // namespace

class TestEncodedPicture final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme(); }
    void bytesOfAPngAreItsPicture();
    void zoomedItShowsThePixelsOfTheFile();
    void anItemOfAListIsAPictureToo();
    void aSmallPlaceHoldsASmallPicture();
    void tooManyPixelsAreRefusedBeforeTheFileIsRead();
    void aFileThatIsTooLargeIsRefusedAfterItsFirstChunk();
    void aPngThatIsDamagedSaysSo();
    void otherBytesAreADump_data();
    void otherBytesAreADump();
    void anotherValueMeanwhileIsTheOneThatIsShown();
    void aPreviewThatGoesDropsItsQuestions();
};

void TestEncodedPicture::bytesOfAPngAreItsPicture()
{
    World world;
    const QImage image = drawn({1200, 900});
    world.source.values[{1, 0}] = valueOf(pngOf(image));
    QVERIFY(world.show(1));
    QVERIFY(!world.isDump());
    QCOMPARE(world.preview.image().size(), QSize(1024, 768)); // no more than a preview holds
    const QColor seen = world.preview.image().pixelColor(512, 384);
    QVERIFY(std::abs(seen.red() - 127) < 4 && std::abs(seen.green() - 127) < 4);
    const auto& preview = *world.preview.preview();
    QCOMPARE(preview.kind, types::Preview::Kind::Image);
    QCOMPARE(preview.fullWidth, 1200u);
    QCOMPARE(QString::fromStdString(preview.facts.back().second), QStringLiteral("1200 x 900"));
    QCOMPARE(world.changed.count(), 2); // that it is read, and the picture: no dump came before it
    QVERIFY(tests::shoot(world.preview, QStringLiteral("preview-png")));
}

void TestEncodedPicture::zoomedItShowsThePixelsOfTheFile()
{
    World world;
    const QImage image = drawn({3000, 2000});
    world.source.values[{1, 0}] = valueOf(pngOf(image));
    QVERIFY(world.show(1));
    auto* view = world.preview.findChild<PictureView*>();
    QTest::mouseDClick(view, Qt::LeftButton, {}, {200, 200}); // full size
    QCOMPARE(view->zoom(), 1.0);
    const QImage seen = view->grab().toImage();
    const QPoint place = view->pictureRect().topLeft().toPoint();
    for (int y = 0; y < view->height(); y += 17)
        for (int x = 0; x < view->width(); x += 13) QCOMPARE(seen.pixel(x, y), image.pixel(QPoint(x, y) - place));
}

void TestEncodedPicture::anItemOfAListIsAPictureToo()
{
    World world;
    const QByteArray file = pngOf(drawn({40, 20}));
    const auto* from = reinterpret_cast<const std::byte*>(file.data());
    const auto owned = plugin::OwnedValue::of(std::vector<plugin::Bytes>{plugin::Bytes{std::byte{1}}, plugin::Bytes(from, from + file.size())});
    const auto* data = reinterpret_cast<const std::byte*>(owned.data());
    world.source.values[{1, 0}] = base::Bytes(data, data + owned.bytes());
    QVERIFY(world.show(1, 1));
    QCOMPARE(world.preview.image().size(), QSize(40, 20));
}

void TestEncodedPicture::aSmallPlaceHoldsASmallPicture()
{
    World world(true);
    world.source.values[{1, 0}] = valueOf(pngOf(drawn({600, 300})));
    QVERIFY(world.show(1));
    QCOMPARE(world.preview.image().size(), QSize(256, 128));
}

void TestEncodedPicture::tooManyPixelsAreRefusedBeforeTheFileIsRead()
{
    World world;
    world.source.values[{1, 0}] = valueOf(pngThatSays(9000, 8000, 3 * types::kFetchBytesMax));
    QVERIFY(world.show(1));
    QVERIFY(world.preview.image().isNull() && !world.isDump());
    QCOMPARE(world.sentence(), QStringLiteral("This PNG has 9000 × 8000 pixels; above 64 megapixels none is shown here, save it to see it."));
    QCOMPARE(world.source.ranges.size(), std::size_t{1});
    QVERIFY(world.source.ranges[0].length < 10'000);
    QVERIFY(world.preview.preview()->bytes > 0); // its facts stay
    QCOMPARE(pngSize(std::as_bytes(std::span("\x89PNG"))), std::nullopt); // a head alone, cut short
}

void TestEncodedPicture::aFileThatIsTooLargeIsRefusedAfterItsFirstChunk()
{
    tests::FakeByteSource source;
    source.values[{1, 0}] = valueOf(QByteArray(3 * types::kFetchBytesMax, 'x'));
    ValueRead read(source, at(1), 2 * types::kFetchBytesMax);
    QSignalSpy ended(&read, &ValueRead::ended);
    read.start();
    QTRY_COMPARE(ended.count(), 1);
    QCOMPARE(ended[0][0].value<ValueRead::End>(), ValueRead::End::TooLarge);
    QCOMPARE(source.ranges.size(), std::size_t{1});
}

void TestEncodedPicture::aPngThatIsDamagedSaysSo()
{
    World world;
    world.source.values[{1, 0}] = valueOf(pngThatSays(40, 30, 500));
    QVERIFY(world.show(1));
    QVERIFY2(world.sentence().startsWith(QStringLiteral("This PNG cannot be shown: ")), qPrintable(world.sentence()));
}

void TestEncodedPicture::otherBytesAreADump_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::newRow("none") << QByteArray();
    QTest::newRow("text") << QByteArray("what somebody wrote");
    QTest::newRow("jpeg") << QByteArray("\xff\xd8\xff\xe0 and so on");
    QTest::newRow("begins alike") << QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHxR\0\0\0\x10\0\0\0\x10", 24);
    QTest::newRow("without pixels") << pngThatSays(0, 16, 4);
}

void TestEncodedPicture::otherBytesAreADump()
{
    QFETCH(QByteArray, file);
    World world;
    world.source.values[{1, 0}] = valueOf(file);
    QVERIFY(world.show(1));
    QVERIFY(world.isDump());
    QVERIFY(world.preview.image().isNull());
}

void TestEncodedPicture::anotherValueMeanwhileIsTheOneThatIsShown()
{
    World world;
    world.source.byItself = false;
    world.source.values[{1, 0}] = valueOf(pngOf(drawn({1200, 900})));
    world.source.values[{2, 0}] = valueOf(pngOf(drawn({60, 50})));
    world.preview.setValue(at(1));
    QVERIFY(tests::showAt(world.preview, 400, 424));
    world.source.answerOldest(); // the preview
    world.source.answerOldest(); // the head of the value
    QVERIFY(!world.preview.preview());
    QCOMPARE(world.sentence(), QStringLiteral("Reading a PNG of 1200 × 900 pixels"));
    world.source.answerOldest(); // the file: it is being decoded
    world.preview.setValue(at(2));
    while (world.source.open() > 0) world.source.answerOldest();
    QTRY_COMPARE(world.preview.image().size(), QSize(60, 50));
    QCOMPARE(world.changed.count(), 3); // each is read, one is shown
}

void TestEncodedPicture::aPreviewThatGoesDropsItsQuestions()
{
    tests::FakeByteSource source;
    source.byItself = false;
    source.values[{1, 0}] = valueOf(pngOf(drawn({1200, 900})));
    for (int answers = 1; answers <= 2; ++answers) {
        ValuePreview preview(source);
        preview.setValue(at(1));
        QVERIFY(tests::showAt(preview, 400, 424));
        for (int i = 0; i < answers; ++i) source.answerOldest();
        QCOMPARE(source.open(), std::size_t{1});
        preview.clear();
        QCOMPARE(source.open(), std::size_t{0});
    }
}

QTEST_MAIN(TestEncodedPicture)
#include "tst_encoded_picture.moc"
