// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ObjectFacts: one row of the table of objects as values, and what a person reads of it. Pure. Thread: UI.

#include "widgets/common/key_value_list.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <optional>

namespace orrery::widgets {

struct ObjectFacts {
    ObjectRef object;
    QString id, producer, vertex, state, type, dtype, shape, node;
    std::uint64_t bytes = 0;
    std::int64_t items = -1, refs = 0, createdNs = -1; // createdNs: from the begin of the run
    int attempt = 1;
    bool isGone() const { return state == QStringLiteral("FREED") || state == QStringLiteral("LOST"); }

    static types::Query query(const base::RunId& run, const ObjectRef& object);
    // Nothing: there is no such object.
    static std::optional<ObjectFacts> of(const types::Page& page, const RunModel& run);
    // facts: what a preview adds (min, max, checksum ...); those that are here already are left out.
    QList<KeyValue> rows(const std::vector<std::pair<std::string, std::string>>& facts) const;
    // "render.tile.93" without an extension: <vertex>.<port>[.<map index>]
    QString fileName(const RunModel& run) const;
};

} // namespace orrery::widgets
