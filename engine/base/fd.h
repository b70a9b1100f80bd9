// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// UniqueFd: owns one file descriptor and closes it. Mapping: owns one mmap.

#include <cstddef>
#include <span>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace orrery::base {

class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : m_fd(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept
    {
        if (this != &other) {
            reset();
            m_fd = std::exchange(other.m_fd, -1);
        }
        return *this;
    }
    ~UniqueFd() { reset(); }
    int get() const { return m_fd; }
    int release() { return std::exchange(m_fd, -1); }
    explicit operator bool() const { return m_fd >= 0; }
    void reset()
    {
        if (m_fd >= 0) ::close(std::exchange(m_fd, -1));
    }

private:
    int m_fd = -1;
};

class Mapping {
public:
    Mapping() = default;
    Mapping(void* at, std::size_t size) : m_at(static_cast<std::byte*>(at)), m_size(size) {}
    Mapping(Mapping&& other) noexcept : m_at(std::exchange(other.m_at, nullptr)), m_size(std::exchange(other.m_size, 0)) {}
    Mapping& operator=(Mapping&& other) noexcept
    {
        if (this != &other) {
            reset();
            m_at = std::exchange(other.m_at, nullptr);
            m_size = std::exchange(other.m_size, 0);
        }
        return *this;
    }
    ~Mapping() { reset(); }
    std::byte* data() const { return m_at; }
    std::size_t size() const { return m_size; }
    std::span<std::byte> span() const { return {m_at, m_size}; }
    explicit operator bool() const { return m_at != nullptr; }
    void reset()
    {
        if (m_at) ::munmap(std::exchange(m_at, nullptr), std::exchange(m_size, 0));
    }

private:
    std::byte* m_at = nullptr;
    std::size_t m_size = 0;
};

} // namespace orrery::base
