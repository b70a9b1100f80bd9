// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/plugin_project.h"

#include "engine/client/session_service.h"
#include "engine/host/bounded_program.h"
#include "engine/host/catalog.h"
#include "engine/launch/cluster_dir.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace orrery::host {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

namespace {

constexpr auto kRescanLimit = std::chrono::seconds(30); // a head describes each plugin within kDescribeLimitMs
constexpr std::size_t kReasonMax = 300;

struct Tools {
    std::string env, cmake, generator, sdk;
};

// What compiling needs, looked for before anything is written.
base::Result<Tools> findTools()
{
    Tools tools;
    // All that is needed is named at once: who lacks one often lacks another.
    const auto missing = [](const std::string& what) {
        return fail(Errc::BadInput, "a task library cannot be built here: there is no " + what + " in PATH; install what is missing (on Debian: apt install g++ cmake ninja-build nlohmann-json3-dev) and try again");
    };
    tools.env = programInPath("env");
    if (tools.env.empty()) return missing("env");
    tools.cmake = programInPath("cmake");
    if (tools.cmake.empty()) return missing("cmake");
    if (!programInPath("ninja").empty()) tools.generator = "Ninja";
    else if (!programInPath("make").empty()) tools.generator = "Unix Makefiles";
    else return missing("ninja or make");
    const char* wished = std::getenv("CXX");
    if ((!wished || !*wished) && programInPath("c++").empty() && programInPath("g++").empty() && programInPath("clang++").empty()) return missing("C++ compiler");
    std::error_code ignored;
    for (const char* place : {"/../cmake", "/../lib/cmake/Orrery"})
        if (const auto folder = launch::programFolder() + place; fs::exists(folder + "/OrreryConfig.cmake", ignored)) tools.sdk = fs::canonical(folder, ignored).string();
    if (tools.sdk.empty()) return fail(Errc::BadInput, "the SDK for task libraries is not beside " + launch::programFolder() + "; install Orrery again");
    return tools;
}

base::Result<void> checkName(const std::string& name)
{
    const auto good = [](unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (name.empty() || name.size() > kPluginNameMax || !(name[0] >= 'a' && name[0] <= 'z') || !std::all_of(name.begin(), name.end(), good))
        return fail(Errc::BadInput, "\"" + name.substr(0, 2 * kPluginNameMax) + "\" is no name for a task library: a small letter, then small letters, digits and _, at most " + std::to_string(kPluginNameMax));
    const auto folders = launch::pluginFolders();
    std::error_code ignored;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        const std::string file = folders[i] + "/" + name + ".so";
        if (fs::exists(fs::symlink_status(file, ignored))) return fail(Errc::BadInput, "there is a task library " + name + " already, " + file + "; take another name" + (i + 1 == folders.size() ? ", or remove that file" : ""));
    }
    return {};
}

std::string oneLine(std::string text)
{
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    if (text.size() > kReasonMax) text.resize(kReasonMax);
    while (!text.empty() && text.back() == ' ') text.pop_back();
    while (!text.empty() && text.front() == ' ') text.erase(0, 1);
    return text;
}

// The one line of what a build tool printed that says why: the reason a package gives, else the first error, else the last line.
std::string reasonIn(const std::string& output, const std::string& folder)
{
    std::istringstream lines(output);
    std::string first, last;
    for (std::string line; std::getline(lines, line);) {
        if (line.find("Reason given by package") != std::string::npos) {
            std::string reason; // a paragraph, broken into lines by CMake
            while (std::getline(lines, line) && (reason.empty() || !oneLine(line).empty()))
                if (!oneLine(line).empty()) reason += (reason.empty() ? "" : " ") + oneLine(line);
            return oneLine(reason);
        }
        if (first.empty() && (line.find("error:") != std::string::npos || line.find("CMake Error") != std::string::npos)) first = line;
        if (!oneLine(line).empty()) last = line;
    }
    std::string reason = first.empty() ? last : first;
    if (reason.rfind("CMake Error", 0) == 0) { // the words are on the next line that has any
        std::istringstream again(output.substr(output.find(reason) + reason.size()));
        for (std::string line; std::getline(again, line);)
            if (!oneLine(line).empty()) {
                reason += " " + oneLine(line);
                break;
            }
    }
    const std::string prefix = folder + "/";
    for (std::size_t at; (at = reason.find(prefix)) != std::string::npos;) reason.erase(at, prefix.size());
    return oneLine(reason);
}

struct Step {
    base::Result<void> result;
    std::string output;
};

Step runStep(const std::string& name, const std::string& folder, const Tools& tools, std::vector<std::string> words, int stopFd)
{
    words.insert(words.begin(), {"env", "LC_ALL=C.UTF-8", tools.cmake}); // its words are looked for above
    auto end = runBounded(tools.env, std::move(words), {kBuildLimitMs, stopFd});
    if (!end) return {end.error(), {}};
    std::string output = end->text + end->errors;
    if (end->well()) return {{}, std::move(output)};
    if (end->stopped) return {fail(Errc::Cancelled, "building " + name + " was stopped"), std::move(output)};
    if (end->timedOut) return {fail(Errc::BadInput, name + " was not built within " + std::to_string(kBuildLimitMs / 1000) + " s, and building it was given up; is the machine very busy?"), std::move(output)};
    return {fail(Errc::BadInput, reasonIn(output, folder)), std::move(output)};
}

// The library that a build has made: <folder>/build/<name>.so.
base::Result<std::string> builtLibrary(const std::string& folder)
{
    std::error_code failed;
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder + "/build", failed))
        if (entry.path().extension() == ".so") found.push_back(entry.path().string());
    if (found.size() == 1) return found.front();
    if (found.empty()) return fail(Errc::BadInput, "building " + folder + " made no library; its CMakeLists.txt needs one orrery_plugin(...)");
    return fail(Errc::BadInput, "there are several libraries in " + folder + "/build, and one is expected; remove that folder to build it afresh");
}

// Both in one step each: a scan meets the old library or the new one, never a half.
base::Result<void> putInPlace(const std::string& library, const types::PluginInfo& info, std::string& placed)
{
    const auto folders = launch::pluginFolders();
    if (folders.empty()) return fail(Errc::BadInput, "ORRERY_PLUGINS names no folder, so there is none for " + info.name);
    const fs::path folder = folders.back(), builds = folder / "builds";
    for (std::size_t i = 0; i + 1 < folders.size(); ++i)
        if (std::error_code ignored; fs::exists(folders[i] + "/" + info.name + ".so", ignored))
            return fail(Errc::BadInput, "the task library " + info.name + " is not used: " + folders[i] + " holds another of this name; give it another in ORRERY_PLUGIN(...)");
    std::error_code failed;
    fs::create_directories(builds, failed);
    placed = (builds / (info.name + "-" + info.sha256.substr(0, 16) + ".so")).string();
    const std::string fresh = placed + ".new", link = (folder / (info.name + ".so")).string(), freshLink = link + ".new";
    if (!failed) fs::copy_file(library, fresh, fs::copy_options::overwrite_existing, failed);
    if (!failed) fs::rename(fresh, placed, failed);
    if (std::error_code ignored; !failed) {
        fs::remove(freshLink, ignored);
        fs::create_symlink(fs::path("builds") / fs::path(placed).filename(), freshLink, failed);
    }
    if (!failed) fs::rename(freshLink, link, failed);
    if (failed) {
        std::error_code ignored;
        fs::remove(fresh, ignored);
        fs::remove(freshLink, ignored);
        return fail(Errc::BadInput, "the task library " + info.name + " cannot be put into " + folder.string() + ": " + failed.message());
    }
    // Earlier builds go, the oldest first; what cannot be removed is left.
    std::vector<std::pair<fs::file_time_type, fs::path>> earlier;
    for (const auto& entry : fs::directory_iterator(builds, failed)) {
        const std::string file = entry.path().filename().string();
        const bool same = file.size() == info.name.size() + 1 + 16 + 3 && file.compare(0, info.name.size() + 1, info.name + "-") == 0;
        if (std::error_code ignored; same && entry.path().string() != placed) earlier.emplace_back(fs::last_write_time(entry.path(), ignored), entry.path());
    }
    std::sort(earlier.rbegin(), earlier.rend());
    for (std::size_t i = kBuildsKept - 1; i < earlier.size(); ++i) fs::remove(earlier[i].second, failed);
    return {};
}

base::Result<types::PluginInfo> buildWith(const Tools& tools, const std::string& folder, int stopFd, Compile compile)
{
    const std::string name = fs::path(folder).filename().string(), build = folder + "/build", log = build + "/build.log";
    std::string output;
    auto step = runStep(name, folder, tools, {"-S", folder, "-B", build, "-G", tools.generator, "-DOrrery_DIR=" + tools.sdk}, stopFd);
    output = std::move(step.output);
    if (step.result) {
        std::vector<std::string> words{"--build", build, "--parallel", "2"};
        if (compile == Compile::Afresh) words.push_back("--clean-first");
        step = runStep(name, folder, tools, std::move(words), stopFd);
        output += step.output;
    }
    std::ofstream(log, std::ios::binary | std::ios::trunc) << output;
    if (!step.result) {
        if (step.result.error().code != Errc::BadInput) return step.result.error();
        return fail(Errc::BadInput, name + " was not built: " + step.result.error().message + "; all that was said stands in " + log);
    }
    auto library = builtLibrary(folder);
    if (!library) return library.error();
    const std::string worker = launch::siblingProgram("orrery-worker");
    auto info = describePlugin(worker, *library);
    if (!info) return fail(Errc::BadInput, name + " was built and cannot be loaded: " + info.error().message);
    std::string placed;
    ORRERY_TRY(putInPlace(*library, *info, placed));
    info->path = placed;
    return info;
}

} // namespace

base::Result<types::PluginInfo> buildPlugin(const std::string& folder, int stopFd, Compile compile)
{
    std::error_code failed;
    const std::string whole = fs::canonical(folder, failed).string();
    if (failed || !fs::exists(whole + "/CMakeLists.txt", failed)) return fail(Errc::BadInput, folder + " holds no task library: it has no CMakeLists.txt; orreryctl plugin new NAME makes one");
    auto tools = findTools();
    if (!tools) return tools.error();
    return buildWith(*tools, whole, stopFd, compile);
}

base::Result<types::PluginInfo> newPlugin(const std::string& name, const std::string& parent, int stopFd)
{
    ORRERY_TRY(checkName(name));
    auto tools = findTools();
    if (!tools) return tools.error();
    std::error_code failed;
    const fs::path above = fs::absolute(parent.empty() ? "." : parent, failed).lexically_normal();
    // Folders that are made on the way go again when nothing comes of it.
    std::vector<fs::path> made;
    for (fs::path at = above; !at.empty() && !fs::exists(at, failed) && at != at.root_path(); at = at.parent_path())
        if (at.has_filename()) made.push_back(at);
    const auto undo = [&](const fs::path& folder) {
        std::error_code ignored;
        if (!folder.empty()) fs::remove_all(folder, ignored);
        for (const auto& one : made) fs::remove(one, ignored);
    };
    fs::create_directories(above, failed);
    if (failed) {
        undo({});
        return fail(Errc::BadInput, "the folder " + above.string() + " cannot be made: " + failed.message());
    }
    const fs::path folder = fs::canonical(above, failed) / name;
    // mkdir says whether it is ours: two of us at once do not share it.
    if (::mkdir(folder.c_str(), 0777) != 0) {
        const std::string why = errno == EEXIST ? "there is something of that name already; take another name or another folder" : std::string(std::strerror(errno));
        undo({});
        return fail(Errc::BadInput, "the folder " + folder.string() + " cannot be made: " + why);
    }
    for (const auto& [file, text] : pluginTemplate(name)) {
        std::ofstream out(folder / file, std::ios::binary);
        out << text;
        out.close();
        if (!out) {
            auto why = base::failErrno(Errc::BadInput, "cannot write " + (folder / file).string());
            undo(folder);
            return why;
        }
    }
    auto built = buildWith(*tools, folder.string(), stopFd, Compile::Changed);
    if (!built) {
        auto why = built.error();
        if (const auto at = why.message.find("; all that was said"); at != std::string::npos) why.message.resize(at); // it goes with the folder
        undo(folder);
        if (why.code == Errc::BadInput) why.message += "; nothing was kept";
        return why;
    }
    return built;
}

std::vector<std::string> rescanClusters()
{
    std::vector<std::string> lines;
    for (const auto& cluster : launch::livingClusters()) {
        const auto session = client::connectSession(cluster.headSocket());
        auto answer = std::make_shared<std::promise<base::Result<types::Reply>>>();
        auto told = answer->get_future();
        session->act(types::RescanPlugins{}, [answer](base::Result<types::Reply> reply) { answer->set_value(std::move(reply)); });
        if (told.wait_for(kRescanLimit) != std::future_status::ready) {
            lines.push_back("cluster " + cluster.name + " did not answer; Cluster > Read the plugins again makes it use this build");
            continue;
        }
        const auto reply = told.get();
        lines.push_back("cluster " + cluster.name + (reply ? " uses it from now on" : " does not know of it yet: " + reply.error().message));
    }
    return lines;
}

} // namespace orrery::host
