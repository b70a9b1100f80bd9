// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/graph_check.h"

#include "engine/types/param_check.h"
#include "engine/types/plan.h"
#include "engine/types/vertex_ports.h"

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
        m_doubled.resize(graph.vertices.size());
        for (std::size_t i = 0; i < graph.vertices.size(); ++i) {
            const auto [first, fresh] = m_index.emplace(graph.vertices[i].id, static_cast<int>(i));
            if (!fresh) m_doubled[i] = m_doubled[static_cast<std::size_t>(first->second)] = true;
        }
    }
    int of(std::string_view id) const
    {
        const auto found = m_index.find(id);
        return found == m_index.end() ? -1 : found->second;
    }
    bool doubled(int vertex) const { return m_doubled[static_cast<std::size_t>(vertex)]; } // another has its id

private:
    std::unordered_map<std::string_view, int> m_index;
    std::vector<bool> m_doubled;
};

std::vector<std::uint16_t> topological(const Graph& graph, const VertexIndex& index, std::vector<Problem>& problems)
{
    const std::size_t count = graph.vertices.size();
    std::vector<std::vector<std::uint16_t>> readers(count);
    std::vector<std::uint32_t> missing(count);
    for (const auto& edge : graph.edges) {
        const int from = index.of(edge.from.vertex), to = index.of(edge.to.vertex);
        // Of an id that two have, nobody knows which is meant; that is a problem of its own.
        if (from < 0 || to < 0 || index.doubled(from) || index.doubled(to)) continue;
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

namespace {

// What reading a document has said already; nothing for a graph that was never a document.
struct Told {
    const ParsedGraph* parsed = nullptr;
    std::unordered_set<std::string> pointers;
    bool has(const std::string& pointer) const { return pointers.count(pointer) > 0; }
    static std::string at(const char* list, const std::vector<std::uint32_t>* places, std::size_t i) { return list + std::to_string(places ? (*places)[i] : i); }
    std::string plugin(std::size_t i) const { return at("/plugins/", parsed ? &parsed->pluginPlaces : nullptr, i); }
    std::string vertex(std::size_t i) const { return at("/vertices/", parsed ? &parsed->vertexPlaces : nullptr, i); }
    std::string edge(std::size_t i) const { return at("/edges/", parsed ? &parsed->edgePlaces : nullptr, i); }
};

class Check {
public:
    Check(const Graph& graph, const Catalog& catalog, const Told& told, CheckedGraph& result)
        : m_graph(graph), m_catalog(catalog), m_told(told), m_result(result), m_index(graph), m_inputs(graph.vertices.size()), m_meant(graph.vertices.size()), m_portsUnknown(graph.vertices.size()), m_widthUnknown(graph.vertices.size())
    {
    }
    void run()
    {
        plugins();
        m_result.vertices.resize(m_graph.vertices.size());
        functions();
        m_result.order = topological(m_graph, m_index, m_result.problems);
        widths();
        for (std::size_t e = 0; e < m_graph.edges.size(); ++e) edge(e);
        unconnected();
    }

private:
    void say(std::string pointer, std::string message) { m_result.problems.push_back({std::move(pointer), std::move(message)}); }
    void plugins();
    void functions();
    void listedPorts(std::size_t v, const std::string& at);
    void widths();
    void edge(std::size_t e);
    void unconnected();
    int end(const PortRef& ref, const std::string& at);
    const Port* port(const PortRef& ref, int vertex, bool input, const std::string& at);

    const Graph& m_graph;
    const Catalog& m_catalog;
    const Told& m_told;
    CheckedGraph& m_result;
    const VertexIndex m_index;
    std::vector<std::unordered_set<std::string>> m_inputs, m_meant; // that have an edge; that have one by another name
    std::vector<bool> m_portsUnknown, m_widthUnknown;
};

void Check::plugins()
{
    for (std::size_t i = 0; i < m_graph.plugins.size(); ++i) {
        const auto& pin = m_graph.plugins[i];
        const auto found = std::find_if(m_catalog.plugins.begin(), m_catalog.plugins.end(), [&](const auto& plugin) { return plugin.name == pin.name; });
        if (found != m_catalog.plugins.end()) {
            if (!pin.interfaceHash.empty() && found->interfaceHash != pin.interfaceHash)
                say(m_told.plugin(i) + "/interface", "the plugin \"" + pin.name + "\" has changed its functions since this graph was saved; check the graph and save it again");
            continue;
        }
        if (pin.name.empty() && m_told.parsed) continue;
        std::string why = "the plugin \"" + pin.name + "\" is not installed";
        for (const auto& problem : m_catalog.problems)
            if (problem.path.find(pin.name) != std::string::npos) why += ": " + problem.message;
        say(m_told.plugin(i), why);
    }
}

void Check::functions()
{
    std::vector<std::string> names;
    for (const auto& plugin : m_catalog.plugins)
        for (const auto& function : plugin.functions) names.push_back(function.name);
    for (std::size_t v = 0; v < m_graph.vertices.size(); ++v) {
        const auto& vertex = m_graph.vertices[v];
        const std::string at = m_told.vertex(v);
        auto& checked = m_result.vertices[v];
        if (m_index.doubled(static_cast<int>(v)) && !m_told.parsed) say(at + "/id", "the id \"" + vertex.id + "\" is used twice; give one of them another");
        checked.function = m_catalog.function(vertex.function);
        if (checked.function) {
            if (!m_told.has(at + "/params")) checked.params = completeParams(*checked.function, vertex.params, at + "/params", m_result.problems);
            if (checked.function->computedPorts) listedPorts(v, at + "/params");
            continue;
        }
        if (vertex.function.empty() && m_told.parsed) continue;
        const std::string near = nearestName(vertex.function, names);
        std::string why = "there is no function \"" + vertex.function + "\"";
        const std::string plugin = vertex.function.substr(0, vertex.function.find('.'));
        const auto broken = std::find_if(m_catalog.problems.begin(), m_catalog.problems.end(), [&](const auto& problem) { return problem.path.ends_with("/" + plugin + ".so"); });
        if (broken != m_catalog.problems.end()) why += ": " + broken->message;
        else if (!near.empty()) why += "; did you mean \"" + near + "\"?";
        say(at + "/function", why);
    }
}

// Ports that the parameters list; where a list cannot be read, nothing is said of ports that are not in it.
void Check::listedPorts(std::size_t v, const std::string& at)
{
    auto& checked = m_result.vertices[v];
    const std::size_t before = m_result.problems.size();
    checked.own = withPorts(*checked.function, m_told.has(at) ? "{}" : m_graph.vertices[v].params, at, m_result.problems);
    checked.function = checked.own.get();
    m_portsUnknown[v] = m_result.problems.size() != before || m_told.has(at);
}

// Whether a vertex is a map follows from the modes of the edges into it, whatever they come from.
void Check::widths()
{
    for (std::size_t e = 0; e < m_graph.edges.size(); ++e) {
        const Edge& edge = m_graph.edges[e];
        const int to = m_index.of(edge.to.vertex);
        if (to < 0) continue;
        if (edge.mode == EdgeMode::Each || edge.mode == EdgeMode::Transpose) m_result.vertices[static_cast<std::size_t>(to)].wide = true;
        if (m_told.has(m_told.edge(e) + "/mode")) m_widthUnknown[static_cast<std::size_t>(to)] = true;
    }
}

// The vertex of one end of an edge; -1: nothing can be said of it.
int Check::end(const PortRef& ref, const std::string& at)
{
    const int vertex = m_index.of(ref.vertex);
    if (vertex < 0 && !m_told.parsed) say(at, "there is no vertex \"" + ref.vertex + "\"");
    return vertex >= 0 && !m_index.doubled(vertex) && m_result.vertices[static_cast<std::size_t>(vertex)].function ? vertex : -1;
}

const Port* Check::port(const PortRef& ref, int vertex, bool input, const std::string& at)
{
    if (vertex < 0 || (ref.port.empty() && m_told.parsed)) return nullptr;
    const auto& function = *m_result.vertices[static_cast<std::size_t>(vertex)].function;
    const Port* found = input ? function.input(ref.port) : function.output(ref.port);
    if (found || m_portsUnknown[static_cast<std::size_t>(vertex)]) return found;
    std::vector<std::string> names;
    for (const auto& one : input ? function.inputs : function.outputs) names.push_back(one.name);
    const std::string near = nearestName(ref.port, names);
    say(at, function.name + " has no " + (input ? "input" : "output") + " \"" + ref.port + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    // What was meant is not missed besides.
    if (input && !near.empty()) m_meant[static_cast<std::size_t>(vertex)].insert(near);
    return nullptr;
}

void Check::edge(std::size_t e)
{
    const Edge& edge = m_graph.edges[e];
    const std::string at = m_told.edge(e);
    const int from = end(edge.from, at + "/from"), to = end(edge.to, at + "/to");
    const Port* give = port(edge.from, from, false, at + "/from");
    const Port* take = port(edge.to, to, true, at + "/to");
    if (take && !m_inputs[static_cast<std::size_t>(to)].insert(edge.to.port).second && !isList(take->type) && !m_told.has(at))
        say(at + "/to", edge.to.text() + " has an edge already and takes one value");
    if (!give || !take || m_widthUnknown[static_cast<std::size_t>(from)] || m_told.has(at + "/mode")) return;
    const auto compatible = tryMode(*give, *take, m_result.vertices[static_cast<std::size_t>(from)].wide, edge.mode);
    if (!compatible.yes) say(at, edge.from.text() + " to " + edge.to.text() + ": " + compatible.why);
}

void Check::unconnected()
{
    for (std::size_t v = 0; v < m_graph.vertices.size(); ++v) {
        const auto& function = m_result.vertices[v].function;
        // Edges lead to ids; whose id could not be read, or is not its own, may miss nothing.
        if (!function || (m_told.parsed && m_graph.vertices[v].id.empty()) || m_index.doubled(static_cast<int>(v)) || m_portsUnknown[v]) continue;
        for (const auto& port : function->inputs)
            if (!port.optional && !m_inputs[v].count(port.name) && !m_meant[v].count(port.name)) say(m_told.vertex(v), m_graph.vertices[v].id + ": the input \"" + port.name + "\" is not connected");
    }
}

} // namespace

CheckedGraph checkGraph(const Graph& graph, const Catalog& catalog)
{
    CheckedGraph result;
    Check(graph, catalog, {}, result).run();
    return result;
}

CheckedGraph checkParsed(const ParsedGraph& parsed, const Catalog& catalog)
{
    CheckedGraph result;
    result.problems = parsed.problems;
    Told told{&parsed, {}};
    for (const auto& problem : parsed.problems) told.pointers.insert(problem.pointer);
    Check(parsed.graph, catalog, told, result).run();
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

Template templateOf(const PlanVertex& vertex)
{
    Template made;
    made.plugin = vertex.plugin;
    made.function = vertex.function;
    made.params = vertex.params;
    made.inputs = static_cast<std::uint16_t>(vertex.inputs.size());
    made.outputs = static_cast<std::uint16_t>(vertex.outputs.size());
    return made;
}

PlanClasses classesOf(const Plan& plan)
{
    PlanClasses all;
    for (const auto& vertex : plan.vertices) {
        const auto found = std::find(all.classes.begin(), all.classes.end(), vertex.resources);
        all.ofVertex.push_back(static_cast<std::size_t>(found - all.classes.begin()));
        if (found == all.classes.end()) all.classes.push_back(vertex.resources);
    }
    return all;
}

} // namespace orrery::types
