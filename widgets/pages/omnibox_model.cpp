// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/omnibox_model.h"

#include "widgets/common/format.h"
#include "widgets/pages/fuzzy.h"
#include "widgets/pages/line_delegate.h"

#include <algorithm>

namespace orrery::widgets {

namespace {

// "&Run all fresh..." as people read it.
QString plainText(const QAction& action)
{
    QString text = action.text();
    text.remove(QLatin1Char('&'));
    return text;
}

const types::Cell& cellOf(const types::Page& page, std::size_t row, std::string_view column)
{
    static const types::Cell none;
    for (std::size_t i = 0; i < page.columns.size() && i < page.rows[row].size(); ++i)
        if (page.columns[i] == column) return page.rows[row][i];
    return none;
}

QString textOf(const types::Page& page, std::size_t row, std::string_view column)
{
    const auto* text = std::get_if<std::string>(&cellOf(page, row, column));
    return text ? QString::fromStdString(*text) : QString();
}

std::int64_t numberOf(const types::Page& page, std::size_t row, std::string_view column, std::int64_t otherwise = -1)
{
    const auto* number = std::get_if<std::int64_t>(&cellOf(page, row, column));
    return number ? *number : otherwise;
}

int stateOf(const QString& name)
{
    for (int i = 0; i < types::kTaskStates; ++i)
        if (const auto text = types::jsonName(static_cast<types::TaskState>(i));
            name == QLatin1String(text.data(), static_cast<qsizetype>(text.size())))
            return i;
    return -1;
}

// "/vertices/3/params/size": the id of vertex 3.
QString vertexOf(const types::Graph& graph, const std::string& pointer)
{
    const QStringList parts = QString::fromStdString(pointer).split(QLatin1Char('/'));
    bool good = false;
    const int at = parts.size() > 2 && parts[1] == u"vertices" ? parts[2].toInt(&good) : -1;
    return good && at >= 0 && static_cast<std::size_t>(at) < graph.vertices.size()
               ? QString::fromStdString(graph.vertices[static_cast<std::size_t>(at)].id)
               : QString();
}

} // namespace

std::vector<Hit> findActions(const QList<QPointer<QAction>>& actions, const QString& text)
{
    std::vector<Hit> hits;
    for (const auto& action : actions) {
        if (!action || action->isSeparator() || action->text().isEmpty() || !action->isVisible()) continue;
        const auto score = fuzzyScore(text, plainText(*action));
        if (!score) continue;
        Hit hit{Hit::Kind::Action, plainText(*action), {}, action->shortcut().toString(QKeySequence::NativeText)};
        hit.icon = QStringLiteral("chevron-right");
        hit.disabled = !action->isEnabled();
        hit.detail =
            hit.disabled ? (action->statusTip().isEmpty() ? action->toolTip() : action->statusTip()) : QString();
        if (hit.detail == hit.text) hit.detail.clear();
        hit.score = *score;
        hit.action = action;
        hits.push_back(std::move(hit));
    }
    return hits;
}

std::vector<Hit> findVertices(const GraphModel& graph, const QString& text)
{
    std::vector<Hit> hits;
    if (text.trimmed().isEmpty()) return hits;
    for (const auto& vertex : graph.graph().vertices) {
        const QString id = QString::fromStdString(vertex.id), function = QString::fromStdString(vertex.function);
        auto score = fuzzyScore(text, id);
        const auto byFunction = fuzzyScore(text, function);
        if (!score && !byFunction) continue;
        Hit hit{Hit::Kind::Vertex, id, function};
        const auto* info = graph.functionOf(vertex);
        hit.icon = info && !info->icon.empty() ? QString::fromStdString(info->icon) : QStringLiteral("square");
        hit.score = std::max(score.value_or(-1'000'000), byFunction.value_or(-1'000'000) - 1);
        hit.vertex = id;
        hits.push_back(std::move(hit));
    }
    return hits;
}

std::vector<Hit> findProblems(const GraphModel& graph, const QString& text)
{
    std::vector<Hit> hits;
    for (const auto& problem : graph.checked().problems) {
        const QString message = QString::fromStdString(problem.message),
                      vertex = vertexOf(graph.graph(), problem.pointer);
        if (!fuzzyScore(text, vertex + QLatin1Char(' ') + message)) continue;
        Hit hit{Hit::Kind::Problem, message, vertex.isEmpty() ? QString::fromStdString(problem.pointer) : vertex};
        hit.icon = QStringLiteral("warn");
        hit.vertex = vertex;
        hit.pointer = QString::fromStdString(problem.pointer);
        hits.push_back(std::move(hit));
    }
    return hits;
}

std::vector<Hit> hitsOfPage(const types::Page& page, bool objects, const RunModel& run)
{
    std::vector<Hit> hits;
    for (std::size_t row = 0; row < page.rows.size() && hits.size() < kHitsMax; ++row) {
        Hit hit{objects ? Hit::Kind::Object : Hit::Kind::Task, textOf(page, row, "name")};
        hit.vertex = textOf(page, row, "vertex");
        hit.task.row = static_cast<std::uint32_t>(numberOf(page, row, "row", types::kNoRow));
        hit.task.mapIndex = static_cast<std::uint32_t>(std::max<std::int64_t>(0, numberOf(page, row, "map_index", 0)));
        const int vertex = run.graph() ? run.graph()->indexOf(hit.vertex.toStdString()) : -1;
        if (vertex < 0 || hit.task.row == types::kNoRow) continue;
        hit.task.vertex = static_cast<std::uint16_t>(vertex);
        if (objects) {
            hit.output = static_cast<std::uint16_t>(std::max<std::int64_t>(0, numberOf(page, row, "output", 0)));
            hit.detail = textOf(page, row, "type");
            hit.key =
                bytesText(static_cast<std::uint64_t>(std::max<std::int64_t>(0, numberOf(page, row, "object_size", 0))));
            hit.icon = QStringLiteral("cluster");
        } else {
            hit.glyph = stateOf(textOf(page, row, "state"));
            const QString message = textOf(page, row, "error_message"), node = textOf(page, row, "node");
            hit.detail = !message.isEmpty() ? message : node.isEmpty() ? textOf(page, row, "wait_reason") : node;
            if (const auto duration = numberOf(page, row, "duration_ns"); duration >= 0)
                hit.key = durationText(duration);
        }
        hits.push_back(std::move(hit));
    }
    return hits;
}

void OmniboxModel::setHits(std::vector<Hit> hits)
{
    std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
    if (hits.size() > kHitsMax) hits.resize(kHitsMax);
    beginResetModel();
    m_hits = std::move(hits);
    endResetModel();
}

const Hit* OmniboxModel::hit(int row) const
{
    return row < 0 || row >= rowCount() ? nullptr : &m_hits[static_cast<std::size_t>(row)];
}

int OmniboxModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_hits.size());
}

QVariant OmniboxModel::data(const QModelIndex& index, int role) const
{
    const Hit* hit = index.isValid() ? this->hit(index.row()) : nullptr;
    if (!hit) return {};
    const bool isAction = hit->kind == Hit::Kind::Action;
    switch (role) {
    case Qt::DisplayRole: return hit->text;
    case Qt::ToolTipRole: return hit->detail;
    case GlyphRole: return hit->glyph < 0 ? QVariant() : hit->glyph;
    case IconRole: return hit->icon;
    case DetailRole: return hit->detail;
    case KeyRole: return isAction ? hit->key : QString();
    case FigureRole: return isAction ? QString() : hit->key;
    case DisabledRole: return hit->disabled;
    default: return {};
    }
}

} // namespace orrery::widgets
