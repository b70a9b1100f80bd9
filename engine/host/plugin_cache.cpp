// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/plugin_cache.h"

#include "engine/base/log.h"
#include "engine/security/private_file.h"
#include "engine/security/sha256.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

// It becomes a file's name: nothing else may be in it.
bool isHash(const std::string& text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

// The thread that reads and writes files; one job at a time, in order.
class PluginCache::Disk {
public:
    Disk() : m_thread([this] { m_loop.run(); }) {}
    ~Disk()
    {
        m_loop.post([this] { m_loop.stop(); }); // behind what is to be done
        m_thread.join();
    }
    void post(base::Job job) { m_loop.post(std::move(job)); }

    bool has(const std::filesystem::path& path, const std::string& sha256)
    {
        const auto found = security::sha256OfFile(path.string());
        return found && *found == sha256;
    }
    base::Result<void> begin(const std::filesystem::path& path, std::uint64_t total)
    {
        m_part = path.string() + ".part";
        ORRERY_TRY(security::needPrivateFolder(path.parent_path()));
        ::unlink(m_part.c_str());
        m_file = base::UniqueFd(::open(m_part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!m_file) return base::failErrno(Errc::Failed, "cannot make " + m_part);
        if (const int error = ::posix_fallocate(m_file.get(), 0, static_cast<off_t>(total)); error != 0) {
            errno = error;
            return base::failErrno(Errc::Failed, "there is no room for " + std::to_string(total) + " bytes at " + m_part);
        }
        return {};
    }
    // True: it was the last piece, and the file is what it should be, under its name.
    base::Result<bool> write(const std::filesystem::path& path, const std::string& sha256, std::uint64_t total, std::uint64_t offset, const base::Bytes& bytes)
    {
        if (offset == 0) ORRERY_TRY(begin(path, total));
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t wrote = ::pwrite(m_file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote <= 0) return base::failErrno(Errc::Failed, "cannot write " + m_part);
            done += static_cast<std::size_t>(wrote);
        }
        if (offset + bytes.size() < total) return false;
        ::fchmod(m_file.get(), 0400);
        const bool synced = ::fsync(m_file.get()) == 0;
        m_file.reset();
        const auto found = security::sha256OfFile(m_part);
        if (!synced || !found || *found != sha256) {
            ::unlink(m_part.c_str());
            return fail(Errc::Failed, "what the head sent is not the library with that hash; was the plugin built again? rescan the plugins");
        }
        if (::rename(m_part.c_str(), path.c_str()) != 0) return base::failErrno(Errc::Failed, "cannot name " + path.string());
        return true;
    }

private:
    base::EpollLoop m_loop;
    base::UniqueFd m_file;
    std::string m_part;
    std::thread m_thread; // last: it uses the others
};

PluginCache::PluginCache(base::Loop& loop, std::filesystem::path folder, Owner owner)
    : m_loop(loop), m_folder(std::move(folder)), m_owner(std::move(owner)), m_disk(std::make_unique<Disk>())
{
}

PluginCache::~PluginCache()
{
    *m_alive = false;
    if (m_timer != 0) m_loop.cancel(m_timer);
    m_disk.reset();
}

void PluginCache::use(std::shared_ptr<const types::Catalog> catalog)
{
    ORRERY_ON(m_loop);
    if (!catalog) return;
    m_wanted = std::move(catalog);
    m_made = std::make_shared<types::Catalog>();
    m_made->problems = m_wanted->problems;
    m_at = 0;
    ++m_round;
    m_asked = false;
    m_loop.post([this, alive = m_alive, round = m_round] {
        if (*alive && round == m_round) next();
    });
}

void PluginCache::next()
{
    m_asked = false;
    if (m_timer != 0) m_loop.cancel(std::exchange(m_timer, 0));
    if (m_at >= std::min(m_wanted->plugins.size(), kCachedPluginsMax)) {
        m_wanted.reset();
        return m_owner.ready(std::exchange(m_made, nullptr));
    }
    const auto& plugin = m_wanted->plugins[m_at];
    if (!isHash(plugin.sha256)) return failed("the head names it by something that is no SHA-256");
    if (m_known.contains(plugin.sha256)) return looked(m_round, true);
    m_disk->post([this, alive = m_alive, round = m_round, disk = m_disk.get(), path = pathOf(plugin.sha256), sha256 = plugin.sha256] {
        const bool here = disk->has(path, sha256);
        m_loop.post([this, alive, round, here] {
            if (*alive) looked(round, here);
        });
    });
}

void PluginCache::looked(std::uint64_t round, bool here)
{
    if (round != m_round || !m_wanted) return;
    const auto& plugin = m_wanted->plugins[m_at];
    if (!here) {
        m_offset = m_total = 0;
        return ask();
    }
    m_known.insert(plugin.sha256);
    auto& mine = m_made->plugins.emplace_back(plugin);
    mine.path = pathOf(plugin.sha256).string();
    ++m_at;
    next();
}

void PluginCache::ask()
{
    m_asked = true;
    if (m_timer != 0) m_loop.cancel(m_timer);
    m_timer = m_loop.after(kPieceAgainNs, [this] {
        m_timer = 0;
        askAgain();
    });
    m_owner.ask({m_wanted->plugins[m_at].sha256, m_offset});
}

void PluginCache::askAgain()
{
    if (m_wanted && m_asked) ask();
}

void PluginCache::piece(net::PluginPiece piece)
{
    ORRERY_ON(m_loop);
    // Doubled, late, or of a catalog that was replaced.
    if (!m_wanted || !m_asked || piece.sha256 != m_wanted->plugins[m_at].sha256 || piece.offset != m_offset) return;
    m_asked = false;
    if (!piece.problem.empty()) return failed(piece.problem);
    const std::uint64_t size = piece.bytes.size();
    if (piece.total == 0 || piece.total > net::kPluginBytesMax || (m_offset > 0 && piece.total != m_total) || size == 0 || size > net::kPluginPieceBytes || size > piece.total - m_offset)
        return failed("the head sent a piece of a size that cannot be; a library has at most " + std::to_string(net::kPluginBytesMax >> 20) + " MiB");
    m_total = piece.total;
    m_disk->post([this, alive = m_alive, round = m_round, disk = m_disk.get(), path = pathOf(piece.sha256), held = std::make_shared<net::PluginPiece>(std::move(piece))] {
        auto whole = disk->write(path, held->sha256, held->total, held->offset, held->bytes);
        m_loop.post([this, alive, round, whole = std::move(whole), size = held->bytes.size()] {
            if (!*alive || round != m_round) return;
            m_offset += size;
            wrote(round, whole);
        });
    });
}

void PluginCache::wrote(std::uint64_t round, base::Result<bool> whole)
{
    if (!whole) return failed(whole.error().message);
    if (!*whole) return ask();
    base::logf(base::LogLevel::Info, "node", "the plugin {} came from the head ({} bytes, {})", m_wanted->plugins[m_at].name, m_total, m_wanted->plugins[m_at].sha256);
    looked(round, true);
}

void PluginCache::failed(const std::string& why)
{
    const auto& plugin = m_wanted->plugins[m_at];
    const std::string sentence = "the plugin " + plugin.name + " cannot be had from the head: " + why;
    base::logLine(base::LogLevel::Error, "node", sentence);
    m_made->problems.push_back({plugin.path, sentence});
    ++m_at;
    next();
}

} // namespace orrery::host
