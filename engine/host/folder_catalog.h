// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// FolderCatalog: the plugins of this installation, for the head. They are described in throw-away processes, which may take
// seconds, so a scan has a thread of its own; its answer comes on the loop.
// Runs on: the head's loop. The destructor waits for the scan under way.

#include "engine/base/loop.h"
#include "engine/head/ports.h"

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace orrery::host {

class FolderCatalog final : public head::CatalogSource {
public:
    FolderCatalog(base::Loop& loop, std::string workerProgram, std::vector<std::string> folders);
    ~FolderCatalog() override;
    void scan(std::function<void(std::shared_ptr<const types::Catalog>, std::string)> done) override;
    // Of a library that a scan of this object has described; empty: none has that hash.
    std::string pathOf(const std::string& sha256) const;

private:
    base::Loop& m_loop;
    const std::string m_workerProgram;
    const std::vector<std::string> m_folders;
    std::map<std::string, std::string> m_paths; // by hash
    std::thread m_thread;
    std::shared_ptr<std::atomic<bool>> m_alive = std::make_shared<std::atomic<bool>>(true);
};

} // namespace orrery::host
