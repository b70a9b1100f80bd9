// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/command/arguments.h"

#include <optional>

namespace orrery::command {

using namespace orrery::plugin;

namespace {

struct Place {
    enum class Kind : std::uint8_t { Value, Input, Output } kind = Kind::Value;
    std::string port;
    std::string ending;             // ".png" or empty
    std::size_t begin = 0, end = 0; // in the argument
};

// The first place at or after `from`; what only looks like one is text.
std::optional<Place> findPlace(std::string_view argument, std::size_t from)
{
    struct Word {
        std::string_view text;
        Place::Kind kind;
    };
    static constexpr std::array<Word, 3> kWords = {Word{"{arg:", Place::Kind::Value}, Word{"{in:", Place::Kind::Input},
                                                   Word{"{out:", Place::Kind::Output}};
    for (std::size_t at = argument.find('{', from); at != std::string_view::npos; at = argument.find('{', at + 1)) {
        for (const Word& word : kWords) {
            const std::size_t close = argument.find('}', at);
            if (!argument.substr(at).starts_with(word.text) || close == std::string_view::npos) continue;
            const std::string_view inside = argument.substr(at + word.text.size(), close - at - word.text.size());
            const std::size_t dot = word.kind == Place::Kind::Value ? std::string_view::npos : inside.find('.');
            return Place{word.kind, std::string(inside.substr(0, dot)),
                         dot == std::string_view::npos ? "" : std::string(inside.substr(dot)), at, close + 1};
        }
    }
    return std::nullopt;
}

class Filling {
public:
    Filling(const ListedPorts& ports, const std::map<std::string, PortValue>& inputs, const std::string& root)
        : m_ports(ports), m_inputs(inputs), m_root(root)
    {}
    void argument(const std::string& argument)
    {
        std::string whole;
        std::size_t done = 0;
        for (auto place = findPlace(argument, 0); place; place = findPlace(argument, done)) {
            const std::vector<std::string> texts = fill(*place, argument);
            const bool alone = place->begin == 0 && place->end == argument.size();
            if (alone && place->kind != Place::Kind::Output && m_inputs.at(place->port).isList) {
                m_out.texts.insert(m_out.texts.end(), texts.begin(), texts.end());
                return;
            }
            if (texts.size() != 1)
                throw Error(text("argument `", argument, "`: the input `", place->port, "` is a list of ", texts.size(),
                                 "; its place must be an argument of its own"));
            whole += argument.substr(done, place->begin - done) + texts[0];
            done = place->end;
        }
        m_out.texts.push_back(whole + argument.substr(done));
    }
    FilledArguments take() { return std::move(m_out); }

private:
    std::vector<std::string> fill(const Place& place, const std::string& argument)
    {
        if (place.ending.find('/') != std::string::npos)
            throw Error(text("argument `", argument, "`: `", place.ending, "` is no ending of a file's name"));
        if (place.kind == Place::Kind::Output) return {output(place, argument)};
        const auto found = m_inputs.find(place.port);
        if (found == m_inputs.end())
            throw Error(text("argument `", argument, "` names the input `", place.port,
                             "`, which the parameter `inputs` does not list"));
        std::vector<std::string> texts;
        for (const std::string_view item : found->second.items) {
            if (place.kind == Place::Kind::Input) {
                const std::string number = found->second.isList ? text("/", texts.size()) : std::string();
                texts.push_back(input(text("in/", place.port, number, place.ending), item));
                continue;
            }
            if (item.find('\0') != std::string_view::npos)
                throw Error(text("argument `", argument, "`: the input `", place.port,
                                 "` holds a zero byte; give it as a file, {in:", place.port, "}"));
            texts.emplace_back(item);
        }
        return texts;
    }
    std::string input(const std::string& name, std::string_view bytes)
    {
        const auto same = std::find_if(m_out.inputs.begin(), m_out.inputs.end(),
                                       [&](const PortFile& file) { return file.name == name; });
        if (same == m_out.inputs.end()) m_out.inputs.push_back({name, bytes});
        return m_root + name;
    }
    std::string output(const Place& place, const std::string& argument)
    {
        const bool listed = std::any_of(m_ports.outputs.begin(), m_ports.outputs.end(),
                                        [&](const PortText& port) { return port.name == place.port; });
        if (!listed || place.port == kStandardOutput)
            throw Error(
                text("argument `", argument, "` names the output `", place.port, "`, which ",
                     listed ? "is what the program prints and no file" : "the parameter `outputs` does not list"));
        const std::string name = text("out/", place.port, place.ending);
        const auto [known, fresh] = m_out.outputs.emplace(place.port, name);
        if (!fresh && known->second != name)
            throw Error(text("argument `", argument, "`: the output `", place.port, "` is `", known->second,
                             "` in another argument; one file, one ending"));
        return m_root + name;
    }

    const ListedPorts& m_ports;
    const std::map<std::string, PortValue>& m_inputs;
    const std::string& m_root;
    FilledArguments m_out;
};

} // namespace

FilledArguments fillArguments(const std::vector<std::string>& arguments, const ListedPorts& ports,
                              const std::map<std::string, PortValue>& inputs, const std::string& root)
{
    Filling filling(ports, inputs, root);
    for (const std::string& argument : arguments) filling.argument(argument);
    FilledArguments out = filling.take();
    // A program that knows its folder may write a file that no argument names.
    for (const PortText& port : ports.outputs)
        if (port.name != kStandardOutput) out.outputs.emplace(port.name, text("out/", port.name));
    return out;
}

} // namespace orrery::command
