// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ParamsStage: the property editor over a schema that the plugin SDK itself makes, with one parameter of each kind.
// Thread: the test's.

#include "plugins/sdk/params.h"
#include "tests/support/panel_hand.h"
#include "widgets/inspector/params_page.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QScrollArea>
#include <QTest>

namespace orrery::tests {

struct EachKind {
    std::int64_t size = 512;
    double zoom = 1.5;
    bool smooth = true;
    std::string order = "spiral";
    std::string title = "hello";
    std::string notes;
    std::vector<std::int64_t> levels{1, 2};
    std::string path;
    static void fields(plugin::Fields<EachKind>& f)
    {
        f("size", &EachKind::size, "Edge of the picture").range(16, 4096).unit("px");
        f("zoom", &EachKind::zoom, "How near").min(0).step(0.25);
        f("smooth", &EachKind::smooth, "Fractions of an iteration");
        f("order", &EachKind::order, "Which tiles first").choices({"rows", "spiral", "columns"});
        f("title", &EachKind::title, "Stands on the picture");
        f("notes", &EachKind::notes, "For people").format("multiline");
        f("levels", &EachKind::levels, "A list of numbers");
        f("path", &EachKind::path, "Where it is written").required().format("file");
    }
};

struct ParamsStage {
    widgets::GraphModel graph;
    widgets::RunModel run;
    QScrollArea area;
    widgets::ParamsPage* page = nullptr;

    ParamsStage()
    {
        theme();
        auto catalog = std::make_shared<types::Catalog>();
        types::FunctionInfo info;
        info.name = "demo.paint";
        info.label = "paint";
        info.paramSchema = plugin::fieldsOf<EachKind>().schema();
        info.resources = types::Resources::cpus(1);
        types::FunctionInfo other = info;
        other.name = "demo.other";
        other.paramSchema = "{}";
        types::PluginInfo plugin;
        plugin.name = "demo";
        plugin.functions = {info, other};
        catalog->plugins = {plugin};
        graph.setCatalog(catalog);
        graph.addVertex(QStringLiteral("demo.paint"), {});
        graph.addVertex(QStringLiteral("demo.other"), {});
        page = new widgets::ParamsPage(graph, run);
        area.setWidgetResizable(true);
        area.setWidget(page);
        QObject::connect(&graph, &widgets::GraphModel::graphChanged, page, &widgets::ParamsPage::refresh);
        page->setVertex(QStringLiteral("paint"));
    }
    bool show() { return showAt(area, 320, 640); }
    QJsonObject params() const
    {
        return QJsonDocument::fromJson(QByteArray::fromStdString(graph.graph().find("paint")->params)).object();
    }
    QJsonValue param(const char* name) const { return params().value(QLatin1String(name)); }
    template <class T>
    T* editor(const char* name) const
    {
        return qobject_cast<T*>(page->row(QString::fromLatin1(name))->editor());
    }
    template <class T>
    T* child(const char* name) const
    {
        return page->findChild<T*>(QString::fromLatin1(name));
    }
    int steps() { return graph.undoStack().index(); }
    void retype(QWidget* box, const QString& text)
    {
        box->setFocus();
        QTest::keySequence(box, QKeySequence::SelectAll);
        QTest::keyClicks(box, text);
        QTest::keyClick(box, Qt::Key_Return);
    }
};

} // namespace orrery::tests
