// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// saveFile: a task's result as a file, all of it or none: written beside its place, flushed to disk, then renamed, so that whoever looks
// sees the old file or the whole new one.
// Thread: the call's.

#include "plugins/sdk/call.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace orrery::plugin {

namespace detail {

[[noreturn]] inline void cannot(const char* what, const std::string& path)
{
    const int code = errno;
    throw Error(text("cannot ", what, " `", path, "`: ", std::strerror(code)));
}

// A temporary file that is gone unless it was renamed.
struct TemporaryFile {
    std::string path;
    int fd = -1;
    TemporaryFile() = default;
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile()
    {
        if (fd >= 0) ::close(fd);
        if (!path.empty()) ::unlink(path.c_str());
    }
};

} // namespace detail

// What a parameter for such a file says of itself.
inline constexpr const char* kSaveFileDoc = "Where to write; without a leading / in the output folder of the cluster, "
                                            "or in ORRERY_OUTPUT where its nodes have that";

// Throws Error or Cancelled.
inline void saveFile(const std::string& file, BytesView bytes, Call& call)
{
    namespace fs = std::filesystem;
    if (file.empty()) throw Error("parameter `file` is empty; say where to write");
    fs::path target = file;
    const char* folder = std::getenv("ORRERY_OUTPUT");
    if (target.is_relative() && folder != nullptr) target = fs::path(folder) / target;
    const std::string path = target.string();
    if (!target.has_filename()) throw Error(text("`", path, "` is a folder; give a file name"));
    detail::TemporaryFile temporary;
    temporary.path = text(path, ".", static_cast<std::int64_t>(::getpid()), ".part");
    temporary.fd = ::open(temporary.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (temporary.fd < 0) {
        temporary.path.clear(); // nothing was made that must go
        detail::cannot("write", path);
    }
    for (std::size_t done = 0; done < bytes.size();) {
        call.checkCancelled();
        const ssize_t n =
            ::write(temporary.fd, bytes.data() + done, std::min<std::size_t>(bytes.size() - done, 8u << 20));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) detail::cannot("write", path);
        done += static_cast<std::size_t>(n);
        call.progress(static_cast<double>(done) / static_cast<double>(bytes.size()));
    }
    if (::fsync(temporary.fd) != 0) detail::cannot("flush", path);
    const int fd = std::exchange(temporary.fd, -1);
    if (::close(fd) != 0) detail::cannot("close", path);
    if (::rename(temporary.path.c_str(), path.c_str()) != 0) detail::cannot("rename the finished file to", path);
    temporary.path.clear();
    call.info(text("wrote ", path, ", ", bytes.size(), " bytes"));
}

} // namespace orrery::plugin
