// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Machines: computers of their own on one, as network and mount namespaces on a bridge: what runs on one reaches the others through
// the wire only, and finds neither their folders nor a plugin. Wire: everything that crosses the bridge, as bytes, through a packet
// socket. Both need the rights of root; whyNot() is one sentence where they are not to be had.
// Thread: the test's; Wire has one of its own. Leaves nothing: the destructor takes namespaces and bridge away.

#include "tests/support/ctl.h"

#include <arpa/inet.h>
#include <atomic>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace orrery::tests {

class Machines {
public:
    explicit Machines(int count) : m_mark(QString::number(::getpid() % 100'000))
    {
        if (::geteuid() != 0) {
            m_whyNot = QStringLiteral("network namespaces need the rights of root");
            return;
        }
        if (!ip({QStringLiteral("link"), QStringLiteral("add"), bridge(), QStringLiteral("type"), QStringLiteral("bridge")}) || !ip({QStringLiteral("link"), QStringLiteral("set"), bridge(), QStringLiteral("up")})) return;
        for (int i = 1; i <= count; ++i) {
            const QString in = QStringLiteral("om%1n%2").arg(m_mark).arg(i), out = QStringLiteral("ob%1n%2").arg(m_mark).arg(i);
            const bool made = ip({QStringLiteral("netns"), QStringLiteral("add"), name(i)}) && ip({QStringLiteral("link"), QStringLiteral("add"), out, QStringLiteral("type"), QStringLiteral("veth"), QStringLiteral("peer"), QStringLiteral("name"), in})
                && ip({QStringLiteral("link"), QStringLiteral("set"), in, QStringLiteral("netns"), name(i)}) && ip({QStringLiteral("link"), QStringLiteral("set"), out, QStringLiteral("master"), bridge(), QStringLiteral("up")})
                && ip({QStringLiteral("-n"), name(i), QStringLiteral("addr"), QStringLiteral("add"), address(i) + QStringLiteral("/24"), QStringLiteral("dev"), in})
                && ip({QStringLiteral("-n"), name(i), QStringLiteral("link"), QStringLiteral("set"), in, QStringLiteral("up")}) && ip({QStringLiteral("-n"), name(i), QStringLiteral("link"), QStringLiteral("set"), QStringLiteral("lo"), QStringLiteral("up")});
            ++m_count;
            if (!made) return;
        }
    }
    ~Machines()
    {
        for (int i = 1; i <= m_count; ++i) ip({QStringLiteral("netns"), QStringLiteral("del"), name(i)});
        ip({QStringLiteral("link"), QStringLiteral("del"), bridge()});
    }
    Machines(const Machines&) = delete;
    Machines& operator=(const Machines&) = delete;

    const QString& whyNot() const { return m_whyNot; }
    QString bridge() const { return QStringLiteral("orr%1").arg(m_mark); }
    // The first is 1.
    static QString address(int machine) { return QStringLiteral("10.86.99.%1").arg(machine); }
    // Before the words of a program: it runs on that machine, and these folders are empty there.
    QStringList on(int machine, const QStringList& hidden = {}) const
    {
        QStringList words{QStringLiteral("ip"), QStringLiteral("netns"), QStringLiteral("exec"), name(machine)};
        if (hidden.isEmpty()) return words;
        QString script;
        for (const QString& folder : hidden) script += QStringLiteral("mount -t tmpfs none '%1' || exit 90; ").arg(folder);
        return words + QStringList{QStringLiteral("unshare"), QStringLiteral("-m"), QStringLiteral("sh"), QStringLiteral("-c"), script + QStringLiteral("exec \"$@\""), QStringLiteral("sh")};
    }

private:
    QString name(int machine) const { return QStringLiteral("orr%1m%2").arg(m_mark).arg(machine); }
    bool ip(const QStringList& words)
    {
        QProcess program;
        program.start(QStringLiteral("ip"), words);
        const auto said = finish(program);
        if (said.code != 0 && m_whyNot.isEmpty()) m_whyNot = QStringLiteral("no network of namespaces can be made here: ip %1: %2").arg(words.join(u' '), said.code < 0 ? QStringLiteral("there is no program ip") : said.firstErr());
        return said.code == 0;
    }
    const QString m_mark;
    QString m_whyNot;
    int m_count = 0;
};

// Looks for texts in everything that crosses an interface. A text that two packets share is not seen: look for such as come often.
class Wire {
public:
    Wire(const QString& interface, std::vector<QByteArray> texts) : m_texts(std::move(texts)), m_seen(m_texts.size())
    {
        m_fd = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
        sockaddr_ll at{};
        at.sll_family = AF_PACKET;
        at.sll_protocol = htons(ETH_P_ALL);
        at.sll_ifindex = static_cast<int>(::if_nametoindex(interface.toUtf8().constData()));
        const int room = 64 << 20;
        ::setsockopt(m_fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
        m_good = m_fd >= 0 && ::bind(m_fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
        packet_mreq all{}; // a bridge shows what it only passes on to who asks for everything
        all.mr_ifindex = at.sll_ifindex;
        all.mr_type = PACKET_MR_PROMISC;
        m_good = m_good && ::setsockopt(m_fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0;
        m_thread = std::thread([this] { listen(); });
    }
    ~Wire()
    {
        m_stop = true;
        m_thread.join();
        if (m_fd >= 0) ::close(m_fd);
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    bool good() const { return m_good; }
    std::uint64_t bytes() const { return m_bytes; }
    // How many packets had the text.
    std::uint64_t seen(std::size_t text) const { return m_seen.at(text).value; }
    // Packets that came faster than they were looked at.
    std::uint64_t missed()
    {
        tpacket_stats stats{};
        socklen_t size = sizeof stats;
        if (::getsockopt(m_fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) m_missed += stats.tp_drops;
        return m_missed;
    }

private:
    struct Count {
        std::atomic<std::uint64_t> value{0};
    };
    void listen()
    {
        std::vector<char> packet(1 << 17);
        pollfd polled{m_fd, POLLIN, 0};
        while (!m_stop) {
            if (::poll(&polled, 1, 50) <= 0) continue;
            const ssize_t size = ::recv(m_fd, packet.data(), packet.size(), MSG_DONTWAIT);
            if (size <= 0) continue;
            m_bytes += static_cast<std::uint64_t>(size);
            const auto view = QByteArray::fromRawData(packet.data(), static_cast<qsizetype>(size));
            for (std::size_t i = 0; i < m_texts.size(); ++i)
                if (view.contains(m_texts[i])) ++m_seen[i].value;
        }
    }
    const std::vector<QByteArray> m_texts;
    std::vector<Count> m_seen;
    int m_fd = -1;
    bool m_good = false;
    std::atomic<bool> m_stop{false};
    std::atomic<std::uint64_t> m_bytes{0};
    std::uint64_t m_missed = 0;
    std::thread m_thread;
};

} // namespace orrery::tests
