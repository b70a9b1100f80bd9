// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Graph documents (*.orrery): text to Graph and back. parseDocument finds every problem at once, each with its JSON pointer;
// a document with a problem is refused whole. formatDocument gives the canonical text: keys alphabetical, two spaces, vertices
// and frames sorted by id, plugins by name, edges by `to` then `from`, one final newline; saving twice gives the same bytes.
// Bounds: kDocumentBytesMax, kDocumentDepthMax, counts below; checked before work is done.

#include "engine/types/graph.h"

#include <string>
#include <string_view>
#include <vector>

namespace orrery::types {

inline constexpr std::size_t kDocumentBytesMax = 16u << 20;
inline constexpr int kDocumentDepthMax = 64;
inline constexpr std::size_t kVerticesMax = 65'000; // a vertex index is 16 bits in the trace
inline constexpr std::size_t kEdgesMax = 1'000'000;

struct Problem {
    std::string pointer; // "/vertices/3/params/size"; empty: the whole document
    std::string message; // one sentence
    std::string text() const { return (pointer.empty() ? std::string("/") : pointer) + ": " + message; }
};

struct ParsedGraph {
    Graph graph;                   // with problems: what could be read; the rest is left empty and told of
    std::vector<Problem> problems;
    // Where each stands in the document, whose order need not be the graph's.
    std::vector<std::uint32_t> pluginPlaces, vertexPlaces, edgePlaces;
    bool ok() const { return problems.empty(); }
};

ParsedGraph parseDocument(std::string_view text);
std::string formatDocument(const Graph& graph);
// The order of formatDocument; what parseDocument gives is sorted already.
void sortGraph(Graph& graph);
bool goodVertexId(std::string_view id); // [a-z][a-z0-9_]{0,62}

} // namespace orrery::types
