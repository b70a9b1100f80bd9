// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/command/scratch.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace orrery::command {

using plugin::Error;
using plugin::text;
namespace fs = std::filesystem;

namespace {

constexpr const char* kPrefix = "orrery-command-";
// Between its making and its lock a folder looks abandoned; nobody takes that long.
constexpr std::chrono::minutes kYoung{1};

std::string temporaryFolder()
{
    const char* named = std::getenv("TMPDIR");
    return named != nullptr && *named != '\0' ? named : "/tmp";
}

Fd locked(const std::string& folder)
{
    Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat facts {};
    if (!fd || ::fstat(fd.get(), &facts) != 0 || facts.st_uid != ::geteuid() ||
        ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return Fd();
    return fd;
}

void removeAbandoned(const std::string& among)
{
    std::error_code error;
    for (fs::directory_iterator at(among, error); !error && at != fs::directory_iterator(); at.increment(error)) {
        if (!at->path().filename().string().starts_with(kPrefix)) continue;
        std::error_code ignored; // another worker may remove it too
        if (fs::file_time_type::clock::now() - at->last_write_time(ignored) < kYoung || ignored) continue;
        if (const Fd lock = locked(at->path().string()); lock) fs::remove_all(at->path(), ignored);
    }
}

} // namespace

Fd& Fd::operator=(Fd&& other) noexcept
{
    if (this != &other) Fd(std::exchange(m_fd, other.release()));
    return *this;
}

Fd::~Fd()
{
    if (m_fd >= 0) ::close(m_fd);
}

Scratch::Scratch()
{
    const std::string folder = temporaryFolder();
    static const bool kTidied = (removeAbandoned(folder), true);
    (void)kTidied;
    m_path = text(folder, "/", kPrefix, "XXXXXX");
    if (::mkdtemp(m_path.data()) == nullptr)
        throw Error(text("cannot make a scratch folder in `", folder, "`: ", std::strerror(errno),
                         "; set TMPDIR to a folder with room"));
    m_lock = locked(m_path);
    for (const char* inside : {"/in", "/out"}) ::mkdir((m_path + inside).c_str(), 0700);
}

Scratch::~Scratch()
{
    std::error_code error;
    fs::remove_all(m_path, error);
    if (!error) return;
    // A program may have made a folder that even its owner may not change.
    for (fs::recursive_directory_iterator at(m_path, fs::directory_options::skip_permission_denied, error);
         !error && at != fs::recursive_directory_iterator(); at.increment(error))
    {
        std::error_code ignored;
        if (at->is_directory(ignored) && !at->is_symlink(ignored))
            fs::permissions(at->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
    }
    fs::remove_all(m_path, error);
}

void Scratch::write(const std::string& name, std::string_view bytes) const
{
    const fs::path path = fs::path(m_path) / name;
    std::error_code ignored; // the open says it
    fs::create_directories(path.parent_path(), ignored);
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const auto fail = [&] {
        throw Error(text("cannot write the input file `", path.string(), "`: ", std::strerror(errno)));
    };
    if (!file) fail();
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::write(file.get(), bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno != EINTR) fail();
        if (n > 0) done += static_cast<std::size_t>(n);
    }
}

} // namespace orrery::command
