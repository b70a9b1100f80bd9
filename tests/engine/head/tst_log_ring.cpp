// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/log_ring.h"

#include <QtTest/QTest>

using orrery::head::LogRing;
using orrery::types::LogLine;

namespace {
LogLine line(std::string text)
{
    LogLine made;
    made.text = std::move(text);
    return made;
}
} // namespace

class tst_log_ring : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void linesKeepTheirNumbersWhenOlderOnesGo()
    {
        LogRing ring(3);
        for (int i = 1; i <= 5; ++i) ring.add(line("line " + std::to_string(i)));
        QCOMPARE(ring.first(), 3u);
        QCOMPARE(ring.next(), 6u);
        QCOMPARE(ring.dropped(), 2u);
        QCOMPARE(ring.at(3).text, std::string("line 3"));
        QCOMPARE(ring.at(5).text, std::string("line 5"));
        QCOMPARE(ring.audit(), std::string());
    }
    void bytesAreBoundedToo()
    {
        LogRing ring(1000, 1000);
        for (int i = 0; i < 50; ++i) ring.add(line(std::string(68, 'x')));
        QVERIFY(ring.bytes() <= 1000);
        QCOMPARE(ring.lines().size(), 10u);
        QCOMPARE(ring.dropped(), 40u);
        QCOMPARE(ring.audit(), std::string());
    }
    void aLineThatIsTooLongIsCutBetweenCharacters()
    {
        LogRing ring;
        std::string text(orrery::head::kLogLineBytesMax - 1, 'a');
        for (int i = 0; i < 100; ++i) text += "\xe2\x82\xac"; // three bytes each, the first one astride the bound
        ring.add(line(text));
        const std::string& kept = ring.at(1).text;
        QVERIFY(kept.size() < orrery::head::kLogLineBytesMax + 64);
        QVERIFY(QString::fromStdString(kept).contains(QStringLiteral("bytes cut")));
        QVERIFY(!QString::fromStdString(kept).contains(QChar::ReplacementCharacter));
    }
};

QTEST_GUILESS_MAIN(tst_log_ring)
#include "tst_log_ring.moc"
