// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// DataLock: the right to be the head of a data folder. An flock on <folder>/lock, held as long as the object (or a process that
// inherited its descriptor) lives; the file says which process holds it, for people.
// Thread: any.

#include "engine/base/fd.h"
#include "engine/base/result.h"

#include <filesystem>

namespace orrery::archive {

class DataLock {
public:
    // Makes the folder (0700) when it is not there. Refused: another head has it, or it lies on a network file system, where
    // neither locks nor SQLite can be relied on.
    static base::Result<DataLock> take(const std::filesystem::path& folder);
    // A lock that another head handed over; fd is the descriptor it took.
    static base::Result<DataLock> adopt(const std::filesystem::path& folder, base::UniqueFd fd);
    int fd() const { return m_fd.get(); }

private:
    explicit DataLock(base::UniqueFd fd) : m_fd(std::move(fd)) {}
    base::UniqueFd m_fd;
};

// fsync of a folder, so that a file made or renamed in it is found after a power cut.
base::Result<void> syncFolder(const std::filesystem::path& folder);

} // namespace orrery::archive
