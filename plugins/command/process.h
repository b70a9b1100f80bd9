// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program as a child of the worker: no shell, no descriptor of the worker but the three standard ones, a process group of its own that
// is killed whole when the program ends or the call does, and a death that follows the worker's.
// Thread: the worker's main thread and no other: the kernel ties the child's life to the thread that started it.

#include "plugins/command/scratch.h"

#include <string_view>
#include <vector>

namespace orrery::command {

struct Program {
    std::string name;                     // looked for in PATH, or with a / a path from `folder`
    std::vector<std::string> arguments;   // without the name
    std::vector<std::string> environment; // "NAME=value" over the worker's own
    std::string folder;                   // its working folder
    std::string standardInput;            // a file's path; empty: nothing to read
};

struct ProgramEnd {
    int exitCode = 0;
    int signal = 0; // not 0: ended by it
};

// What happens meanwhile. Whatever these throw ends the program and comes out of runProgram.
class ProgramPort {
public:
    virtual ~ProgramPort() = default;
    virtual void printed(std::string_view bytes) = 0;
    virtual void complained(std::string_view bytes) = 0; // standard error
    virtual void passing() = 0;                          // at least every kPassingMs
};

inline constexpr int kPassingMs = 20;

// Throws Error when it cannot be started: one sentence.
ProgramEnd runProgram(const Program& program, ProgramPort& port);

} // namespace orrery::command
