// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/cells.h"

#include "widgets/common/format.h"
#include "widgets/common/state_bar.h"

#include <QCoreApplication>

namespace orrery::widgets {

namespace {

struct Tr {
    Q_DECLARE_TR_FUNCTIONS(Cells)
};

const QString kNone = QStringLiteral("–");
constexpr qsizetype kChipsMost = 4; // in the column of locations

CellLook number(const PagedTableModel& model, int row, std::string_view column, QString (*words)(std::int64_t))
{
    CellLook look;
    look.font = FontRole::Mono;
    const bool known = !std::holds_alternative<std::monostate>(model.cell(row, column));
    look.text = known ? words(model.integer(row, column)) : kNone;
    if (!known) look.ink = Token::Muted;
    return look;
}

QString bytes(std::int64_t value) { return bytesText(static_cast<std::uint64_t>(std::max<std::int64_t>(0, value))); }
QString count(std::int64_t value) { return countText(static_cast<std::uint64_t>(std::max<std::int64_t>(0, value))); }
QString seconds(std::int64_t ns) { return QStringLiteral("%1 s").arg(static_cast<double>(ns) / 1e9, 0, 'f', 3); }

// Of a task that runs, until now: an answer is as old as its last change.
std::optional<std::int64_t> runningNs(const RunModel& run, const PagedTableModel& model, int row)
{
    const auto* shown = run.shownRun();
    if (shown == nullptr || types::isTerminal(shown->state) || model.text(row, "state") != QStringLiteral("RUNNING")) return std::nullopt;
    if (std::holds_alternative<std::monostate>(model.cell(row, "start_ns"))) return std::nullopt;
    return std::max(model.integer(row, "duration_ns"), run.nowNs() - shown->startNs - model.integer(row, "start_ns"));
}

QString functionOfVertex(const RunModel& run, const QString& vertex)
{
    const int at = run.graph() == nullptr ? -1 : run.graph()->indexOf(vertex.toStdString());
    return at < 0 ? QString() : run.functionOf(static_cast<std::uint16_t>(at));
}

CellLook taskCell(const RunModel& run, const PagedTableModel& model, int row, int column)
{
    CellLook look;
    const std::string& name = model.columns()[static_cast<std::size_t>(column)].name;
    if (name == "name") {
        look.glyph = taskStateOf(model.text(row, "state"));
        look.text = model.text(row, "name");
    } else if (name == "state") {
        const auto state = taskStateOf(model.text(row, "state"));
        look.text = state ? stateWord(*state) : model.text(row, "state").toLower();
        look.ink = Token::Muted;
        look.font = FontRole::Secondary;
    } else if (name == "func_or_class_name") {
        look.text = model.text(row, name);
        look.ink = Token::Muted;
        look.font = FontRole::Secondary;
        look.swatch = Theme::of().function(functionOfVertex(run, model.text(row, "vertex")));
    } else if (name == "worker") {
        const QString node = model.text(row, "node");
        if (!node.isEmpty()) look.nodes << node;
        const bool known = !std::holds_alternative<std::monostate>(model.cell(row, "worker"));
        look.text = known ? Tr::tr("worker %1").arg(model.integer(row, "worker")) : node.isEmpty() ? kNone : QString();
        look.ink = Token::Muted;
        look.font = FontRole::Secondary;
    } else if (name == "duration_ns" || name == "wait_ns") {
        look = number(model, row, name, durationText);
        if (name == "wait_ns") look.ink = Token::Muted;
        else if (const auto running = runningNs(run, model, row)) look.text = durationText(*running);
    } else if (name == "start_ns") {
        look = number(model, row, name, seconds);
        look.ink = Token::Muted;
    } else if (name == "bytes_out") {
        look = number(model, row, name, bytes);
    } else if (name == "attempt") {
        look = number(model, row, name, count);
        if (model.integer(row, name) <= 1) look.ink = Token::Muted;
    } else if (name == "error_message") {
        look.text = model.text(row, name);
        if (look.text.isEmpty()) look.text = model.text(row, "wait_reason");
        look.ink = model.text(row, name).isEmpty() ? Token::Muted : Token::Text;
        look.font = FontRole::Secondary;
    }
    return look;
}

// The primary's first, then those of copies, as many as the column has room for; the rest is a number.
QStringList nodesOf(const QString& node, const QString& copies, QString& more)
{
    QStringList nodes{node};
    nodes += copies.split(u' ', Qt::SkipEmptyParts);
    if (nodes.size() <= kChipsMost) return nodes;
    more = u'+' + QString::number(nodes.size() - (kChipsMost - 1));
    return nodes.first(kChipsMost - 1);
}

CellLook objectCell(const RunModel& run, const PagedTableModel& model, int row, int column)
{
    CellLook look;
    const std::string& name = model.columns()[static_cast<std::size_t>(column)].name;
    const bool gone = model.text(row, "state") == QStringLiteral("FREED") || model.text(row, "state") == QStringLiteral("LOST");
    if (name == "object_id") {
        look.text = idText(model.text(row, name));
        look.font = FontRole::Mono;
        look.elide = Qt::ElideMiddle;
    } else if (name == "type") {
        look.text = model.text(row, name);
        look.ink = Token::Muted;
        look.font = FontRole::Mono;
    } else if (name == "shape") {
        look.text = shapeOf(model.text(row, "shape"), model.text(row, "dtype"), model.integer(row, "items", -1));
        look.ink = Token::Muted;
        look.font = FontRole::Mono;
    } else if (name == "object_size") {
        look = number(model, row, name, bytes);
    } else if (name == "name") {
        look.text = model.text(row, name);
        look.swatch = Theme::of().function(functionOfVertex(run, model.text(row, "vertex")));
    } else if (name == "refs") {
        look = number(model, row, name, count);
        look.ink = Token::Muted;
    } else if (name == "node") {
        if (const QString node = model.text(row, name); !node.isEmpty() && !gone) look.nodes = nodesOf(node, model.text(row, "copies"), look.text);
        else look.text = kNone;
        look.font = FontRole::Secondary;
        look.ink = Token::Muted;
    } else if (name == "state") {
        look.text = objectStateWord(model.text(row, name));
        look.font = FontRole::Secondary;
    } else if (name == "created_ns") {
        const auto* shown = run.shownRun();
        const bool known = shown != nullptr && !std::holds_alternative<std::monostate>(model.cell(row, name));
        look.text = known ? ageText(run.nowNs() - shown->startNs - model.integer(row, name)) : kNone;
        look.ink = Token::Muted;
        look.font = FontRole::Mono;
    } else if (name == "attempt") {
        look = number(model, row, name, count);
        if (model.integer(row, name) <= 1) look.ink = Token::Muted;
    }
    if (gone) look.ink = Token::Muted;
    return look;
}

} // namespace

std::optional<types::TaskState> taskStateOf(const QString& word)
{
    const std::string text = word.toStdString();
    for (int state = 0; state < types::kTaskStates; ++state)
        if (types::jsonName(static_cast<types::TaskState>(state)) == text) return static_cast<types::TaskState>(state);
    return std::nullopt;
}

QString objectStateWord(const QString& word)
{
    static const std::pair<QString, QString> kWords[] = {{QStringLiteral("INLINE"), Tr::tr("inline")},      {QStringLiteral("MEMORY"), Tr::tr("in memory")},
                                                         {QStringLiteral("SPILLED"), Tr::tr("spilled")},    {QStringLiteral("IN_FLIGHT"), Tr::tr("in flight")},
                                                         {QStringLiteral("LOST"), Tr::tr("lost")},          {QStringLiteral("FREED"), Tr::tr("freed")}};
    for (const auto& [json, text] : kWords)
        if (json == word) return text;
    return word.toLower();
}

QString shapeOf(const QString& shape, const QString& dtype, std::int64_t items)
{
    if (items > 0 && shape.isEmpty()) return Tr::tr("%1 items").arg(countText(static_cast<std::uint64_t>(items)));
    if (shape.isEmpty()) return kNone;
    QString text = shape;
    text.replace(QStringLiteral(" x "), QStringLiteral(" × "));
    // A picture is always of bytes; only tensors say of what.
    return dtype.isEmpty() || dtype == QStringLiteral("none") || dtype == QStringLiteral("u8") ? text : text + QStringLiteral("  ") + dtype;
}

TablePanel::Shape taskShape(RunModel& run)
{
    TablePanel::Shape shape;
    shape.table = "tasks";
    shape.columns = {{"name", Tr::tr("task")},
                     {"state", Tr::tr("state")},
                     {"func_or_class_name", Tr::tr("function")},
                     {"worker", Tr::tr("worker")},
                     {"duration_ns", Tr::tr("duration"), true},
                     {"wait_ns", Tr::tr("waited"), true},
                     {"start_ns", Tr::tr("start"), true},
                     {"attempt", Tr::tr("attempt"), true},
                     {"bytes_out", Tr::tr("bytes"), true},
                     {"error_message", Tr::tr("error or reason to wait")}};
    shape.widths = {220, 100, 200, 128, 112, 112, 112, 88, 104, 0};
    shape.key = {"row"};
    shape.extra = {"node", "track", "vertex", "map_index", "wait_reason"};
    shape.look = [&run](const PagedTableModel& model, int row, int column) { return taskCell(run, model, row, column); };
    shape.hint = Tr::tr("Filter   dur>1ms  state:failed  node:A");
    shape.things = Tr::tr("tasks");
    return shape;
}

TablePanel::Shape objectShape(RunModel& run)
{
    TablePanel::Shape shape;
    shape.table = "objects";
    shape.columns = {{"object_id", Tr::tr("id")},
                     {"type", Tr::tr("type")},
                     {"shape", Tr::tr("shape")},
                     {"object_size", Tr::tr("bytes"), true},
                     {"name", Tr::tr("producer")},
                     {"refs", Tr::tr("refs"), true},
                     {"node", Tr::tr("locations")},
                     {"state", Tr::tr("state")},
                     {"created_ns", Tr::tr("age"), true, true, true},
                     {"attempt", Tr::tr("attempt"), true}};
    shape.widths = {124, 80, 176, 104, 0, 72, 104, 96, 88, 92};
    shape.key = {"row", "output"};
    shape.extra = {"vertex", "map_index", "dtype", "items", "copies"};
    shape.look = [&run](const PagedTableModel& model, int row, int column) { return objectCell(run, model, row, column); };
    shape.hint = Tr::tr("Filter   bytes>1MiB  producer:render  node:A");
    shape.things = Tr::tr("objects");
    return shape;
}

} // namespace orrery::widgets
