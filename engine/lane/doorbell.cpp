// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/lane/doorbell.h"

#include <cerrno>
#include <climits>
#include <ctime>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace orrery::lane {

using base::Errc;

namespace {

constexpr std::size_t kPageBytes = 4096;

base::Result<base::UniqueFd> makePage(const char* name)
{
    base::UniqueFd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd || ftruncate(fd.get(), kPageBytes) != 0) return base::failErrno(Errc::Refused, "cannot make a page of shared memory");
    fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    return fd;
}

base::Result<base::Mapping> mapPage(int fd, int protection)
{
    struct stat info {};
    if (fstat(fd, &info) != 0 || info.st_size != static_cast<off_t>(kPageBytes)) return base::fail(Errc::BadInput, "a doorbell or gate page of the wrong size was offered");
    void* at = mmap(nullptr, kPageBytes, protection, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) return base::failErrno(Errc::Refused, "cannot map a page of shared memory");
    return base::Mapping(at, kPageBytes);
}

} // namespace

base::Result<Doorbell> Doorbell::create()
{
    auto fd = makePage("orrery-doorbell");
    if (!fd) return fd.error();
    return attach(std::move(*fd), {});
}

base::Result<Doorbell> Doorbell::createForEpoll()
{
    auto fd = makePage("orrery-doorbell");
    if (!fd) return fd.error();
    base::UniqueFd event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) return base::failErrno(Errc::Refused, "cannot make an eventfd");
    return attach(std::move(*fd), std::move(event));
}

base::Result<Doorbell> Doorbell::attach(base::UniqueFd fd, base::UniqueFd eventFd)
{
    static_assert(sizeof(Page) <= kPageBytes);
    auto map = mapPage(fd.get(), PROT_READ | PROT_WRITE);
    if (!map) return map.error();
    return Doorbell(std::move(fd), std::move(*map), std::move(eventFd));
}

void Doorbell::wake()
{
    if (page()->sleeping.exchange(0, std::memory_order_acq_rel) == 0) return; // somebody else wakes it
    wakeNow();
}

void Doorbell::wakeNow()
{
    if (m_eventFd) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(m_eventFd.get(), &one, sizeof one);
        return;
    }
    page()->word.fetch_add(1, std::memory_order_release);
    syscall(SYS_futex, &page()->word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void Doorbell::sleep(std::uint32_t seen, base::TimeNs timeoutNs)
{
    timespec timeout{};
    timeout.tv_sec = timeoutNs / base::kSecond;
    timeout.tv_nsec = timeoutNs % base::kSecond;
    syscall(SYS_futex, &page()->word, FUTEX_WAIT, seen, timeoutNs < 0 ? nullptr : &timeout, nullptr, 0);
}

void Doorbell::clear()
{
    std::uint64_t value = 0;
    [[maybe_unused]] const ssize_t got = ::read(m_eventFd.get(), &value, sizeof value);
}

base::Result<GatePage> GatePage::create()
{
    static_assert(sizeof(Page) <= kPageBytes);
    auto fd = makePage("orrery-gates");
    if (!fd) return fd.error();
    auto map = mapPage(fd->get(), PROT_READ | PROT_WRITE);
    if (!map) return map.error();
    GatePage page(std::move(*fd), std::move(*map));
    // Nobody who gets the descriptor may write: our own mapping stays as it is.
    fcntl(page.m_fd.get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE);
    return page;
}

base::Result<GatePage> GatePage::attach(base::UniqueFd fd)
{
    auto map = mapPage(fd.get(), PROT_READ);
    if (!map) return map.error();
    return GatePage(std::move(fd), std::move(*map));
}

void GatePage::set(std::uint32_t gate, bool close)
{
    if (gate >= kGates) return;
    const std::uint64_t bit = std::uint64_t{1} << (gate % 64);
    if (close) page()->bits[gate / 64].fetch_or(bit, std::memory_order_relaxed);
    else page()->bits[gate / 64].fetch_and(~bit, std::memory_order_relaxed);
}

} // namespace orrery::lane
