// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The desktop's wish over a real bus with a portal of ours on it, and over buses that are broken.
#include "widgets/common/bus_probe.h"
#include "widgets/common/system_scheme.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusVariant>
#include <QDBusVirtualObject>
#include <QProcess>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace orrery::widgets;

namespace {

// A desktop's portal: answers Read, tells changes.
class Portal final : public QDBusVirtualObject {
public:
    uint scheme = 2;
    bool animations = false;
    QString introspect(const QString&) const override { return {}; }
    bool handleMessage(const QDBusMessage& call, const QDBusConnection& bus) override
    {
        if (call.member() != u"Read") return false;
        const QVariant value = call.arguments().value(1).toString() == u"color-scheme" ? QVariant(scheme) : QVariant(animations);
        const QVariant twice = QVariant::fromValue(QDBusVariant(QVariant::fromValue(QDBusVariant(value))));
        return bus.send(call.createReply(twice));
    }
    static void tell(const QDBusConnection& bus, const char* space, const char* name, const QVariant& value)
    {
        QDBusMessage signal = QDBusMessage::createSignal(QStringLiteral("/org/freedesktop/portal/desktop"), QStringLiteral("org.freedesktop.portal.Settings"), QStringLiteral("SettingChanged"));
        signal << QString::fromLatin1(space) << QString::fromLatin1(name) << QVariant::fromValue(QDBusVariant(value));
        bus.send(signal);
    }
    static void tellScheme(const QDBusConnection& bus, uint scheme) { tell(bus, "org.freedesktop.appearance", "color-scheme", scheme); }
    static void tellAnimations(const QDBusConnection& bus, bool on) { tell(bus, "org.gnome.desktop.interface", "enable-animations", on); }
};

// Accepts, and never says a word.
class SilentBus final {
public:
    explicit SilentBus(const QString& path) : m_socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const QByteArray name = path.toLocal8Bit();
        std::copy(name.begin(), name.end(), address.sun_path);
        listening = ::bind(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(m_socket, 4) == 0;
    }
    ~SilentBus()
    {
        ::close(m_guest);
        ::close(m_socket);
    }
    bool heardAGreeting()
    {
        if (m_guest < 0) m_guest = ::accept4(m_socket, nullptr, nullptr, SOCK_NONBLOCK);
        char line[64];
        m_heard |= m_guest >= 0 && ::recv(m_guest, line, sizeof line, 0) > 0;
        return m_heard;
    }
    bool listening = false;

private:
    int m_socket;
    int m_guest = -1;
    bool m_heard = false;
};

} // namespace

class TestSystemScheme : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void addressesAreReadAsTheBusWritesThem()
    {
        QCOMPARE(busSocketName("unix:path=/run/user/1000/bus"), QByteArray("/run/user/1000/bus"));
        QCOMPARE(busSocketName("unix:guid=ab,path=/a%20b;unix:path=/c"), QByteArray("/a b"));
        QCOMPARE(busSocketName("tcp:host=localhost;unix:abstract=/tmp/x,guid=1"), QByteArray("\0/tmp/x", 7));
        QVERIFY(busSocketName("autolaunch:").isEmpty());
        QVERIFY(busSocketName("").isEmpty());
    }

    void aBusThatNeverAnswersIsLeftAlone()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("bus"));
        SilentBus silent(path);
        QVERIFY(silent.listening);
        qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + path.toLocal8Bit());
        SystemScheme scheme;
        scheme.start(); // were QtDBus asked, this process would not end
        QTRY_VERIFY(silent.heardAGreeting());
    }

    void theThemeFollowsThePortal()
    {
        const QString program = QStandardPaths::findExecutable(QStringLiteral("dbus-daemon"));
        if (program.isEmpty()) QSKIP("no dbus-daemon on this machine");
        QProcess daemon;
        daemon.start(program, {QStringLiteral("--session"), QStringLiteral("--nofork"), QStringLiteral("--print-address=1")});
        QVERIFY(daemon.waitForStarted());
        const auto end = qScopeGuard([&daemon] {
            daemon.kill();
            daemon.waitForFinished();
        });
        QTRY_VERIFY(daemon.canReadLine());
        const QByteArray address = daemon.readLine().trimmed();
        qputenv("DBUS_SESSION_BUS_ADDRESS", address);
        {
            Portal portal;
            QDBusConnection bus = QDBusConnection::connectToBus(QString::fromUtf8(address), QStringLiteral("desktop"));
            QVERIFY(bus.isConnected());
            QVERIFY(bus.registerVirtualObject(QStringLiteral("/org/freedesktop/portal/desktop"), &portal));
            QVERIFY(bus.registerService(QStringLiteral("org.freedesktop.portal.Desktop")));

            Theme& theme = installTheme(*qApp, Theme::Mode::System);
            QVERIFY(theme.isDark()); // until it has answered
            QTRY_VERIFY(!theme.isDark());
            QTRY_VERIFY(theme.reduceMotion());
            Portal::tellScheme(bus, 1);
            QTRY_VERIFY(theme.isDark());
            theme.setMode(Theme::Mode::Dark);
            QSignalSpy changed(&theme, &Theme::changed);
            Portal::tellScheme(bus, 2);
            Portal::tellScheme(bus, 0); // no preference: as before
            Portal::tellAnimations(bus, true);
            QTRY_VERIFY(!theme.reduceMotion()); // comes after the others
            QCOMPARE(changed.count(), 0); // a choice of the user's own stands
            theme.setMode(Theme::Mode::System);
            QVERIFY(!theme.isDark());
        }
        QDBusConnection::disconnectFromBus(QStringLiteral("desktop"));
    }
};

QTEST_MAIN(TestSystemScheme)
#include "tst_system_scheme.moc"
