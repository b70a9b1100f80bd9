// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/data_lock.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace orrery::archive {

using base::Errc;
using base::fail;
using base::failErrno;

namespace {

constexpr long kCifs = 0xff534d42;
constexpr long kSmb2 = 0xfe534d42;
constexpr long kLustre = 0x0bd00bd0;
constexpr long kGpfs = 0x47504653;

bool isNetwork(long type)
{
    return type == NFS_SUPER_MAGIC || type == SMB_SUPER_MAGIC || type == kCifs || type == kSmb2 || type == AFS_SUPER_MAGIC || type == CEPH_SUPER_MAGIC || type == V9FS_MAGIC ||
           type == kLustre || type == kGpfs;
}

void writeHolder(int fd)
{
    const std::string text = fmt::format("{}\n", ::getpid());
    // Only for people; the lock itself is the flock.
    if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, text.data(), text.size(), 0);
}

} // namespace

base::Result<DataLock> DataLock::take(const std::filesystem::path& folder)
{
    std::error_code code;
    std::filesystem::create_directories(folder.parent_path().empty() ? "." : folder.parent_path(), code);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failErrno(Errc::Refused, fmt::format("The data folder {} cannot be made", folder.string()));
    struct statfs where{};
    if (::statfs(folder.c_str(), &where) == 0 && isNetwork(where.f_type))
        return fail(Errc::Refused, fmt::format("The data folder {} lies on a network file system, where records can be lost. Choose a folder on a disk of this computer.", folder.string()));
    const std::filesystem::path path = folder / "lock";
    base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return failErrno(Errc::Refused, fmt::format("The lock {} cannot be opened", path.string()));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return failErrno(Errc::Refused, fmt::format("The lock {} cannot be taken", path.string()));
        char holder[32] = {};
        const ssize_t got = ::pread(fd.get(), holder, sizeof holder - 1, 0);
        std::string pid(holder, got > 0 ? static_cast<std::size_t>(got) : 0);
        while (!pid.empty() && pid.back() == '\n') pid.pop_back();
        return fail(Errc::Refused, fmt::format("The data folder {} is in use by another head{}. Use that one, or choose another folder.", folder.string(), pid.empty() ? "" : " (process " + pid + ")"));
    }
    writeHolder(fd.get());
    return DataLock(std::move(fd));
}

base::Result<DataLock> DataLock::adopt(const std::filesystem::path& folder, base::UniqueFd fd)
{
    // flock belongs to the open file description: taking it again through the same one succeeds, through another it does not.
    struct stat handed{}, here{};
    const std::filesystem::path path = folder / "lock";
    if (::fstat(fd.get(), &handed) != 0 || ::stat(path.c_str(), &here) != 0 || handed.st_ino != here.st_ino || handed.st_dev != here.st_dev)
        return fail(Errc::BadInput, fmt::format("The descriptor handed over is not the lock {}.", path.string()));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return fail(Errc::Refused, fmt::format("The data folder {} is in use by another head.", folder.string()));
    ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    writeHolder(fd.get());
    return DataLock(std::move(fd));
}

base::Result<void> syncFolder(const std::filesystem::path& folder)
{
    const base::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) return failErrno(Errc::Failed, fmt::format("The folder {} cannot be made durable", folder.string()));
    return {};
}

} // namespace orrery::archive
