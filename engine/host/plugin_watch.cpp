// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/plugin_watch.h"

#include "engine/base/clock.h"

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/inotify.h>

namespace orrery::host {

namespace {

constexpr int kSettleMs = 100; // an editor may write several files, or one in several steps

bool isSource(std::string_view name)
{
    if (name.empty() || name.front() == '.' || name.ends_with('~') || name.ends_with(".swp")) return false;
    for (const char* end : {".cpp", ".cc", ".cxx", ".c", ".h", ".hpp", ".cmake"})
        if (name.ends_with(end)) return true;
    return name == "CMakeLists.txt";
}

} // namespace

PluginWatch::PluginWatch(std::string folder, First first, std::function<void(PluginNews)> told)
    : m_folder(std::move(folder)), m_told(std::move(told)), m_stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), m_changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      m_thread([this, first] { live(first); })
{
}

PluginWatch::~PluginWatch()
{
    ::eventfd_write(m_stop.get(), 1);
    m_thread.join();
}

void PluginWatch::live(First first)
{
    // Watched before it is built: what is saved meanwhile is not missed.
    if (!m_stop || !m_changes || ::inotify_add_watch(m_changes.get(), m_folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) < 0)
        return m_told({base::fail(base::Errc::BadInput, "the folder " + m_folder + " cannot be watched: " + std::strerror(errno)), 0, true});
    if (first == First::Build) build(Compile::Changed);
    const auto wait = [this](int ms) {
        pollfd polled[2] = {{m_changes.get(), POLLIN, 0}, {m_stop.get(), POLLIN, 0}};
        while (::poll(polled, 2, ms) < 0 && errno == EINTR) {}
        return polled[1].revents ? -1 : polled[0].revents ? 1 : 0;
    };
    for (;;) {
        // What was saved while the compiler ran is older than what it made of the file before: build tools would call that up to date.
        const int overtaken = wait(0);
        if (overtaken < 0 || (overtaken == 0 && wait(-1) < 0)) return;
        bool source = changed();
        for (int more; source && (more = wait(kSettleMs)) != 0;) {
            if (more < 0) return;
            changed();
        }
        if (m_gone) return m_told({base::fail(base::Errc::BadInput, "the folder " + m_folder + " is gone; it is watched no more"), 0, true});
        if (source) build(overtaken ? Compile::Afresh : Compile::Changed);
    }
}

bool PluginWatch::changed()
{
    bool source = false;
    alignas(inotify_event) char buffer[16384];
    for (ssize_t size; (size = ::read(m_changes.get(), buffer, sizeof buffer)) > 0;)
        for (ssize_t at = 0; at < size;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) m_gone = true;
            if (event->mask & IN_Q_OVERFLOW) source = true; // nobody knows what it was
            if (event->len > 0) source = source || isSource(event->name);
        }
    return source;
}

void PluginWatch::build(Compile compile)
{
    const auto begin = base::systemClock().monoNs();
    auto built = buildPlugin(m_folder, m_stop.get(), compile);
    if (!built && built.error().code == base::Errc::Cancelled) return; // we are being destroyed
    m_told({std::move(built), static_cast<double>(base::systemClock().monoNs() - begin) / 1e9});
}

} // namespace orrery::host
