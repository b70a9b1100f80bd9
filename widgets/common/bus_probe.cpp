// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/bus_probe.h"

#include <QSocketNotifier>
#include <QTimer>
#include <algorithm>
#include <cstddef>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace orrery::widgets {

QByteArray busSocketName(const QByteArray& addresses)
{
    for (const QByteArray& address : addresses.split(';')) {
        if (!address.startsWith("unix:")) continue;
        for (const QByteArray& pair : address.mid(5).split(',')) {
            const QByteArray value = QByteArray::fromPercentEncoding(pair.mid(pair.indexOf('=') + 1));
            if (pair.startsWith("path=")) return value;
            if (pair.startsWith("abstract=")) return '\0' + value;
        }
    }
    return {};
}

BusProbe::~BusProbe() { stop(); }

void BusProbe::stop()
{
    qDeleteAll(findChildren<QSocketNotifier*>());
    if (m_socket >= 0) ::close(m_socket);
    m_socket = -1;
}

void BusProbe::ask(const QByteArray& socketName)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (m_socket >= 0 || socketName.isEmpty() || socketName.size() >= static_cast<qsizetype>(sizeof address.sun_path)) return;
    std::copy(socketName.begin(), socketName.end(), address.sun_path);
    m_socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m_socket < 0) return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + static_cast<std::size_t>(socketName.size()));
    // A zero byte, then who we are, as hex of the decimal user id.
    const QByteArray hello = '\0' + ("AUTH EXTERNAL " + QByteArray::number(::getuid()).toHex()) + "\r\n";
    if (::connect(m_socket, reinterpret_cast<const sockaddr*>(&address), length) != 0
        || ::send(m_socket, hello.constData(), static_cast<std::size_t>(hello.size()), MSG_NOSIGNAL) != hello.size())
        return stop();
    auto* readable = new QSocketNotifier(m_socket, QSocketNotifier::Read, this);
    connect(readable, &QSocketNotifier::activated, this, &BusProbe::read, Qt::QueuedConnection);
    QTimer::singleShot(kBusAnswerMs, this, &BusProbe::stop);
}

void BusProbe::read()
{
    if (m_socket < 0) return;
    char buffer[512];
    const ssize_t got = ::recv(m_socket, buffer, sizeof buffer, 0);
    if (got <= 0 && !(got < 0 && errno == EAGAIN)) return stop();
    if (got > 0) m_line.append(buffer, got);
    if (!m_line.contains("\r\n") && m_line.size() < kBusLineMax) return;
    stop();
    if (m_line.startsWith("OK ")) Q_EMIT answered();
}

} // namespace orrery::widgets
