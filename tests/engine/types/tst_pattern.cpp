// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/random.h"
#include "engine/types/pattern.h"

#include <QTest>

#include <regex>

using namespace orrery;
using types::Pattern;

namespace {

bool found(const std::string& pattern, const std::string& text)
{
    auto made = Pattern::compile(pattern);
    if (!made.ok()) qFatal("%s: %s", pattern.c_str(), made.error().message.c_str());
    return made->foundIn(text);
}

// A small random pattern that std::regex reads the same way.
std::string anyPattern(base::Random& random, int depth)
{
    static const char* const kAtoms[] = {"a", "B", "c", ".", "[ab]", "[^a]", "\\d", "\\w", "\\.", "[a-c]", "1", "\\S"};
    std::string made;
    for (auto parts = 1 + random.below(3); parts > 0; --parts) {
        if (depth > 0 && random.chance(0.3)) made += "(" + anyPattern(random, depth - 1) + ")";
        else made += kAtoms[random.below(std::size(kAtoms))];
        if (random.chance(0.4)) made += "*+?"[random.below(3)];
        if (random.chance(0.15)) made += "|";
    }
    if (made.back() == '|') made += "a";
    return made;
}

std::string anyText(base::Random& random)
{
    std::string made;
    for (auto length = random.below(9); length > 0; --length) made += "abcABC1. "[random.below(9)];
    return made;
}

} // namespace

class TstPattern : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void findsAnywhereInAnyCase()
    {
        QVERIFY(found("blur", "imaging.Blur"));
        QVERIFY(!found("blur", "imaging.edges"));
        QVERIFY(found("render \\[1[0-3]\\]", "render [12]"));
        QVERIFY(!found("render \\[1[0-3]\\]", "render [14]"));
        QVERIFY(found("", "anything"));
        QVERIFY(found("a[-x]b", "a-b"));
        QVERIFY(found("[]]", "]"));
        QVERIFY(found("[A-F]+", "deadbeef"));
    }
    void anchorsBindTheWholePattern()
    {
        QVERIFY(found("^ab", "abc"));
        QVERIFY(!found("^b", "abc"));
        QVERIFY(found("bc$", "abc"));
        QVERIFY(!found("b$", "abc"));
        QVERIFY(found("^a|b$", "b"));
        QVERIFY(!found("^a|b$", "ac"));
        QVERIFY(found("^$", ""));
        QVERIFY(!found("^$", "x"));
        QVERIFY(found("^a*$", ""));
        QVERIFY(!found("^a*$", "ab"));
        QVERIFY(found("a\\$", "a$"));
        QVERIFY(found("a\\\\$", "xa\\"));
    }
    void agreesWithTheStandardLibrary()
    {
        base::Random random(20240611);
        for (int i = 0; i < 3000; ++i) {
            const std::string pattern = (random.chance(0.2) ? "^(" : "(") + anyPattern(random, 2) + (random.chance(0.2) ? ")$" : ")");
            const std::regex oracle(pattern, std::regex::icase);
            for (int k = 0; k < 6; ++k) {
                const std::string text = anyText(random);
                if (found(pattern, text) != std::regex_search(text, oracle)) QFAIL(qPrintable(QStringLiteral("%1 in \"%2\"").arg(QString::fromStdString(pattern), QString::fromStdString(text))));
            }
        }
    }
    void whatIsWrongIsSaid_data()
    {
        QTest::addColumn<QByteArray>("pattern");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("open group") << QByteArray("(a") << QByteArray("not closed");
        QTest::newRow("closing nothing") << QByteArray("a)b") << QByteArray("closes nothing");
        QTest::newRow("open class") << QByteArray("[a") << QByteArray("not closed");
        QTest::newRow("empty class") << QByteArray("[]") << QByteArray("not closed");
        QTest::newRow("class cut after ^") << QByteArray("[^") << QByteArray("not closed");
        QTest::newRow("range") << QByteArray("[z-a]") << QByteArray("backwards");
        QTest::newRow("nothing to repeat") << QByteArray("a|*") << QByteArray("nothing for \"*\"");
        QTest::newRow("begin only") << QByteArray("+") << QByteArray("nothing for \"+\"");
        QTest::newRow("slash at the end") << QByteArray("a\\") << QByteArray("ends it");
        QTest::newRow("slash at the end of a class") << QByteArray("[a\\") << QByteArray("ends it");
        QTest::newRow("unknown escape") << QByteArray("\\b") << QByteArray("not known");
        QTest::newRow("anchor inside") << QByteArray("a$b") << QByteArray("only at the end");
        QTest::newRow("caret inside") << QByteArray("a(^b)") << QByteArray("only at the begin");
        QTest::newRow("65 positions") << QByteArray(65, 'a') << QByteArray("too long");
        QTest::newRow("bytes") << QByteArray(513, '*') << QByteArray("at most 512 bytes");
        QTest::newRow("depth") << QByteArray(100, '(') + "a" + QByteArray(100, ')') << QByteArray("nested too deep");
    }
    void whatIsWrongIsSaid()
    {
        QFETCH(QByteArray, pattern);
        QFETCH(QByteArray, says);
        const auto made = Pattern::compile(pattern.toStdString());
        QVERIFY(!made.ok());
        QVERIFY2(QByteArray::fromStdString(made.error().message).contains(says), made.error().message.c_str());
    }
    void theLongestIsStillRead()
    {
        const std::string most(64, 'a');
        QVERIFY(found(most, "b" + most));
        QVERIFY(!found(most, most.substr(1)));
    }
    // Exponential for a matcher that tries one way after the other, and as deep as the text is long.
    void theWorstPatternIsLinearInTheText()
    {
        const std::string text(1'000'000, 'a');
        QVERIFY(!found("(a*)*(a+)+(a|a|aa)*b", text));
    }
};

QTEST_GUILESS_MAIN(TstPattern)
#include "tst_pattern.moc"
