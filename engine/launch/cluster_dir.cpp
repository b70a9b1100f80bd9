// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/launch/cluster_dir.h"

#include "engine/base/fd.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace orrery::launch {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

namespace {

constexpr std::size_t kSocketPathMax = 107;

base::Result<void> ownFolder(const std::string& path)
{
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return base::failErrno(Errc::Refused, "cannot make the folder " + path);
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return fail(Errc::Refused, path + " is no folder; remove it");
    if (info.st_uid != ::geteuid()) return fail(Errc::Refused, "the folder " + path + " belongs to another user; set XDG_RUNTIME_DIR to a folder of your own");
    if ((info.st_mode & 077) != 0) return fail(Errc::Refused, "the folder " + path + " is open to others; chmod 700 it");
    return {};
}

bool alive(const ClusterEntry& entry) { return entry.headPid > 0 && processStart(entry.headPid) == entry.headStart && entry.headStart != 0; }

// Whether a process is bound to the socket's file.
bool answers(const std::string& socket)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.size() >= sizeof address.sun_path) return false;
    socket.copy(address.sun_path, socket.size());
    const base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN || errno == EPROTOTYPE; // of another kind: there it is
}

// What a head that is gone has left. Nodes outlive it, and theirs stays: others reach them there, and the next head is found by its
// socket in the same folder.
void sweep(const std::string& folder)
{
    std::error_code ignored;
    bool anybody = false;
    for (const auto& file : fs::directory_iterator(folder, ignored)) {
        if (!file.is_socket(ignored)) continue;
        if (answers(file.path().string())) anybody = true;
        else fs::remove(file.path(), ignored);
    }
    if (anybody) fs::remove(folder + "/cluster.json", ignored);
    else fs::remove_all(folder, ignored);
}

base::Result<ClusterEntry> readEntry(const std::string& folder)
{
    std::ifstream file(folder + "/cluster.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto document = nlohmann::json::parse(text.str(), nullptr, false);
    if (!document.is_object()) return fail(Errc::NotFound, folder + " holds no cluster");
    ClusterEntry entry;
    entry.folder = folder;
    entry.name = document.value("name", std::string());
    entry.dataDir = document.value("data", std::string());
    entry.listen = document.value("listen", std::string());
    entry.headPid = document.value("pid", std::int64_t{0});
    entry.headStart = document.value("start", std::int64_t{0});
    return entry;
}

} // namespace

std::int64_t processStart(std::int64_t pid)
{
    // Read plainly: a stream throws when the process ends between the opening and the reading.
    const base::UniqueFd file(::open(("/proc/" + std::to_string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
    char buffer[1024];
    const ssize_t size = file ? ::read(file.get(), buffer, sizeof buffer) : -1;
    const std::string text(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
    const auto end = text.rfind(')');
    if (end == std::string::npos) return 0;
    std::istringstream rest(text.substr(end + 2));
    std::string word;
    rest >> word;
    if (word == "Z" || word == "X") return 0; // ended, only not reaped
    for (int field = 4; field <= 22; ++field) rest >> word;
    return std::strtoll(word.c_str(), nullptr, 10);
}

base::Result<std::string> clustersFolder()
{
    std::string folder;
    if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime && *runtime) folder = std::string(runtime) + "/orrery";
    else folder = fs::temp_directory_path().string() + "/orrery-" + std::to_string(::geteuid());
    ORRERY_TRY(ownFolder(folder));
    return folder;
}

base::Result<ClusterEntry> makeCluster(const std::string& name, const std::string& dataDir)
{
    const bool good = !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
    if (!good) return fail(Errc::BadInput, "\"" + name.substr(0, 40) + "\" is no cluster name: letters, digits, - and _, at most 32");
    auto parent = clustersFolder();
    if (!parent) return parent.error();
    ClusterEntry entry;
    entry.name = name;
    entry.folder = *parent + "/" + name;
    entry.dataDir = dataDir.empty() ? defaultDataDir() + "/" + name : fs::absolute(dataDir).lexically_normal().string();
    if (entry.nodeSocket("local99").size() > kSocketPathMax) return fail(Errc::BadInput, "the path " + entry.folder + " is too long for a socket; set XDG_RUNTIME_DIR to a shorter folder");
    if (auto old = readEntry(entry.folder); old && alive(*old)) return fail(Errc::Refused, "the cluster \"" + name + "\" runs already (pid " + std::to_string(old->headPid) + "); stop it with orreryctl down");
    std::error_code ignored;
    sweep(entry.folder);
    ORRERY_TRY(ownFolder(entry.folder));
    fs::create_directories(entry.dataDir, ignored);
    if (ignored) return fail(Errc::Refused, "cannot make the data folder " + entry.dataDir + ": " + ignored.message());
    return entry;
}

base::Result<void> writeEntry(const ClusterEntry& entry)
{
    const nlohmann::json document = {{"name", entry.name}, {"data", entry.dataDir}, {"pid", ::getpid()}, {"start", processStart(::getpid())}, {"address", entry.headSocket()}, {"listen", entry.listen}};
    const std::string temporary = entry.folder + "/cluster.json.new";
    std::ofstream file(temporary);
    file << document.dump(2) << "\n";
    file.close();
    if (!file || ::rename(temporary.c_str(), (entry.folder + "/cluster.json").c_str()) != 0) return base::failErrno(Errc::Refused, "cannot write " + entry.folder + "/cluster.json");
    return {};
}

void removeEntry(const ClusterEntry& entry)
{
    std::error_code ignored;
    fs::remove_all(entry.folder, ignored);
}

void removeHead(const ClusterEntry& entry)
{
    std::error_code ignored;
    fs::remove(entry.folder + "/cluster.json", ignored);
    fs::remove(entry.headSocket(), ignored);
}

std::vector<ClusterEntry> livingClusters()
{
    std::vector<std::pair<fs::file_time_type, ClusterEntry>> found;
    auto parent = clustersFolder();
    if (!parent) return {};
    std::error_code ignored;
    for (const auto& folder : fs::directory_iterator(*parent, ignored)) {
        auto entry = readEntry(folder.path().string());
        if (!entry) continue; // one that is just being made has no file yet
        if (!alive(*entry)) {
            sweep(folder.path().string());
            continue;
        }
        found.emplace_back(fs::last_write_time(folder.path() / "cluster.json", ignored), std::move(*entry));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<ClusterEntry> all;
    for (auto& [time, entry] : found) all.push_back(std::move(entry));
    return all;
}

base::Result<ClusterEntry> findCluster(const std::string& address)
{
    const auto living = livingClusters();
    if (address.empty()) {
        if (living.empty()) return fail(Errc::Unavailable, "no cluster of this user runs here; start one with orreryctl up");
        return living.front();
    }
    for (const auto& entry : living)
        if (entry.name == address || entry.folder == address || entry.headSocket() == address) return entry;
    return fail(Errc::Unavailable, "there is no running cluster \"" + address + "\"; orreryctl status shows those that run");
}

base::Result<std::string> headSocketAt(const std::string& address)
{
    if (auto entry = findCluster(address)) return entry->headSocket();
    struct stat info {};
    if (address.find('/') == std::string::npos || ::stat(address.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode))
        return fail(Errc::Unavailable, "there is no running cluster \"" + address + "\" and no socket of that path; orreryctl status shows the clusters of this computer");
    if (info.st_uid != ::geteuid()) return fail(Errc::Refused, "the socket " + address + " belongs to another user; make one of your own, as with ssh -L");
    return address;
}

std::string defaultDataDir()
{
    if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data) return std::string(data) + "/orrery";
    if (const char* home = std::getenv("HOME"); home && *home) return std::string(home) + "/.local/share/orrery";
    return fs::temp_directory_path().string() + "/orrery-data-" + std::to_string(::geteuid());
}

std::string programFolder()
{
    std::error_code ignored;
    return fs::read_symlink("/proc/self/exe", ignored).parent_path().string();
}

std::string siblingProgram(const std::string& name)
{
    for (const std::string& folder : {programFolder(), programFolder() + "/../bin"})
        if (::access((folder + "/" + name).c_str(), X_OK) == 0) return folder + "/" + name;
    return programFolder() + "/" + name;
}

std::string installedPluginFolder()
{
    std::error_code ignored;
    for (const std::string& folder : {programFolder() + "/../plugins", programFolder() + "/../lib/orrery/plugins"})
        if (fs::is_directory(folder, ignored)) return fs::canonical(folder, ignored).string();
    return programFolder() + "/../plugins";
}

// The user's lies beside the data of the clusters, which are folders of their names there: no cluster's name has a dot.
std::vector<std::string> pluginFolders()
{
    std::vector<std::string> folders;
    if (const char* plugins = std::getenv("ORRERY_PLUGINS"); plugins && *plugins) {
        std::stringstream list(plugins);
        for (std::string folder; std::getline(list, folder, ':');)
            if (!folder.empty()) folders.push_back(folder);
        return folders;
    }
    return {installedPluginFolder(), defaultDataDir() + "/plugins.d"};
}

} // namespace orrery::launch
