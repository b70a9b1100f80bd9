// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/graph_document.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <tuple>

namespace orrery::types {

using nlohmann::json;

namespace {

std::string inQuotes(std::string_view text)
{
    return "\"" + std::string(text.substr(0, 80)) + "\"";
}

bool goodUtf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        const std::size_t more = c < 0x80 ? 0 : (c & 0xe0) == 0xc0 && c >= 0xc2 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 && c <= 0xf4 ? 3 : 9;
        if (more == 9 || more >= text.size() - i) return false;
        for (std::size_t k = 1; k <= more; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        i += more + 1;
    }
    return true;
}

class Reader {
public:
    std::vector<Problem> problems;

    void wrong(std::string pointer, std::string message) { problems.push_back({std::move(pointer), std::move(message)}); }

    void fields(const json& object, const std::string& at, std::initializer_list<std::string_view> known)
    {
        for (const auto& [key, value] : object.items())
            if (std::find(known.begin(), known.end(), key) == known.end()) wrong(at + "/" + key, "there is no field " + inQuotes(key) + " here; remove it");
    }
    const json* object(const json& parent, const std::string& key, const std::string& at, json::value_t type, const char* what, bool required)
    {
        const auto found = parent.find(key);
        if (found == parent.end()) {
            if (required) wrong(at, "the field " + inQuotes(key) + " is missing");
            return nullptr;
        }
        if (found->type() != type && !(type == json::value_t::number_integer && found->is_number_integer())) {
            wrong(at + "/" + key, std::string("expected ") + what + " and found " + found->type_name());
            return nullptr;
        }
        return &*found;
    }
    std::string text(const json& parent, const std::string& key, const std::string& at, bool required)
    {
        const json* value = object(parent, key, at, json::value_t::string, "a text", required);
        return value ? value->get<std::string>() : std::string();
    }
    // A half that is empty was told of.
    PortRef port(const json& parent, const std::string& key, const std::string& at)
    {
        const std::size_t before = problems.size();
        const std::string value = text(parent, key, at, true);
        const auto dot = value.find('.');
        PortRef port{value.substr(0, dot), dot == std::string::npos ? std::string() : value.substr(dot + 1)};
        if (problems.size() == before && (port.vertex.empty() || port.port.empty())) wrong(at + "/" + key, inQuotes(value) + " names no port; write vertex.port");
        return port;
    }
};

bool readVertex(Reader& in, const json& from, const std::string& at, Graph& graph, std::set<std::string>& ids)
{
    if (!from.is_object()) {
        in.wrong(at, std::string("expected a vertex and found ") + from.type_name());
        return false;
    }
    in.fields(from, at, {"id", "function", "params", "position", "resources", "on_error", "note"});
    Vertex vertex;
    vertex.id = in.text(from, "id", at, true);
    if (!vertex.id.empty() && !goodVertexId(vertex.id)) in.wrong(at + "/id", inQuotes(vertex.id) + " is no id: a small letter first, then small letters, digits and _, at most 63");
    if (!vertex.id.empty() && !ids.insert(vertex.id).second) in.wrong(at + "/id", "the id " + inQuotes(vertex.id) + " is used twice; give one of them another");
    vertex.function = in.text(from, "function", at, true);
    if (const json* params = in.object(from, "params", at, json::value_t::object, "an object", false)) vertex.params = params->dump();
    vertex.note = in.text(from, "note", at, false);
    if (const json* position = in.object(from, "position", at, json::value_t::array, "[x, y]", false)) {
        const bool good = position->size() == 2 && (*position)[0].is_number_integer() && (*position)[1].is_number_integer() &&
                          std::abs((*position)[0].get<double>()) < 1e9 && std::abs((*position)[1].get<double>()) < 1e9;
        if (!good) in.wrong(at + "/position", "a position is two integers, [x, y]");
        else {
            vertex.x = (*position)[0].get<std::int32_t>();
            vertex.y = (*position)[1].get<std::int32_t>();
        }
    }
    if (const json* resources = in.object(from, "resources", at, json::value_t::object, "an object", false)) {
        vertex.resources.emplace();
        for (const auto& [name, amount] : resources->items()) {
            if (!amount.is_number()) {
                in.wrong(at + "/resources/" + name, std::string("expected a number and found ") + amount.type_name());
                continue;
            }
            if (auto set = vertex.resources->set(name, amount.get<double>()); !set) in.wrong(at + "/resources/" + name, set.error().message);
        }
    }
    if (const json* onError = in.object(from, "on_error", at, json::value_t::object, "an object", false)) {
        in.fields(*onError, at + "/on_error", {"retries"});
        if (const json* retries = in.object(*onError, "retries", at + "/on_error", json::value_t::number_integer, "a whole number", false)) {
            const double count = retries->get<double>();
            if (count < 0 || count > 100) in.wrong(at + "/on_error/retries", "retries must be between 0 and 100");
            else vertex.retries = retries->get<std::int32_t>();
        }
    }
    graph.vertices.push_back(std::move(vertex));
    return true;
}

bool readEdge(Reader& in, const json& from, const std::string& at, Graph& graph, const std::set<std::string>* ids, std::set<std::pair<PortRef, PortRef>>& seen)
{
    if (!from.is_object()) {
        in.wrong(at, std::string("expected an edge and found ") + from.type_name());
        return false;
    }
    in.fields(from, at, {"from", "to", "mode"});
    Edge edge;
    edge.from = in.port(from, "from", at);
    edge.to = in.port(from, "to", at);
    if (from.contains("mode")) {
        const std::string name = in.text(from, "mode", at, true);
        const auto mode = edgeModeFromName(name);
        if (!mode) in.wrong(at + "/mode", inQuotes(name) + " is no edge mode; one, each, all or transpose");
        else edge.mode = *mode;
    }
    const auto whole = [](const PortRef& port) { return !port.vertex.empty() && !port.port.empty(); };
    for (const auto& [end, name] : {std::pair(&edge.from, "/from"), std::pair(&edge.to, "/to")})
        if (ids && whole(*end) && !ids->count(end->vertex)) in.wrong(at + name, "there is no vertex " + inQuotes(end->vertex));
    if (whole(edge.from) && whole(edge.to) && !seen.insert({edge.from, edge.to}).second) in.wrong(at, "this edge is there twice; remove one");
    graph.edges.push_back(std::move(edge));
    return true;
}

void readFrame(Reader& in, const json& from, const std::string& at, Graph& graph, const std::set<std::string>* ids, std::set<std::string>& frames)
{
    if (!from.is_object()) return in.wrong(at, std::string("expected a frame and found ") + from.type_name());
    in.fields(from, at, {"id", "title", "vertices"});
    Frame frame;
    frame.id = in.text(from, "id", at, true);
    if (!frame.id.empty() && !goodVertexId(frame.id)) in.wrong(at + "/id", inQuotes(frame.id) + " is no id");
    if (!frame.id.empty() && !frames.insert(frame.id).second) in.wrong(at + "/id", "the id " + inQuotes(frame.id) + " is used twice");
    frame.title = in.text(from, "title", at, false);
    if (const json* vertices = in.object(from, "vertices", at, json::value_t::array, "a list", true)) {
        for (std::size_t i = 0; i < vertices->size(); ++i) {
            const json& one = (*vertices)[i];
            const std::string here = at + "/vertices/" + std::to_string(i);
            if (!one.is_string()) in.wrong(here, std::string("expected a vertex id and found ") + one.type_name());
            else if (ids && !ids->count(one.get<std::string>())) in.wrong(here, "there is no vertex " + inQuotes(one.get<std::string>()));
            else frame.vertices.push_back(one.get<std::string>());
        }
    }
    graph.frames.push_back(std::move(frame));
}

// Parses the text and finds what a tree cannot show any more: duplicate keys, depth.
bool parseText(std::string_view text, json& document, Reader& in)
{
    std::vector<std::set<std::string>> keys;
    bool tooDeep = false;
    std::string duplicate;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth > kDocumentDepthMax) tooDeep = true;
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        else if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
        else if (event == json::parse_event_t::key && !keys.empty() && !keys.back().insert(parsed.get<std::string>()).second && duplicate.empty()) duplicate = parsed.get<std::string>();
        return true;
    };
    // The parser itself is iterative, but a tree is freed by recursion: depth is bounded before it is built.
    int depth = 0;
    bool inText = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inText) {
            if (c == '\\') ++i;
            else if (c == '"') inText = false;
            continue;
        }
        if (c == '"') inText = true;
        else if (c == '{' || c == '[') {
            if (++depth > kDocumentDepthMax) {
                in.wrong("", "the document nests deeper than " + std::to_string(kDocumentDepthMax) + " levels");
                return false;
            }
        } else if (c == '}' || c == ']') --depth;
    }
    try {
        document = json::parse(text.begin(), text.end(), watch);
    } catch (const json::parse_error& error) {
        const std::size_t at = std::min(error.byte == 0 ? std::size_t{0} : error.byte - 1, text.size());
        const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        const bool cut = at + 1 >= text.size();
        in.wrong("", "this is no JSON: line " + std::to_string(line) + (cut ? ", the text ends too early (is the file cut short?)" : ", something is misplaced there"));
        return false;
    }
    if (tooDeep) in.wrong("", "the document nests too deep");
    if (!duplicate.empty()) in.wrong("", "the key " + inQuotes(duplicate) + " stands twice in one object; remove one");
    return !tooDeep && duplicate.empty();
}

bool earlierPlugin(const PluginPin& a, const PluginPin& b) { return a.name < b.name; }
bool earlierVertex(const Vertex& a, const Vertex& b) { return a.id < b.id; }
bool earlierEdge(const Edge& a, const Edge& b) { return std::tie(a.to, a.from) < std::tie(b.to, b.from); }

// Sorts, and the places with it.
template <typename T, typename Earlier>
void sortWith(std::vector<T>& items, std::vector<std::uint32_t>& places, Earlier earlier)
{
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return earlier(items[a], items[b]); });
    std::vector<T> sorted;
    std::vector<std::uint32_t> sortedPlaces;
    for (const std::size_t i : order) {
        sorted.push_back(std::move(items[i]));
        sortedPlaces.push_back(places[i]);
    }
    items = std::move(sorted);
    places = std::move(sortedPlaces);
}

} // namespace

bool goodVertexId(std::string_view id)
{
    if (id.empty() || id.size() > 63 || id[0] < 'a' || id[0] > 'z') return false;
    return std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

ParsedGraph parseDocument(std::string_view text)
{
    ParsedGraph result;
    Reader in;
    json document;
    const auto finish = [&] {
        result.problems = std::move(in.problems);
        return std::move(result);
    };
    if (text.empty()) {
        in.wrong("", "the file is empty");
        return finish();
    }
    if (text.size() > kDocumentBytesMax) {
        in.wrong("", "the document has " + std::to_string(text.size()) + " bytes and may have " + std::to_string(kDocumentBytesMax));
        return finish();
    }
    if (!goodUtf8(text)) {
        in.wrong("", "the document is not UTF-8 text");
        return finish();
    }
    if (!parseText(text, document, in)) return finish();
    if (!document.is_object() || document.value("orrery", json()) != json("graph")) {
        in.wrong("", "this is no Orrery graph: it must be an object with \"orrery\": \"graph\"");
        return finish();
    }
    const auto version = document.find("version");
    if (version == document.end() || !version->is_number_integer() || version->get<double>() < 1) {
        in.wrong("/version", "the version must be 1");
        return finish();
    }
    if (version->get<double>() > 1) {
        in.wrong("/version", "this graph was written by a newer Orrery (version " + version->dump() + ", this one reads 1); update Orrery");
        return finish();
    }
    in.fields(document, "", {"orrery", "version", "title", "plugins", "vertices", "edges", "frames"});
    Graph& graph = result.graph;
    graph.title = in.text(document, "title", "", false);
    std::set<std::string> plugins, ids, frames;
    if (const json* list = in.object(document, "plugins", "", json::value_t::array, "a list", false)) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            const std::string at = "/plugins/" + std::to_string(i);
            if (!(*list)[i].is_object()) {
                in.wrong(at, std::string("expected a plugin and found ") + (*list)[i].type_name());
                continue;
            }
            in.fields((*list)[i], at, {"name", "interface"});
            PluginPin pin{in.text((*list)[i], "name", at, true), in.text((*list)[i], "interface", at, false)};
            if (!pin.name.empty() && !plugins.insert(pin.name).second) in.wrong(at + "/name", "the plugin " + inQuotes(pin.name) + " is named twice");
            graph.plugins.push_back(std::move(pin));
            result.pluginPlaces.push_back(static_cast<std::uint32_t>(i));
        }
    }
    const std::set<std::string>* known = nullptr; // while no list of vertices could be read, none is missed either
    if (const json* list = in.object(document, "vertices", "", json::value_t::array, "a list", true)) {
        if (list->size() > kVerticesMax) in.wrong("/vertices", "a graph may have " + std::to_string(kVerticesMax) + " vertices; draw a map instead");
        else {
            known = &ids;
            for (std::size_t i = 0; i < list->size(); ++i)
                if (readVertex(in, (*list)[i], "/vertices/" + std::to_string(i), graph, ids)) result.vertexPlaces.push_back(static_cast<std::uint32_t>(i));
        }
    }
    std::set<std::pair<PortRef, PortRef>> seen;
    if (const json* list = in.object(document, "edges", "", json::value_t::array, "a list", false)) {
        if (list->size() > kEdgesMax) in.wrong("/edges", "a graph may have " + std::to_string(kEdgesMax) + " edges");
        else for (std::size_t i = 0; i < list->size(); ++i)
            if (readEdge(in, (*list)[i], "/edges/" + std::to_string(i), graph, known, seen)) result.edgePlaces.push_back(static_cast<std::uint32_t>(i));
    }
    if (const json* list = in.object(document, "frames", "", json::value_t::array, "a list", false))
        for (std::size_t i = 0; i < list->size(); ++i) readFrame(in, (*list)[i], "/frames/" + std::to_string(i), graph, known, frames);
    sortWith(graph.plugins, result.pluginPlaces, earlierPlugin);
    sortWith(graph.vertices, result.vertexPlaces, earlierVertex);
    sortWith(graph.edges, result.edgePlaces, earlierEdge);
    sortGraph(graph);
    return finish();
}

void sortGraph(Graph& graph)
{
    // Stable: what is sorted already, doubled ids too, stays where its place says it is.
    std::stable_sort(graph.plugins.begin(), graph.plugins.end(), earlierPlugin);
    std::stable_sort(graph.vertices.begin(), graph.vertices.end(), earlierVertex);
    std::stable_sort(graph.edges.begin(), graph.edges.end(), earlierEdge);
    std::stable_sort(graph.frames.begin(), graph.frames.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
}

std::string formatDocument(const Graph& original)
{
    Graph graph = original;
    sortGraph(graph);
    json document = {{"orrery", "graph"}, {"version", 1}, {"title", graph.title}};
    document["plugins"] = json::array();
    for (const auto& pin : graph.plugins) {
        json one = {{"name", pin.name}};
        if (!pin.interfaceHash.empty()) one["interface"] = pin.interfaceHash;
        document["plugins"].push_back(std::move(one));
    }
    document["vertices"] = json::array();
    for (const auto& vertex : graph.vertices) {
        json one = {{"id", vertex.id}, {"function", vertex.function}, {"position", {vertex.x, vertex.y}}};
        if (auto params = json::parse(vertex.params); !params.empty()) one["params"] = std::move(params);
        if (vertex.resources) {
            one["resources"] = json::object();
            for (const auto& entry : vertex.resources->entries()) {
                const double amount = static_cast<double>(entry.units) / static_cast<double>(kResourceUnit);
                if (entry.units % kResourceUnit == 0) one["resources"][entry.name] = entry.units / kResourceUnit;
                else one["resources"][entry.name] = amount;
            }
        }
        if (vertex.retries) one["on_error"] = {{"retries", *vertex.retries}};
        if (!vertex.note.empty()) one["note"] = vertex.note;
        document["vertices"].push_back(std::move(one));
    }
    document["edges"] = json::array();
    for (const auto& edge : graph.edges) {
        json one = {{"from", edge.from.text()}, {"to", edge.to.text()}};
        if (edge.mode != EdgeMode::One) one["mode"] = std::string(edgeModeName(edge.mode));
        document["edges"].push_back(std::move(one));
    }
    if (!graph.frames.empty()) document["frames"] = json::array();
    for (const auto& frame : graph.frames) document["frames"].push_back({{"id", frame.id}, {"title", frame.title}, {"vertices", frame.vertices}});
    return document.dump(2) + "\n";
}

} // namespace orrery::types
