// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Pictures of the panel in both themes, to be looked at: ORRERY_SHOTS=folder saves them.
#include "tests/widgets/timeline/timeline_world.h"
#include "widgets/common/theme.h"
#include "widgets/models/selection.h"
#include "widgets/timeline/timeline_panel.h"

#include <QApplication>
#include <QComboBox>
#include <QHBoxLayout>
#include <QMouseEvent>
#include <QTest>
#include <QVBoxLayout>
#include <QWidget>

using namespace orrery;
using namespace orrery::widgets;
using tests::TimelineWorld;

namespace {

// A tab row with the corner at its right, and the panel, as a dock has them.
struct Stage {
    RunModel model;
    Selection selection;
    QWidget window;
    TimelinePanel panel{model, selection};
    explicit Stage(QSize size)
    {
        auto* column = new QVBoxLayout(&window);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(0);
        auto* row = new QHBoxLayout;
        row->setContentsMargins(12, 3, 8, 3);
        row->addStretch(1);
        row->addWidget(panel.corner());
        column->addLayout(row);
        column->addWidget(&panel, 1);
        window.resize(size);
        window.show();
    }
    QImage grab(const char* name)
    {
        QTest::qWait(40);
        const QImage image = window.grab().toImage();
        if (const QString folder = qEnvironmentVariable("ORRERY_SHOTS"); !folder.isEmpty())
            image.save(QStringLiteral("%1/%2-%3-%4.png").arg(folder, QLatin1String(name), Theme::of().isDark() ? QStringLiteral("dark") : QStringLiteral("light")).arg(image.devicePixelRatio()));
        return image;
    }
};

int pixelsOf(const QImage& image, const QColor& wanted)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) count += (image.pixel(x, y) & 0xffffffu) == (wanted.rgb() & 0xffffffu);
    return count;
}

} // namespace

class TestTimelinePictures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aLiveRun_data() { themes(); }
    void aLiveRun()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        Stage stage({1660, 420});
        const TimelineWorld world({});
        world.play(stage.model, world.beginNs() + 5'600 * base::kMillisecond);
        const QImage image = stage.grab("live");
        QVERIFY(pixelsOf(image, Theme::of().functionSpan(QStringLiteral("imaging.render"))) > 20'000);
    }
    void aPausedRun_data() { themes(); }
    void aPausedRun()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        Stage stage({1660, 420});
        const TimelineWorld world({});
        world.play(stage.model, world.beginNs() + 5'600 * base::kMillisecond);
        stage.panel.corner()->findChild<QComboBox*>()->setCurrentIndex(1);
        QTest::qWait(40);
        auto* field = stage.panel.focusProxy();
        QTest::keyClick(field, Qt::Key_W);
        QTest::mousePress(field, Qt::LeftButton, {}, {300, 150});
        const QPoint to(560, 180), over(700, 180);
        QMouseEvent drag(QEvent::MouseMove, to, field->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(field, &drag);
        QTest::mouseRelease(field, Qt::LeftButton, {}, to);
        QMouseEvent hover(QEvent::MouseMove, over, field->mapToGlobal(over), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(field, &hover);
        QTest::qWait(500);
        const QImage image = stage.grab("paused");
        QVERIFY(pixelsOf(image, Theme::of().functionSpan(QStringLiteral("imaging.render"))) < 2'000);
    }
    void oneNode_data() { themes(); }
    void oneNode()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        Stage stage({1660, 420});
        tests::WorldShape shape;
        shape.workers = {4};
        const TimelineWorld world(shape);
        world.play(stage.model, world.beginNs() + 5'600 * base::kMillisecond);
        const QImage image = stage.grab("one-node");
        QVERIFY(pixelsOf(image, Theme::of().functionSpan(QStringLiteral("imaging.render"))) > 40'000);
    }
    void aNodeThatDied_data() { themes(); }
    void aNodeThatDied()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        Stage stage({1660, 420});
        tests::WorldShape shape;
        shape.nodeDiesNs = 8 * base::kSecond;
        const TimelineWorld world(shape);
        world.play(stage.model, world.endNs() + base::kSecond);
        stage.selection.selectTask({2 + 96, 2, 96}, QStringLiteral("render"));
        const QImage image = stage.grab("died");
        QVERIFY(pixelsOf(image, Theme::of().color(Token::Retrying)) > 200);
    }
    void aFlood_data() { themes(); }
    void aFlood()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        Stage stage({1920, 640});
        tests::WorldShape shape;
        shape.width = 9'000;
        shape.renderNs = 2 * base::kMillisecond;
        shape.filterNs = 600 * base::kMicrosecond;
        const TimelineWorld world(shape);
        stage.model.take(world.at(world.endNs() + 1, true));
        const QImage image = stage.grab("flood");
        stage.panel.setFilterText(QStringLiteral("dur>2.5ms node:B"));
        const QImage filtered = stage.grab("flood-filtered");
        QVERIFY(image != filtered);
        for (int i = 0; i < 4; ++i) QTest::keyClick(stage.panel.focusProxy(), Qt::Key_W);
        stage.panel.setFilterText({});
        QVERIFY(stage.grab("flood-near") != image);
    }
    void aSmallWindow_data() { themes(); }
    void aSmallWindow()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        Stage stage({984, 160});
        const TimelineWorld world({});
        world.play(stage.model, world.beginNs() + 5'600 * base::kMillisecond);
        QVERIFY(!stage.grab("small").isNull());
    }
    void nothingYet_data() { themes(); }
    void nothingYet()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        Stage stage({1660, 300});
        stage.panel.setFilterText(QStringLiteral("durr>1ms"));
        QVERIFY(!stage.grab("empty").isNull());
    }

private:
    static void themes()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    TestTimelinePictures test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_timeline_pictures.moc"
