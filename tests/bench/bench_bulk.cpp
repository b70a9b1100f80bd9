// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// One large object from one process to another, memfd to memfd, in pairs with the plainest copy over one socket of the same kind:
// the ratio of each pair, so that what else the machine does strikes both. The medians are printed, to be read on a quiet machine;
// only the bytes are asserted.
// ORRERY_BULK_MIB and ORRERY_BULK_PAIRS choose another size and number.
#include "engine/base/epoll_loop.h"
#include "engine/rpc/bulk_puller.h"
#include "engine/rpc/bulk_socket.h"
#include "tests/bench/plain_copy.h"
#include "tests/support/bulk_certificates.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <future>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>

using namespace orrery;

namespace {

int chosen(const char* variable, int otherwise)
{
    const int value = qEnvironmentVariableIntValue(variable);
    return value > 0 ? value : otherwise;
}

const std::size_t kBytes = static_cast<std::size_t>(chosen("ORRERY_BULK_MIB", 1024)) << 20;
const int kPairs = chosen("ORRERY_BULK_PAIRS", 5);
constexpr std::uint64_t kStallMs = 30'000;

base::Mapping memfd()
{
    const base::UniqueFd fd(memfd_create("bench", MFD_CLOEXEC));
    if (!fd || ftruncate(fd.get(), static_cast<off_t>(kBytes)) != 0) qFatal("no memory");
    return {mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd.get(), 0), kBytes};
}

// Listens on a port of the loopback that the system chose.
std::pair<base::UniqueFd, std::uint16_t> listenTcp()
{
    base::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(fd.get(), 8) != 0) qFatal("cannot listen");
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &size);
    return {std::move(fd), ntohs(at.sin_port)};
}

enum Way { Unix, Tcp, Tls };

// Everything that the sending process needs, made before it is forked.
struct Ends {
    QTemporaryDir folder;
    std::string path(const char* name) const { return folder.filePath(QString::fromLatin1(name)).toStdString(); }
    support::BulkAuthority authority;
    std::shared_ptr<const rpc::BulkTls> tls = authority.tls("node");
    // Bulk and plain, in the clear and under TLS.
    std::pair<base::UniqueFd, std::uint16_t> bulk = listenTcp(), bulkTls = listenTcp(), plain = listenTcp(), plainTls = listenTcp();
    base::UniqueFd plainUnix = rpc::listenBulk(path("plain")).value();
};

struct OneObject final : rpc::BulkSource {
    explicit OneObject(std::span<const std::byte> of) : bytes(of) {}
    void open(const rpc::BulkKey&, Opened opened) override { opened(rpc::BulkBytes{bytes, nullptr}); }
    std::span<const std::byte> bytes;
};

void blocking(int fd)
{
    rpc::tuneBulkSocket(fd, kStallMs);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

// The sending process: until it is killed.
[[noreturn]] void send(Ends& ends)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const base::Mapping memory = memfd();
    auto* words = reinterpret_cast<std::uint64_t*>(memory.data());
    for (std::size_t i = 0; i < kBytes / 8; ++i) words[i] = i * 0x9e3779b97f4a7c15ull;
    const auto plain = [&](int listener, bool isTls) {
        std::thread([&, listener, isTls] {
            for (;;) {
                const base::UniqueFd fd(accept(listener, nullptr, nullptr));
                if (!fd) continue;
                blocking(fd.get());
                isTls ? bench::plainTlsSend(fd.get(), *ends.tls, memory.span()) : bench::plainSend(fd.get(), memory.span());
            }
        }).detach();
    };
    fcntl(ends.plainUnix.get(), F_SETFL, 0);
    plain(ends.plainUnix.get(), false);
    plain(ends.plain.first.get(), false);
    plain(ends.plainTls.first.get(), true);
    base::EpollLoop loop;
    OneObject source(memory.span());
    rpc::BulkServer clear(loop, source, {}), secure(loop, source, {{}, ends.tls});
    loop.watch(ends.bulk.first.get(), EPOLLIN, [&](std::uint32_t) { clear.serve(base::UniqueFd(accept(ends.bulk.first.get(), nullptr, nullptr))); });
    loop.watch(ends.bulkTls.first.get(), EPOLLIN, [&](std::uint32_t) { secure.serve(base::UniqueFd(accept(ends.bulkTls.first.get(), nullptr, nullptr))); });
    if (!clear.listen(ends.path("bulk")).ok()) _exit(1);
    loop.run();
    _exit(0);
}

base::UniqueFd connected(const std::string& address)
{
    base::UniqueFd fd = rpc::connectBulk(address).value();
    blocking(fd.get());
    pollfd writable{fd.get(), POLLOUT, 0};
    poll(&writable, 1, -1);
    return fd;
}

std::string tcp(const std::pair<base::UniqueFd, std::uint16_t>& listener)
{
    return "127.0.0.1:" + std::to_string(listener.second);
}

double secondsOf(clockid_t clock)
{
    timespec at{};
    clock_gettime(clock, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

// Of one copy: by the clock, and of both processes' CPU, which others on the machine strike less.
struct Cost {
    double seconds = 0, cpuSeconds = 0;
    Cost operator-(const Cost& other) const { return {seconds - other.seconds, cpuSeconds - other.cpuSeconds}; }
};

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

bool isRight(std::span<const std::byte> memory)
{
    const auto* words = reinterpret_cast<const std::uint64_t*>(memory.data());
    for (std::size_t i = 0; i < kBytes / 8; ++i)
        if (words[i] != i * 0x9e3779b97f4a7c15ull) return false;
    return true;
}

} // namespace

class BenchBulk : public QObject {
    Q_OBJECT
    std::unique_ptr<Ends> m_ends;
    pid_t m_sender = -1;
    base::Mapping m_memory;
    std::unique_ptr<base::EpollLoop> m_loop;
    std::thread m_thread;
    std::unique_ptr<rpc::BulkPuller> m_clear, m_secure;

    Cost now() const
    {
        clockid_t sender = 0;
        clock_getcpuclockid(m_sender, &sender);
        return {secondsOf(CLOCK_MONOTONIC), secondsOf(CLOCK_PROCESS_CPUTIME_ID) + secondsOf(sender)};
    }
    bool bulk(Way way)
    {
        const std::string address = way == Unix ? "unix:" + m_ends->path("bulk") : tcp(way == Tcp ? m_ends->bulk : m_ends->bulkTls);
        std::promise<bool> came;
        m_loop->post([&] {
            (way == Tls ? m_secure : m_clear)->pull({address, {}}, {}, m_memory.span(), [&](base::Result<void> result) {
                if (!result) qWarning("%s", result.error().message.c_str());
                came.set_value(result.ok());
            });
        });
        return came.get_future().get();
    }
    bool plain(Way way)
    {
        const auto fd = connected(way == Unix ? "unix:" + m_ends->path("plain") : tcp(way == Tcp ? m_ends->plain : m_ends->plainTls));
        return way == Tls ? bench::plainTlsReceive(fd.get(), *m_ends->tls, m_memory.span()) : bench::plainReceive(fd.get(), m_memory.span());
    }
    double pairs(Way way, const char* name)
    {
        std::vector<double> ratios, ours, theirs, ourCpu, theirCpu;
        bool right = true;
        for (int i = -1; i < kPairs; ++i) { // one to warm up
            const Cost t0 = now();
            right = bulk(way) && right;
            const Cost us = now() - t0;
            if (i < 0) right = right && isRight(m_memory.span());
            const Cost t1 = now();
            right = plain(way) && right;
            const Cost them = now() - t1;
            if (i < 0) continue;
            constexpr double kGb = 1e9;
            const double gigabytes = static_cast<double>(kBytes) / kGb;
            ours.push_back(gigabytes / us.seconds);
            theirs.push_back(gigabytes / them.seconds);
            ourCpu.push_back(us.cpuSeconds / gigabytes);
            theirCpu.push_back(them.cpuSeconds / gigabytes);
            ratios.push_back(them.seconds / us.seconds);
        }
        if (!right) return 0;
        qInfo("%s: bulk %.2f GB/s (CPU %.2f s/GB), plain %.2f GB/s (CPU %.2f s/GB), medians of %d; ratio of pairs %.2f (from %.2f to %.2f), the goal is 0.8", name,
              median(ours), median(ourCpu), median(theirs), median(theirCpu), kPairs, median(ratios), *std::min_element(ratios.begin(), ratios.end()),
              *std::max_element(ratios.begin(), ratios.end()));
        return median(ratios);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_ends = std::make_unique<Ends>();
        m_sender = fork();
        if (m_sender == 0) send(*m_ends);
        m_memory = memfd();
        m_loop = std::make_unique<base::EpollLoop>();
        m_clear = std::make_unique<rpc::BulkPuller>(*m_loop, rpc::BulkOptions{});
        m_secure = std::make_unique<rpc::BulkPuller>(*m_loop, rpc::BulkOptions{{}, m_ends->tls});
        m_thread = std::thread([this] { m_loop->run(); });
    }
    void cleanupTestCase()
    {
        m_loop->stop();
        m_thread.join();
        m_clear.reset();
        m_secure.reset();
        kill(m_sender, SIGKILL);
        waitpid(m_sender, nullptr, 0);
    }
    void betweenLocalNodesItIsNearAPlainCopy() { QVERIFY(pairs(Unix, "Unix socket") > 0); }
    void overTcpItIsNearAPlainCopy() { QVERIFY(pairs(Tcp, "TCP") > 0); }
    void underTlsItIsNearPlainOpenSsl() { QVERIFY(pairs(Tls, "TLS 1.3") > 0); }
};

QTEST_GUILESS_MAIN(BenchBulk)
#include "bench_bulk.moc"
