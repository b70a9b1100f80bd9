// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// runBounded: runs a program to its end, to a limit of time, or until it is told to stop; what it prints is bounded. It has a
// process group of its own, which is killed with it, and no standard input.
// Thread: blocks the caller for as long as the program runs.

#include "engine/base/result.h"

#include <string>
#include <vector>

namespace orrery::host {

struct ProgramBounds {
    int limitMs = 10'000;
    int stopFd = -1; // when it can be read the program is asked to end, and killed when it does not
};

struct ProgramEnd {
    std::string text, errors; // what it printed
    int status = 0;           // as waitpid() gives it
    bool timedOut = false;
    bool stopped = false;
    bool well() const { return status == 0 && !timedOut && !stopped; }
};

// program: a path. words: its arguments, the first its name.
base::Result<ProgramEnd> runBounded(const std::string& program, std::vector<std::string> words, ProgramBounds bounds);

// The path of a program in PATH; empty: there is none.
std::string programInPath(const std::string& name);

} // namespace orrery::host
