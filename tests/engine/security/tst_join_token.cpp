// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The text that a person carries to a new machine: read as it was written, or not at all.
#include "engine/base/random.h"
#include "engine/security/join_token.h"

#include <fmt/format.h>

#include <QDebug>
#include <QTest>

#include <set>

using namespace orrery;
using security::formatToken;
using security::JoinToken;
using security::parseToken;

namespace {

JoinToken sample(std::vector<std::string> endpoints = {"10.0.0.7:7777", "[fd00::7]:7777", "head.example:65535"})
{
    JoinToken token;
    std::array<std::byte, security::kSecretBytes> secret{};
    for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = std::byte(0xa0 + i);
    for (std::size_t i = 0; i < token.pin.size(); ++i) token.pin[i] = std::byte(7 * i);
    token.id.bits = 0x0123456789abcdef;
    token.secret = security::Secret(secret);
    token.endpoints = std::move(endpoints);
    return token;
}

std::string textOf(const JoinToken& token)
{
    auto text = formatToken(token);
    if (!text) qFatal("%s", text.error().message.c_str());
    return *text;
}

bool same(const JoinToken& a, const JoinToken& b)
{
    return a.pin == b.pin && a.id == b.id && security::sameDigest(a.secret.digest(), b.secret.digest()) &&
           a.endpoints == b.endpoints;
}

// A token's text around any bytes, its sum right: by the other road of RFC 4648 than the engine's, so that two have to
// be wrong.
std::string packed(std::string bytes)
{
    std::uint32_t crc = 0xffffffff;
    for (const char c : bytes)
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (((crc ^ (static_cast<unsigned char>(c) >> bit)) & 1) ? 0xedb88320u : 0u);
    for (int shift = 24; shift >= 0; shift -= 8) bytes += char(~crc >> shift);
    std::string bits;
    for (const char c : bytes)
        for (int bit = 7; bit >= 0; --bit) bits += (c >> bit & 1) ? '1' : '0';
    while (bits.size() % 5) bits += '0';
    std::string text = "orr1_";
    for (std::size_t at = 0; at < bits.size(); at += 5)
        text += "abcdefghijklmnopqrstuvwxyz234567"[std::stoi(bits.substr(at, 5), nullptr, 2)];
    return text;
}

template <typename T>
concept Streams = requires(QDebug debug, std::ostream& out, const T& value)
{
    debug << value;
}
|| requires(std::ostream& out, const T& value)
{
    out << value;
};

} // namespace

class TestJoinToken : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aTokenIsReadAsItWasWritten()
    {
        const auto token = sample();
        const auto text = textOf(token);
        QVERIFY(text.starts_with("orr1_"));
        QCOMPARE(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 5), std::string::npos);
        const auto read = parseToken(text);
        QVERIFY2(read.ok(), read.ok() ? "" : read.error().message.c_str());
        QVERIFY(same(*read, token));
        QVERIFY(same(*parseToken("\r\n  " + text + " \n"), token)); // as it comes out of a terminal
        QCOMPARE(textOf(*read), text);
    }

    void aTokenForOneHeadIsShortEnoughForALine()
    {
        const auto text = textOf(sample({"192.168.100.100:7777"}));
        qInfo("%zu characters", text.size());
        QVERIFY(text.size() <= 150);
    }

    void theBytesAreTheOnesThatTheHeaderSays()
    {
        // Made once with another base32 and another CRC-32: a token of today is read by an Orrery of tomorrow.
        QCOMPARE(textOf(sample({"h:1"})), std::string("orr1_"
                                                      "aeaaodqvdqrsumjyh5de2vc3mjuxa536qwgjhgvbvcx3npoezpjnsajdivtytk6n"
                                                      "56qkdivduss2nj5ivgvkxlfnv2x3bmnswmaqg2b2gggxxy25"));
    }

    void everyChangeOfOneCharacterIsRefused()
    {
        for (const auto& endpoints :
             {std::vector<std::string>{"h:1"}, {"10.0.0.7:7777"}, {"ab:12"}, {"a.b:1", "abc:7"}, {"abcd:7"}})
        { // every number of bits left over
            const auto text = textOf(sample(endpoints));
            std::size_t tried = 0;
            for (std::size_t at = 0; at < text.size(); ++at)
                for (int c = 0; c < 256; ++c) {
                    if (char(c) == text[at]) continue;
                    std::string wrong = text;
                    wrong[at] = char(c);
                    QVERIFY2(!parseToken(wrong).ok(),
                             qPrintable(QStringLiteral("character %1 of %2 as %3").arg(at).arg(text.size()).arg(c)));
                    ++tried;
                }
            QCOMPARE(tried, text.size() * 255);
        }
    }

    void everyLostAddedOrSwappedCharacterIsRefused()
    {
        const auto text = textOf(sample());
        for (std::size_t at = 0; at < text.size(); ++at) {
            QVERIFY(!parseToken(text.substr(0, at)).ok());
            QVERIFY(!parseToken(text.substr(0, at) + text.substr(at + 1)).ok());
            for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz234567"))
                QVERIFY(!parseToken(text.substr(0, at) + c + text.substr(at)).ok());
            if (at + 1 < text.size() && text[at] != text[at + 1]) {
                std::string swapped = text;
                std::swap(swapped[at], swapped[at + 1]);
                QVERIFY(!parseToken(swapped).ok());
            }
        }
        QVERIFY(!parseToken(text + "a").ok());
        QVERIFY(!parseToken(text + text).ok());
    }

    void noMutationIsReadAsAnotherTokenOrDoesHarm()
    {
        const std::uint64_t seed =
            qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : 1;
        qInfo("ORRERY_SEED=%llu", static_cast<unsigned long long>(seed));
        base::Random random(seed);
        const auto text = textOf(sample());
        int read = 0; // with white space more around it
        for (int round = 0; round < 200'000; ++round) {
            std::string wrong = text;
            for (auto n = 1 + random.below(8); n > 0; --n) {
                const auto at = random.below(wrong.size() + 1);
                switch (random.below(5)) {
                case 0:
                    if (at < wrong.size()) wrong[at] = char(random.below(256));
                    break;
                case 1:
                    if (at < wrong.size()) wrong[at] = "abcdefghijklmnopqrstuvwxyz234567"[random.below(32)];
                    break;
                case 2: wrong.insert(at, 1, char(random.below(256))); break;
                case 3: wrong.erase(at, random.below(20)); break;
                case 4: wrong.insert(at, text.substr(random.below(text.size()), random.below(40))); break;
                }
            }
            if (wrong == text) continue;
            const auto token = parseToken(wrong);
            if (!token) continue;
            ++read;
            QVERIFY2(QByteArray::fromStdString(wrong).trimmed().toStdString() == text, wrong.c_str());
            QVERIFY(same(*token, sample()));
        }
        QVERIFY2(read < 20, qPrintable(QString::number(read)));
    }

    void aTextThatIsTooLongIsRefusedBeforeItIsRead()
    {
        QVERIFY(!parseToken("orr1_" + std::string(100'000'000, 'a')).ok());
        QVERIFY(!parseToken(std::string(1'000'000, ' ')).ok());
        QVERIFY(!parseToken("").ok());
        QVERIFY(!parseToken("orr1_").ok());
        std::vector<std::string> longest(security::kEndpointsMax,
                                         std::string(security::kEndpointBytesMax - 5, 'h').append(":7777"));
        const auto text = textOf(sample(longest));
        QCOMPARE(text.size(), security::kTokenTextMax);
        QVERIFY(same(*parseToken(text), sample(longest)));
    }

    void aRightSumDoesNotHelpContentsThatAreWrong()
    {
        const std::string head(1 + 32 + 8 + security::kSecretBytes, '\1'); // version 1, whatever else
        const auto with = [&](const std::string& rest) { return parseToken(packed(head + rest)); };
        QVERIFY(with(std::string("\1\3h:1", 5)).ok());
        for (const auto& rest : {std::string("\0", 1), std::string("\0\3h:1", 5), std::string("\1\4h:1", 5),
                                 std::string("\2\3h:1", 5), std::string("\1\2h:1", 5), std::string("\1\3h:1x", 6),
                                 std::string("\1\0\3h:1", 6), std::string("\1\3h:0", 5),
                                 std::string("\1\3h\0"
                                             "1",
                                             5),
                                 std::string("\1\xff") + std::string(253, 'h') + ":1", std::string("\xff\3h:1", 5),
                                 std::string("\11") + std::string("\3h:1\3h:1\3h:1\3h:1\3h:1\3h:1\3h:1\3h:1\3h:1"),
                                 std::string("\1\3\xc3\xa9:", 5)})
            QVERIFY2(!with(rest).ok(), qPrintable(QString::fromLatin1(QByteArray::fromStdString(rest).toHex())));
        QVERIFY(!parseToken(packed("")).ok());
        QVERIFY(!parseToken(packed(head)).ok());
        QVERIFY(!parseToken(packed(head.substr(0, 30))).ok());
        std::string newer = head;
        newer[0] = 2;
        QVERIFY(parseToken(packed(newer + std::string("\1\3h:1", 5))).error().message.find("newer Orrery") !=
                std::string::npos);
    }

    void anAddressIsAHostAndAPort()
    {
        for (const auto* good :
             {"h:1", "10.0.0.7:65535", "[::1]:7", "[fd00::7]:7777", "[::ffff:10.0.0.7]:1", "head-1.example:7777"})
            QVERIFY2(security::isEndpoint(good), good);
        constexpr std::string_view kBad[] = {
            "",           "h",     "h:",      ":1",     "h:0",  "h:01",    "h:65536", "h:999999999999999999999",
            "h:1x",       "h h:1", "h/h:1",   "[::1:1", "[]:1", "[abc]:1", "::1:1",   "[fe80::1%eth0]:1",
            {"h\0:1", 4}, "h:1\n", "user@h:1"};
        for (const auto bad : kBad) QVERIFY2(!security::isEndpoint(bad), std::string(bad).c_str());
        QVERIFY(!security::isEndpoint(std::string(security::kEndpointBytesMax, 'h').append(":1")));
        QVERIFY(!formatToken(sample(std::vector<std::string>())).ok());
        QVERIFY(!formatToken(sample(std::vector<std::string>(security::kEndpointsMax + 1, "h:1"))).ok());
        QVERIFY(!formatToken(sample({"h:1", "h"})).ok());
    }

    void aTokenOfANewerOrreryIsSaidToBeThat()
    {
        auto text = textOf(sample());
        text[3] = '2';
        QVERIFY(parseToken(text).error().message.find("newer Orrery") != std::string::npos);
        QVERIFY(parseToken("hello").error().message.find("begins with orr1_") != std::string::npos);
    }

    void nothingOfATokenGetsIntoALog()
    {
        static_assert(!fmt::is_formattable<JoinToken>::value && !fmt::is_formattable<security::Secret>::value);
        static_assert(!Streams<JoinToken> && !Streams<security::Secret> && Streams<int>);
        const auto token = sample();
        const auto text = textOf(token);
        QCOMPARE(token.label(), std::string("orr1_... (0123456789abcdef)"));
        for (std::size_t at = 0; at < text.size(); ++at) {
            std::string wrong = text;
            wrong[at] = '!';
            const auto read = parseToken(wrong);
            QVERIFY(!read.ok());
            for (std::size_t from = 5; from + 8 <= text.size(); ++from)
                QVERIFY(read.error().message.find(text.substr(from, 8)) == std::string::npos);
        }
    }

    void twoFreshTokensHaveNothingInCommon()
    {
        std::set<std::uint64_t> ids;
        std::set<std::string> secrets;
        for (int i = 0; i < 1000; ++i) {
            const auto fresh = security::freshToken();
            QVERIFY(fresh.ok());
            QVERIFY(ids.insert(fresh->id.bits).second);
            QVERIFY(secrets.insert(security::hexOf(fresh->secret.bytes())).second);
        }
    }
};

QTEST_GUILESS_MAIN(TestJoinToken)
#include "tst_join_token.moc"
