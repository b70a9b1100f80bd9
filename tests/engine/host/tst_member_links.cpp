// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Who is let in over the network, and what of him: by his certificate, whatever his messages say.
#include "engine/host/member_links.h"
#include "engine/security/authority.h"

#include <QTemporaryDir>
#include <QTest>

using namespace orrery;
using security::Role;

namespace {

const base::ClusterId kCluster{{11, 12}};
const base::NodeId kNode{{21, 22}}, kOther{{31, 32}};

struct World {
    QTemporaryDir folder;
    security::Authority authority = std::move(*security::Authority::make(kCluster, now()));
    static base::TimeNs now() { return base::systemClock().wallNs(); }
    std::filesystem::path at(const std::string& name) const { return folder.path().toStdString() + "/" + name; }
    std::string pemFor(const std::string& name, Role role, const std::string& id) const
    {
        const auto request = security::Identity::request(at(name));
        return request ? authority.issue(*request, role, id, now())->pem : std::string();
    }
    std::shared_ptr<host::MemberLinks> member(const std::string& name, Role role, const std::string& id) const
    {
        if (!security::Identity::install(at(name), pemFor(name, role, id), authority.trust().pem(), now())) return nullptr;
        auto links = host::MemberLinks::load(at(name));
        return links ? *links : nullptr;
    }
};

net::FromNode helloOf(const base::NodeId& id, const std::string& address = {}, const std::string& tcp = "10.0.0.2:7000")
{
    net::RegisterNode hello;
    hello.name = "far";
    hello.host = "studio-2";
    hello.node = id;
    hello.address = address;
    hello.tcp = tcp;
    return hello;
}

} // namespace

class TestMemberLinks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aNodeRegistersAsItselfAndIsStampedAsRemote()
    {
        World world;
        const auto head = world.member("head", Role::Head, "head");
        QVERIFY(head);
        const auto admitted = head->admitNodes()(world.pemFor("node", Role::Node, kNode.text()));
        QVERIFY(admitted.ok());
        QCOMPARE(admitted->id, kNode.text());
        auto hello = helloOf(kNode);
        QVERIFY(admitted->check(hello).ok());
        QVERIFY(std::get<net::RegisterNode>(hello).remote);
        auto other = helloOf(kOther);
        const auto refused = admitted->check(other);
        QVERIFY(!refused.ok() && refused.error().message.find(kOther.text()) != std::string::npos);
        net::FromNode beat = net::Heartbeat{}, ask = net::AskPlugin{};
        QVERIFY(admitted->check(beat).ok() && admitted->check(ask).ok());
    }
    void aNameThatIsNoneIsRefusedAndSoIsACertificateForAnotherKey()
    {
        World world;
        const auto head = world.member("head", Role::Head, "head");
        QVERIFY(head);
        const auto admitted = head->admitNodes()(world.pemFor("node", Role::Node, kNode.text()));
        QVERIFY(admitted.ok());
        for (const std::string& text : {std::string(), std::string("a b"), std::string("a\x1b[2J"), std::string(300, 'a')}) {
            auto named = helloOf(kNode), at = helloOf(kNode);
            std::get<net::RegisterNode>(named).name = text;
            std::get<net::RegisterNode>(at).host = text;
            QVERIFY(!admitted->check(named).ok());
            QVERIFY(!admitted->check(at).ok());
        }
        auto request = security::Identity::request(world.at("other"));
        QVERIFY(request.ok());
        net::FromNode renew = net::RenewCertificate{std::move(*request)};
        const auto said = admitted->check(renew);
        QVERIFY(!said.ok() && said.error().message.find("another key") != std::string::npos);
    }
    void anAddressThatIsNoneOfTheNetworkIsRefused()
    {
        World world;
        const auto admitted = world.member("head", Role::Head, "head")->admitNodes()(world.pemFor("node", Role::Node, kNode.text()));
        QVERIFY(admitted.ok());
        auto path = helloOf(kNode, "/run/user/0/orrery/local/peer-local.sock");
        QVERIFY(!admitted->check(path).ok());
        for (const char* tcp : {"unix:/tmp/x", "localhost:7000", "10.0.0.2", "10.0.0.2:0", "10.0.0.2:70000", "10.0.0.2:7000 ", ":7000", "[::1]7000"}) {
            auto hello = helloOf(kNode, {}, tcp);
            QVERIFY2(!admitted->check(hello).ok(), tcp);
        }
        for (const char* tcp : {"", "10.0.0.2:7000", "[fd00::2]:7000"}) {
            auto hello = helloOf(kNode, {}, tcp);
            QVERIFY2(admitted->check(hello).ok(), tcp);
        }
    }
    void otherRolesAndOtherClustersAreNotNodes()
    {
        World world, stranger;
        const auto head = world.member("head", Role::Head, "head"), node = world.member("node", Role::Node, kNode.text());
        QVERIFY(head && node);
        for (const Role role : {Role::Viewer, Role::Operator, Role::Admin, Role::Head}) {
            const auto pem = world.pemFor("other", role, "someone");
            QVERIFY(!head->admitNodes()(pem).ok());
            QVERIFY(!node->admitPeers()(pem).ok());
        }
        for (const auto& pem : {stranger.pemFor("node", Role::Node, kNode.text()), std::string(), std::string("-----BEGIN CERTIFICATE-----\n")}) {
            QVERIFY(!head->admitNodes()(pem).ok());
            QVERIFY(!node->admitPeers()(pem).ok());
        }
        QVERIFY(node->admitPeers()(world.pemFor("peer", Role::Node, kOther.text())).ok());
    }
    // Promise: who is taken out is heard nowhere any more, on a stream that stands already neither.
    void whoIsTakenOutIsNotHeard()
    {
        World world;
        const auto head = world.member("head", Role::Head, "head"), node = world.member("node", Role::Node, kNode.text());
        const auto pem = world.pemFor("peer", Role::Node, kOther.text()), person = world.pemFor("person", Role::Operator, "someone");
        const auto standing = node->admitPeers()(pem);
        const client::SessionCall ask{client::SessionCall::Kind::Ask, nullptr};
        QVERIFY(standing.ok() && head->admitSessions()(person, ask).ok());
        head->deny({kOther.text(), "someone"});
        node->deny({kOther.text()});
        QVERIFY(!head->admitNodes()(pem).ok());
        QVERIFY(!node->admitPeers()(pem).ok());
        const auto said = head->admitSessions()(person, ask);
        QVERIFY(!said.ok() && said.error().message.find("was taken out") != std::string::npos);
        QVERIFY(head->admitNodes()(world.pemFor("node", Role::Node, kNode.text())).ok());
        net::PeerFrame frame;
        QTRY_VERIFY(!standing->check(frame).ok());
    }
    void aCertificateIsRenewedForTheSameMemberOnly()
    {
        World world;
        const auto node = world.member("node", Role::Node, kNode.text());
        QVERIFY(node);
        const auto before = node->identity();
        QVERIFY(!node->renew(world.pemFor("else", Role::Node, kNode.text())).ok()); // of another key
        QVERIFY(node->identity() == before);
        const auto request = security::Identity::request(world.at("node"));
        const auto later = world.authority.issue(*request, Role::Node, kNode.text(), World::now() + security::kDay);
        QVERIFY(later.ok());
        // Not valid before tomorrow: it stays with the one that is good.
        QVERIFY(!node->renew(later->pem).ok());
        const auto fresh = world.pemFor("node", Role::Node, kNode.text());
        QVERIFY(node->renew(fresh).ok());
        QCOMPARE(node->identity()->certificatePem(), fresh);
        QVERIFY(before->certificatePem() != fresh);
        QVERIFY(node->bulk().ok());
        QCOMPARE((*host::MemberLinks::load(world.at("node")))->identity()->certificatePem(), fresh); // after a new start too
    }
};

QTEST_GUILESS_MAIN(TestMemberLinks)
#include "tst_member_links.moc"
