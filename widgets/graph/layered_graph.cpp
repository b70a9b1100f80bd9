// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/layered_graph.h"

#include <algorithm>
#include <numeric>

namespace orrery::widgets {

namespace {

constexpr double kDummyWeight = 8; // long edges run straight

bool isStopped(const std::atomic<bool>* stop)
{
    return stop && stop->load(std::memory_order_relaxed);
}

} // namespace

LayeredGraph::LayeredGraph(const LayoutInput& input) : m_input(input)
{
    turnBackEdges();
    giveLayers();
    addLinks();
    firstOrder();
}

// Depth first from the boxes that nothing leads to; an edge into the path that is being walked is turned round.
void LayeredGraph::turnBackEdges()
{
    const std::size_t count = m_input.boxes.size();
    std::vector<std::vector<std::size_t>> out(count);
    std::vector<bool> entered(count);
    for (std::size_t e = 0; e < m_input.edges.size(); ++e) {
        const auto& edge = m_input.edges[e];
        if (edge.from == edge.to) continue;
        out[edge.from].push_back(e);
        entered[edge.to] = true;
    }
    enum class Mark : std::uint8_t { New, OnPath, Done };
    std::vector<Mark> marks(count, Mark::New);
    std::vector<std::pair<std::uint32_t, std::size_t>> path;
    const auto walk = [&](std::uint32_t start) {
        if (marks[start] != Mark::New) return;
        marks[start] = Mark::OnPath;
        path.emplace_back(start, 0);
        while (!path.empty()) {
            const std::uint32_t at = path.back().first;
            if (path.back().second == out[at].size()) {
                marks[at] = Mark::Done;
                path.pop_back();
                continue;
            }
            LayoutEdge edge = m_input.edges[out[at][path.back().second++]];
            const Mark mark = marks[edge.to];
            if (mark == Mark::OnPath) {
                std::swap(edge.from, edge.to);
                std::swap(edge.fromY, edge.toY);
                m_edges.push_back(edge);
                continue;
            }
            m_edges.push_back(edge);
            if (mark != Mark::New) continue;
            marks[edge.to] = Mark::OnPath;
            path.emplace_back(edge.to, 0);
        }
    };
    for (std::uint32_t box = 0; box < count; ++box)
        if (!entered[box]) walk(box);
    for (std::uint32_t box = 0; box < count; ++box) walk(box);
}

void LayeredGraph::giveLayers()
{
    const std::size_t count = m_input.boxes.size();
    std::vector<std::vector<std::uint32_t>> out(count);
    std::vector<std::uint32_t> missing(count);
    for (const auto& edge : m_edges) {
        out[edge.from].push_back(edge.to);
        ++missing[edge.to];
    }
    std::vector<std::uint32_t> ready;
    for (std::uint32_t box = 0; box < count; ++box)
        if (missing[box] == 0) ready.push_back(box);
    const std::size_t sources = ready.size();
    m_layer.assign(count, 0);
    for (std::size_t i = 0; i < ready.size(); ++i) {
        for (const auto to : out[ready[i]]) {
            m_layer[to] = std::max(m_layer[to], m_layer[ready[i]] + 1);
            if (--missing[to] == 0) ready.push_back(to);
        }
    }
    // A source stands right before the first that reads it.
    for (std::size_t i = 0; i < sources; ++i) {
        const auto& readers = out[ready[i]];
        if (readers.empty()) continue;
        std::uint32_t first = m_layer[readers.front()];
        for (const auto reader : readers) first = std::min(first, m_layer[reader]);
        m_layer[ready[i]] = first - 1;
    }
}

void LayeredGraph::addLinks()
{
    m_up.resize(m_input.boxes.size());
    m_down.resize(m_input.boxes.size());
    const auto link = [&](std::uint32_t from, double fromY, std::uint32_t to, double toY, double weight) {
        m_down[from].push_back({to, fromY, toY, weight});
        m_up[to].push_back({from, toY, fromY, weight});
    };
    for (const auto& edge : m_edges) {
        std::uint32_t from = edge.from;
        double fromY = edge.fromY;
        for (std::uint32_t layer = m_layer[edge.from] + 1; layer < m_layer[edge.to]; ++layer) {
            const auto dummy = static_cast<std::uint32_t>(m_layer.size());
            m_layer.push_back(layer);
            m_up.emplace_back();
            m_down.emplace_back();
            link(from, fromY, dummy, 0, from < m_input.boxes.size() ? 1 : kDummyWeight);
            from = dummy;
            fromY = 0;
        }
        link(from, fromY, edge.to, edge.toY, 1);
    }
}

void LayeredGraph::firstOrder()
{
    const std::size_t layers = m_layer.empty() ? 0 : *std::max_element(m_layer.begin(), m_layer.end()) + 1;
    m_order.resize(layers);
    std::vector<bool> seen(m_layer.size());
    std::vector<std::uint32_t> open;
    for (std::uint32_t start = 0; start < m_input.boxes.size(); ++start) {
        if (!m_up[start].empty()) continue;
        open.push_back(start);
        while (!open.empty()) {
            const auto at = open.back();
            open.pop_back();
            if (seen[at]) continue;
            seen[at] = true;
            m_order[m_layer[at]].push_back(at);
            for (auto link = m_down[at].rbegin(); link != m_down[at].rend(); ++link) open.push_back(link->node);
        }
    }
    m_place.resize(m_layer.size());
    number();
}

void LayeredGraph::number()
{
    for (const auto& layer : m_order)
        for (std::size_t i = 0; i < layer.size(); ++i) m_place[layer[i]] = static_cast<std::uint32_t>(i);
}

// Crossings of the links between a layer and the next, counted with a Fenwick tree.
std::size_t LayeredGraph::crossingsBetween(std::size_t upper) const
{
    const auto& next = m_order[upper + 1];
    std::vector<std::size_t> tree(next.size() + 1);
    std::vector<std::uint32_t> ends;
    std::size_t crossings = 0, total = 0;
    for (const auto node : m_order[upper]) {
        ends.clear();
        for (const auto& link : m_down[node]) ends.push_back(m_place[link.node]);
        for (const auto end : ends) {
            std::size_t before = 0;
            for (std::size_t i = end + 1; i > 0; i -= i & (~i + 1)) before += tree[i];
            crossings += total - before;
        }
        for (const auto end : ends)
            for (std::size_t i = end + 1; i < tree.size(); i += i & (~i + 1)) ++tree[i];
        total += ends.size();
    }
    return crossings;
}

std::size_t LayeredGraph::crossings() const
{
    std::size_t sum = 0;
    for (std::size_t layer = 0; layer + 1 < m_order.size(); ++layer) sum += crossingsBetween(layer);
    return sum;
}

void LayeredGraph::sweep(bool down)
{
    std::vector<double> key(m_layer.size());
    for (std::size_t step = 1; step < m_order.size(); ++step) {
        auto& layer = m_order[down ? step : m_order.size() - 1 - step];
        for (const auto node : layer) {
            const auto& links = down ? m_up[node] : m_down[node];
            key[node] = m_place[node];
            if (links.empty()) continue;
            double sum = 0;
            for (const auto& link : links)
                sum += m_place[link.node] + link.theirs / 10'000; // ports of one box in their order
            key[node] = sum / static_cast<double>(links.size());
        }
        std::stable_sort(layer.begin(), layer.end(), [&](auto a, auto b) { return key[a] < key[b]; });
        for (std::size_t i = 0; i < layer.size(); ++i) m_place[layer[i]] = static_cast<std::uint32_t>(i);
    }
}

// Crossings of the links of two neighbours when a stands above b.
std::size_t LayeredGraph::crossingsOf(const std::vector<Link>& a, const std::vector<Link>& b) const
{
    std::size_t crossings = 0;
    for (const auto& one : a)
        for (const auto& other : b)
            if (m_place[one.node] > m_place[other.node] || (one.node == other.node && one.theirs > other.theirs))
                ++crossings;
    return crossings;
}

bool LayeredGraph::transpose()
{
    bool better = false;
    for (auto& layer : m_order) {
        for (std::size_t i = 0; i + 1 < layer.size(); ++i) {
            const auto a = layer[i], b = layer[i + 1];
            if (crossingsOf(m_up[b], m_up[a]) + crossingsOf(m_down[b], m_down[a]) >=
                crossingsOf(m_up[a], m_up[b]) + crossingsOf(m_down[a], m_down[b]))
                continue;
            std::swap(layer[i], layer[i + 1]);
            std::swap(m_place[a], m_place[b]);
            better = true;
        }
    }
    return better;
}

void LayeredGraph::orderLayers(int sweeps, const std::atomic<bool>* stop)
{
    const bool fine = m_layer.size() <= kTransposeMax;
    Order best = m_order;
    std::size_t fewest = crossings();
    for (int i = 0; i < sweeps && fewest > 0 && !isStopped(stop); ++i) {
        sweep(i % 2 == 0);
        for (int round = 0; fine && round < 4 && transpose(); ++round) {
        }
        const std::size_t now = crossings();
        if (now >= fewest) continue;
        fewest = now;
        best = m_order;
    }
    m_order = std::move(best);
    number();
}

// Heights of one layer nearest to what its neighbours want, in order and apart: pooled adjacent violators.
void LayeredGraph::placeLayer(std::size_t layer, bool up, bool down)
{
    struct Pool {
        double sum = 0, weight = 0;
        std::size_t count = 0;
        double mean() const { return sum / weight; }
    };
    std::vector<Pool> pools;
    double offset = 0;
    for (const auto node : m_order[layer]) {
        double sum = 0, weight = 0;
        const auto add = [&](const std::vector<Link>& links) {
            for (const auto& link : links) {
                sum += link.weight * (m_top[link.node] + link.theirs - link.mine);
                weight += link.weight;
            }
        };
        if (up) add(m_up[node]);
        if (down) add(m_down[node]);
        if (weight == 0) {
            weight = 1e-3;
            sum = weight * m_top[node];
        }
        pools.push_back({sum - weight * offset, weight, 1});
        while (pools.size() > 1 && pools[pools.size() - 2].mean() >= pools.back().mean()) {
            const Pool last = pools.back();
            pools.pop_back();
            pools.back().sum += last.sum;
            pools.back().weight += last.weight;
            pools.back().count += last.count;
        }
        offset += heightOf(node) + m_input.rowGap;
    }
    std::size_t next = 0;
    offset = 0;
    for (const auto& pool : pools) {
        for (std::size_t i = 0; i < pool.count; ++i, ++next) {
            const auto node = m_order[layer][next];
            m_top[node] = pool.mean() + offset;
            offset += heightOf(node) + m_input.rowGap;
        }
    }
}

void LayeredGraph::placeRows(int passes, const std::atomic<bool>* stop)
{
    m_top.assign(m_layer.size(), 0);
    for (std::size_t layer = 0; layer < m_order.size(); ++layer) placeLayer(layer, layer > 0, false);
    for (int pass = 0; pass < passes && !isStopped(stop); ++pass) {
        const bool last = pass + 2 >= passes;
        for (std::size_t step = 0; step < m_order.size(); ++step) {
            const bool down = pass % 2 == 1;
            placeLayer(down ? step : m_order.size() - 1 - step, down || last, !down || last);
        }
    }
}

std::vector<LayoutPoint> LayeredGraph::points() const
{
    std::vector<double> widths(m_order.size());
    for (std::size_t box = 0; box < m_input.boxes.size(); ++box)
        widths[m_layer[box]] = std::max(widths[m_layer[box]], m_input.boxes[box].width);
    std::vector<double> lefts(m_order.size());
    for (std::size_t layer = 1; layer < lefts.size(); ++layer)
        lefts[layer] = lefts[layer - 1] + widths[layer - 1] + m_input.columnGap;
    std::vector<LayoutPoint> points(m_input.boxes.size());
    double top = 0;
    for (std::size_t box = 0; box < points.size(); ++box) top = box == 0 ? m_top[box] : std::min(top, m_top[box]);
    for (std::size_t box = 0; box < points.size(); ++box) points[box] = {lefts[m_layer[box]], m_top[box] - top};
    return points;
}

std::vector<LayoutPoint> layoutGraph(const LayoutInput& input, const std::atomic<bool>* stop)
{
    constexpr int kSweeps = 8, kPasses = 10;
    if (input.boxes.empty()) return {};
    LayeredGraph graph(input);
    graph.orderLayers(kSweeps, stop);
    graph.placeRows(kPasses, stop);
    if (isStopped(stop)) return {};
    return graph.points();
}

std::vector<std::uint32_t> layersOf(const LayoutInput& input)
{
    std::vector<std::uint32_t> layers = LayeredGraph(input).layers();
    layers.resize(input.boxes.size());
    return layers;
}

} // namespace orrery::widgets
