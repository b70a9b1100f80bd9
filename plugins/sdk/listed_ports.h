// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ListedPorts: the ports that the parameters of a function list. The engine reads the same lists by the same rules from the schema
// alone (it never opens a library to check a graph); tests hold both against each other.
//   "outputs": {"type": "array", "items": {"type": "string"}, "x-ports": "outputs", "x-port-types": ["string", "bytes"]}
// A port is "name", of the first of the types, or "name:type".
// Thread: plain value.

#include "plugins/sdk/values.h"

#include <algorithm>
#include <string>
#include <vector>

namespace orrery::plugin {

// A port whose type is said as text.
struct PortText {
    std::string name;
    std::string type;
    std::string doc;
    bool optional = false;
};

struct ListedPorts {
    std::vector<PortText> inputs;
    std::vector<PortText> outputs;

    static constexpr std::size_t kMax = 64; // of one side

    // Throws Error when a list holds what is no port, or one port twice.
    ListedPorts(const Json& schema, const Json& values)
    {
        for (const auto& [name, property] : schema.at("properties").items()) {
            const std::string side = property.value("x-ports", std::string());
            if (side.empty()) continue;
            const auto types = property.at("x-port-types").get<std::vector<std::string>>();
            const Json texts = values.contains(name) ? values[name] : property.value("default", Json::array());
            for (const Json& each : texts) add(side == "inputs" ? inputs : outputs, each.get<std::string>(), types);
        }
    }

private:
    static bool goodName(std::string_view name)
    {
        const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
        return !name.empty() && name.size() <= 63 && lower(name[0]) &&
               std::all_of(name.begin(), name.end(),
                           [&](char c) { return lower(c) || c == '_' || (c >= '0' && c <= '9'); });
    }
    static void add(std::vector<PortText>& ports, const std::string& listed, const std::vector<std::string>& types)
    {
        const std::size_t colon = listed.find(':');
        PortText port{listed.substr(0, colon), colon == std::string::npos ? types.at(0) : listed.substr(colon + 1),
                      "Listed in the parameters", false};
        if (!goodName(port.name)) throw Error(text("`", port.name, "` is no name of a port"));
        if (std::find(types.begin(), types.end(), port.type) == types.end())
            throw Error(text("port `", port.name, "` cannot be of type `", port.type, "`"));
        for (const PortText& other : ports)
            if (other.name == port.name) throw Error(text("the port `", port.name, "` is listed twice"));
        if (ports.size() == kMax) throw Error(text("more than ", kMax, " ports are listed"));
        ports.push_back(std::move(port));
    }
};

} // namespace orrery::plugin
