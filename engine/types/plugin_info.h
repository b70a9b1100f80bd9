// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// PluginInfo: what a plugin says of itself, as values (never a pointer into a plugin). Made by a throw-away worker that
// prints it as JSON; read by head, window and command line. Thread: plain values.

#include "engine/types/resources.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::types {

struct Port {
    std::string name;
    std::string type; // bool i64 f64 string bytes json tensor table image any list<T>
    std::string doc;
    bool optional = false;
};

struct FunctionInfo {
    std::string name;     // "imaging.render"
    std::string label;    // "render", for people
    std::string doc;
    std::string category; // "Fractal"
    std::string icon;     // a name of the icon set
    std::vector<Port> inputs;
    std::vector<Port> outputs;
    std::string paramSchema = "{}"; // JSON schema, text
    Resources resources;
    std::int32_t retries = 3;
    bool pure = false;
    bool computedPorts = false; // ports depend on the parameters
    const Port* input(std::string_view port) const;
    const Port* output(std::string_view port) const;
};

struct PluginInfo {
    std::string name;
    std::string version;
    std::string doc;
    std::string path;          // of the .so on this machine
    std::string sha256;        // of the file
    std::string interfaceHash; // "sha256:..." of canonicalInterface()
    bool forkSafe = false;
    std::vector<FunctionInfo> functions;
    std::vector<std::string> pages; // JSON texts
};

// A plugin that could not be described, and why (one sentence).
struct PluginProblem {
    std::string path;
    std::string message;
};

// All functions a cluster knows. Immutable after it is built; shared by pointer.
struct Catalog {
    std::vector<PluginInfo> plugins;
    std::vector<PluginProblem> problems;
    const FunctionInfo* function(std::string_view name) const;
    const PluginInfo* pluginOf(std::string_view function) const;
};

} // namespace orrery::types
