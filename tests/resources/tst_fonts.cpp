// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The bundled faces: there by name and weight, whatever is installed, and with figures of one width.
#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QRawFont>
#include <QTest>

namespace {

// Medium and SemiBold lie between Inter's masters, where the widths of figures are rounded apart by one unit of the em.
constexpr qreal kRounding = 1. / 64;
const QString kFolder = QStringLiteral(":/fonts/");

} // namespace

class TestFonts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eachFaceIsBundledUnderItsName_data()
    {
        QTest::addColumn<QString>("family");
        QTest::addColumn<int>("weight");
        QTest::newRow("Inter-Regular.otf") << QStringLiteral("Inter Tabular") << int(QFont::Normal);
        QTest::newRow("Inter-Medium.otf") << QStringLiteral("Inter Tabular") << int(QFont::Medium);
        QTest::newRow("Inter-SemiBold.otf") << QStringLiteral("Inter Tabular") << int(QFont::DemiBold);
        QTest::newRow("JetBrainsMono-Regular.ttf") << QStringLiteral("JetBrains Mono") << int(QFont::Normal);
        QTest::newRow("JetBrainsMono-Medium.ttf") << QStringLiteral("JetBrains Mono") << int(QFont::Medium);
    }
    void eachFaceIsBundledUnderItsName()
    {
        QFETCH(QString, family);
        QFETCH(int, weight);
        const int id = QFontDatabase::addApplicationFont(kFolder + QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(id >= 0);
        QVERIFY(QFontDatabase::applicationFontFamilies(id).contains(family));
        QFont font(family);
        font.setWeight(static_cast<QFont::Weight>(weight));
        QCOMPARE(QFontInfo(font).family(), family);
        QCOMPARE(QFontDatabase::weight(family, QFontInfo(font).styleName()), weight);
    }
    void figuresOfInterAreAllOfOneWidthAndItsLettersAreNot_data()
    {
        QTest::addColumn<int>("pixels");
        for (const char* face : {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf"})
            for (const int pixels : {11, 13, 15}) QTest::addRow("%s %d", face, pixels) << pixels;
    }
    void figuresOfInterAreAllOfOneWidthAndItsLettersAreNot()
    {
        QFETCH(int, pixels);
        const QString file = QString::fromLatin1(QTest::currentDataTag()).section(u' ', 0, 0);
        const QRawFont face(kFolder + file, pixels, QFont::PreferNoHinting);
        QVERIFY(face.isValid());
        const auto width = [&](const QString& text) {
            qreal sum = 0;
            for (const QPointF& advance : face.advancesForGlyphIndexes(face.glyphIndexesForString(text))) sum += advance.x();
            return sum;
        };
        const qreal zero = width(QStringLiteral("0"));
        QVERIFY(zero > 0);
        for (char16_t digit = u'1'; digit <= u'9'; ++digit) QVERIFY(qAbs(width(QString(digit)) - zero) <= kRounding);
        QVERIFY(width(QStringLiteral("i")) < width(QStringLiteral("m")));
        QVERIFY(face.supportsCharacter(QChar(0x00b5)) && face.supportsCharacter(QChar(0x2026)) && face.supportsCharacter(QChar(0x00d7)));
    }
    void theFamilyIsTabularEvenWhereInterItselfIsInstalled()
    {
        QVERIFY(QFontDatabase::addApplicationFont(kFolder + QStringLiteral("Inter-Regular.otf")) >= 0);
        QFont font(QStringLiteral("Inter Tabular"));
        font.setPixelSize(13);
        font.setHintingPreference(QFont::PreferNoHinting);
        QCOMPARE(QFontInfo(font).family(), QStringLiteral("Inter Tabular"));
        const QFontMetricsF metrics(font);
        const qreal zero = metrics.horizontalAdvance(u'0');
        for (char16_t digit = u'1'; digit <= u'9'; ++digit) QVERIFY(qAbs(metrics.horizontalAdvance(digit) - zero) <= kRounding);
    }
};

QTEST_MAIN(TestFonts)
#include "tst_fonts.moc"
