// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/census/gzip.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace orrery::census {

using plugin::Error;
using plugin::text;

namespace {

constexpr unsigned kPieceBytes = 256u << 10;

class GzipFile {
public:
    explicit GzipFile(const std::string& path)
    {
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a named pipe must not hold us up
        struct stat facts {};
        if (fd < 0 || ::fstat(fd, &facts) != 0) fail(fd, std::strerror(errno));
        if (!S_ISREG(facts.st_mode)) fail(fd, "it is no regular file");
        if (facts.st_size == 0) fail(fd, "it is empty");
        m_file = ::gzdopen(fd, "rb");
        if (m_file == nullptr) fail(fd, "out of memory");
        ::gzbuffer(m_file, kPieceBytes);
    }
    GzipFile(const GzipFile&) = delete;
    GzipFile& operator=(const GzipFile&) = delete;
    ~GzipFile()
    {
        if (m_file != nullptr) ::gzclose_r(m_file);
    }
    // How many bytes came; 0: the end.
    std::size_t read(char* into)
    {
        const int n = ::gzread(m_file, into, kPieceBytes);
        if (n < 0) throw Error(problem());
        if (::gzdirect(m_file) != 0) throw Error("it is not in gzip format"); // zlib would hand it over as it is
        return static_cast<std::size_t>(n);
    }
    void close()
    {
        const int code = ::gzclose_r(std::exchange(m_file, nullptr));
        if (code == Z_BUF_ERROR) throw Error("it ends early");
        if (code != Z_OK) throw Error(text("zlib's error ", code));
    }

private:
    [[noreturn]] static void fail(int fd, const char* why)
    {
        const std::string said = why;
        if (fd >= 0) ::close(fd);
        throw Error(said);
    }
    std::string problem() const
    {
        int code = Z_OK;
        const char* said = ::gzerror(m_file, &code);
        if (code == Z_BUF_ERROR) return "it ends early";
        if (code == Z_ERRNO) return std::strerror(errno);
        std::string_view why = said != nullptr ? said : "";
        if (const auto name = why.find(": "); name != std::string_view::npos) why.remove_prefix(name + 2); // "<fd:5>"
        return text("it is damaged: ", why);
    }
    gzFile m_file = nullptr;
};

} // namespace

std::string readGzip(const std::string& path, std::uint64_t bytesMax)
{
    GzipFile file(path);
    std::string contents;
    for (;;) {
        const std::size_t had = contents.size();
        contents.resize(had + kPieceBytes);
        const std::size_t n = file.read(contents.data() + had);
        contents.resize(had + n);
        if (contents.size() > bytesMax) throw Error(text("it holds more than ", bytesMax, " bytes"));
        if (n == 0) break;
    }
    file.close();
    return contents;
}

} // namespace orrery::census
