// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/private_file.h"

#include "engine/base/fd.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

namespace orrery::security {

using base::Errc;
using base::fail;
using base::failErrno;

namespace {

base::Result<void> writeAll(int fd, std::string_view text, const std::string& name)
{
    while (!text.empty()) {
        const ssize_t wrote = ::write(fd, text.data(), text.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return failErrno(Errc::Failed, fmt::format("The file {} cannot be written", name));
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

base::Result<void> syncFolder(const std::filesystem::path& folder)
{
    const base::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
        return failErrno(Errc::Failed, fmt::format("The folder {} cannot be made durable", folder.string()));
    return {};
}

} // namespace

base::Result<void> needPrivateFolder(const std::filesystem::path& folder)
{
    std::error_code code;
    if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), code);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return failErrno(Errc::Refused, fmt::format("The folder {} for keys cannot be made", folder.string()));
    struct stat found {};
    if (::lstat(folder.c_str(), &found) != 0)
        return failErrno(Errc::Refused, fmt::format("The folder {} for keys cannot be looked at", folder.string()));
    if (!S_ISDIR(found.st_mode))
        return fail(Errc::Refused, fmt::format("{} is not a folder, so no keys can be kept there.", folder.string()));
    if (found.st_uid != ::geteuid())
        return fail(Errc::Refused,
                    fmt::format("The folder {} for keys belongs to user {} and not to us ({}). Choose another folder.",
                                folder.string(), found.st_uid, ::geteuid()));
    if (found.st_mode & 022)
        return fail(
            Errc::Refused,
            fmt::format("Others may write into the folder {} for keys (mode {:04o}). Make it private: chmod 700 {}",
                        folder.string(), found.st_mode & 07777, folder.string()));
    return {};
}

base::Result<void> writeWhole(const std::filesystem::path& path, std::string_view text, bool secret, Replace replace)
{
    // The process in the name: two writers never share a file, and what a dead one left is taken away by the next of
    // its number.
    const std::string part = fmt::format("{}.{}.part", path.string(), ::getpid());
    ::unlink(part.c_str());
    const mode_t mode = secret ? 0600 : 0644;
    {
        base::UniqueFd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd) return failErrno(Errc::Failed, fmt::format("The file {} cannot be made", part));
        auto done = writeAll(fd.get(), text, part);
        if (done.ok() && (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0))
            done = failErrno(Errc::Failed, fmt::format("The file {} cannot be made durable", part));
        if (!done.ok()) {
            ::unlink(part.c_str());
            return done.error();
        }
    }
    // A link never takes the place of another; a rename does.
    const bool named =
        replace == Replace::Yes ? ::rename(part.c_str(), path.c_str()) == 0 : ::link(part.c_str(), path.c_str()) == 0;
    const int problem = errno;
    if (replace == Replace::No || !named) ::unlink(part.c_str());
    errno = problem;
    if (!named) return failErrno(Errc::Refused, fmt::format("The file {} cannot be put in its place", path.string()));
    return syncFolder(path.has_parent_path() ? path.parent_path() : ".");
}

base::Result<std::string> readWhole(const std::filesystem::path& path, bool secret)
{
    // The one that was looked at is the one that is read; a FIFO must not hold us up.
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | (secret ? O_NOFOLLOW : 0)));
    if (!fd && errno == ELOOP)
        return fail(Errc::Refused, fmt::format("The key file {} is a link; put the file itself there.", path.string()));
    if (!fd)
        return failErrno(errno == ENOENT ? Errc::NotFound : Errc::Refused,
                         fmt::format("The file {} cannot be opened", path.string()));
    struct stat found {};
    if (::fstat(fd.get(), &found) != 0)
        return failErrno(Errc::Refused, fmt::format("The file {} cannot be looked at", path.string()));
    if (!S_ISREG(found.st_mode)) return fail(Errc::Refused, fmt::format("{} is not a plain file.", path.string()));
    if (secret && found.st_uid != ::geteuid())
        return fail(Errc::Refused,
                    fmt::format("The key file {} belongs to user {} and not to us ({}), so it is not used.",
                                path.string(), found.st_uid, ::geteuid()));
    if (secret && (found.st_mode & 077))
        return fail(Errc::Refused, fmt::format("The key file {} is open to others (mode {:04o}), so its key may be "
                                               "known. If you trust that nobody has read it: chmod 600 {}",
                                               path.string(), found.st_mode & 07777, path.string()));
    if (static_cast<std::size_t>(found.st_size) > kPemBytesMax)
        return fail(Errc::BadInput, fmt::format("The file {} is larger than {} bytes, which no key or certificate is.",
                                                path.string(), kPemBytesMax));
    std::string text(static_cast<std::size_t>(found.st_size), '\0');
    std::size_t at = 0;
    while (at < text.size()) {
        const ssize_t got = ::read(fd.get(), text.data() + at, text.size() - at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failErrno(Errc::Failed, fmt::format("The file {} cannot be read", path.string()));
        if (got == 0) break;
        at += static_cast<std::size_t>(got);
    }
    text.resize(at);
    return text;
}

void wipe(std::string& text)
{
    OPENSSL_cleanse(text.data(), text.size());
}

} // namespace orrery::security
