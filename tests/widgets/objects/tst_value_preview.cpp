// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The preview of a value by its kind, and how values become files.
#include "plugins/sdk/encode.h"
#include "plugins/sdk/table.h"
#include "tests/support/fake_byte_source.h"
#include "tests/support/panel_hand.h"
#include "widgets/common/picture_view.h"
#include "widgets/common/value_file.h"
#include "widgets/common/value_preview.h"
#include "widgets/common/value_save.h"

#include <QAbstractButton>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>

using namespace orrery;
using widgets::PictureView;
using widgets::ValueFile;
using widgets::ValuePreview;
using widgets::ValueSave;

namespace {

template <class T>
base::Bytes bytesOf(const T& value)
{
    const auto owned = plugin::OwnedValue::of(value);
    const auto* data = reinterpret_cast<const std::byte*>(owned.data());
    return base::Bytes(data, data + owned.bytes());
}

plugin::Image picture(int width, int height)
{
    plugin::Image image{width, height, {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (const int c : {x * 255 / width, y * 255 / height, 90, 255}) image.pixels.push_back(static_cast<std::uint8_t>(c));
    return image;
}

types::ObjectAddress at(std::uint32_t row) { return {base::RunId{{1, 1}}, row, 0, -1}; }

struct World {
    tests::FakeByteSource source;
    ValuePreview preview{source};
    bool show(int width = 400, int height = 420) { return tests::showAt(preview, width, height); }
    bool shown(std::uint32_t row)
    {
        preview.setValue(at(row));
        return QTest::qWaitFor([this] { return preview.preview().has_value() && source.open() == 0; });
    }
    QString words() const
    {
        QStringList all;
        for (const auto* label : preview.findChildren<QLabel*>())
            if (label->isVisible() && !label->text().isEmpty()) all << label->text();
        return all.join(u'|');
    }
};

void wheel(QWidget& widget, QPointF place, int steps)
{
    QWheelEvent event(place, widget.mapToGlobal(place), {}, QPoint(0, 120 * steps), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&widget, &event);
}

} // namespace

class TestValuePreview final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme(); }
    // preview
    void aPictureFitsAndSaysItsSize();
    void theWheelZoomsAboutTheMouse();
    void aDragMovesAPictureThatIsLargerThanItsPlace();
    void aPictureThatIsZoomedReadsItsRowsInFullSize();
    void aZoomedTensorStaysWhatThePreviewShows();
    void aTableShowsItsHeadAndHowMuchOfIt();
    void aNumberIsLarge();
    void textIsMono();
    void aClickOnAnItemOfAListShowsItAndTheWayBack();
    void anErrorIsASentence();
    void itAsksOnlyWhileItIsSeen();
    void theSameValueIsNotAskedTwiceButAnotherAttemptIs();
    void onlyTheLastQuestionCounts();
    // files
    void valuesBecomeTheFilesOfTheFormatsPage_data();
    void valuesBecomeTheFilesOfTheFormatsPage();
    void aLargeValueIsReadInChunksAheadOfEachOther();
    void aPictureOfManyChunksIsWrittenWhole();
    void aValueThatChangesWhileItIsReadIsRefused();
    void aFolderThatIsNotThereIsSaid();
    void aDestroyedSaveDropsItsQuestions();
    void aWishThatIsDroppedInItsDialogEnds();
    void aCancelledWishClosesItsDialogAndSaysNothing();
};

void TestValuePreview::aPictureFitsAndSaysItsSize()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(picture(2048, 1024));
    QVERIFY(world.show(400, 424));
    QVERIFY(world.shown(1));
    QCOMPARE(world.preview.image().size(), QSize(1024, 512)); // no more than a preview holds
    auto* view = world.preview.findChild<PictureView*>();
    QCOMPARE(view->pictureRect().width(), 400.0);
    QCOMPARE(world.words(), QStringLiteral("2048 × 1024|20 %"));
}

void TestValuePreview::theWheelZoomsAboutTheMouse()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(picture(800, 800));
    QVERIFY(world.show());
    QVERIFY(world.shown(1));
    auto* view = world.preview.findChild<PictureView*>();
    const QPointF place(120, 200);
    const auto under = [&] { return (place - view->pictureRect().topLeft()) / view->zoom(); };
    const QPointF before = under();
    wheel(*view, place, 4);
    QVERIFY(!view->fits());
    QVERIFY((under() - before).manhattanLength() < 3);
    wheel(*view, place, -40);
    QVERIFY(view->fits());
    QTest::keyClick(view, Qt::Key_Plus);
    QVERIFY(!view->fits());
    QTest::keyClick(view, Qt::Key_F);
    QVERIFY(view->fits());
}

void TestValuePreview::aDragMovesAPictureThatIsLargerThanItsPlace()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(picture(800, 800));
    QVERIFY(world.show());
    QVERIFY(world.shown(1));
    auto* view = world.preview.findChild<PictureView*>();
    view->setZoom(2);
    const QRectF before = view->pictureRect();
    QTest::mousePress(view, Qt::LeftButton, {}, {200, 200});
    QTest::mouseMove(view, {230, 190});
    QTest::mouseRelease(view, Qt::LeftButton, {}, {230, 190});
    QCOMPARE(view->pictureRect().topLeft() - before.topLeft(), QPointF(30, -10));
    QTest::mousePress(view, Qt::LeftButton, {}, {10, 10});
    QTest::mouseMove(view, {9000, 9000}); // never beyond its border
    QTest::mouseRelease(view, Qt::LeftButton, {}, {9000, 9000});
    QCOMPARE(view->pictureRect().topLeft(), QPointF(0, 0));
}

void TestValuePreview::aPictureThatIsZoomedReadsItsRowsInFullSize()
{
    World world;
    plugin::Image image = picture(3000, 2000); // 87 rows a strip
    const auto pixel = [&](int x, int y) { return image.pixels.data() + (y * 3000 + x) * 4; };
    for (int y = 0; y < 2000; ++y)
        for (int x = 0; x < 3000; ++x) pixel(x, y)[2] = (x + y) % 2 != 0 ? 255 : 0; // a preview mixes these
    world.source.values[{1, 0}] = bytesOf(image);
    QVERIFY(world.show(400, 424));
    QVERIFY(world.shown(1));
    QVERIFY(world.source.ranges.empty()); // fitted, the preview will do
    auto* view = world.preview.findChild<PictureView*>();
    QTest::mouseDClick(view, Qt::LeftButton, {}, {200, 200}); // full size
    QCOMPARE(view->zoom(), 1.0);
    const auto exact = [&] {
        const QImage seen = view->grab().toImage();
        const QPointF at = view->pictureRect().topLeft();
        for (int y = 0; y < view->height(); y += 17)
            for (int x = 0; x < view->width(); x += 13) {
                const auto* wanted = pixel(x - static_cast<int>(at.x()), y - static_cast<int>(at.y()));
                if (seen.pixelColor(x, y) != QColor(wanted[0], wanted[1], wanted[2])) return false;
            }
        return true;
    };
    QTRY_VERIFY(exact());
    std::uint64_t read = 0;
    for (const auto& range : world.source.ranges) {
        QVERIFY(range.length <= types::kFetchBytesMax);
        read += range.length;
    }
    QVERIFY(read < image.pixels.size() / 3); // the rows that are seen, no others
    view->fit();
    QVERIFY(view->fits());
}

void TestValuePreview::aZoomedTensorStaysWhatThePreviewShows()
{
    World world;
    plugin::Tensor<float> tensor;
    tensor.shape = {1500, 1500};
    tensor.data.assign(1500 * 1500, 1);
    tensor.data[7] = 9;
    world.source.values[{1, 0}] = bytesOf(tensor);
    QVERIFY(world.show(400, 424));
    QVERIFY(world.shown(1));
    auto* view = world.preview.findChild<PictureView*>();
    view->setZoom(2);
    view->grab();
    QTRY_COMPARE(world.source.open(), std::size_t{0});
    view->grab();
    QCOMPARE(world.source.ranges.size(), std::size_t{1}); // its header said that it is no picture
}

void TestValuePreview::aTableShowsItsHeadAndHowMuchOfIt()
{
    World world;
    plugin::Table table;
    std::vector<std::string> names;
    std::vector<std::int64_t> counts;
    for (int i = 0; i < 5000; ++i) {
        names.push_back("row " + std::to_string(i));
        counts.push_back(i);
    }
    table.add("name", names).add("count", counts);
    world.source.values[{1, 0}] = bytesOf(table);
    QVERIFY(world.show());
    QVERIFY(world.shown(1));
    auto* grid = world.preview.findChild<QTableView*>();
    QVERIFY(grid->isVisible());
    QCOMPARE(grid->model()->rowCount(), static_cast<int>(widgets::kPreviewRowsMax));
    QCOMPARE(grid->model()->index(3, 0).data().toString(), QStringLiteral("row 3"));
    QVERIFY(grid->model()->index(3, 1).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
    QVERIFY(grid->model()->index(3, 0).data(Qt::TextAlignmentRole).toInt() & Qt::AlignLeft);
    QCOMPARE(world.words(), QStringLiteral("showing 200 of 5,000"));
}

void TestValuePreview::aNumberIsLarge()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(std::int64_t{42});
    QVERIFY(world.show());
    QVERIFY(world.shown(1));
    QCOMPARE(world.words(), QStringLiteral("42"));
    const auto labels = world.preview.findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) { return label->text() == u"42" && label->font().pixelSize() >= 24; }));
}

void TestValuePreview::textIsMono()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(std::string("a\nb"));
    QVERIFY(world.show());
    QVERIFY(world.shown(1));
    auto* text = world.preview.findChild<QPlainTextEdit*>();
    QVERIFY(text->isVisible() && text->isReadOnly());
    QCOMPARE(text->toPlainText(), QStringLiteral("a\nb"));
    QVERIFY(text->font().family().contains(QStringLiteral("Mono")));
}

void TestValuePreview::aClickOnAnItemOfAListShowsItAndTheWayBack()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(std::vector<plugin::Image>{picture(20, 10), picture(30, 40)});
    QVERIFY(world.show());
    QVERIFY(world.shown(1));
    auto* grid = world.preview.findChild<QTableView*>();
    QCOMPARE(grid->model()->rowCount(), 2);
    QTest::mouseClick(grid->viewport(), Qt::LeftButton, {}, grid->visualRect(grid->model()->index(1, 0)).center());
    QTRY_COMPARE(world.preview.image().size(), QSize(30, 40));
    QVERIFY2(world.words().startsWith(QStringLiteral("item 2 of 2  ·  30 × 40")), qPrintable(world.words()));
    QAbstractButton* back = nullptr;
    for (auto* button : world.preview.findChildren<QAbstractButton*>())
        if (button->isVisible() && button->toolTip() == QStringLiteral("Back to the list")) back = button;
    QVERIFY(back != nullptr);
    QTest::mouseClick(back, Qt::LeftButton);
    QTRY_VERIFY(grid->isVisible());
    QCOMPARE(world.preview.item(), -1);
}

void TestValuePreview::anErrorIsASentence()
{
    World world;
    QVERIFY(world.show());
    world.preview.setValue(at(7));
    QTRY_COMPARE(world.words(), QStringLiteral("The last copy of this value is gone."));
    QVERIFY(!world.preview.preview().has_value());
    world.preview.clear(QStringLiteral("Not made yet."));
    QCOMPARE(world.words(), QStringLiteral("Not made yet."));
}

void TestValuePreview::itAsksOnlyWhileItIsSeen()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(true);
    world.preview.setValue(at(1));
    QVERIFY(world.source.wishes.empty());
    QVERIFY(world.show());
    QTRY_VERIFY(world.preview.preview().has_value());
    QCOMPARE(world.source.wishes.size(), std::size_t{1});
}

void TestValuePreview::theSameValueIsNotAskedTwiceButAnotherAttemptIs()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(1.5);
    QVERIFY(world.show());
    QVERIFY(world.shown(1));
    world.preview.setValue(at(1));
    QCOMPARE(world.source.wishes.size(), std::size_t{1});
    world.preview.setValue(at(1), 2);
    QCOMPARE(world.source.wishes.size(), std::size_t{2});
    QVERIFY(world.preview.preview().has_value()); // the old one stays until the new one is there
}

void TestValuePreview::onlyTheLastQuestionCounts()
{
    World world;
    world.source.byItself = false;
    world.source.values[{1, 0}] = bytesOf(std::int64_t{1});
    world.source.values[{2, 0}] = bytesOf(std::int64_t{2});
    QVERIFY(world.show());
    world.preview.setValue(at(1));
    world.preview.setValue(at(2));
    QCOMPARE(world.source.dropped.size(), std::size_t{1});
    QCOMPARE(world.source.open(), std::size_t{1});
    world.source.answerOldest();
    QCOMPARE(world.words(), QStringLiteral("2"));
}

// ---- files ----

void TestValuePreview::valuesBecomeTheFilesOfTheFormatsPage_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("extension");
    QTest::addColumn<QByteArray>("begin");
    const auto row = [](const char* name, const base::Bytes& bytes, const char* extension, const QByteArray& begin) {
        QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())) << QString::fromLatin1(extension) << begin;
    };
    row("image", bytesOf(picture(4, 4)), "png", "\x89PNG");
    row("table", bytesOf(plugin::Table().add("a", std::vector<std::int64_t>{1, 2}).add("b", std::vector<std::string>{"x,y", "z"})), "csv", "a,b\n1,\"x,y\"\n2,z\n");
    row("string", bytesOf(std::string("hello")), "txt", "hello");
    row("number", bytesOf(2.5), "json", "2.5\n");
    row("json", bytesOf(plugin::Json{{"k", 1}}), "json", "{\n  \"k\": 1\n}\n");
    row("list", bytesOf(std::vector<std::int64_t>{3, 4}), "json", "[\n  3,\n  4\n]\n");
    row("bytes", bytesOf(plugin::Bytes{std::byte{1}, std::byte{2}}), "bin", QByteArray("\x01\x02", 2));
    const auto* png = reinterpret_cast<const std::byte*>("\x89PNG....");
    row("png bytes", bytesOf(plugin::Bytes(png, png + 8)), "png", "\x89PNG....");
    plugin::Tensor<float> tensor;
    tensor.shape = {2, 3};
    tensor.data = {1, 2, 3, 4, 5, 6};
    row("tensor", bytesOf(tensor), "npy", QByteArray("\x93NUMPY\x01\x00", 8));
}

void TestValuePreview::valuesBecomeTheFilesOfTheFormatsPage()
{
    QFETCH(QByteArray, value);
    QFETCH(QString, extension);
    QFETCH(QByteArray, begin);
    tests::FakeByteSource source;
    const auto* data = reinterpret_cast<const std::byte*>(value.data());
    source.values[{1, 0}] = base::Bytes(data, data + value.size());
    QTemporaryDir folder;
    ValueSave save(source, at(1));
    QSignalSpy known(&save, &ValueSave::extensionKnown), finished(&save, &ValueSave::finished);
    save.askExtension();
    QTRY_COMPARE(known.size(), 1);
    QCOMPARE(known[0][0].toString(), extension);
    const QString path = folder.filePath(QStringLiteral("value.") + extension);
    save.start(path);
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(finished[0][1].toString(), QString());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray content = file.readAll();
    if (extension == u"csv" || extension == u"txt" || extension == u"json" || extension == u"bin") QCOMPARE(content, begin);
    else QVERIFY(content.startsWith(begin));
}

void TestValuePreview::aLargeValueIsReadInChunksAheadOfEachOther()
{
    tests::FakeByteSource source;
    source.byItself = false;
    const std::string text(7 * types::kFetchBytesMax + 1000, 'x');
    source.values[{1, 0}] = bytesOf(text);
    QTemporaryDir folder;
    ValueSave save(source, at(1));
    QSignalSpy progressed(&save, &ValueSave::progressed), finished(&save, &ValueSave::finished);
    save.start(folder.filePath(QStringLiteral("a.txt")));
    QCOMPARE(source.open(), std::size_t{1}); // how much there is, is not known yet
    source.answerOldest();
    QCOMPARE(source.open(), static_cast<std::size_t>(widgets::kChunksAhead));
    while (source.open() > 0) source.answerNewest(); // in any order
    QCOMPARE(progressed.back()[0].toULongLong(), progressed.back()[1].toULongLong());
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(finished[0][1].toString(), QString());
    QFile file(folder.filePath(QStringLiteral("a.txt")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().toStdString(), text);
}

void TestValuePreview::aPictureOfManyChunksIsWrittenWhole()
{
    tests::FakeByteSource source;
    const plugin::Image image = picture(700, 800);
    source.values[{1, 0}] = bytesOf(image);
    QTemporaryDir folder;
    ValueSave save(source, at(1));
    QSignalSpy finished(&save, &ValueSave::finished);
    save.start(folder.filePath(QStringLiteral("a.png")));
    QTRY_COMPARE(finished.size(), 1);
    const QImage written = QImage(folder.filePath(QStringLiteral("a.png"))).convertToFormat(QImage::Format_RGBA8888);
    QCOMPARE(written.size(), QSize(700, 800));
    for (int y = 0; y < 800; ++y) QCOMPARE(std::memcmp(written.constScanLine(y), image.pixels.data() + y * 700 * 4, 700 * 4), 0);
}

void TestValuePreview::aValueThatChangesWhileItIsReadIsRefused()
{
    tests::FakeByteSource source;
    source.byItself = false;
    source.values[{1, 0}] = bytesOf(std::string(3 * types::kFetchBytesMax, 'x'));
    QTemporaryDir folder;
    ValueSave save(source, at(1));
    QSignalSpy finished(&save, &ValueSave::finished);
    save.start(folder.filePath(QStringLiteral("a.txt")));
    source.answerOldest();
    source.values[{1, 0}] = bytesOf(std::string(2 * types::kFetchBytesMax, 'y'));
    source.answerOldest();
    QCOMPARE(finished.size(), 1);
    QVERIFY(!finished[0][1].toString().isEmpty());
    QCOMPARE(source.open(), std::size_t{0});
    QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("a.txt"))));
}

void TestValuePreview::aFolderThatIsNotThereIsSaid()
{
    tests::FakeByteSource source;
    source.values[{1, 0}] = bytesOf(std::string("hello"));
    ValueSave save(source, at(1));
    QSignalSpy finished(&save, &ValueSave::finished);
    save.start(QStringLiteral("/nowhere/at/all/a.txt"));
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(finished[0][1].toString().startsWith(QStringLiteral("Cannot write /nowhere/at/all/a.txt")));
}

void TestValuePreview::aDestroyedSaveDropsItsQuestions()
{
    tests::FakeByteSource source;
    source.byItself = false;
    source.values[{1, 0}] = bytesOf(std::string(3 * types::kFetchBytesMax, 'x'));
    {
        ValueSave save(source, at(1));
        save.start(QStringLiteral("/nowhere/a.txt"));
        source.answerOldest();
        QCOMPARE(source.open(), std::size_t{3});
    }
    QCOMPARE(source.open(), std::size_t{0});
}

void TestValuePreview::aWishThatIsDroppedInItsDialogEnds()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(std::string("hello"));
    QVERIFY(world.show());
    ValueFile file(world.source, at(1), &world.preview);
    QSignalSpy ended(&file, &ValueFile::ended);
    file.save(QStringLiteral("a.b"));
    QTRY_VERIFY(world.preview.findChild<QFileDialog*>());
    QVERIFY(world.preview.findChild<QFileDialog*>()->selectedFiles().value(0).endsWith(QStringLiteral("/a.b.txt"))); // as the value is
    world.preview.findChild<QFileDialog*>()->reject();
    QCOMPARE(ended.count(), 1);
    QCOMPARE(ended[0][0].value<ValueFile::End>(), ValueFile::End::Dropped);
    QTRY_VERIFY(!world.preview.findChild<QFileDialog*>());
}

void TestValuePreview::aCancelledWishClosesItsDialogAndSaysNothing()
{
    World world;
    world.source.values[{1, 0}] = bytesOf(std::string("hello"));
    QVERIFY(world.show());
    ValueFile file(world.source, at(1), &world.preview);
    QSignalSpy ended(&file, &ValueFile::ended);
    file.save(QStringLiteral("a"));
    QTRY_VERIFY(world.preview.findChild<QFileDialog*>());
    file.cancel();
    QTRY_VERIFY(!world.preview.findChild<QFileDialog*>());
    QCOMPARE(ended.count(), 0);
}

QTEST_MAIN(TestValuePreview)
#include "tst_value_preview.moc"
