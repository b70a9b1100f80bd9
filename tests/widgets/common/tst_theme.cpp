// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The promises of the table of colours, of the fonts, of the icons, and of the desktop's wish.
#include "tests/widgets/common/color_vision.h"

#include "widgets/common/color_math.h"
#include "widgets/common/icons.h"
#include "widgets/common/style_sheet.h"
#include "widgets/common/system_scheme.h"
#include "widgets/common/theme.h"
#include "widgets/common/theme_tokens.h"

#include <QApplication>
#include <QDBusVariant>
#include <QDirIterator>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QPainter>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

constexpr Token kGrounds[] = {Token::Window, Token::Panel, Token::Canvas};
constexpr Token kStates[] = {Token::Waiting, Token::Ready, Token::Fetching, Token::Running, Token::Succeeded, Token::Cached, Token::Retrying, Token::Paused, Token::Failed, Token::Cancelled};

QString name(Token token) { return QString::number(int(token)); }

QRect inked(const QImage& image)
{
    QRect box;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            if (qAlpha(image.pixel(x, y)) > 24) box |= QRect(x, y, 1, 1);
    return box;
}

// Names of icons in sources: icon(u"x"_qs), .icon("x") of plug-ins, toolButton(QStringLiteral("x"), ...).
QSet<QString> iconsNamedIn(const QString& folder)
{
    static const QRegularExpression named(QStringLiteral("\\b(?:icon|iconPixmap|toolButton|setIconName)\\((?:QStringLiteral\\(|QLatin1String\\()?u?\"([a-z0-9-]+)\""));
    QSet<QString> names;
    QDirIterator files(QStringLiteral(ORRERY_SOURCE_DIR "/") + folder, {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly)) continue;
        for (auto found = named.globalMatch(QString::fromUtf8(file.readAll())); found.hasNext();) names << found.next().captured(1);
    }
    return names;
}

} // namespace

class TestTheme : public QObject {
    Q_OBJECT
private:
    static void bothThemes()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }

private Q_SLOTS:
    void initTestCase() { installTheme(*qApp, Theme::Mode::Dark); }
    void init() { Theme::of().setMode(Theme::Mode::Dark); }

    void everyTokenHasAnOpaqueColour_data() { bothThemes(); }
    void everyTokenHasAnOpaqueColour()
    {
        QFETCH(bool, dark);
        for (const QColor& color : tokenTable(dark)) QVERIFY(color.isValid() && color.alpha() == 255);
    }

    void textReachesFourAndAHalfOnWhateverItLiesOn_data() { bothThemes(); }
    void textReachesFourAndAHalfOnWhateverItLiesOn()
    {
        QFETCH(bool, dark);
        const TokenTable table = tokenTable(dark);
        const auto at = [&](Token token) { return table[std::size_t(token)]; };
        const auto reaches = [&](Token ink, Token ground) {
            const double found = contrast(at(ink), at(ground));
            if (found < 4.5) qWarning("token %d on %d: %.2f", int(ink), int(ground), found);
            return found >= 4.5;
        };
        for (const Token ground : kGrounds) {
            QVERIFY2(reaches(Token::Text, ground), qPrintable(name(ground)));
            QVERIFY2(reaches(Token::Muted, ground), qPrintable(name(ground)));
        }
        for (const Token ground : {Token::Hover, Token::Pressed, Token::Zebra, Token::Selection, Token::SelectionAway, Token::BarEmpty})
            QVERIFY2(reaches(Token::Text, ground), qPrintable(name(ground)));
        QVERIFY(reaches(Token::Muted, Token::Zebra));
        QVERIFY(reaches(Token::Link, Token::Panel));
        QVERIFY(reaches(Token::OnAccent, Token::Primary));
        QVERIFY(reaches(Token::OnAccent, Token::PrimaryHover));
    }

    void statesAndAccentReachThreeOnEveryGround_data() { bothThemes(); }
    void statesAndAccentReachThreeOnEveryGround()
    {
        QFETCH(bool, dark);
        const TokenTable table = tokenTable(dark);
        for (const Token ground : kGrounds) {
            for (const Token state : kStates) {
                const double found = contrast(table[std::size_t(state)], table[std::size_t(ground)]);
                QVERIFY2(found >= 3, qPrintable(QStringLiteral("state %1 on %2: %3").arg(name(state), name(ground)).arg(found)));
            }
            QVERIFY(contrast(table[std::size_t(Token::Accent)], table[std::size_t(ground)]) >= 3);
            QVERIFY(contrast(table[std::size_t(Token::LiveOff)], table[std::size_t(ground)]) >= 3);
        }
    }

    void statesStayApartForEveryKindOfColourVision_data() { bothThemes(); }
    void statesStayApartForEveryKindOfColourVision()
    {
        QFETCH(bool, dark);
        const TokenTable table = tokenTable(dark);
        for (const test::Vision vision : test::kVisions)
            for (const Token one : kStates)
                for (const Token two : kStates)
                    if (one < two) QVERIFY2(test::seenDifference(table[std::size_t(one)], table[std::size_t(two)], vision) >= 13.8, qPrintable(name(one) + u' ' + name(two)));
    }

    void tintsAreSeenOnPanelAndCanvas_data() { bothThemes(); }
    void tintsAreSeenOnPanelAndCanvas()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        const Theme& theme = Theme::of();
        for (const Token ground : {Token::Panel, Token::Canvas}) {
            for (int i = 0; i < 40; ++i) {
                QVERIFY(contrast(theme.node(i), color(ground)) >= 3);
                QVERIFY(contrast(theme.function(QStringLiteral("library.f%1").arg(i)), color(ground)) >= 3);
            }
            for (const char* type : {"tensor", "image", "json", "list<json>", "table", "bytes", "string", "f64", "any", "unknown"})
                QVERIFY(contrast(theme.portType(QString::fromLatin1(type)), color(ground)) >= 3);
        }
    }

    void portTypesAreApartAndListsTakeTheColourOfTheirItems()
    {
        const Theme& theme = Theme::of();
        const char* types[] = {"tensor", "image", "json", "list<json>", "table", "bytes", "string", "f64"};
        for (const char* one : types)
            for (const char* two : types)
                if (one != two) QVERIFY(test::seenDifference(theme.portType(QString::fromLatin1(one)), theme.portType(QString::fromLatin1(two)), test::Vision::Normal) > 7);
        QCOMPARE(theme.portType(QStringLiteral("list<image>")), theme.portType(QStringLiteral("image")));
    }

    void aFunctionKeepsItsColour()
    {
        const QColor first = Theme::of().function(QStringLiteral("imaging.render"));
        for (int i = 0; i < 10'000; ++i) Theme::of().function(QString::number(i)); // more than are kept
        QCOMPARE(Theme::of().function(QStringLiteral("imaging.render")), first);
        QVERIFY(first.hslHue() > 180 && first.hslHue() < 215); // blue, as the design has it
        QVERIFY(Theme::of().functionSpan(QStringLiteral("imaging.render")) != first);
    }

    void oklchKeepsItsHueInsideTheGamut()
    {
        for (int hue = 0; hue < 360; hue += 5) {
            const QColor modest = oklch(.7, .10, hue), wild = oklch(.7, .4, hue);
            QVERIFY(modest.isValid() && wild.isValid());
            QVERIFY(std::abs(relativeLuminance(modest) - relativeLuminance(wild)) < .16);
        }
        QCOMPARE(oklch(1, 0, 0).rgb(), mixed(Qt::white, Qt::white, 0).rgb());
        QCOMPARE(contrast(Qt::black, Qt::white), 21.0);
    }

    void everyStateHasAColourAndAGlyphOfItsOwnInsideItsBox()
    {
        QList<QImage> shapes;
        for (int state = 0; state < types::kTaskStates; ++state) {
            QVERIFY(Theme::of().state(types::TaskState(state)).isValid());
            QImage image(64, 64, QImage::Format_ARGB32_Premultiplied);
            image.fill(Qt::transparent);
            QPainter painter(&image);
            drawStateGlyph(painter, QRectF(4, 4, 56, 56), types::TaskState(state), Qt::white);
            painter.end();
            QVERIFY(!inked(image).isEmpty());
            QVERIFY(QRect(4, 4, 56, 56).contains(inked(image)));
            const auto same = [&](types::TaskState a, types::TaskState b) { return state == int(b) && shapes[int(a)] == image; };
            if (same(types::TaskState::PendingAssignment, types::TaskState::Submitted) || same(types::TaskState::Cancelled, types::TaskState::Skipped))
                image = QImage(); // one glyph for two states, on purpose
            QVERIFY(image.isNull() || !shapes.contains(image));
            shapes << image;
        }
    }

    void noColourOfThePaletteIsTheDefaults_data() { bothThemes(); }
    void noColourOfThePaletteIsTheDefaults()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        QSet<QRgb> ours;
        for (const QColor& color : tokenTable(dark)) {
            ours << color.rgb();
            ours << mixed(Theme::of().color(Token::Panel), color, kDisabledOpacity).rgb();
        }
        const QPalette palette = QApplication::palette();
        for (const auto group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled})
            for (int role = 0; role < QPalette::NColorRoles; ++role) {
                if (role == QPalette::NoRole) continue;
                QVERIFY2(ours.contains(palette.color(group, QPalette::ColorRole(role)).rgb()), qPrintable(QStringLiteral("group %1 role %2").arg(group).arg(role)));
            }
    }

    void aSwitchOfThemeIsToldOnceAndRepaints()
    {
        QSignalSpy changed(&Theme::of(), &Theme::changed);
        QPushButton button(QStringLiteral("text"));
        button.setIcon(icon(QStringLiteral("run")));
        button.resize(120, 24);
        button.show();
        QVERIFY(QTest::qWaitForWindowExposed(&button));
        const QImage before = button.grab().toImage();
        Theme::of().setMode(Theme::Mode::Light);
        QCOMPARE(changed.count(), 1);
        QVERIFY(button.grab().toImage() != before);
        Theme::of().setMode(Theme::Mode::Light);
        QCOMPARE(changed.count(), 1);
        Theme::of().setMode(Theme::Mode::Dark);
        QCOMPARE(button.grab().toImage(), before);
    }

    void anIconFollowsTheThemeWhileItIsDrawn()
    {
        const QIcon held = icon(QStringLiteral("run"), Token::Text);
        const auto ink = [&](QIcon::Mode mode, QIcon::State state) {
            const QImage image = held.pixmap(QSize(16, 16), 1, mode, state).toImage();
            return image.pixelColor(7, 8);
        };
        QCOMPARE(ink(QIcon::Normal, QIcon::Off).rgb(), color(Token::Text).rgb());
        QCOMPARE(ink(QIcon::Normal, QIcon::On).rgb(), color(Token::Accent).rgb());
        QVERIFY(ink(QIcon::Disabled, QIcon::Off).alphaF() < .5);
        Theme::of().setMode(Theme::Mode::Light);
        QCOMPARE(ink(QIcon::Normal, QIcon::Off).rgb(), color(Token::Text).rgb());
    }

    void everyIconDrawsInsideItsBoxInOneColour()
    {
        int seen = 0;
        for (QDirIterator files(QStringLiteral(":/icons")); files.hasNext(); ++seen) {
            const QString name = QFileInfo(files.next()).completeBaseName();
            QVERIFY(hasIcon(name));
            const QImage image = iconPixmap(name, 16, Qt::white, 2).toImage();
            QCOMPARE(image.size(), QSize(32, 32));
            QVERIFY2(!inked(image).isEmpty(), qPrintable(name));
            QVERIFY2(QRect(1, 1, 30, 30).contains(inked(image)), qPrintable(name)); // nothing is cut at the edge
        }
        QVERIFY(seen >= 60);
        QVERIFY(!hasIcon(QStringLiteral("no-such-icon")));
    }

    void everyIconThatCodeNamesExists()
    {
        QSet<QString> names;
        for (const char* folder : {"widgets", "app", "plugins"}) names |= iconsNamedIn(QString::fromLatin1(folder));
        QVERIFY(names.size() > 15);
        for (const QString& name : names) QVERIFY2(hasIcon(name), qPrintable(name));
    }

    void fontsAreTheBundledOnesAndFiguresAreTabular()
    {
        QCOMPARE(QFontInfo(QApplication::font()).family(), QStringLiteral("Inter Tabular"));
        for (int role = 0; role <= int(FontRole::MonoTiny); ++role) {
            const QFont& font = Theme::of().font(FontRole(role));
            QCOMPARE(QFontInfo(font).family(), role >= int(FontRole::Mono) ? QStringLiteral("JetBrains Mono") : QStringLiteral("Inter Tabular"));
            const QFontMetricsF metrics(font);
            for (int digit = 0; digit < 10; ++digit)
                QVERIFY(std::abs(metrics.horizontalAdvance(QString::number(digit)) - metrics.horizontalAdvance(QStringLiteral("0"))) < .05);
        }
        const QFontMetricsF mono(Theme::of().font(FontRole::Mono));
        QCOMPARE(mono.horizontalAdvance(QStringLiteral("=>")), 2 * mono.horizontalAdvance(QStringLiteral("x")));
    }

    void theStyleSheetIsSmallAndEveryTokenInItIsFilledIn_data() { bothThemes(); }
    void theStyleSheetIsSmallAndEveryTokenInItIsFilledIn()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        const QString sheet = styleSheet(Theme::of());
        QVERIFY(!sheet.contains(u'@'));
        QVERIFY(sheet.count(u'\n') < 150);
        QVERIFY(sheet.contains(color(Token::Accent).name()));
    }

    void theDesktopsWishIsReadFromVariantsInVariants()
    {
        const auto wrapped = [](const QVariant& value) { return QVariant::fromValue(QDBusVariant(QVariant::fromValue(QDBusVariant(value)))); };
        QCOMPARE(wantsDark(wrapped(1u)), std::optional(true));
        QCOMPARE(wantsDark(wrapped(2u)), std::optional(false));
        QCOMPARE(wantsDark(wrapped(0u)), std::nullopt);
        QCOMPARE(wantsDark(wrapped(QStringLiteral("dark"))), std::nullopt);
        QCOMPARE(wantsMotion(wrapped(false)), std::optional(false));
        QCOMPARE(wantsMotion(wrapped(1u)), std::nullopt);
    }

    void withoutABusTheSystemsThemeIsDark()
    {
        qunsetenv("DBUS_SESSION_BUS_ADDRESS");
        qputenv("XDG_RUNTIME_DIR", "/nonexistent");
        SystemScheme scheme;
        scheme.start();
        Theme::of().setMode(Theme::Mode::Light);
        Theme::of().setMode(Theme::Mode::System);
        QVERIFY(Theme::of().isDark());
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
