// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/widgets/common/gallery.h"

#include "widgets/common/buttons.h"
#include "widgets/common/dock_title.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/icons.h"
#include "widgets/common/search_field.h"
#include "widgets/common/state_bar.h"
#include "widgets/common/tab_bar.h"

#include <QDockWidget>
#include <QHBoxLayout>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QSplitter>
#include <QStatusBar>
#include <QToolBar>
#include <QVBoxLayout>

namespace orrery::test {

using namespace orrery::widgets;

namespace {

void addToolBar(QMainWindow& window)
{
    auto* bar = window.addToolBar(QStringLiteral("Main"));
    bar->setMovable(false);
    bar->setFixedHeight(metric::kToolBar);
    auto* cluster = new ChipButton;
    cluster->setWords(Token::Succeeded, QStringLiteral("local"), QStringLiteral("3 nodes · 10 workers"));
    bar->addWidget(cluster);
    bar->addSeparator();
    const auto add = [&](const char* iconName, const char* text, const char* keys, bool enabled = true) {
        auto* button = new QToolButton;
        button->setIcon(icon(QString::fromLatin1(iconName)));
        button->setText(QString::fromLatin1(text));
        button->setAccessibleName(*text ? button->text() : QString::fromLatin1(iconName));
        button->setToolButtonStyle(*text ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
        button->setProperty("keys", QString::fromLatin1(keys));
        button->setEnabled(enabled);
        bar->addWidget(button);
        return button;
    };
    QToolButton* run = add("run", "Run", "F5");
    run->setMenu(new QMenu(run));
    run->setPopupMode(QToolButton::MenuButtonPopup);
    add("run-to", "Run to here", "F6");
    add("pause", "", "");
    add("stop", "", "")->setIcon(icon(QStringLiteral("stop"), Token::Failed));
    bar->addSeparator();
    add("rerun", "Re-run dirty", "", false);
    bar->addSeparator();
    add("break", "Break", "F9")->setIcon(icon(QStringLiteral("break"), Token::Paused));
    add("step", "Step", "F10", false);
    auto* checked = add("filter", "", "");
    checked->setCheckable(true);
    checked->setChecked(true);
    auto* space = new QWidget;
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    auto* search = new SearchField(QStringLiteral("Search   > command   : query   @ task   # object   ! problem"), QStringLiteral("Ctrl+K"));
    search->setTall(true);
    search->setFixedWidth(458);
    bar->addWidget(search);
    bar->addWidget(new QWidget);
    auto* perspectives = new Segments;
    for (const char* name : {"Build", "Run", "Debug", "Cluster", "Analyse"}) perspectives->add(QString::fromLatin1(name));
    perspectives->setCurrent(1);
    bar->addWidget(perspectives);
}

QDockWidget* dock(QMainWindow& window, Qt::DockWidgetArea area, const char* title, QWidget* content, int width)
{
    auto* made = new QDockWidget(QString::fromLatin1(title), &window);
    content->setMinimumWidth(width / 2);
    made->setWidget(content);
    window.addDockWidget(area, made);
    window.resizeDocks({made}, {width}, Qt::Horizontal);
    return made;
}

QWidget* runStrip(QWidget* parent)
{
    auto* strip = new QWidget(parent);
    strip->setAutoFillBackground(true);
    strip->setFixedHeight(metric::kRunStrip);
    strip->setBackgroundRole(QPalette::Window);
    auto* row = new QHBoxLayout(strip);
    row->setContentsMargins(12, 0, 12, 0);
    row->setSpacing(16);
    auto* run = new ComboButton;
    run->addItems({QStringLiteral("Run 1 · live"), QStringLiteral("Run 0 · done")});
    row->addWidget(run);
    row->addWidget(new ElidedLabel(QStringLiteral("595 / 1,032 tasks")));
    auto* bar = new StateBar;
    types::StateCounts counts{};
    counts[std::size_t(types::TaskState::Finished)] = 595;
    counts[std::size_t(types::TaskState::Running)] = 10;
    counts[std::size_t(types::TaskState::PendingAssignment)] = 100;
    counts[std::size_t(types::TaskState::PendingArgs)] = 327;
    bar->setCounts(counts);
    bar->setFixedWidth(260);
    row->addWidget(bar);
    for (const int state : {7, 5, 1, 0, 9}) {
        auto* count = new StateCount(types::TaskState(state));
        count->setCount(counts[std::size_t(state)]);
        row->addWidget(count);
    }
    row->addStretch();
    return strip;
}

} // namespace

std::unique_ptr<QMenu> galleryMenu()
{
    auto menu = std::make_unique<QMenu>();
    menu->addAction(icon(QStringLiteral("run")), QStringLiteral("&Run"))->setShortcut(Qt::Key_F5);
    menu->addAction(icon(QStringLiteral("run-to")), QStringLiteral("Run to here"))->setShortcut(Qt::Key_F6);
    menu->addSeparator();
    QAction* checked = menu->addAction(QStringLiteral("Show minimap"));
    checked->setCheckable(true);
    checked->setChecked(true);
    menu->addAction(icon(QStringLiteral("rerun")), QStringLiteral("Re-run dirty"))->setEnabled(false);
    menu->addMenu(QStringLiteral("Open recent"))->addAction(QStringLiteral("deep_zoom.orrery"));
    return menu;
}

std::unique_ptr<QMainWindow> gallery()
{
    auto window = std::make_unique<QMainWindow>();
    window->resize(1920, 1080);
    for (const char* name : {"&File", "&Edit", "&View", "&Graph", "&Run", "&Debug", "&Cluster", "&Window", "&Help"})
        window->menuBar()->addMenu(QString::fromLatin1(name))->addAction(QString::fromLatin1(name));
    addToolBar(*window);

    auto* left = dock(*window, Qt::LeftDockWidgetArea, "Library", libraryPart(nullptr), metric::kLeftDock);
    auto* leftTitle = new DockTitle(left);
    for (const char* name : {"Library", "Outline", "Runs"}) leftTitle->tabs()->add(QString::fromLatin1(name));
    auto* right = dock(*window, Qt::RightDockWidgetArea, "Inspector", inspectorPart(nullptr), metric::kInspector);
    auto* rightTitle = new DockTitle(right);
    rightTitle->tabs()->add(QStringLiteral("Inspector"));
    rightTitle->addCorner(toolButton(QStringLiteral("pin"), QStringLiteral("Pin"), rightTitle));

    auto* middle = new QWidget;
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* title = new DockTitle(nullptr, middle);
    for (const char* name : {"Timeline", "Tasks", "Objects", "Problems", "Logs", "Breakpoints", "Metrics", "Compare"}) title->tabs()->add(QString::fromLatin1(name));
    title->tabs()->setCurrentIndex(2);
    title->tabs()->setBadge(3, QStringLiteral("1"));
    title->addCorner(new SearchField(QStringLiteral("Filter   dur>1ms   node:B"), {}, title));
    auto* colour = new ComboButton(QStringLiteral("Colour"), title);
    colour->addItems({QStringLiteral("Function"), QStringLiteral("State")});
    title->addCorner(colour);
    title->addCorner(toolButton(QStringLiteral("maximise"), QStringLiteral("Maximise"), title));
    column->addWidget(title);
    column->addWidget(runStrip(middle));
    auto* split = new QSplitter(Qt::Vertical, middle);
    split->addWidget(swatchesPart(split));
    auto* below = new QSplitter(Qt::Horizontal, split);
    below->addWidget(tablePart(below));
    below->addWidget(controlsPart(below));
    below->setSizes({820, 500});
    split->addWidget(below);
    split->setSizes({430, 500});
    column->addWidget(split, 1);
    window->setCentralWidget(middle);
    window->statusBar()->setSizeGripEnabled(false);
    window->statusBar()->addWidget(new ElidedLabel(QStringLiteral("local head"), FontRole::Secondary));
    window->statusBar()->addPermanentWidget(new ElidedLabel(QStringLiteral("lag 38 ms"), FontRole::Secondary, Token::Muted));
    return window;
}

} // namespace orrery::test
