// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The plugins and documents that the head's tests use.

#include "engine/types/plugin_info.h"

#include <memory>
#include <string>

namespace orrery::headtest {

inline std::shared_ptr<const types::Catalog> testCatalog()
{
    types::FunctionInfo make;
    make.name = "test.make";
    make.label = "make";
    make.outputs = {{"value", "i64", "", false}};
    make.paramSchema = R"({"type":"object","properties":{"size":{"type":"integer","default":1,"minimum":0,"maximum":1000}}})";
    make.resources = types::Resources::cpus(1);
    types::FunctionInfo wide = make;
    wide.name = "test.list";
    wide.label = "list";
    wide.outputs = {{"values", "list<i64>", "", false}};
    types::FunctionInfo add = make;
    add.name = "test.add";
    add.label = "add";
    add.inputs = {{"a", "i64", "", false}};
    types::PluginInfo plugin;
    plugin.name = "test";
    plugin.version = "1";
    plugin.path = "/nowhere/test.so";
    plugin.functions = {make, wide, add};
    auto catalog = std::make_shared<types::Catalog>();
    catalog->plugins.push_back(plugin);
    return catalog;
}

inline std::string oneVertex(const std::string& title, const std::string& function = "test.make", const std::string& more = "")
{
    return R"({"orrery":"graph","version":1,"title":")" + title + R"(","vertices":[{"id":"a","function":")" + function + "\"" + more + "}],\"edges\":[]}";
}

// list -> add over each item.
inline std::string mapDocument(const std::string& title)
{
    return R"({"orrery":"graph","version":1,"title":")" + title +
           R"(","vertices":[{"id":"add","function":"test.add"},{"id":"list","function":"test.list"}],)"
           R"("edges":[{"from":"list.values","to":"add.a","mode":"each"}]})";
}

} // namespace orrery::headtest
