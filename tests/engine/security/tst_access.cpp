// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Who may send what: each kind of message that exists has an entry, and what has none is for nobody.
#include "engine/net/node_link.h"
#include "engine/security/access.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace orrery;
using security::mayCall;
using security::Role;
using security::Verb;

namespace {

constexpr Role kRoles[] = {Role::Viewer, Role::Operator, Role::Admin, Role::Node, Role::Head};

template <typename Variant>
QStringList kindsOf()
{
    QStringList names;
    [&]<std::size_t... I>(std::index_sequence<I...>)
    {
        (names.append(
             QString::fromUtf8(security::detail::bareName<std::variant_alternative_t<I, Variant>>().data(),
                               qsizetype(security::detail::bareName<std::variant_alternative_t<I, Variant>>().size()))),
         ...);
    }
    (std::make_index_sequence<std::variant_size_v<Variant>>{});
    return names;
}

QStringList missing(const QStringList& kinds)
{
    QStringList lost;
    for (const QString& kind : kinds)
        if (!security::verbNamed(kind.toStdString())) lost << kind;
    return lost;
}

QStringList allowed(Verb verb)
{
    QStringList roles;
    for (const Role role : kRoles)
        if (mayCall(role, verb)) roles << QString::fromStdString(std::string(security::roleName(role)));
    return roles;
}

} // namespace

class TestAccess : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyKindOfMessageHasAnEntry()
    {
        QVERIFY2(missing(kindsOf<types::Intent>()).isEmpty(), qPrintable(missing(kindsOf<types::Intent>()).join(u' ')));
        QVERIFY2(missing(kindsOf<net::FromNode>()).isEmpty(), qPrintable(missing(kindsOf<net::FromNode>()).join(u' ')));
        QVERIFY2(missing(kindsOf<net::ToNode>()).isEmpty(), qPrintable(missing(kindsOf<net::ToNode>()).join(u' ')));
        QCOMPARE(kindsOf<net::FromNode>().first(), QStringLiteral("RegisterNode")); // the names are read at all
        QCOMPARE(missing({QStringLiteral("Kidnap")}), QStringList{QStringLiteral("Kidnap")});
    }

    void everyCallOfASessionHasAnEntry()
    {
        QFile header(QStringLiteral(ORRERY_SOURCE_DIR "/engine/client/session.h"));
        QVERIFY(header.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(header.readAll());
        static const QRegularExpression kCall(QStringLiteral("virtual \\S+ (\\w+)\\("));
        QStringList calls;
        for (auto it = kCall.globalMatch(text); it.hasNext();) calls << it.next().captured(1);
        QVERIFY2(calls.contains(QStringLiteral("ask")) && calls.size() >= 8, qPrintable(calls.join(u' ')));
        // act is looked at by its intent; these two belong to a watch that was let in.
        for (const auto& own : {QStringLiteral("act"), QStringLiteral("taken"), QStringLiteral("unwatch")})
            calls.removeAll(own);
        for (QString& call : calls) call[0] = call[0].toUpper();
        QVERIFY2(missing(calls).isEmpty(), qPrintable(missing(calls).join(u' ')));
    }

    void anIntentIsJudgedByWhatItWouldDo()
    {
        QCOMPARE(security::verbOf(types::StartRun{}), Verb::StartRun);
        QCOMPARE(security::verbOf(types::Shutdown{}), Verb::Shutdown);
        QCOMPARE(security::verbOf(types::RemoveNode{}), Verb::RemoveNode);
        QCOMPARE(security::verbOf(types::RemoveNode{{}, true}), Verb::KillNode);
        static_assert(security::verbFor<net::TraceBlock>() == Verb::TraceBlock);
    }

    void aViewerLooksAnOperatorWorksAndAnAdminDecides()
    {
        const QStringList look{QStringLiteral("viewer"), QStringLiteral("operator"), QStringLiteral("admin")},
            work = look.mid(1), decide = look.mid(2);
        for (const Verb verb : {Verb::Can, Verb::Watch, Verb::Ask}) QCOMPARE(allowed(verb), look);
        for (const Verb verb :
             {Verb::Preview, Verb::Fetch, Verb::StartRun, Verb::StopRun, Verb::KillWorker, Verb::RemoveNode})
            QCOMPARE(allowed(verb), work);
        for (const Verb verb : {Verb::AddNode, Verb::KillNode, Verb::Shutdown, Verb::RescanPlugins, Verb::MakeToken,
                                Verb::ListTokens, Verb::RevokeToken})
            QCOMPARE(allowed(verb), decide);
    }

    void aNodeSpeaksForItselfOnlyAndAHeadToNodesOnly()
    {
        int ofNodes = 0, ofHeads = 0;
        for (int i = 0; i <= static_cast<int>(security::kLastVerb); ++i) {
            const auto verb = static_cast<Verb>(i);
            const auto name = QString::fromStdString(std::string(security::verbName(verb)));
            QVERIFY2(!allowed(verb).isEmpty(), qPrintable(name + QStringLiteral(" is for nobody")));
            const bool fromNode = kindsOf<net::FromNode>().contains(name),
                       toNode = kindsOf<net::ToNode>().contains(name);
            QVERIFY2(mayCall(Role::Node, verb) == (fromNode || verb == Verb::PeerFrame || verb == Verb::BulkRequest), qPrintable(name));
            QVERIFY2(mayCall(Role::Head, verb) == toNode, qPrintable(name));
            if (fromNode) QCOMPARE(allowed(verb), QStringList{QStringLiteral("node")});
            ofNodes += fromNode;
            ofHeads += toNode;
        }
        QCOMPARE(ofNodes, int(std::variant_size_v<net::FromNode>));
        QCOMPARE(ofHeads, int(std::variant_size_v<net::ToNode>));
    }

    void everyTableIsReadByThoseWhoMayAskAndNoOtherTableByAnybody()
    {
        for (const auto* table : {"tasks", "objects", "workers", "nodes", "jobs", "runs", "logs"}) {
            QVERIFY2(security::mayRead(Role::Viewer, table), table);
            QVERIFY2(!security::mayRead(Role::Node, table), table);
        }
        for (const Role role : kRoles) QVERIFY(!security::mayRead(role, "tokens"));
    }

    void whatHasNoEntryIsForNobody()
    {
        for (const Role role : kRoles) {
            QVERIFY(!mayCall(role, static_cast<Verb>(static_cast<int>(security::kLastVerb) + 1)));
            QVERIFY(!mayCall(role, static_cast<Verb>(255)));
        }
        for (int i = 0; i <= static_cast<int>(security::kLastVerb); ++i)
            QVERIFY(!mayCall(static_cast<Role>(security::kRoles), static_cast<Verb>(i)));
        QVERIFY(!security::roleNamed("worker") && !security::roleNamed("") && !security::roleNamed("Admin"));
        QCOMPARE(security::needCall(Role::Viewer, Verb::StopRun).error().message,
                 std::string("StopRun is not allowed for the role viewer."));
    }
};

QTEST_GUILESS_MAIN(TestAccess)
#include "tst_access.moc"
