// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// PluginWatch: builds a task library of one's own now and each time a source in its folder is saved, until it is destroyed.
// Saving while it builds has it built once more. Not its subfolders, not what editors leave (names that begin with a dot, or end
// in ~ or .swp).
// Thread: one of its own, on which told() is called; the constructor on any. The destructor ends a build that is under way,
// within some 2 s, and nothing is told after it.

#include "engine/base/fd.h"
#include "engine/host/plugin_project.h"

#include <functional>
#include <string>
#include <thread>

namespace orrery::host {

struct PluginNews {
    base::Result<types::PluginInfo> built;
    double seconds = 0;
    bool over = false; // the folder cannot be watched (any more); it is the last that is told
};

class PluginWatch {
public:
    enum class First : std::uint8_t { Build, Wait }; // Wait: it was built just now
    PluginWatch(std::string folder, First first, std::function<void(PluginNews)> told);
    ~PluginWatch();
    PluginWatch(const PluginWatch&) = delete;
    PluginWatch& operator=(const PluginWatch&) = delete;
    const std::string& folder() const { return m_folder; }

private:
    void live(First first);
    void build(Compile compile);
    bool changed(); // reads what inotify has; whether a source is among it
    const std::string m_folder;
    const std::function<void(PluginNews)> m_told;
    base::UniqueFd m_stop, m_changes;
    bool m_gone = false; // its own thread's
    std::thread m_thread;
};

} // namespace orrery::host
