// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LibraryModel: the catalog as a tree of plugins, categories and functions, filtered. Small (hundreds of rows), so it is built
// anew when the catalog or the filter changes. Thread: UI.

#include "engine/types/plugin_info.h"

#include <QStandardItemModel>

namespace orrery::widgets {

class LibraryModel final : public QStandardItemModel {
    Q_OBJECT
public:
    enum Kind { Plugin, Category, Function, Problem };
    enum Role {
        KindRole = Qt::UserRole + 1,
        FunctionRole,
        CountRole,
        IconRole,
        InputsRole,
        OutputsRole,
        KeyRole,
        ScoreRole
    };
    using QStandardItemModel::QStandardItemModel;
    void build(const types::Catalog& catalog, const QString& filter);
    int functions() const { return m_functions; } // that match
    QModelIndex best() const;                     // the function that matches best; the first when nothing is typed
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;

private:
    QStandardItem* pluginItem(const types::PluginInfo& plugin, const QString& filter);
    int m_functions = 0;
};

} // namespace orrery::widgets
