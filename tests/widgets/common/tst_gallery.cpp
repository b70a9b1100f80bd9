// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The gallery in both themes: pictures to look at (in the folder that ORRERY_SHOTS names), and what can be checked without eyes.
#include "tests/widgets/common/gallery.h"

#include "widgets/common/color_math.h"
#include "widgets/common/theme.h"
#include "widgets/common/toast.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QHeaderView>
#include <QLineEdit>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

void save(const QPixmap& picture, const QString& name)
{
    const QString folder = qEnvironmentVariable("ORRERY_SHOTS");
    if (folder.isEmpty()) return;
    QDir().mkpath(folder);
    const QString scale = picture.devicePixelRatio() > 1 ? QStringLiteral("@%1").arg(picture.devicePixelRatio()) : QString();
    QVERIFY(picture.save(folder + u'/' + name + scale + QStringLiteral(".png")));
}

QSet<QRgb> colorsOf(const QImage& image)
{
    QSet<QRgb> seen;
    for (int y = 0; y < image.height(); y += 2)
        for (int x = 0; x < image.width(); x += 2) seen << image.pixel(x, y);
    return seen;
}

} // namespace

class TestGallery : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { installTheme(*qApp, Theme::Mode::Dark); }
    void init()
    {
        Theme::of().setReduceMotion(true);
        m_window = test::gallery();
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanup() { m_window.reset(); }

    void everyWidgetIsDrawnInBothThemes_data()
    {
        QTest::addColumn<int>("mode");
        QTest::newRow("dark") << int(Theme::Mode::Dark);
        QTest::newRow("light") << int(Theme::Mode::Light);
    }
    void everyWidgetIsDrawnInBothThemes()
    {
        QFETCH(int, mode);
        Theme::of().setMode(Theme::Mode(mode));
        Toast::show(m_window->centralWidget(), {QStringLiteral("31 tiles recomputed"), QStringLiteral("+1.4 s · result identical"), QStringLiteral("Show"), types::TaskState::Retrying});
        const QPixmap picture = m_window->grab();
        save(picture, QStringLiteral("gallery-") + QString::fromLatin1(QTest::currentDataTag()));
        const auto menu = test::galleryMenu();
        menu->setActiveAction(menu->actions().constFirst());
        save(menu->grab(), QStringLiteral("menu-") + QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(colorsOf(picture.toImage()).contains(color(Token::Panel).rgb()));
        for (auto* toast : m_window->findChildren<Toast*>()) delete toast;
    }

    void noGroundOfTheOtherThemeOrOfTheSystemIsLeft()
    {
        for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
            Theme::of().setMode(mode);
            for (const auto* widget : m_window->findChildren<QWidget*>()) {
                if (!widget->isVisible() || widget->property("primary").toBool()) continue; // the one filled button
                const QColor ground = widget->palette().color(widget->backgroundRole());
                const double light = relativeLuminance(ground);
                QVERIFY2(mode == Theme::Mode::Light ? light > .7 : light < .06, qPrintable(QString::fromLatin1(widget->metaObject()->className()) + u' ' + ground.name()));
            }
        }
    }

    void whateverTakesTheKeyboardSaysItsName()
    {
        for (const auto* widget : m_window->findChildren<QWidget*>()) {
            if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisible()) continue;
            const auto* button = qobject_cast<const QAbstractButton*>(widget);
            const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()) || !widget->toolTip().isEmpty()
                || qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QComboBox*>(widget) || qobject_cast<const QTabBar*>(widget)
                || widget->inherits("QAbstractSlider") || widget->inherits("QAbstractScrollArea") || widget->inherits("QAbstractSpinBox");
            QVERIFY2(named, widget->metaObject()->className());
        }
    }

private:
    std::unique_ptr<QMainWindow> m_window;
};

QTEST_MAIN(TestGallery)
#include "tst_gallery.moc"
