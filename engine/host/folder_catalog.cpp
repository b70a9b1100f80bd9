// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/folder_catalog.h"

#include "engine/host/catalog.h"

namespace orrery::host {

FolderCatalog::FolderCatalog(base::Loop& loop, std::string workerProgram, std::vector<std::string> folders)
    : m_loop(loop), m_workerProgram(std::move(workerProgram)), m_folders(std::move(folders))
{
}

FolderCatalog::~FolderCatalog()
{
    *m_alive = false;
    if (m_thread.joinable()) m_thread.join();
}

void FolderCatalog::scan(std::function<void(std::shared_ptr<const types::Catalog>, std::string)> done)
{
    if (m_thread.joinable()) m_thread.join(); // it has answered: the head asks for one scan at a time
    m_thread = std::thread([this, alive = m_alive, done = std::move(done)] {
        auto catalog = scanPlugins(m_workerProgram, m_folders);
        m_loop.post([this, alive, catalog = std::move(catalog), done] {
            if (!*alive) return;
            for (const auto& plugin : catalog->plugins) m_paths[plugin.sha256] = plugin.path;
            done(catalog, {});
        });
    });
}

std::string FolderCatalog::pathOf(const std::string& sha256) const
{
    const auto found = m_paths.find(sha256);
    return found == m_paths.end() ? std::string() : found->second;
}

} // namespace orrery::host
