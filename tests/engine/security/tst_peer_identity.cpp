// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Who a peer is: by one name in a certificate of the cluster's own authority, or nobody.
#include "engine/base/random.h"
#include "tests/engine/security/forge.h"

#include <QTest>

using namespace orrery;
using namespace orrery::samples;
using security::peerIdentity;
using security::Role;
using security::Trust;

namespace {

std::string refusal(const Forge& forge, const Wish& wish, TimeNs at = kNow)
{
    return whyNot(peerIdentity(forge.sign(wish).get(), forge.trust(), at));
}

base::Bytes requestForNewKey()
{
    return need(security::makeRequest(need(security::makeKey()).get()));
}

} // namespace

class TestPeerIdentity : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aMemberIsItsClusterRoleAndId()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        for (const auto& [role, id] : {std::pair{Role::Viewer, std::string("ann")},
                                       {Role::Operator, std::string("b.o_b-2")},
                                       {Role::Admin, std::string("root")},
                                       {Role::Node, kNode},
                                       {Role::Head, std::string("head-1")}})
        {
            const auto issued = need(authority.issue(requestForNewKey(), role, id, kNow));
            const auto who = need(peerIdentity(issued.pem, authority.trust(), kNow));
            QCOMPARE(who, (security::PeerIdentity{kCluster, role, id}));
            // As a peer sends it, with its authority behind it.
            QCOMPARE(need(peerIdentity(issued.pem + authority.trust().pem(), authority.trust(), kNow)), who);
            QCOMPARE(need(security::parseIdentityUri(security::identityUri(who))), who);
        }
    }

    void aForgedCertificateThatSaysAllThatAMembersSaysIsTakenSoTheOthersFailForTheirOwnReason()
    {
        const Forge forge;
        QCOMPARE(refusal(forge, {.names = Forge::uri("/node/" + kNode)}), std::string());
        QCOMPARE(refusal(forge, {.names = Forge::uri("/viewer/ann")}), std::string());
    }

    void aNameIsThereOnceAndOfOneFormOnly()
    {
        const Forge forge;
        QVERIFY(says(refusal(forge, {.names = ""}), "has no name of the form"));
        QVERIFY(says(refusal(forge, {.names = "DNS:node.example"}), "has no name of the form"));
        QVERIFY(
            says(refusal(forge, {.names = Forge::uri("/viewer/ann") + "," + Forge::uri("/admin/ann")}), "has 2 names"));
        QVERIFY(says(refusal(forge, {.names = Forge::uri("/viewer/ann") + ",DNS:node.example"}), "has 2 names"));
        const auto twice = refusal(forge, {.names = Forge::uri("/viewer/ann"), .namesTwice = true});
        QVERIFY2(!twice.empty(), "two extensions of names");
        QVERIFY(says(refusal(forge, {.names = Forge::uri("/worker/w1")}), "a role that this Orrery does not know"));
        for (const std::string path :
             {"", "/", "/node", "/node/", "/viewer/", "/viewer/a/b", "/viewer/ann/", "/Viewer/ann", "/viewer/a%41",
              "//ann", "/node/ann", "/node/N-0000000000000001", "/viewer/ann?x=1"})
            QVERIFY2(!refusal(forge, {.names = Forge::uri(path)}).empty(), path.c_str());
        QVERIFY(!refusal(forge, {.names = Forge::uri("/viewer/" + std::string(65, 'a'))}).empty());
        QVERIFY(!refusal(forge, {.names = "URI:http://" + kCluster.text() + "/viewer/ann"}).empty());
        QVERIFY(!refusal(forge, {.names = "URI:orrery://user@" + kCluster.text() + "/viewer/ann"}).empty());
        QVERIFY(!refusal(forge, {.names = "URI:orrery://" + kCluster.text() + ":7/viewer/ann"}).empty());
        std::string loud = kCluster.text();
        for (char& c : loud) c = char(std::toupper(c));
        QVERIFY(!refusal(forge, {.names = "URI:orrery://" + loud + "/viewer/ann"}).empty()); // one way only to write it
    }

    void aKeyOfTheAuthorityDoesNotMakeMembersOfAnotherCluster()
    {
        const Forge forge;
        const auto why = refusal(forge, {.names = "URI:orrery://" + kOther.text() + "/admin/eve"});
        QVERIFY2(says(why, "names another cluster than its authority may sign for"),
                 why.c_str()); // by OpenSSL, from the name constraint
    }

    void timeIsTheOneThatIsHandedIn()
    {
        const Forge forge;
        const Wish wish{.names = Forge::uri("/viewer/ann"), .from = kNow, .to = kNow + kMinute};
        QVERIFY(says(refusal(forge, wish, kNow - base::kSecond), "is valid only from 2025-11-24 16:00 UTC"));
        QCOMPARE(refusal(forge, wish, kNow), std::string());
        QCOMPARE(refusal(forge, wish, kNow + kMinute - base::kSecond), std::string());
        const auto why = refusal(forge, wish, kNow + kMinute);
        QVERIFY2(says(why, "expired on 2025-11-24 16:01 UTC"), why.c_str());
        const Wish longer{.names = Forge::uri("/viewer/ann"), .to = kNow + 10 * security::kAuthorityLife / 5};
        QVERIFY(says(refusal(forge, longer, kNow + security::kAuthorityLife + security::kDay),
                     "the cluster's authority expired"));
    }

    void strangersAreNobody()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow)),
                   twin = need(security::Authority::make(kCluster, kNow)),
                   other = need(security::Authority::make(kOther, kNow));
        for (const auto* stranger : {&twin, &other}) {
            const auto issued = need(stranger->issue(requestForNewKey(), Role::Admin, "eve", kNow));
            const auto why = whyNot(peerIdentity(issued.pem, authority.trust(), kNow));
            QVERIFY2(says(why, "was not signed by the authority of cluster") &&
                         says(why, authority.trust().fingerprint()),
                     why.c_str());
            QVERIFY(!peerIdentity(issued.pem + stranger->trust().pem(), authority.trust(), kNow)
                         .ok()); // that it brings its own authority helps nothing
        }
        QVERIFY(says(whyNot(peerIdentity(authority.trust().pem(), authority.trust(), kNow)),
                     "one of an authority")); // the authority is no member
        QVERIFY(says(whyNot(peerIdentity("", authority.trust(), kNow)), "showed no certificate"));
        QVERIFY(
            says(whyNot(peerIdentity(static_cast<X509*>(nullptr), authority.trust(), kNow)), "showed no certificate"));
        QVERIFY(!peerIdentity(std::string(security::kPemBytesMax + 1, 'x'), authority.trust(), kNow).ok());
    }

    void aCertificateForSomethingElseIsNoMembers()
    {
        const Forge forge;
        const std::string names = Forge::uri("/viewer/ann");
        for (const std::string usage :
             {"", "clientAuth", "serverAuth", "codeSigning", "clientAuth,serverAuth,codeSigning",
              "clientAuth,serverAuth,anyExtendedKeyUsage"})
            QVERIFY2(says(refusal(forge, {.names = names, .usage = usage}), "both ends of a link"), usage.c_str());
        QVERIFY(!refusal(forge, {.names = names, .keyUsage = "critical,keyEncipherment"}).empty());
        QVERIFY(!refusal(forge, {.names = names, .basic = "critical,CA:TRUE"}).empty());
        QVERIFY(says(refusal(forge, {.names = names, .curve = "P-384"}), "not of the kind P-256"));
    }

    void aRoleIsNeeded()
    {
        const security::PeerIdentity who{kCluster, Role::Viewer, "ann"};
        QVERIFY(security::needRole(who, {Role::Viewer, Role::Admin}).ok());
        QCOMPARE(whyNot(security::needRole(who, {Role::Node, Role::Head})),
                 std::string("The peer has the role viewer, and node or head is needed here."));
        QVERIFY(!security::needRole(who, {}).ok());
    }

    void anAuthorityOfSomethingElseIsNotTrusted()
    {
        const Forge forge;
        QVERIFY(Trust::fromPem(forge.trust().pem()).ok());
        QVERIFY(!Trust::fromPem(security::pemOf(forge.sign({.names = Forge::uri("/viewer/ann")}).get())).ok());
        QVERIFY(!Trust::fromPem(security::pemOf(forge
                                                    .sign({.names = "",
                                                           .usage = "",
                                                           .keyUsage = "critical,keyCertSign",
                                                           .basic = "critical,CA:TRUE,pathlen:0"})
                                                    .get()))
                     .ok()); // below another
        QVERIFY(!Trust::fromPem(forge.trust().pem() + forge.trust().pem()).ok());
        QVERIFY(!Trust::fromPem("").ok());
    }

    void aPinFindsItsAuthorityInAChainAndNoOther()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow)),
                   twin = need(security::Authority::make(kCluster, kNow));
        const auto leaf = need(authority.issue(requestForNewKey(), Role::Head, "head-1", kNow)).pem;
        QCOMPARE(need(Trust::pinned(leaf + authority.trust().pem(), authority.trust().pin())).cluster(), kCluster);
        QVERIFY(says(whyNot(Trust::pinned(leaf + twin.trust().pem(), authority.trust().pin())),
                     "not the one of the token"));
        QVERIFY(!Trust::pinned(leaf, authority.trust().pin()).ok());
        // A pin of a key that is no authority's: the leaf is found by it, and is none.
        QVERIFY(!Trust::pinned(leaf, security::pinOf(security::certificatesIn(leaf)[0].get())).ok());
    }

    void noMutationOfACertificateIsAnybodyElse()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        const auto issued = need(authority.issue(requestForNewKey(), Role::Viewer, "ann", kNow));
        const auto made = security::certificatesIn(issued.pem);
        const auto sound = security::derOf(i2d_X509, const_cast<const X509*>(made[0].get()));
        const std::uint64_t seed =
            qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : 1;
        qInfo("ORRERY_SEED=%llu", static_cast<unsigned long long>(seed));
        base::Random random(seed);
        int read = 0;
        for (int round = 0; round < 8'000; ++round) {
            auto bytes = sound;
            for (auto n = 1 + random.below(4); n > 0; --n)
                bytes[random.below(bytes.size())] = std::byte(random.below(256));
            if (bytes == sound) continue;
            const security::QuietErrors quiet; // those of this test
            const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
            const security::X509Handle mutant(d2i_X509(nullptr, &at, long(bytes.size())));
            if (!mutant) continue;
            ++read;
            QVERIFY2(!peerIdentity(mutant.get(), authority.trust(), kNow).ok(),
                     qPrintable(QStringLiteral("round %1").arg(round)));
            (void)Trust::of(security::X509Handle(X509_dup(mutant.get())));
        }
        qInfo("%d mutants could be read as certificates", read);
        QVERIFY(read > 1000);
        for (int round = 0; round < 5'000; ++round) {
            std::string pem = issued.pem;
            for (auto n = 1 + random.below(4); n > 0; --n) pem[random.below(pem.size())] = char(random.below(256));
            const auto who = peerIdentity(pem, authority.trust(), kNow);
            if (who.ok()) QCOMPARE(*who, issued.who); // white space, or nothing
        }
        QCOMPARE(ERR_peek_error(), 0ul);
    }
};

QTEST_GUILESS_MAIN(TestPeerIdentity)
#include "tst_peer_identity.moc"
