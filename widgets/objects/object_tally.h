// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ObjectTally: the largest living objects of a run by producer and by node, made of one page of the table of objects.
// The page is the kTallyRows largest; what it leaves out is told as one sum, never dropped.
// Pure. Thread: any.

#include "engine/types/session_values.h"

#include <QString>
#include <map>
#include <vector>

namespace orrery::widgets {

inline constexpr std::uint32_t kTallyRows = 4096;

struct ObjectMark {
    std::uint32_t row = 0;      // of the task that made it
    std::uint32_t mapIndex = 0;
    std::uint16_t output = 0;
    std::uint64_t bytes = 0;
    QString shape, node;        // letters of its nodes
};

struct ObjectGroup {
    int vertex = -1;            // of the run's graph; -1: unknown, or the rest
    QString name, function;
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;    // of objects; more than marks only in the rest
    std::vector<ObjectMark> marks; // by map index and output
};

struct ObjectTally {
    std::vector<ObjectGroup> groups;             // falling by bytes; the rest is the one without marks
    std::map<QString, std::uint64_t> nodeBytes;  // of marks in shared memory, by letter
    std::map<QString, std::uint64_t> copyBytes;  // of copies of them, likewise
    bool complete = true;                        // there is no rest
    static types::Query query(const base::RunId& run);
    // objects, bytes: of the run, to tell the rest. graph may be null.
    static ObjectTally of(const types::Page& page, const types::Graph* graph, std::uint64_t objects, std::uint64_t bytes);
};

} // namespace orrery::widgets
