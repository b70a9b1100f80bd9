// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Scratch: the folder of one call: input files in in/, output files in out/, and the program's working folder unless another is named.
// Its lock tells the living from what a killed worker left: the next worker's first call removes those.
// Thread: the call's. Lives: for one call; removed with all that is in it by the destructor.

#include "plugins/sdk/error.h"

#include <string>
#include <utility>

namespace orrery::command {

// Closes it.
class Fd {
public:
    explicit Fd(int fd = -1) : m_fd(fd) {}
    Fd(Fd&& other) noexcept : m_fd(other.release()) {}
    Fd& operator=(Fd&& other) noexcept;
    ~Fd();
    int get() const { return m_fd; }
    explicit operator bool() const { return m_fd >= 0; }
    int release() { return std::exchange(m_fd, -1); }

private:
    int m_fd;
};

class Scratch {
public:
    // In TMPDIR, else in /tmp. Throws Error.
    Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch();
    const std::string& path() const { return m_path; }
    // `name` is relative: "in/picture.png". Its folder is made. Throws Error.
    void write(const std::string& name, std::string_view bytes) const;

private:
    std::string m_path;
    Fd m_lock;
};

} // namespace orrery::command
