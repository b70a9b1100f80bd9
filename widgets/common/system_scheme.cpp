// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/system_scheme.h"

#include "widgets/common/bus_probe.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>
#include <QThread>

namespace orrery::widgets {

namespace {

constexpr int kVariantsInVariantsMax = 4;
constexpr int kExitWaitMs = 100;

QVariant unwrapped(QVariant value)
{
    for (int i = 0; i < kVariantsInVariantsMax && value.metaType() == QMetaType::fromType<QDBusVariant>(); ++i)
        value = qvariant_cast<QDBusVariant>(value).variant();
    return value;
}

struct Key {
    QString space;
    QString name;
};
const Key& schemeKey()
{
    static const Key key{QStringLiteral("org.freedesktop.appearance"), QStringLiteral("color-scheme")};
    return key;
}
const Key& motionKey()
{
    static const Key key{QStringLiteral("org.gnome.desktop.interface"), QStringLiteral("enable-animations")};
    return key;
}

QByteArray sessionBus()
{
    const QByteArray named = busSocketName(qgetenv("DBUS_SESSION_BUS_ADDRESS"));
    // Without an address libdbus would look here, then start a bus by itself; the latter is not ours to do.
    const QByteArray usual = qgetenv("XDG_RUNTIME_DIR") + "/bus";
    return named.isEmpty() && QFileInfo::exists(QString::fromLocal8Bit(usual)) ? usual : named;
}

// Lives on the thread; connecting blocks it, nothing else does.
class PortalReader final : public QObject {
    Q_OBJECT
public Q_SLOTS:
    void open()
    {
        QDBusConnection bus = QDBusConnection::connectToBus(QDBusConnection::SessionBus, QStringLiteral("orrery-appearance"));
        if (!bus.isConnected()) return;
        qRegisterMetaType<QDBusVariant>("QDBusVariant"); // connect() finds the slot's types by name, and is first to need it
        bus.connect(m_service, m_path, m_interface, QStringLiteral("SettingChanged"), this, SLOT(take(QString, QString, QDBusVariant)));
        for (const Key& key : {schemeKey(), motionKey()}) ask(bus, key);
    }
    void take(const QString& space, const QString& name, const QDBusVariant& value)
    {
        if (space == schemeKey().space && name == schemeKey().name) {
            if (const auto dark = wantsDark(value.variant())) Q_EMIT darkWanted(*dark);
        } else if (space == motionKey().space && name == motionKey().name) {
            if (const auto motion = wantsMotion(value.variant())) Q_EMIT motionWanted(*motion);
        }
    }

Q_SIGNALS:
    void darkWanted(bool dark);
    void motionWanted(bool motion);

private:
    void ask(QDBusConnection& bus, const Key& key)
    {
        QDBusMessage call = QDBusMessage::createMethodCall(m_service, m_path, m_interface, QStringLiteral("Read"));
        call << key.space << key.name;
        auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
        connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, key, watcher] {
            const QDBusPendingReply<QDBusVariant> reply = *watcher;
            if (!reply.isError()) take(key.space, key.name, reply.value());
            watcher->deleteLater();
        });
    }
    const QString m_service = QStringLiteral("org.freedesktop.portal.Desktop");
    const QString m_path = QStringLiteral("/org/freedesktop/portal/desktop");
    const QString m_interface = QStringLiteral("org.freedesktop.portal.Settings");
};

} // namespace

std::optional<bool> wantsDark(const QVariant& value)
{
    bool number = false;
    const uint scheme = unwrapped(value).toUInt(&number);
    if (!number || scheme < 1 || scheme > 2) return std::nullopt; // 0: no preference
    return scheme == 1;
}

std::optional<bool> wantsMotion(const QVariant& value)
{
    const QVariant plain = unwrapped(value);
    if (plain.metaType() != QMetaType::fromType<bool>()) return std::nullopt;
    return plain.toBool();
}

SystemScheme::SystemScheme(QObject* parent) : QObject(parent) {}

void SystemScheme::start()
{
    if (m_probe) return;
    m_probe = new BusProbe(this);
    connect(m_probe, &BusProbe::answered, this, &SystemScheme::read);
    m_probe->ask(sessionBus());
}

void SystemScheme::read()
{
    m_thread = new QThread;
    m_thread->setObjectName(QStringLiteral("appearance"));
    auto* reader = new PortalReader;
    reader->moveToThread(m_thread);
    connect(m_thread, &QThread::started, reader, &PortalReader::open);
    connect(m_thread, &QThread::finished, reader, &QObject::deleteLater);
    connect(reader, &PortalReader::darkWanted, this, &SystemScheme::darkWanted);
    connect(reader, &PortalReader::motionWanted, this, &SystemScheme::motionWanted);
    m_thread->start(QThread::LowPriority);
}

SystemScheme::~SystemScheme()
{
    if (!m_thread) return;
    m_thread->quit();
    if (m_thread->wait(kExitWaitMs)) delete m_thread;
}

} // namespace orrery::widgets

#include "system_scheme.moc"
