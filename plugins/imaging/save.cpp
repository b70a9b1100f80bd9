// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/imaging/steps.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace orrery::imaging {

using namespace orrery::plugin;

namespace {

struct SaveParams {
    std::string file = "result.bin";
    static void fields(Fields<SaveParams>& f)
    {
        f("file", &SaveParams::file, "Where to write; without a leading / in the output folder of the cluster, or in ORRERY_OUTPUT where its nodes have that").format("file");
    }
};

[[noreturn]] void fail(const std::string& path, const char* what)
{
    const int code = errno;
    throw Error(text("cannot ", what, " `", path, "`: ", std::strerror(code)));
}

// A temporary file that is gone unless it was renamed.
struct Temporary {
    std::string path;
    int fd = -1;
    ~Temporary()
    {
        if (fd >= 0) ::close(fd);
        if (!path.empty()) ::unlink(path.c_str());
    }
};

// Written beside its place, flushed to disk, then renamed: whoever looks sees the old file or the whole new one.
void save(BytesView bytes, const SaveParams& p, Call& call)
{
    namespace fs = std::filesystem;
    if (p.file.empty()) throw Error("parameter `file` is empty; say where to write");
    fs::path target = p.file;
    const char* folder = std::getenv("ORRERY_OUTPUT");
    if (target.is_relative() && folder != nullptr) target = fs::path(folder) / target;
    const std::string path = target.string();
    if (!target.has_filename()) throw Error(text("`", path, "` is a folder; give a file name"));
    Temporary temporary;
    temporary.path = text(path, ".", static_cast<std::int64_t>(::getpid()), ".part");
    temporary.fd = ::open(temporary.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (temporary.fd < 0) {
        temporary.path.clear(); // nothing was made that must go
        fail(path, "write");
    }
    for (std::size_t done = 0; done < bytes.size();) {
        call.checkCancelled();
        const ssize_t n = ::write(temporary.fd, bytes.data() + done, std::min<std::size_t>(bytes.size() - done, 8u << 20));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(path, "write");
        done += static_cast<std::size_t>(n);
        call.progress(static_cast<double>(done) / static_cast<double>(bytes.size()));
    }
    if (::fsync(temporary.fd) != 0) fail(path, "flush");
    const int fd = std::exchange(temporary.fd, -1);
    if (::close(fd) != 0) fail(path, "close");
    if (::rename(temporary.path.c_str(), path.c_str()) != 0) fail(path, "rename the finished file to");
    temporary.path.clear();
    call.info(text("wrote ", path, ", ", bytes.size(), " bytes"));
}

} // namespace

void addSave(Plugin& plugin)
{
    plugin.function<save>("save", "Writes bytes to a file, all of them or none.", in("bytes", "The contents")).category("Files").icon("disk");
}

} // namespace orrery::imaging
