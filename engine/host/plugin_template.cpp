// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What a new task library begins with: it does something that can be seen, and each part of it can be changed in place.
#include "engine/host/plugin_project.h"

#include "engine/types/graph_document.h"

namespace orrery::host {

namespace {

constexpr char kSource[] = R"(// @name@: a task library of Orrery. While it is watched, saving this file builds it again.
// What the SDK offers stands in plugins/sdk/orrery.h.
#include "plugins/sdk/orrery.h"

using namespace orrery::plugin;

namespace {

struct ScaleParams {
    double factor = 2;
    static void fields(Fields<ScaleParams>& f) { f("factor", &ScaleParams::factor, "What the value is multiplied by"); }
};

double scale(double value, const ScaleParams& params)
{
    return value * params.factor;
}

} // namespace

ORRERY_PLUGIN("@name@", "0.1.0", "Tasks of my own.")
{
    plugin.function<scale>("scale", "Multiplies a number.", in("value", "A number"), out("result", "value times factor")).icon("star");
}
)";

constexpr char kList[] = R"(cmake_minimum_required(VERSION 3.25)
project(@name@ LANGUAGES CXX)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_package(Orrery REQUIRED) # comes with Orrery; from a build of its tree: -DOrrery_DIR=<build>/cmake
orrery_plugin(@name@ SOURCES @name@.cpp)
)";

constexpr char kReadme[] = R"(# @name@

A task library of Orrery.

    orreryctl plugin watch .        # builds it now and each time a source is saved
    orreryctl plugin build .        # builds it once
    orreryctl run @name@.orrery --wait --out results

A build that loads is used at once, by new runs: neither a window nor a cluster is started anew. Runs that go on keep the
build they began with. A second function is one more C++ function and one more line at the end of `@name@.cpp`.
)";

constexpr char kGraph[] = R"({
  "edges": [
    {
      "from": "number.value",
      "to": "scale.value"
    }
  ],
  "orrery": "graph",
  "plugins": [{"name": "basic"}, {"name": "@name@"}],
  "title": "@name@",
  "version": 1,
  "vertices": [
    {
      "function": "basic.number",
      "id": "number",
      "params": {
        "value": 21
      },
      "position": [
        0,
        0
      ]
    },
    {
      "function": "@name@.scale",
      "id": "scale",
      "position": [
        264,
        0
      ]
    }
  ]
}
)";

std::string named(std::string text, const std::string& name)
{
    constexpr std::string_view kMark = "@name@";
    for (std::size_t at = 0; (at = text.find(kMark, at)) != std::string::npos; at += name.size()) text.replace(at, kMark.size(), name);
    return text;
}

} // namespace

std::vector<std::pair<std::string, std::string>> pluginTemplate(const std::string& name)
{
    return {{name + ".cpp", named(kSource, name)}, {"CMakeLists.txt", named(kList, name)}, {"README.md", named(kReadme, name)}, {name + ".orrery", types::formatDocument(types::parseDocument(named(kGraph, name)).graph)}};
}

} // namespace orrery::host
