// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Document: the graph of a StartRun on its way to a run: read, its parameters overridden, checked against the plugins.
// Every problem is kept, each "pointer: sentence". Pure; the time it takes follows the size of the document.

#include "engine/types/graph_document.h"
#include "engine/types/plugin_info.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::head {

struct Document {
    types::ParsedGraph parsed;                 // overrides applied
    std::shared_ptr<const types::Graph> graph; // null when reading found problems
    std::string text;                          // canonical, overrides applied
    std::vector<types::Resources> needs;       // after checkDocument: one entry each set that a vertex asks for
    std::vector<std::string> problems;
    std::string problemText() const;           // the first one and how many more
};

// params: "vertex.name" -> JSON text, as the command line gives them. A value that is no JSON is taken as a string.
Document readDocument(std::string_view text, const std::map<std::string, std::string>& params);
// Adds what is wrong besides what reading found.
void checkDocument(Document& document, const types::Catalog& catalog);
// The same for runs of the same document: its title, or its vertices when it has none.
std::string documentKey(const types::Graph& graph);

} // namespace orrery::head
