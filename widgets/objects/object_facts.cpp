// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/object_facts.h"

#include "engine/types/vertex_ports.h"
#include "widgets/common/format.h"
#include "widgets/objects/cell_delegate.h"
#include "widgets/objects/cells.h"

#include <QCoreApplication>
#include <algorithm>

namespace orrery::widgets {

namespace {

struct Tr {
    Q_DECLARE_TR_FUNCTIONS(ObjectFacts)
};

const char* const kColumns[] = {"object_id", "name", "vertex", "map_index", "row", "output", "state", "type", "dtype", "shape", "items", "object_size",
                                "refs", "node", "attempt", "created_ns"};

const types::Cell* find(const types::Page& page, std::string_view column)
{
    const auto at = std::find(page.columns.begin(), page.columns.end(), column);
    const auto index = static_cast<std::size_t>(at - page.columns.begin());
    return page.rows.empty() || index >= page.rows[0].size() ? nullptr : &page.rows[0][index];
}

std::int64_t number(const types::Page& page, std::string_view column, std::int64_t otherwise)
{
    const auto* cell = find(page, column);
    const auto* value = cell == nullptr ? nullptr : std::get_if<std::int64_t>(cell);
    return value == nullptr ? otherwise : *value;
}

QString text(const types::Page& page, std::string_view column)
{
    const auto* cell = find(page, column);
    const auto* value = cell == nullptr ? nullptr : std::get_if<std::string>(cell);
    return value == nullptr ? QString() : QString::fromStdString(*value);
}

} // namespace

types::Query ObjectFacts::query(const base::RunId& run, const ObjectRef& object)
{
    types::Query query;
    query.table = "objects";
    query.run = run;
    query.filter = "row = " + std::to_string(object.task.row) + " and output = " + std::to_string(object.output);
    query.columns.assign(std::begin(kColumns), std::end(kColumns));
    query.count = 1;
    return query;
}

std::optional<ObjectFacts> ObjectFacts::of(const types::Page& page, const RunModel& run)
{
    if (page.rows.empty()) return std::nullopt;
    ObjectFacts facts;
    facts.id = text(page, "object_id");
    facts.producer = text(page, "name");
    facts.vertex = text(page, "vertex");
    facts.state = text(page, "state");
    facts.type = text(page, "type");
    facts.dtype = text(page, "dtype");
    facts.shape = text(page, "shape");
    facts.node = text(page, "node");
    facts.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, number(page, "object_size", 0)));
    facts.items = number(page, "items", -1);
    facts.refs = number(page, "refs", 0);
    facts.createdNs = number(page, "created_ns", -1);
    facts.attempt = static_cast<int>(number(page, "attempt", 1));
    facts.object.task.row = static_cast<std::uint32_t>(number(page, "row", types::kNoRow));
    facts.object.task.mapIndex = static_cast<std::uint32_t>(number(page, "map_index", 0));
    facts.object.output = static_cast<std::uint16_t>(number(page, "output", 0));
    const int vertex = run.graph() == nullptr ? -1 : run.graph()->indexOf(facts.vertex.toStdString());
    facts.object.task.vertex = static_cast<std::uint16_t>(std::max(0, vertex));
    return facts;
}

QList<KeyValue> ObjectFacts::rows(const std::vector<std::pair<std::string, std::string>>& facts) const
{
    QList<KeyValue> rows;
    const auto add = [&rows](const QString& key, const QString& value) { rows << KeyValue{key, value, {}, -1, {}, false, false}; };
    const bool elements = !dtype.isEmpty() && dtype != QStringLiteral("none") && type != QStringLiteral("image");
    add(Tr::tr("type"), elements ? type + QStringLiteral("  ") + dtype : type);
    if (!shape.isEmpty() || items >= 0) add(items >= 0 ? Tr::tr("items") : Tr::tr("shape"), items >= 0 ? countText(static_cast<std::uint64_t>(items)) : shapeOf(shape, {}, -1));
    add(Tr::tr("bytes"), bytes < 1024 ? bytesText(bytes) : QStringLiteral("%1  (%2)").arg(bytesText(bytes), countText(bytes)));
    KeyValue made{Tr::tr("producer"), producer, attempt > 1 ? Tr::tr("attempt %1").arg(attempt) : QString(), -1, {}, true, true};
    rows << made;
    KeyValue where{Tr::tr("where"), objectStateWord(state), {}, -1, {}, false, true};
    if (!isGone() && !node.isEmpty()) {
        where.node = nodeNumber(node);
        where.nodeLetter = node;
    }
    rows << where;
    add(Tr::tr("references"), countText(static_cast<std::uint64_t>(std::max<std::int64_t>(0, refs))));
    if (createdNs >= 0) add(Tr::tr("created"), clockText(createdNs));
    static const std::vector<std::string> kKnown{"type", "dtype", "shape", "items", "bytes"};
    for (const auto& [name, value] : facts)
        if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) add(QString::fromStdString(name), QString::fromStdString(value));
    return rows;
}

QString ObjectFacts::fileName(const RunModel& run) const
{
    QString port = QString::number(object.output);
    const bool drawn = run.graph() && object.task.vertex < run.graph()->vertices.size();
    const auto function = drawn ? types::functionOf(*run.catalog(), run.graph()->vertices[object.task.vertex]) : nullptr;
    if (function != nullptr && object.output < function->outputs.size()) port = QString::fromStdString(function->outputs[object.output].name);
    const bool wide = object.task.vertex < run.vertices().size() && run.vertices()[object.task.vertex].tasks > 1;
    const QString name = vertex + u'.' + port;
    return wide ? name + u'.' + QString::number(object.task.mapIndex) : name;
}

} // namespace orrery::widgets
