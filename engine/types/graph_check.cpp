// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/graph_check.h"

#include "engine/types/param_check.h"
#include "engine/types/plan.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace orrery::types {

namespace {

bool isList(std::string_view type) { return type.starts_with("list<") && type.ends_with('>'); }
std::string itemType(std::string_view type) { return std::string(type.substr(5, type.size() - 6)); }

bool fits(std::string_view give, std::string_view take)
{
    if (give == take || take == "any" || give == "any") return true;
    if (isList(give) && isList(take)) return fits(itemType(give), itemType(take));
    return false;
}

// What a consumer sees of a source port: empty when the mode does not fit, with the reason.
std::string seenType(std::string_view give, bool fromWide, EdgeMode mode, std::string& why)
{
    switch (mode) {
    case EdgeMode::One:
        if (!fromWide) return std::string(give);
        why = "it comes from a map; use mode each (index by index) or all (as one list)";
        return {};
    case EdgeMode::Each:
        if (fromWide) return std::string(give);
        if (isList(give)) return itemType(give);
        why = "mode each needs a list or a map, and this is one " + std::string(give);
        return {};
    case EdgeMode::All:
        if (fromWide) return "list<" + std::string(give) + ">";
        why = "mode all gathers a map, and this is a single value; use mode one";
        return {};
    case EdgeMode::Transpose:
        if (fromWide && isList(give)) return give.data() ? std::string(give) : std::string();
        why = "mode transpose needs a map whose results are lists";
        return {};
    }
    return {};
}

Compatibility tryMode(const Port& give, const Port& take, bool fromWide, EdgeMode mode)
{
    Compatibility result;
    result.mode = mode;
    std::string why;
    const std::string seen = seenType(give.type, fromWide, mode, why);
    if (seen.empty()) {
        result.why = why;
        return result;
    }
    result.yes = fits(seen, take.type);
    // A list port also takes single values of its item type: several edges fill it in order.
    if (!result.yes && isList(take.type)) result.yes = fits(seen, itemType(take.type));
    if (!result.yes) result.why = "expects " + take.type + ", got " + seen;
    return result;
}

// Index of a vertex by its id; -1: unknown. Views the graph.
class VertexIndex {
public:
    explicit VertexIndex(const Graph& graph)
    {
        m_index.reserve(graph.vertices.size());
        for (std::size_t i = 0; i < graph.vertices.size(); ++i) m_index.emplace(graph.vertices[i].id, static_cast<int>(i));
    }
    int of(std::string_view id) const
    {
        const auto found = m_index.find(id);
        return found == m_index.end() ? -1 : found->second;
    }

private:
    std::unordered_map<std::string_view, int> m_index;
};

std::vector<std::uint16_t> topological(const Graph& graph, const VertexIndex& index, std::vector<Problem>& problems)
{
    const std::size_t count = graph.vertices.size();
    std::vector<std::vector<std::uint16_t>> readers(count);
    std::vector<std::uint32_t> missing(count);
    for (const auto& edge : graph.edges) {
        const int from = index.of(edge.from.vertex), to = index.of(edge.to.vertex);
        if (from < 0 || to < 0) continue;
        readers[static_cast<std::size_t>(from)].push_back(static_cast<std::uint16_t>(to));
        ++missing[static_cast<std::size_t>(to)];
    }
    std::vector<std::uint16_t> order;
    for (std::size_t v = 0; v < count; ++v)
        if (missing[v] == 0) order.push_back(static_cast<std::uint16_t>(v));
    for (std::size_t i = 0; i < order.size(); ++i)
        for (const auto reader : readers[order[i]])
            if (--missing[reader] == 0) order.push_back(reader);
    if (order.size() == count) return order;
    // Walk forward along what is left until a vertex comes twice: that is a cycle.
    std::size_t at = 0;
    while (missing[at] == 0) ++at;
    // Every vertex left has a predecessor that is left too, so walking backwards always finds the cycle.
    std::map<std::size_t, std::size_t> seen;
    std::vector<std::size_t> path;
    while (!seen.count(at)) {
        seen[at] = path.size();
        path.push_back(at);
        for (std::size_t from = 0; from < count; ++from)
            if (missing[from] > 0 && std::find(readers[from].begin(), readers[from].end(), at) != readers[from].end()) {
                at = from;
                break;
            }
    }
    std::string text = graph.vertices[at].id;
    for (std::size_t i = path.size(); i-- > seen[at];) text += " -> " + graph.vertices[path[i]].id;
    problems.push_back({"/edges", "the graph has a cycle: " + text + "; remove one of its edges"});
    return {};
}

// Whether a path leads from one vertex to the other.
bool leadsTo(const Graph& graph, std::string_view from, std::string_view to)
{
    std::unordered_map<std::string_view, std::vector<std::string_view>> readers;
    for (const auto& edge : graph.edges) readers[edge.from.vertex].push_back(edge.to.vertex);
    std::unordered_set<std::string_view> reached{from};
    std::vector<std::string_view> open{from};
    while (!open.empty()) {
        const auto at = open.back();
        open.pop_back();
        if (at == to) return true;
        for (const auto reader : readers[at])
            if (reached.insert(reader).second) open.push_back(reader);
    }
    return false;
}

} // namespace

std::string nearestName(std::string_view wanted, const std::vector<std::string>& names)
{
    std::string best;
    std::size_t bestDistance = wanted.size() / 3 + 2;
    for (const auto& name : names) {
        std::vector<std::size_t> row(name.size() + 1);
        for (std::size_t j = 0; j <= name.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= wanted.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j <= name.size(); ++j) {
                const std::size_t old = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (wanted[i - 1] == name[j - 1] ? 0 : 1)});
                diagonal = old;
            }
        }
        if (row[name.size()] < bestDistance) {
            bestDistance = row[name.size()];
            best = name;
        }
    }
    return best;
}

CheckedGraph checkGraph(const Graph& graph, const Catalog& catalog)
{
    CheckedGraph result;
    auto& problems = result.problems;
    result.vertices.resize(graph.vertices.size());
    std::vector<std::string> names;
    for (const auto& plugin : catalog.plugins)
        for (const auto& function : plugin.functions) names.push_back(function.name);
    for (std::size_t i = 0; i < graph.plugins.size(); ++i) {
        const auto& pin = graph.plugins[i];
        const auto found = std::find_if(catalog.plugins.begin(), catalog.plugins.end(), [&](const auto& plugin) { return plugin.name == pin.name; });
        const std::string at = "/plugins/" + std::to_string(i);
        if (found == catalog.plugins.end()) {
            std::string why = "the plugin \"" + pin.name + "\" is not installed";
            for (const auto& problem : catalog.problems)
                if (problem.path.find(pin.name) != std::string::npos) why += ": " + problem.message;
            problems.push_back({at, why});
        } else if (!pin.interfaceHash.empty() && found->interfaceHash != pin.interfaceHash) {
            problems.push_back({at + "/interface", "the plugin \"" + pin.name + "\" has changed its functions since this graph was saved; check the graph and save it again"});
        }
    }
    for (std::size_t v = 0; v < graph.vertices.size(); ++v) {
        const auto& vertex = graph.vertices[v];
        const std::string at = "/vertices/" + std::to_string(v);
        result.vertices[v].function = catalog.function(vertex.function);
        if (!result.vertices[v].function) {
            const std::string near = nearestName(vertex.function, names);
            std::string why = "there is no function \"" + vertex.function + "\"";
            const std::string plugin = vertex.function.substr(0, vertex.function.find('.'));
            const auto broken = std::find_if(catalog.problems.begin(), catalog.problems.end(), [&](const auto& problem) { return problem.path.ends_with("/" + plugin + ".so"); });
            if (broken != catalog.problems.end()) why += ": " + broken->message;
            else if (!near.empty()) why += "; did you mean \"" + near + "\"?";
            problems.push_back({at + "/function", why});
            continue;
        }
        result.vertices[v].params = completeParams(*result.vertices[v].function, vertex.params, at + "/params", problems);
    }
    const VertexIndex index(graph);
    result.order = topological(graph, index, problems);
    // Width flows along the order; without one (a cycle) the modes cannot be judged.
    std::map<std::pair<std::uint16_t, std::string>, std::size_t> taken;
    std::vector<std::vector<std::size_t>> edgesInto(graph.vertices.size());
    for (std::size_t e = 0; e < graph.edges.size(); ++e)
        if (const int to = index.of(graph.edges[e].to.vertex); to >= 0) edgesInto[static_cast<std::size_t>(to)].push_back(e);
    for (const auto v : result.order) {
        CheckedVertex& vertex = result.vertices[v];
        for (const std::size_t e : edgesInto[v]) {
            const Edge& edge = graph.edges[e];
            vertex.wide = vertex.wide || edge.mode == EdgeMode::Each || edge.mode == EdgeMode::Transpose;
            const std::string at = "/edges/" + std::to_string(e);
            const int from = index.of(edge.from.vertex);
            if (from < 0) continue;
            const CheckedVertex& source = result.vertices[static_cast<std::size_t>(from)];
            if (!source.function || !vertex.function) continue;
            const Port* give = source.function->output(edge.from.port);
            const Port* take = vertex.function->input(edge.to.port);
            if (!give) problems.push_back({at + "/from", source.function->name + " has no output \"" + edge.from.port + "\""});
            if (!take) problems.push_back({at + "/to", vertex.function->name + " has no input \"" + edge.to.port + "\""});
            if (!give || !take) continue;
            const auto compatible = tryMode(*give, *take, source.wide, edge.mode);
            if (!compatible.yes) problems.push_back({at, edge.from.text() + " to " + edge.to.text() + ": " + compatible.why});
            if (!taken.emplace(std::pair(v, edge.to.port), e).second && !isList(take->type))
                problems.push_back({at + "/to", edge.to.text() + " has an edge already and takes one value"});
        }
        if (!vertex.function) continue;
        for (const auto& port : vertex.function->inputs)
            if (!port.optional && !taken.count({v, port.name}))
                problems.push_back({"/vertices/" + std::to_string(v), graph.vertices[v].id + ": the input \"" + port.name + "\" is not connected"});
    }
    return result;
}

Compatibility canConnect(const Graph& graph, const Catalog& catalog, const PortRef& from, const PortRef& to)
{
    Compatibility no;
    const auto refuse = [&](std::string why) {
        no.why = std::move(why);
        return no;
    };
    if (from.vertex == to.vertex) return refuse("a task cannot read its own result");
    const auto checked = checkGraph(graph, catalog);
    const int source = graph.indexOf(from.vertex), target = graph.indexOf(to.vertex);
    if (source < 0 || target < 0) return refuse("this vertex is gone");
    const auto* give = checked.vertices[static_cast<std::size_t>(source)].function;
    const auto* take = checked.vertices[static_cast<std::size_t>(target)].function;
    if (!give || !take || !give->output(from.port) || !take->input(to.port)) return refuse("this port does not exist");
    const Port& output = *give->output(from.port);
    const Port& input = *take->input(to.port);
    for (const auto& edge : graph.edges) {
        if (edge.from == from && edge.to == to) return refuse("they are connected already");
        if (edge.to == to && !isList(input.type)) return refuse("this input has a wire already; remove it first");
    }
    if (leadsTo(graph, to.vertex, from.vertex)) return refuse("this would close a cycle");
    const bool fromWide = checked.vertices[static_cast<std::size_t>(source)].wide;
    const auto modes = fromWide ? std::vector<EdgeMode>{isList(input.type) ? EdgeMode::All : EdgeMode::Each, isList(input.type) ? EdgeMode::Each : EdgeMode::All, EdgeMode::Transpose}
                                : std::vector<EdgeMode>{EdgeMode::One, EdgeMode::Each};
    Compatibility first;
    for (const auto mode : modes) {
        const auto tried = tryMode(output, input, fromWide, mode);
        if (tried.yes) return tried;
        if (first.why.empty()) first = tried;
    }
    return first;
}

base::Result<Plan> makePlan(std::shared_ptr<const Graph> graph, const Catalog& catalog)
{
    const auto checked = checkGraph(*graph, catalog);
    if (!checked.ok()) {
        std::string text;
        for (const auto& problem : checked.problems) text += (text.empty() ? "" : "\n") + problem.text();
        return base::fail(base::Errc::BadInput, text);
    }
    Plan plan;
    plan.order = checked.order;
    for (std::size_t v = 0; v < graph->vertices.size(); ++v) {
        const auto& vertex = graph->vertices[v];
        const auto& from = checked.vertices[v];
        PlanVertex made;
        made.id = vertex.id;
        made.function = vertex.function;
        made.plugin = catalog.pluginOf(vertex.function)->path;
        made.params = from.params;
        made.resources = vertex.resources.value_or(from.function->resources);
        made.retries = vertex.retries.value_or(from.function->retries);
        if (made.retries < 0) made.retries = 1 << 30; // without end
        made.wide = from.wide;
        made.inputs.resize(from.function->inputs.size());
        made.outputs = from.function->outputs;
        plan.vertices.push_back(std::move(made));
    }
    const auto portIndex = [](const std::vector<Port>& ports, const std::string& name) {
        return static_cast<std::uint16_t>(std::find_if(ports.begin(), ports.end(), [&](const Port& port) { return port.name == name; }) - ports.begin());
    };
    for (const auto& edge : graph->edges) {
        const auto from = static_cast<std::uint16_t>(graph->indexOf(edge.from.vertex));
        const auto to = static_cast<std::uint16_t>(graph->indexOf(edge.to.vertex));
        const auto output = portIndex(checked.vertices[from].function->outputs, edge.from.port);
        const auto input = portIndex(checked.vertices[to].function->inputs, edge.to.port);
        auto& sources = plan.vertices[to].inputs[input].sources;
        sources.push_back({from, output, edge.mode});
        plan.vertices[from].consumers.push_back({to, input, static_cast<std::uint16_t>(sources.size() - 1)});
    }
    plan.graph = std::move(graph);
    return plan;
}

} // namespace orrery::types
