// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A plan of two vertices, `list` and `work` over each item of it, one CPU a task: for tests of an owner's tables.

#include "engine/types/plan.h"

#include <memory>

namespace orrery::tests {

inline std::shared_ptr<const types::Plan> mapPlan()
{
    auto plan = std::make_shared<types::Plan>();
    for (const char* id : {"list", "work"}) {
        auto& vertex = plan->vertices.emplace_back();
        vertex.id = vertex.function = id;
        vertex.resources = types::Resources::cpus(1);
        vertex.outputs = {{"out", "any", "", false}};
        plan->order.push_back(static_cast<std::uint16_t>(plan->vertices.size() - 1));
    }
    plan->vertices[1].wide = true;
    plan->vertices[1].inputs = {{{{0, 0, types::EdgeMode::Each}}}};
    plan->vertices[0].consumers = {{1, 0, 0}};
    return plan;
}

} // namespace orrery::tests
