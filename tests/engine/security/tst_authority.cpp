// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The authority and the identities of members: their files, and what is signed for whom.
#include "engine/base/random.h"
#include "tests/engine/security/security_samples.h"

#include <QTest>

#include <fstream>
#include <set>
#include <sys/stat.h>

using namespace orrery;
using namespace orrery::samples;
using security::Authority;
using security::Identity;
using security::Role;

namespace {

unsigned modeOf(const std::filesystem::path& path)
{
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

std::string slurp(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

int files(const std::filesystem::path& folder)
{
    return int(std::distance(std::filesystem::directory_iterator(folder), {}));
}

base::Bytes requestFor(EVP_PKEY* key)
{
    return need(security::makeRequest(key));
}

// Only for what the engine itself refuses to make.
base::Bytes requestOfKind(const char* kind, const char* detail)
{
    const security::KeyHandle key(std::string_view(kind) == "RSA"
                                      ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t(std::atoi(detail)))
                                  : std::string_view(kind) == "EC" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", detail)
                                                                   : EVP_PKEY_Q_keygen(nullptr, nullptr, kind));
    const security::RequestHandle request(X509_REQ_new());
    X509_REQ_set_pubkey(request.get(), key.get());
    X509_REQ_sign(request.get(), key.get(), std::string_view(kind) == "ED25519" ? nullptr : EVP_sha256());
    return security::derOf(i2d_X509_REQ, const_cast<const X509_REQ*>(request.get()));
}

} // namespace

class TestAuthority : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theFirstStartMakesAnAuthorityAndTheNextFindsIt()
    {
        const Folder folder;
        const auto inside = folder.path / "authority";
        const auto first = need(Authority::open(inside, kCluster, kNow));
        QCOMPARE(modeOf(inside), 0700u);
        QCOMPARE(modeOf(inside / "authority.key"), 0600u);
        QCOMPARE(files(inside), 2);
        QCOMPARE(first.trust().cluster(), kCluster);
        QCOMPARE(first.trust().notBeforeWallNs(), kNow - security::kBackdated);
        QCOMPARE(first.trust().notAfterWallNs(), kNow + security::kAuthorityLife);
        QCOMPARE(first.trust().fingerprint().size(), std::size_t(79));
        const auto next = need(Authority::open(inside, kCluster, kNow + security::kDay));
        QCOMPARE(next.trust().pin(), first.trust().pin());
        QCOMPARE(next.trust().pem(), first.trust().pem());
        const auto issued = need(next.issue(requestFor(need(security::makeKey()).get()), Role::Node, kNode, kNow));
        QVERIFY(security::peerIdentity(issued.pem, first.trust(), kNow).ok());
    }

    void aFirstStartThatWasCutOffIsGoneOnWith()
    {
        const Folder folder;
        const auto pin = need(Authority::open(folder.path, kCluster, kNow)).trust().pin();
        std::filesystem::remove(folder.path / "authority.crt");
        QCOMPARE(need(Authority::open(folder.path, kCluster, kNow)).trust().pin(), pin); // of the same key
    }

    void aKeyThatOthersCouldHaveReadIsRefused()
    {
        const Folder folder;
        need(Authority::open(folder.path, kCluster, kNow));
        const auto key = folder.path / "authority.key";
        for (const mode_t mode : {0640, 0604, 0620, 0602, 0610, 0644, 0666}) {
            QCOMPARE(::chmod(key.c_str(), mode), 0);
            const auto why = whyNot(Authority::open(folder.path, kCluster, kNow));
            QVERIFY2(says(why, "is open to others") && says(why, "chmod 600"), why.c_str());
            QCOMPARE(modeOf(key), unsigned(mode)); // nothing is put right behind a person's back
        }
        ::chmod(key.c_str(), 0600);
        QVERIFY(Authority::open(folder.path, kCluster, kNow).ok());
        std::filesystem::rename(key, folder.path / "real.key");
        std::filesystem::create_symlink("real.key", key);
        QVERIFY(says(whyNot(Authority::open(folder.path, kCluster, kNow)), "is a link"));
        std::filesystem::remove(key);
        QCOMPARE(::mkfifo(key.c_str(), 0600), 0);
        QVERIFY(says(whyNot(Authority::open(folder.path, kCluster, kNow)), "is not a plain file"));
    }

    void aKeyOfSomebodyElseIsRefused()
    {
        if (::geteuid() != 0) QSKIP("only root can give a file away");
        const Folder folder;
        need(Authority::open(folder.path, kCluster, kNow));
        QCOMPARE(::chown((folder.path / "authority.key").c_str(), 12345, gid_t(-1)), 0);
        const auto why = whyNot(Authority::open(folder.path, kCluster, kNow));
        QVERIFY2(says(why, "belongs to user 12345"), why.c_str());
        QCOMPARE(::chown((folder.path / "authority.key").c_str(), 0, gid_t(-1)), 0);
        QCOMPARE(::chown(folder.path.c_str(), 12345, gid_t(-1)), 0);
        QVERIFY(says(whyNot(Authority::open(folder.path, kCluster, kNow)), "belongs to user 12345"));
        QCOMPARE(::chown(folder.path.c_str(), 0, gid_t(-1)), 0);
    }

    void aFolderInWhichOthersMayWriteIsRefused()
    {
        const Folder folder;
        need(Authority::open(folder.path, kCluster, kNow));
        for (const mode_t mode : {0770, 0702, 0777}) {
            ::chmod(folder.path.c_str(), mode);
            QVERIFY(says(whyNot(Authority::open(folder.path, kCluster, kNow)), "Others may write into the folder"));
        }
        ::chmod(folder.path.c_str(), 0700);
    }

    void filesThatDoNotFitEachOtherAreRefusedAndLeftAlone()
    {
        const Folder mine, other;
        need(Authority::open(mine.path, kCluster, kNow));
        need(Authority::open(other.path, kOther, kNow));
        auto why = whyNot(Authority::open(mine.path, kOther, kNow));
        QVERIFY2(says(why, kCluster.text()) && says(why, kOther.text()), why.c_str());
        const auto certificate = slurp(mine.path / "authority.crt"), key = slurp(mine.path / "authority.key");
        std::filesystem::copy_file(other.path / "authority.crt", mine.path / "authority.crt",
                                   std::filesystem::copy_options::overwrite_existing);
        QVERIFY(says(whyNot(Authority::open(mine.path, kOther, kNow)), "does not belong to the certificate"));
        std::ofstream(mine.path / "authority.crt", std::ios::trunc) << certificate;
        std::ofstream(mine.path / "authority.key", std::ios::trunc) << "not a key";
        QVERIFY(says(whyNot(Authority::open(mine.path, kCluster, kNow)), "holds no private key"));
        std::filesystem::remove(mine.path / "authority.key");
        QVERIFY(says(whyNot(Authority::open(mine.path, kCluster, kNow)), "its key"));
        QVERIFY(!std::filesystem::exists(mine.path / "authority.key")); // no second authority is begun in silence
        QCOMPARE(slurp(mine.path / "authority.crt"), certificate);
        std::ofstream(other.path / "authority.crt", std::ios::trunc) << std::string(security::kPemBytesMax + 1, 'x');
        QVERIFY(says(whyNot(Authority::open(other.path, kOther, kNow)), "larger than"));
    }

    void aCertificateSaysWhoAndForHowLongAndNothingOfWhatWasAskedFor()
    {
        const auto authority = need(Authority::make(kCluster, kNow));
        // A request that asks for more than it gets.
        const auto key = need(security::makeKey());
        const security::RequestHandle greedy(X509_REQ_new());
        X509_REQ_set_pubkey(greedy.get(), key.get());
        X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(greedy.get()), NID_commonName, MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("head"), -1, -1, 0);
        auto* wishes = sk_X509_EXTENSION_new_null();
        sk_X509_EXTENSION_push(wishes,
                               X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
        sk_X509_EXTENSION_push(wishes, X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:head.example"));
        X509_REQ_add_extensions(greedy.get(), wishes);
        sk_X509_EXTENSION_pop_free(wishes, X509_EXTENSION_free);
        X509_REQ_sign(greedy.get(), key.get(), EVP_sha256());
        const auto issued = need(authority.issue(
            security::derOf(i2d_X509_REQ, const_cast<const X509_REQ*>(greedy.get())), Role::Node, kNode, kNow));

        QCOMPARE(issued.who, (security::PeerIdentity{kCluster, Role::Node, kNode}));
        QCOMPARE(need(security::peerIdentity(issued.pem, authority.trust(), kNow)), issued.who);
        QCOMPARE(issued.keyDigest, security::pinOf(key.get()));
        QCOMPARE(issued.notBeforeWallNs, kNow - security::kBackdated);
        QCOMPARE(issued.notAfterWallNs, kNow + 7 * security::kDay);
        const auto made = security::certificatesIn(issued.pem);
        char name[80] = {};
        QCOMPARE(X509_NAME_get_text_by_NID(X509_get_subject_name(made[0].get()), NID_commonName, name, sizeof name),
                 int(kNode.size()));
        QCOMPARE(std::string(name), kNode);
        QVERIFY(!(X509_get_extension_flags(made[0].get()) & EXFLAG_CA));
        QCOMPARE(X509_get_extended_key_usage(made[0].get()), std::uint32_t(XKU_SSL_SERVER | XKU_SSL_CLIENT));
        QCOMPARE(need(authority.issue(requestFor(key.get()), Role::Head, "head-1", kNow)).notAfterWallNs,
                 kNow + 30 * security::kDay);
    }

    void serialsAreLongAndNeverTheSame()
    {
        const auto authority = need(Authority::make(kCluster, kNow));
        const auto request = requestFor(need(security::makeKey()).get());
        std::set<std::string> seen;
        for (int i = 0; i < 100; ++i) {
            const auto issued = need(authority.issue(request, Role::Node, kNode, kNow));
            QCOMPARE(issued.serial.size(), std::size_t(32));
            QVERIFY(seen.insert(issued.serial).second);
        }
    }

    void nothingIsSignedOutsideTheAuthoritysOwnLife()
    {
        const auto authority = need(Authority::make(kCluster, kNow));
        const auto request = requestFor(need(security::makeKey()).get());
        const TimeNs end = authority.trust().notAfterWallNs();
        QCOMPARE(need(authority.issue(request, Role::Node, kNode, end - security::kDay)).notAfterWallNs, end);
        QVERIFY(
            says(whyNot(authority.issue(request, Role::Node, kNode, end)), "The cluster's authority is valid from"));
        QVERIFY(says(whyNot(authority.issue(request, Role::Node, kNode, kNow - security::kDay)), "compare the clock"));
    }

    void idsThatAreNoIdsAreNotSigned()
    {
        const auto authority = need(Authority::make(kCluster, kNow));
        const auto request = requestFor(need(security::makeKey()).get());
        for (const std::string id : {"", "a b", "a/b", "x,DNS:evil", "\xc3\xa9", "a\nb"})
            QVERIFY2(!authority.issue(request, Role::Operator, id, kNow).ok(), id.c_str());
        QVERIFY(!authority.issue(request, Role::Operator, std::string(65, 'a'), kNow).ok());
        QVERIFY(authority.issue(request, Role::Operator, std::string(64, 'a'), kNow).ok());
        for (const std::string id : {"somebody", "N-1", "R-00000000000000010000000000000002"})
            QVERIFY2(!authority.issue(request, Role::Node, id, kNow).ok(), id.c_str());
    }

    void onlyAKeyOfOurKindIsSignedAndOnlyForWhoHasIt()
    {
        const auto authority = need(Authority::make(kCluster, kNow));
        const auto refused = [&](const base::Bytes& der) {
            return whyNot(authority.issue(der, Role::Node, kNode, kNow));
        };
        for (const auto& [kind, detail] :
             {std::pair{"RSA", "2048"}, {"RSA", "512"}, {"EC", "P-384"}, {"EC", "secp256k1"}, {"ED25519", ""}})
        {
            const auto why = refused(requestOfKind(kind, detail));
            QVERIFY2(says(why, "not of the kind P-256"), (std::string(kind) + detail + ": " + why).c_str());
        }
        // Somebody else's public key, signed with one's own.
        const auto theirs = need(security::makeKey()), own = need(security::makeKey());
        const security::RequestHandle stolen(X509_REQ_new());
        X509_REQ_set_pubkey(stolen.get(), theirs.get());
        X509_REQ_sign(stolen.get(), own.get(), EVP_sha256());
        QVERIFY(says(refused(security::derOf(i2d_X509_REQ, const_cast<const X509_REQ*>(stolen.get()))),
                     "not signed with its own key"));
        QVERIFY(says(refused({}), "cannot be read"));
        QVERIFY(says(refused(base::Bytes(security::kRequestBytesMax + 1)), "are the most"));
        auto longer = requestFor(own.get());
        longer.push_back(std::byte{0});
        QVERIFY(says(refused(longer), "cannot be read"));
    }

    void noMutationOfARequestIsSignedOrDoesHarm()
    {
        const auto authority = need(Authority::make(kCluster, kNow));
        const auto key = need(security::makeKey());
        const auto sound = requestFor(key.get());
        const std::uint64_t seed =
            qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : 1;
        qInfo("ORRERY_SEED=%llu", static_cast<unsigned long long>(seed));
        base::Random random(seed);
        // Each bit once, then several things at a time.
        for (std::size_t bit = 0; bit < sound.size() * 8; ++bit) {
            auto bytes = sound;
            bytes[bit / 8] ^= std::byte(1u << (bit % 8));
            QVERIFY2(!security::keyOfRequest(bytes).ok(), qPrintable(QStringLiteral("bit %1").arg(bit)));
        }
        int signedOnes = 0;
        for (int round = 0; round < 20'000; ++round) {
            auto bytes = sound;
            for (auto n = 1 + random.below(6); n > 0 && !bytes.empty(); --n) {
                const auto at = random.below(bytes.size());
                switch (random.below(4)) {
                case 0: bytes[at] = std::byte(random.below(256)); break;
                case 1: bytes.resize(at); break;
                case 2: bytes.insert(bytes.begin() + std::ptrdiff_t(at), std::byte(random.below(256))); break;
                case 3:
                    bytes.erase(bytes.begin() + std::ptrdiff_t(at),
                                bytes.begin() + std::ptrdiff_t(std::min(bytes.size(), at + 1 + random.below(8))));
                    break;
                }
            }
            if (bytes != sound) signedOnes += authority.issue(bytes, Role::Node, kNode, kNow).ok();
        }
        QCOMPARE(signedOnes, 0);
        QCOMPARE(ERR_peek_error(), 0ul); // nothing is left for the next user of the thread
    }

    // ---- members ----

    void aMemberKeepsItsKeyAndBringsTheRest()
    {
        const auto authority = need(Authority::make(kCluster, kNow));
        const Folder folder;
        QCOMPARE(Identity::load(folder.path, kNow).error().code, base::Errc::NotFound);
        const auto request = need(Identity::request(folder.path));
        QCOMPARE(modeOf(folder.path / "member.key"), 0600u);
        const auto key = slurp(folder.path / "member.key");
        QCOMPARE(security::pinOf(need(security::keyOfRequest(need(Identity::request(folder.path)))).get()),
                 security::pinOf(need(security::keyOfRequest(request)).get()));
        const auto issued = need(authority.issue(request, Role::Node, kNode, kNow));
        const auto joined = need(Identity::install(folder.path, issued.pem, authority.trust().pem(), kNow));
        const auto loaded = need(Identity::load(folder.path, kNow));
        QCOMPARE(loaded.who(), joined.who());
        QCOMPARE(loaded.who().id, kNode);
        QCOMPARE(loaded.trust().pin(), authority.trust().pin());
        QCOMPARE(slurp(folder.path / "member.key"), key);
        QCOMPARE(need(loaded.privateKeyPem()), key);
        QCOMPARE(files(folder.path), 3); // and no halves
    }

    void aCertificateIsRenewedAfterTwoThirdsOfItsLifeAndForTheSameKey()
    {
        const auto authority = need(Authority::make(kCluster, kNow));
        const Folder folder;
        const auto issued = need(authority.issue(need(Identity::request(folder.path)), Role::Node, kNode, kNow));
        const auto first = need(Identity::install(folder.path, issued.pem, authority.trust().pem(), kNow));
        const TimeNs life = security::kMemberLife + security::kBackdated;
        QCOMPARE(first.renewAtWallNs(), kNow - security::kBackdated + life / 3 * 2);
        QVERIFY(!first.mustRenew(kNow + 4 * security::kDay));
        QVERIFY(first.mustRenew(kNow + 5 * security::kDay));
        const TimeNs later = first.renewAtWallNs();
        const auto again = need(authority.issue(need(Identity::request(folder.path)), Role::Node, kNode, later));
        QCOMPARE(again.keyDigest, issued.keyDigest);
        const auto second = need(Identity::install(folder.path, again.pem, authority.trust().pem(), later));
        QVERIFY(!second.mustRenew(later));
        QCOMPARE(need(Identity::load(folder.path, later)).notAfterWallNs(), later + security::kMemberLife);
    }

    void whatDoesNotFitTheKeyIsNotInstalledAndWhatWasThereStays()
    {
        const auto authority = need(Authority::make(kCluster, kNow)), stranger = need(Authority::make(kCluster, kNow));
        const Folder folder, other;
        const auto request = need(Identity::request(folder.path));
        const auto issued = need(authority.issue(request, Role::Node, kNode, kNow));
        const auto forOther = need(authority.issue(need(Identity::request(other.path)), Role::Node, kNode, kNow));
        const auto& pem = authority.trust().pem();
        need(Identity::install(folder.path, issued.pem, pem, kNow));
        QVERIFY(says(whyNot(Identity::install(folder.path, forOther.pem, pem, kNow)), "made for another key"));
        QVERIFY(says(whyNot(Identity::install(folder.path, need(stranger.issue(request, Role::Node, kNode, kNow)).pem,
                                              pem, kNow)),
                     "not signed by the authority"));
        QVERIFY(says(whyNot(Identity::install(folder.path, issued.pem, pem, kNow + 8 * security::kDay)), "expired on"));
        QVERIFY(!Identity::install(folder.path, issued.pem + issued.pem, pem, kNow).ok());
        QVERIFY(!Identity::install(folder.path, issued.pem, issued.pem, kNow).ok()); // a member is no authority
        QVERIFY(!Identity::install(folder.path, "", pem, kNow).ok());
        QCOMPARE(need(Identity::load(folder.path, kNow)).certificatePem(), issued.pem);
        QVERIFY(says(whyNot(Identity::load(folder.path, kNow + 8 * security::kDay)), "expired on 2025-12-01"));
        ::chmod((folder.path / "member.key").c_str(), 0644);
        QVERIFY(says(whyNot(Identity::load(folder.path, kNow)), "is open to others"));
        QVERIFY(says(whyNot(Identity::request(folder.path)), "is open to others"));
    }
};

QTEST_GUILESS_MAIN(TestAuthority)
#include "tst_authority.moc"
