// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/library_model.h"

#include "widgets/pages/fuzzy.h"
#include "widgets/pages/library_panel.h"

#include <QFileInfo>
#include <QMimeData>

#include <map>

namespace orrery::widgets {

namespace {

QStringList typesOf(const std::vector<types::Port>& ports)
{
    QStringList types;
    for (const auto& port : ports) types << QString::fromStdString(port.type);
    return types;
}

QString portsText(const std::vector<types::Port>& ports)
{
    QStringList texts;
    for (const auto& port : ports) texts << QString::fromStdString(port.name + " " + port.type);
    return texts.join(QStringLiteral(", "));
}

QStandardItem* makeItem(LibraryModel::Kind kind, const QString& text, const QString& key)
{
    auto* made = new QStandardItem(text);
    made->setData(kind, LibraryModel::KindRole);
    made->setData(key, LibraryModel::KeyRole);
    made->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    return made;
}

QStandardItem* functionItem(const types::FunctionInfo& function, int score)
{
    const QString name = QString::fromStdString(function.name);
    auto* made = makeItem(LibraryModel::Function,
                          QString::fromStdString(function.label.empty() ? function.name : function.label), name);
    made->setData(name, LibraryModel::FunctionRole);
    made->setData(QString::fromStdString(function.icon), LibraryModel::IconRole);
    made->setData(typesOf(function.inputs), LibraryModel::InputsRole);
    made->setData(typesOf(function.outputs), LibraryModel::OutputsRole);
    made->setData(score, LibraryModel::ScoreRole);
    made->setFlags(made->flags() | Qt::ItemIsDragEnabled);
    made->setToolTip(
        QStringLiteral("%1\n%2 (%3) › (%4)")
            .arg(QString::fromStdString(function.doc), name, portsText(function.inputs), portsText(function.outputs))
            .trimmed());
    return made;
}

} // namespace

QStandardItem* LibraryModel::pluginItem(const types::PluginInfo& plugin, const QString& filter)
{
    const QString name = QString::fromStdString(plugin.name);
    auto* root = makeItem(Plugin, name, name);
    root->setToolTip(QStringLiteral("%1 %2\n%3")
                         .arg(name, QString::fromStdString(plugin.version), QString::fromStdString(plugin.doc))
                         .trimmed());
    std::vector<QStandardItem*> categories; // in the order of their first function
    std::map<QString, QStandardItem*> byName;
    int count = 0;
    for (const auto& function : plugin.functions) {
        const QString text = QStringLiteral("%1 %2 %3")
                                 .arg(QString::fromStdString(function.label), QString::fromStdString(function.name),
                                      QString::fromStdString(function.category));
        const auto score = fuzzyScore(filter, text);
        if (!score) continue;
        const QString category = function.category.empty() ? tr("Other") : QString::fromStdString(function.category);
        QStandardItem*& group = byName[category];
        if (!group) categories.push_back(group = makeItem(Category, category, name + QLatin1Char('/') + category));
        group->appendRow(functionItem(function, *score));
        ++count;
    }
    if (count == 0 && !filter.isEmpty()) {
        delete root;
        return nullptr;
    }
    for (auto* group : categories) root->appendRow(group);
    root->setData(count, CountRole);
    m_functions += count;
    return root;
}

void LibraryModel::build(const types::Catalog& catalog, const QString& filter)
{
    clear();
    m_functions = 0;
    for (const auto& plugin : catalog.plugins)
        if (auto* root = pluginItem(plugin, filter.trimmed())) appendRow(root);
    if (!filter.trimmed().isEmpty()) return;
    for (const auto& problem : catalog.problems) {
        const QString path = QString::fromStdString(problem.path), message = QString::fromStdString(problem.message);
        auto* row = makeItem(Problem, QFileInfo(path).fileName(), path);
        row->setData(message, FunctionRole);
        row->setToolTip(path + QLatin1Char('\n') + message);
        appendRow(row);
    }
}

QModelIndex LibraryModel::best() const
{
    QModelIndex found;
    int score = -1'000'000;
    for (int p = 0; p < rowCount(); ++p)
        for (int c = 0; c < item(p)->rowCount(); ++c)
            for (int f = 0; f < item(p)->child(c)->rowCount(); ++f) {
                const auto* function = item(p)->child(c)->child(f);
                if (function->data(ScoreRole).toInt() <= score) continue;
                score = function->data(ScoreRole).toInt();
                found = function->index();
            }
    return found;
}

QStringList LibraryModel::mimeTypes() const
{
    return {kFunctionMime};
}

QMimeData* LibraryModel::mimeData(const QModelIndexList& indexes) const
{
    for (const QModelIndex& index : indexes) {
        if (index.data(KindRole).toInt() != Function) continue;
        auto* data = new QMimeData;
        data->setData(kFunctionMime, index.data(FunctionRole).toString().toUtf8());
        return data;
    }
    return nullptr;
}

} // namespace orrery::widgets
