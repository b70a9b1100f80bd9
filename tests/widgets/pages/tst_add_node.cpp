// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The panel by which nodes come in: what it asks for, what it shows of a secret, and until when.
#include "tests/support/panel_hand.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/section_head.h"
#include "widgets/pages/add_node_panel.h"
#include "widgets/pages/code_box.h"
#include "widgets/pages/state_rows.h"
#include "widgets/pages/token_page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

constexpr types::TimeNs kWallNs = 1'764'000'000 * base::kSecond;
const QString kSecret = QStringLiteral("orr1_") + QString(200, u'k') + QStringLiteral("tail");

QPushButton* button(QWidget& panel, const QString& text)
{
    for (auto* one : panel.findChildren<QPushButton*>())
        if (one->text() == text) return one;
    return nullptr;
}

types::TokenInfo token(const std::string& id, const std::string& state)
{
    types::TokenInfo info;
    info.id = id;
    info.role = "node";
    info.state = state;
    info.madeWallNs = kWallNs - 60 * base::kSecond;
    info.expiresWallNs = info.madeWallNs + 900 * base::kSecond;
    return info;
}

struct Stage {
    Stage()
    {
        at(0);
        panel.token().setNetwork({"10.0.4.9:43817", "10.0.4.9:43818", "54b6 5344 0251 5bdc 0a0b", {}}, {});
    }
    // So long after kWallNs, by the head's clock.
    void at(types::TimeNs later)
    {
        auto update = tests::scene();
        update.nowNs += later;
        update.wallOffsetNs = kWallNs + later - update.nowNs;
        if (joined) update.nodes[2].join = *joined;
        if (joined) update.nodes[2].clockErrorNs = 400 * base::kMicrosecond;
        run.take(update);
    }
    QStringList tokenWords() const
    {
        QStringList words;
        for (const auto& row : rows(0)->rows()) words << row.word + row.letter + u' ' + row.value;
        return words;
    }
    StateRows* rows(int list) const { return panel.findChildren<StateRows*>().at(list); }
    std::optional<types::JoinSteps> joined;
    RunModel run;
    AddNodePanel panel{run};
};

} // namespace

class TestAddNode : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme().setReduceMotion(true); }

    // Promise: without a port nothing can be made, and the port is opened where the person says.
    void withoutAPortOneIsOpenedFirst()
    {
        Stage stage;
        types::NetworkInfo none;
        none.hosts = {"192.168.1.5", "10.0.0.2"};
        stage.panel.token().setNetwork(none, {});
        QVERIFY(tests::showAt(stage.panel, 320, 700));
        QVERIFY(!button(stage.panel, QStringLiteral("Make a token"))->isVisible());
        QSignalSpy wanted(&stage.panel.token(), &TokenPage::portWanted);
        QTest::mouseClick(button(stage.panel, QStringLiteral("Open a port")), Qt::LeftButton);
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted[0][0].toString(), QStringLiteral("192.168.1.5:0"));
        QVERIFY(tests::shoot(stage.panel, QStringLiteral("add-node-closed")));
    }

    // Promise: a secret is on the screen only when asked for, and whole on the clipboard, by standard input.
    void theSecretIsShownWhenAskedFor()
    {
        Stage stage;
        QVERIFY(tests::showAt(stage.panel, 320, 800));
        stage.panel.token().setToken(token("0aa8000000006b95", "OPEN"), kSecret);
        auto* box = stage.panel.findChild<CodeBox*>();
        QVERIFY(box->isVisible());
        QVERIFY(!box->text().contains(kSecret) && box->text().contains(QStringLiteral("tail")));
        QTest::mouseClick(button(stage.panel, QStringLiteral("Copy command")), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("echo %1 |\n  orreryd node --join -").arg(kSecret));
        QVERIFY(tests::shoot(stage.panel, QStringLiteral("add-node-token")));
        QTest::mouseClick(button(stage.panel, QStringLiteral("Show token")), Qt::LeftButton);
        QVERIFY(box->text().contains(kSecret));
        QTRY_VERIFY(box->height() >= box->heightForWidth(box->width()));
        QVERIFY(tests::shoot(stage.panel, QStringLiteral("add-node-shown")));
    }

    // Promise: time is the head's, and what is over is gone.
    void aTokenThatIsOverIsGone()
    {
        Stage stage;
        QVERIFY(tests::showAt(stage.panel, 320, 800));
        stage.panel.token().setToken(token("0aa8000000006b95", "OPEN"), kSecret);
        QCOMPARE(stage.tokenWords(), QStringList{QStringLiteral("waiting 14:00")});
        QVERIFY(stage.panel.token().hasOpenTokens());
        stage.at(600 * base::kSecond);
        QTRY_COMPARE(stage.tokenWords(), QStringList{QStringLiteral("waiting 4:00")});
        stage.at(841 * base::kSecond);
        QTRY_COMPARE(stage.tokenWords(), QStringList{QStringLiteral("expired ")});
        QVERIFY(stage.panel.token().secret().isEmpty() && stage.panel.token().command().isEmpty());
        QVERIFY(button(stage.panel, QStringLiteral("Make a token"))->isVisible());
    }

    // Promise: who used a token is named by its letter, and the page forgets the secret.
    void aSpentTokenNamesItsNode()
    {
        Stage stage;
        QVERIFY(tests::showAt(stage.panel, 320, 800));
        stage.panel.token().setToken(token("0aa8000000006b95", "OPEN"), kSecret);
        auto used = token("0aa8000000006b95", "USED");
        used.usedBy = stage.run.nodes()[2].id.text() + " on studio";
        used.endedWallNs = kWallNs;
        stage.panel.token().setNetwork({"10.0.4.9:43817", "", "54b6", {}}, {used, token("1111000000002222", "REVOKED")});
        QCOMPARE(stage.tokenWords(), (QStringList{QStringLiteral("used byC spent"), QStringLiteral("revoked ")}));
        QVERIFY(stage.panel.token().secret().isEmpty());
    }

    void revokingNamesTheTokenThatIsShown()
    {
        Stage stage;
        QVERIFY(tests::showAt(stage.panel, 320, 800));
        stage.panel.token().setToken(token("0aa8000000006b95", "OPEN"), kSecret);
        QSignalSpy wanted(&stage.panel.token(), &TokenPage::revokeWanted);
        Q_EMIT stage.panel.findChild<TextLabel*>(QStringLiteral("revoke"))->linkActivated(QStringLiteral("revoke"));
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted[0][0].toString(), QStringLiteral("0aa8000000006b95"));
    }

    // Promise: the steps are those of the node that was let in last, with what it measured.
    void theNewestJoiningIsTold()
    {
        Stage stage;
        QVERIFY(tests::showAt(stage.panel, 320, 800));
        QVERIFY(!stage.rows(1)->isVisible());
        stage.joined = types::JoinSteps{200 * base::kMillisecond, 10 * base::kMillisecond, 1100 * base::kMillisecond, 4, 5};
        stage.at(base::kSecond);
        QTRY_VERIFY(stage.rows(1)->isVisible());
        const auto& rows = stage.rows(1)->rows();
        QCOMPARE(rows.size(), 5);
        QCOMPARE(rows[0].value, QStringLiteral("0.2 s"));
        QVERIFY(rows[2].text.startsWith(u'4'));
        QCOMPARE(rows[2].value, QStringLiteral("1.1 s"));
        QVERIFY(rows[3].text.contains(QStringLiteral("400 µs")));
        QVERIFY(tests::shoot(stage.panel, QStringLiteral("add-node-joined")));
    }

    // Promise: a node of this computer is asked for with what was chosen, and a reason against it can be read.
    void aNodeOfThisComputer()
    {
        Stage stage;
        stage.panel.setWay(AddNodePanel::ThisComputer);
        QVERIFY(tests::showAt(stage.panel, 320, 500));
        QSignalSpy wanted(&stage.panel, &AddNodePanel::addNodeRequested);
        auto* add = stage.panel.findChild<QPushButton*>(QStringLiteral("add"));
        QTest::mouseClick(add, Qt::LeftButton);
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted[0][0].toDouble(), 0.0);
        stage.panel.setCanAdd({false, "The cluster is being shut down."});
        QVERIFY(!add->isEnabled());
        QCOMPARE(add->toolTip(), QStringLiteral("The cluster is being shut down."));
        QVERIFY(tests::shoot(stage.panel, QStringLiteral("add-node-here")));
    }
};

QTEST_MAIN(TestAddNode)
#include "tst_add_node.moc"
