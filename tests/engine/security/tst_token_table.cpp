// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Join tokens at the head: good once, for a while, for whom they were made.
#include "engine/base/random.h"
#include "engine/security/token_table.h"

#include <QTest>

using namespace orrery;
using namespace orrery::security;

namespace {

constexpr TimeNs kNow = 1'764'000'000 * base::kSecond; // 2025-11-24 16:00 UTC
constexpr TimeNs kMinute = 60 * base::kSecond;

Secret secretOf(std::uint64_t n)
{
    std::array<std::byte, kSecretBytes> bytes{};
    std::memcpy(bytes.data(), &n, sizeof n);
    return Secret(bytes);
}
FreshToken fresh(std::uint64_t n)
{
    return {TokenId{n}, secretOf(n)};
}

std::string whyNot(const base::Result<TokenRow>& result)
{
    return result.ok() ? std::string() : result.error().message;
}
bool says(const std::string& sentence, std::string_view words)
{
    return sentence.find(words) != std::string::npos;
}

template <typename T>
concept HasDigest = requires(const T& value)
{
    value.secretDigest;
};

template <typename E>
int count(const TokenEffects& effects)
{
    return int(std::count_if(effects.begin(), effects.end(),
                             [](const auto& effect) { return std::holds_alternative<E>(effect); }));
}
int audits(const TokenEffects& effects, TokenAudit::What what)
{
    return int(std::count_if(effects.begin(), effects.end(), [&](const auto& effect) {
        const auto* audit = std::get_if<TokenAudit>(&effect);
        return audit && audit->what == what;
    }));
}

// A control store: what the effects leave behind.
struct Store {
    std::map<TokenId, TokenRow> rows;
    void take(const TokenEffects& effects)
    {
        for (const auto& effect : effects) {
            if (const auto* keep = std::get_if<KeepToken>(&effect)) rows[keep->row.id] = keep->row;
            if (const auto* drop = std::get_if<DropToken>(&effect)) rows.erase(drop->id);
        }
    }
    std::vector<TokenRow> all() const
    {
        std::vector<TokenRow> list;
        for (const auto& [id, row] : rows) list.push_back(row);
        return list;
    }
};

} // namespace

class TestTokenTable : public QObject {
    Q_OBJECT
    TokenEffects m_out;
    std::string spend(TokenTable& table, std::uint64_t n, TimeNs at, std::string_view name = {})
    {
        return whyNot(table.spend(TokenId{n}, secretOf(n), name, "N-1 on host", at, m_out));
    }
    void make(TokenTable& table, std::uint64_t n, TimeNs at = kNow, TokenWish wish = {})
    {
        const auto made = table.create(wish, fresh(n), at, m_out);
        QVERIFY2(made.ok(), made.ok() ? "" : made.error().message.c_str());
    }

private Q_SLOTS:
    void init() { m_out.clear(); }

    void aTokenIsGoodOnceForAQuarterOfAnHour()
    {
        TokenTable table;
        make(table, 1);
        QCOMPARE(count<KeepToken>(m_out), 1);
        QCOMPARE(audits(m_out, TokenAudit::What::Made), 1);
        const auto row = table.spend(TokenId{1}, secretOf(1), "", "N-7 on rack2", kNow + kMinute, m_out);
        QVERIFY(row.ok());
        QVERIFY(row->state == TokenState::Used && row->usedBy == "N-7 on rack2" && row->endedWallNs == kNow + kMinute);
        const auto why = spend(table, 1, kNow + 2 * kMinute);
        QVERIFY2(says(why, "was used at 2025-11-24 16:01 UTC by N-7 on rack2"), why.c_str());
        make(table, 2);
        QCOMPARE(spend(table, 2, kNow + kTokenLife - 1), std::string());
        make(table, 3);
        QVERIFY(says(spend(table, 3, kNow + kTokenLife), "expired at 2025-11-24 16:15 UTC"));
        QCOMPARE(table.audit(kNow), std::string());
    }

    void eachReasonIsOneSentenceOfItsOwn()
    {
        TokenTable table;
        make(table, 1);
        make(table, 2);
        make(table, 3, kNow, {.nodeName = "rack2"});
        QVERIFY(table.revoke(TokenId{2}, kNow, m_out).ok());
        QVERIFY(says(spend(table, 9, kNow), "does not know the join token"));
        QVERIFY(says(whyNot(table.spend(TokenId{1}, secretOf(2), "", "x", kNow, m_out)),
                     "secret of the join token is wrong"));
        QVERIFY(says(spend(table, 2, kNow), "was revoked at 2025-11-24 16:00 UTC"));
        QVERIFY(says(spend(table, 3, kNow, "rack3"), "of the name rack2 only"));
        QVERIFY(says(spend(table, 3, kNow, ""), "of the name rack2 only"));
        QCOMPARE(spend(table, 3, kNow, "rack2"), std::string());
        QCOMPARE(audits(m_out, TokenAudit::What::Denied), 5);
        QCOMPARE(spend(table, 1, kNow), std::string());
    }

    void whatBecameOfATokenIsToldOnlyToWhoHasItsSecret()
    {
        TokenTable table;
        make(table, 1);
        make(table, 2);
        QCOMPARE(spend(table, 1, kNow), std::string());
        QVERIFY(table.revoke(TokenId{2}, kNow, m_out).ok());
        for (const std::uint64_t id : {1, 2})
            QVERIFY(says(whyNot(table.spend(TokenId{id}, secretOf(77), "", "x", kNow, m_out)),
                         "secret of the join token is wrong"));
        QVERIFY(table.known(TokenId{1}, secretOf(1)) && !table.known(TokenId{1}, secretOf(2)) &&
                !table.known(TokenId{3}, secretOf(3)));
    }

    void nothingThatIsShownOrKeptHoldsASecret()
    {
        TokenTable table;
        make(table, 0x4242424242424242);
        const auto keep = std::get<KeepToken>(m_out[0]);
        QVERIFY(keep.row.secretDigest == secretOf(0x4242424242424242).digest());
        QVERIFY(std::memcmp(keep.row.secretDigest.data(), secretOf(0x4242424242424242).bytes().data(), kSecretBytes) !=
                0);
        (void)table.spend(TokenId{1}, secretOf(0x4343434343434343), "", "x", kNow, m_out);
        for (const auto& effect : m_out)
            if (const auto* audit = std::get_if<TokenAudit>(&effect))
                QVERIFY2(!says(audit->text, "BBBB") && !says(audit->text, "CCCC") && !says(audit->text, "4343"),
                         audit->text.c_str());
        static_assert(!HasDigest<TokenLine> && HasDigest<TokenRow>);
        const auto lines = table.list(kNow);
        QCOMPARE(lines.size(), std::size_t(1));
        QVERIFY(lines[0].id == TokenId{0x4242424242424242} && lines[0].state == TokenState::Open && !lines[0].expired);
        QVERIFY(table.list(kNow + kTokenLife)[0].expired);
    }

    void wishesThatMakeNoSenseAreRefused()
    {
        TokenTable table;
        for (const auto& wish : {TokenWish{.role = Role::Head},
                                 {.role = static_cast<Role>(9)},
                                 {.lifeNs = 0},
                                 {.lifeNs = -1},
                                 {.lifeNs = kTokenLifeMax + 1},
                                 {.nodeName = "a b"},
                                 {.nodeName = std::string(65, 'a')},
                                 {.nodeName = "\x1b[31m"}})
            QVERIFY(!table.create(wish, fresh(1), kNow, m_out).ok());
        QVERIFY(m_out.empty() && table.size() == 0);
        make(table, 1, kNow, {.role = Role::Operator, .lifeNs = kTokenLifeMax, .nodeName = "a-b.c_1"});
        QVERIFY(!table.create({}, fresh(1), kNow, m_out).ok()); // the same id
        QVERIFY(!table.revoke(TokenId{5}, kNow, m_out).ok());
    }

    void enrolmentIsOpenAsLongAsATokenCanBeSpent()
    {
        TokenTable table;
        QVERIFY(!table.enrolmentOpen(kNow));
        QCOMPARE(table.nextChangeWallNs(kNow), TimeNs{-1});
        make(table, 1);
        make(table, 2, kNow, {.lifeNs = kMinute});
        QVERIFY(table.enrolmentOpen(kNow));
        QCOMPARE(table.nextChangeWallNs(kNow), kNow + kTokenLife);
        QVERIFY(table.enrolmentOpen(kNow + kTokenLife - 1) && !table.enrolmentOpen(kNow + kTokenLife));
        QCOMPARE(spend(table, 1, kNow), std::string());
        QCOMPARE(table.nextChangeWallNs(kNow), kNow + kMinute);
        table.giveBack(TokenId{1});
        QCOMPARE(table.nextChangeWallNs(kNow), kNow + kTokenLife);
        QVERIFY(table.revoke(TokenId{1}, kNow, m_out).ok());
        QVERIFY(table.revoke(TokenId{2}, kNow, m_out).ok());
        QVERIFY(!table.enrolmentOpen(kNow));
        QCOMPARE(table.nextChangeWallNs(kNow), TimeNs{-1});
    }

    void aTokenThatIsGivenBackIsAsGoodAsBefore()
    {
        TokenTable table;
        make(table, 1);
        QCOMPARE(spend(table, 1, kNow), std::string());
        table.giveBack(TokenId{1});
        table.giveBack(TokenId{1}); // doubled
        table.giveBack(TokenId{9}); // of nothing
        QCOMPARE(spend(table, 1, kNow), std::string());
        QVERIFY(!table.revoke(TokenId{1}, kNow, m_out).ok()); // too late, and said so
        QCOMPARE(table.audit(kNow), std::string());
    }

    void tenFailuresWithinAMinuteCloseEnrolmentUntilAPersonMakesANewToken()
    {
        TokenTable table;
        make(table, 1);
        for (int i = 0; i < 9; ++i) QVERIFY(!spend(table, 100, kNow + i * base::kSecond).empty());
        QVERIFY(table.enrolmentOpen(kNow + 9 * base::kSecond));
        QVERIFY(says(spend(table, 100, kNow + 9 * base::kSecond), "does not know"));
        QVERIFY(!table.enrolmentOpen(kNow + 9 * base::kSecond));
        QVERIFY(table.closedByFailures());
        QCOMPARE(table.nextChangeWallNs(kNow), TimeNs{-1});
        QCOMPARE(audits(m_out, TokenAudit::What::Closed), 1);
        QVERIFY(
            says(spend(table, 1, kNow + kMinute), "Joining was closed at 2025-11-24 16:00 UTC")); // the right one too
        const auto before = m_out.size();
        for (int i = 0; i < 1000; ++i) QVERIFY(!spend(table, 100, kNow + kMinute).empty());
        QCOMPARE(m_out.size(), before); // a peer does not fill the audit
        make(table, 2, kNow + kMinute);
        QVERIFY(table.enrolmentOpen(kNow + kMinute));
        QCOMPARE(spend(table, 1, kNow + kMinute), std::string());
    }

    void failuresThatAreFurtherApartCloseNothing()
    {
        TokenTable table;
        make(table, 1, kNow, {.lifeNs = kTokenLifeMax});
        for (int i = 0; i < 500; ++i)
            QVERIFY(says(spend(table, 100, kNow + i * (kFailuresWindow / 9 + 1)), "does not know"));
        QVERIFY(!table.closedByFailures());
        QCOMPARE(table.audit(kNow), std::string());
        // A clock that goes back does not help who tries.
        TokenTable other;
        make(other, 1);
        for (int i = 0; i < 10; ++i) (void)spend(other, 100, kNow - i * kMinute);
        QVERIFY(other.closedByFailures());
    }

    void tokensAreBoundedAndTheOldestOfThoseThatAreOverAreForgotten()
    {
        TokenTable table;
        Store store;
        for (std::uint64_t n = 1; n <= kTokensOpenMax; ++n) make(table, n);
        const auto more = table.create({}, fresh(1000), kNow, m_out);
        QVERIFY(!more.ok() && says(more.error().message, "revoke some"));
        QVERIFY(table.create({}, fresh(1000), kNow + kTokenLife, m_out).ok()); // the others have expired
        TimeNs at = kNow + kTokenLife;
        for (std::uint64_t n = 2000; n < 3000; ++n) {
            at += kMinute;
            make(table, n, at);
            QCOMPARE(spend(table, n, at), std::string());
            QCOMPARE(table.audit(at), std::string());
            QVERIFY(table.size() <= kTokensOpenMax + kTokensEndedMax);
        }
        QVERIFY(says(spend(table, 2999, at), "was used at"));
        QVERIFY(says(spend(table, 2800, at), "was used at"));
        QVERIFY(says(spend(table, 2100, at), "does not know"));
        QVERIFY(count<DropToken>(m_out) > 700);
    }

    void aTableOfStoredRowsGoesOnWhereTheLastStopped()
    {
        TokenTable table;
        Store store;
        make(table, 1);
        make(table, 2);
        make(table, 3);
        make(table, 4, kNow, {.nodeName = "rack2"});
        QVERIFY(table.revoke(TokenId{2}, kNow, m_out).ok());
        store.take(m_out);
        const auto row = table.spend(TokenId{1}, secretOf(1), "", "N-7 on rack2", kNow, m_out);
        store.rows[TokenId{1}] = *row; // with its certificate, by the enroller
        m_out.clear();
        auto next = TokenTable::restore(store.all(), kNow + kMinute, m_out);
        QVERIFY(m_out.empty());
        QVERIFY(next.enrolmentOpen(kNow + kMinute));
        QVERIFY(says(spend(next, 1, kNow + kMinute), "by N-7 on rack2"));
        QVERIFY(says(spend(next, 2, kNow + kMinute), "was revoked"));
        QCOMPARE(spend(next, 3, kNow + kMinute), std::string());
        QVERIFY(says(spend(next, 4, kNow + kMinute, "rack3"), "of the name rack2"));
        // More rows than are kept: the oldest go, from the store too.
        std::vector<TokenRow> many;
        for (std::uint64_t n = 1; n <= 1000; ++n)
            many.push_back({TokenId{n},
                            {},
                            Role::Node,
                            "",
                            kNow + TimeNs(n),
                            kNow + TimeNs(n),
                            kNow + TimeNs(n),
                            TokenState::Revoked,
                            ""});
        m_out.clear();
        const auto bounded = TokenTable::restore(many, kNow, m_out);
        QCOMPARE(bounded.size(), kTokensEndedMax);
        QCOMPARE(count<DropToken>(m_out), int(1000 - kTokensEndedMax));
        QVERIFY(std::get<DropToken>(m_out[0]).id == TokenId{1});
    }

    // Random deeds against what the rules say in one line each; the store is followed, and a new head begins from it
    // now and then.
    void whateverIsDoneTheTableAndItsStoreAgree()
    {
        const std::uint64_t seed =
            qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : 1;
        qInfo("ORRERY_SEED=%llu", static_cast<unsigned long long>(seed));
        base::Random random(seed);
        TokenTable table;
        Store store;
        std::map<std::uint64_t, std::pair<TimeNs, bool>> good; // token -> until when; spent or revoked: erased
        TimeNs now = kNow;
        std::uint64_t last = 0;
        int spent = 0, restarts = 0;
        for (int step = 0; step < 30'000; ++step) {
            now += TimeNs(random.below(30)) * base::kSecond;
            m_out.clear();
            const std::uint64_t n = last == 0 ? 1 : last - random.below(std::min<std::uint64_t>(last, 30));
            const bool could = good.contains(n) && now < good[n].first;
            switch (random.below(6)) {
            case 0: {
                const TimeNs life = TimeNs(1 + random.below(1200)) * base::kSecond;
                if (table.create({.lifeNs = life}, fresh(last + 1), now, m_out).ok()) good[++last] = {now + life, true};
                break;
            }
            case 1: {
                if (random.chance(0.7)) break;
                const bool done = table.revoke(TokenId{n}, now, m_out).ok();
                QVERIFY(done || !could);
                if (done) good.erase(n);
                break;
            }
            case 2:
            case 3: {
                const bool closed = table.closedByFailures();
                const auto row = table.spend(TokenId{n}, secretOf(n), "", "N-1 on host", now, m_out);
                QCOMPARE(row.ok(), could && !closed);
                if (!row) break;
                if (random.chance(0.3)) table.giveBack(TokenId{n}); // the disk was full
                else {
                    store.rows[row->id] = *row;
                    good.erase(n);
                    ++spent;
                }
                break;
            }
            case 4: QVERIFY(!table.spend(TokenId{n}, secretOf(n + 1), "", "x", now, m_out).ok()); break;
            case 5: {
                if (!random.chance(0.1)) break;
                ++restarts;
                table = TokenTable::restore(store.all(), now, m_out);
                break;
            }
            }
            store.take(m_out);
            QCOMPARE(table.audit(now), std::string());
            bool open = false;
            for (const auto& [id, until] : good) open = open || now < until.first;
            QCOMPARE(table.enrolmentOpen(now), open && !table.closedByFailures());
            const TimeNs change = table.nextChangeWallNs(now);
            QCOMPARE(change >= 0, table.enrolmentOpen(now));
            if (change >= 0) QVERIFY(table.enrolmentOpen(change - 1) && !table.enrolmentOpen(change));
            QCOMPARE(store.rows.size(), table.size());
        }
        qInfo("%d spent, %llu made, %d heads", spent, static_cast<unsigned long long>(last), restarts);
        QVERIFY(spent > 300 && restarts > 100);
    }
};

QTEST_GUILESS_MAIN(TestTokenTable)
#include "tst_token_table.moc"
