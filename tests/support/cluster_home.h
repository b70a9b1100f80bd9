// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ClusterHome: folders of its own for the clusters of one test, so that none meets another's or the user's. Sets XDG_RUNTIME_DIR and
// XDG_DATA_HOME for as long as it lives; make it before anything of the engine starts. gone(): whether a process has ended.
// Thread: the test's.

#include "engine/launch/cluster_dir.h"

#include <QTemporaryDir>
#include <cstdlib>
#include <sys/stat.h>

namespace orrery::tests {

class ClusterHome {
public:
    ClusterHome()
    {
        const std::string runtime = path("run"), data = path("data");
        ::mkdir(runtime.c_str(), 0700);
        ::mkdir(data.c_str(), 0700);
        setenv("XDG_RUNTIME_DIR", runtime.c_str(), 1);
        setenv("XDG_DATA_HOME", data.c_str(), 1);
    }
    // A path below the home; nothing is made.
    std::string path(const std::string& name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

private:
    QTemporaryDir m_folder;
};

inline bool gone(std::int64_t pid) { return launch::processStart(pid) == 0; }

} // namespace orrery::tests
