// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// How a machine becomes a member: with a token, once, and never without being recorded.
#include "engine/base/random.h"
#include "engine/security/enroller.h"
#include "tests/engine/security/security_samples.h"

#include <QTest>

using namespace orrery;
using namespace orrery::samples;
using namespace orrery::security;

namespace {

constexpr base::Hash128 kFresh{7, 8};

} // namespace

class TestEnroller : public QObject {
    Q_OBJECT
    // A head's side.
    struct Head {
        Authority authority = need(Authority::make(kCluster, kNow));
        TokenTable tokens;
        TokenEffects out;
        int signedOnes = 0;
        Enroller enroller{tokens, authority.trust().pem(),
                          [this](std::span<const std::byte> der, Role role, const std::string& id, TimeNs now) {
                              ++signedOnes;
                              return authority.issue(der, role, id, now);
                          }};
        FreshToken fresh = need(freshToken());
        explicit Head(const TokenWish& wish = {}) { need(tokens.create(wish, fresh, kNow, out)); }
        EnrolRequest request(const base::Bytes& der, std::string name = "rack2") const
        {
            return {fresh.id, fresh.secret, der, "host-2.example", std::move(name)};
        }
    };
    static base::Bytes newRequest() { return need(makeRequest(need(makeKey()).get())); }

private Q_SLOTS:
    void aMachineJoinsWithNothingButItsToken()
    {
        Head head;
        JoinToken made{head.authority.trust().pin(), head.fresh.id, head.fresh.secret, {"10.0.0.7:7777"}};
        // The person carries the text; the rest is the joiner's.
        const auto token = need(parseToken(need(formatToken(made))));
        const Folder folder;
        const EnrolRequest request{token.id, token.secret, need(Identity::request(folder.path)), "host-2", "rack2"};
        const auto arrived = need(enrolRequestFrom(toBytes(request)));

        auto outcome = head.enroller.enrol(arrived, kFresh, kNow, head.out);
        QVERIFY(outcome.durableFirst.has_value());
        const auto& record = *outcome.durableFirst;
        QVERIFY(record.token.state == TokenState::Used && record.token.id == token.id);
        QCOMPARE(record.certificate.who, (PeerIdentity{kCluster, Role::Node, base::NodeId{kFresh}.text()}));
        QVERIFY(record.certificate.token == token.id && record.certificate.host == "host-2" &&
                record.certificate.nodeName == "rack2");
        QCOMPARE(record.certificate.notAfterWallNs, kNow + kMemberLife);
        const auto reply = need(enrolReplyFrom(toBytes(head.enroller.recorded(token.id, "", kNow, head.out))));
        QVERIFY(reply == *outcome.reply);

        const auto trust = need(Trust::pinned(reply.authorityPem, token.pin));
        const auto joined = need(Identity::install(folder.path, reply.certificatePem, trust.pem(), kNow));
        QCOMPARE(joined.who(), record.certificate.who);
        QVERIFY(!head.tokens.enrolmentOpen(kNow));
        // The audit says who came, and no secret.
        const auto* audit = std::get_if<TokenAudit>(&head.out.back());
        QVERIFY(audit && audit->what == TokenAudit::What::Used && says(audit->text, "host-2 joined as node") &&
                says(audit->text, record.certificate.serial));
    }

    void theTokenSaysTheRoleAndNotTheOneWhoJoins()
    {
        Head head({.role = Role::Operator});
        const auto outcome = head.enroller.enrol(head.request(newRequest()), kFresh, kNow, head.out);
        QCOMPARE(outcome.durableFirst->certificate.who.role, Role::Operator);
        QCOMPARE(outcome.durableFirst->certificate.who.id.substr(0, 2), std::string("P-"));
    }

    void whoHasNoTokenGetsNothingSigned()
    {
        Head head({.nodeName = "rack2"});
        auto wrong = head.request(newRequest());
        wrong.secret = need(freshToken()).secret;
        auto unknown = head.request(newRequest());
        unknown.token.bits ^= 1;
        const auto other = head.request(newRequest(), "rack3");
        for (const auto& request : {wrong, unknown, other}) {
            const auto outcome = head.enroller.enrol(request, kFresh, kNow, head.out);
            QVERIFY(!outcome.reply.ok() && !outcome.durableFirst);
        }
        QVERIFY(!head.enroller.enrol(head.request(newRequest()), kFresh, kNow + kTokenLife, head.out).reply.ok());
        QCOMPARE(head.signedOnes, 0); // a stranger's request is not even read
        QVERIFY(head.enroller.enrol(head.request(newRequest()), kFresh, kNow, head.out).durableFirst);
    }

    void aBadRequestDoesNotCostTheToken()
    {
        Head head;
        const auto outcome = head.enroller.enrol(head.request(base::Bytes(100)), kFresh, kNow, head.out);
        QVERIFY(says(whyNot(outcome.reply), "request cannot be read") && !outcome.durableFirst);
        QVERIFY(head.tokens.enrolmentOpen(kNow));
        QCOMPARE(head.enroller.waiting(), std::size_t(0));
        QVERIFY(head.enroller.enrol(head.request(newRequest()), kFresh, kNow, head.out).durableFirst);
    }

    void whatCouldNotBeRecordedDidNotHappen()
    {
        Head head;
        const auto request = head.request(newRequest());
        QVERIFY(head.enroller.enrol(request, kFresh, kNow, head.out).durableFirst);
        const auto why = whyNot(head.enroller.recorded(head.fresh.id, "The disk is full.", kNow, head.out));
        QVERIFY2(says(why, "did not happen") && says(why, "The disk is full."), why.c_str());
        QVERIFY(head.tokens.enrolmentOpen(kNow));
        QVERIFY(head.enroller.enrol(request, kFresh, kNow, head.out).durableFirst); // and is tried again
        QVERIFY(head.enroller.recorded(head.fresh.id, "", kNow, head.out).ok());
        QCOMPARE(head.enroller.recorded(head.fresh.id, "", kNow, head.out).error().code,
                 base::Errc::NotFound); // doubled
    }

    void aDoubledRequestGetsTheSameCertificateAndAnotherKeyNone()
    {
        Head head;
        const auto key = need(makeKey());
        const auto request = head.request(need(makeRequest(key.get())));
        const auto first = head.enroller.enrol(request, kFresh, kNow, head.out);
        QVERIFY(first.durableFirst);
        // Before it is durable nobody hears of it.
        QVERIFY(
            says(whyNot(head.enroller.enrol(request, {1, 1}, kNow, head.out).reply), "is being used at this moment"));
        QVERIFY(head.enroller.recorded(head.fresh.id, "", kNow, head.out).ok());
        const auto again = head.enroller.enrol(head.request(need(makeRequest(key.get()))), {1, 1}, kNow,
                                               head.out); // signed anew, the key is the same
        QVERIFY(!again.durableFirst && again.reply.ok() && *again.reply == *first.reply);
        QVERIFY(
            says(whyNot(head.enroller.enrol(head.request(newRequest()), {1, 1}, kNow, head.out).reply), "was used at"));
        auto wrong = request;
        wrong.secret = need(freshToken()).secret;
        QVERIFY(says(whyNot(head.enroller.enrol(wrong, {1, 1}, kNow, head.out).reply),
                     "secret of the join token is wrong"));
        QCOMPARE(head.signedOnes, 1);
    }

    void anotherHeadKnowsWhatWasRecorded()
    {
        Head head;
        const auto request = head.request(newRequest());
        const auto outcome = head.enroller.enrol(request, kFresh, kNow, head.out);
        // Killed before the transaction: the row is the one before. Killed after: the token is spent and the
        // certificate known.
        const auto before = std::get<KeepToken>(head.out[0]).row;
        for (const auto& row : {before, outcome.durableFirst->token}) {
            TokenEffects out;
            auto tokens = TokenTable::restore({row}, kNow, out);
            Enroller next(tokens, head.authority.trust().pem(),
                          [&](std::span<const std::byte> der, Role role, const std::string& id, TimeNs now) {
                              return head.authority.issue(der, role, id, now);
                          });
            const auto answer = next.enrol(request, kFresh, kNow, out);
            QCOMPARE(answer.durableFirst.has_value(), row.state == TokenState::Open);
            if (!answer.durableFirst) QVERIFY(says(whyNot(answer.reply), "was used at"));
        }
    }

    void namesThatAreNoNamesAreRefusedBeforeTheTokenIsLookedAt()
    {
        Head head;
        for (const std::string bad : {"", "a b", "\x1b[31mred", "<b>x</b>"}) {
            auto request = head.request(newRequest());
            request.host = bad;
            QVERIFY2(!head.enroller.enrol(request, kFresh, kNow, head.out).reply.ok() &&
                         !enrolRequestFrom(toBytes(request)).ok(),
                     bad.c_str());
        }
        auto request = head.request(newRequest(), "no good");
        QVERIFY(!head.enroller.enrol(request, kFresh, kNow, head.out).reply.ok() &&
                !enrolRequestFrom(toBytes(request)).ok());
        request = head.request(newRequest());
        request.host = std::string(kHostNameMax + 1, 'h');
        QVERIFY(!enrolRequestFrom(toBytes(request)).ok());
        QVERIFY(head.tokens.enrolmentOpen(kNow));
    }

    void noMutationOfAMessageDoesHarm()
    {
        const std::uint64_t seed =
            qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : 1;
        qInfo("ORRERY_SEED=%llu", static_cast<unsigned long long>(seed));
        base::Random random(seed);
        Head head;
        const std::vector<base::Bytes> sound = {toBytes(head.request(newRequest())),
                                                toBytes(EnrolReply(Enrolled{"certificate", "authority"})),
                                                toBytes(EnrolReply(base::fail(base::Errc::Refused, "No.")))};
        int read = 0;
        for (int round = 0; round < 100'000; ++round) {
            auto bytes = sound[random.below(sound.size())];
            for (auto n = 1 + random.below(5); n > 0 && !bytes.empty(); --n) {
                const auto at = random.below(bytes.size());
                switch (random.below(3)) {
                case 0: bytes[at] = std::byte(random.below(256)); break;
                case 1: bytes.resize(at); break;
                case 2: bytes.insert(bytes.begin() + std::ptrdiff_t(at), std::byte(random.below(256))); break;
                }
            }
            const auto request = enrolRequestFrom(bytes);
            const auto reply = enrolReplyFrom(bytes);
            read += request.ok() + reply.ok();
            if (request.ok()) QVERIFY(toBytes(*request) == bytes); // one form only
        }
        qInfo("%d mutants could be read", read);
        QVERIFY(!enrolRequestFrom(base::Bytes(kEnrolBytesMax + 1)).ok());
        QVERIFY(!enrolReplyFrom({}).ok());
        // Sizes that a peer only claims.
        base::ByteWriter lie;
        lie.put(std::uint8_t{1});
        lie.put(std::uint64_t{1});
        lie.raw(std::array<std::byte, kSecretBytes>{}.data(), kSecretBytes);
        lie.put(std::uint32_t{0xffffffff});
        QVERIFY(!enrolRequestFrom(lie.view()).ok());
    }

    void theRefusalsOfAHeadReachTheJoinerAsSentences()
    {
        const auto back = enrolReplyFrom(
            toBytes(EnrolReply(base::fail(base::Errc::Refused, "The join token expired at noon; ask for a new one."))));
        QCOMPARE(back.error().code, base::Errc::Refused);
        QCOMPARE(back.error().message, std::string("The join token expired at noon; ask for a new one."));
        QVERIFY(enrolReplyFrom(toBytes(EnrolReply(base::fail(base::Errc::Failed, std::string(100'000, 'x')))))
                    .error()
                    .message.size() <= 1024);
    }
};

QTEST_GUILESS_MAIN(TestEnroller)
#include "tst_enroller.moc"
