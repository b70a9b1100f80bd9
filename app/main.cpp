// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// orrery: the window. `orrery [FILE.orrery]`; `--nodes N` says how many nodes of this computer the cluster should have; `--first-minute`
// opens the sample and runs it; `--macro FILE` plays intents without a person, `--picture FILE` saves the full window on the way.
#include "app/window/main_window.h"
#include "engine/host/head_runtime.h"
#include "engine/host/stop_signals.h"
#include "widgets/common/theme.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QFileInfo>
#include <QIcon>
#include <QTimer>

#include <csignal>
#include <cstdlib>

using namespace orrery;

int main(int argc, char** argv)
{
    setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 0);
    host::blockStopSignals();

    CLI::App cli{"orrery: a desktop workbench for clusters"};
    app::WindowOptions options;
    std::string file, attach, data, macro, picture, theme = "system";
    bool firstMinute = false;
    cli.add_option("file", file, "graph document to open (.orrery)");
    cli.add_option("--attach", attach, "cluster to attach to: its name, folder or socket (ssh -L NAME.sock:HEAD_SOCKET HOST makes one that leads elsewhere), or HOST:PORT of one that you joined (orreryctl join)");
    cli.add_flag("--first-minute", firstMinute, "open the sample, run it and show what to try");
    cli.add_option("--macro", macro, "play these intents without a person, then end");
    cli.add_option("--picture", picture, "where the macro's picture of the window is saved (PNG); plays the first minute when no macro is named");
    cli.add_option("--theme", theme, "system, dark or light")->check(CLI::IsMember({"system", "dark", "light"}));
    options.nodes = host::usualNodes();
    auto* nodes = cli.add_option("--nodes", options.nodes, "nodes of this computer; a cluster that runs gets those that are missing")->check(CLI::Range(1, 64))->capture_default_str();
    cli.add_option("--data", data, "folder of runs and of the control store");
    cli.add_option("--width", options.size.rwidth(), "of the window")->check(CLI::Range(640, 7680));
    cli.add_option("--height", options.size.rheight(), "of the window")->check(CLI::Range(480, 4320));
    cli.allow_extras(false);
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return cli.exit(error) == 0 ? 0 : 2;
    }
    options.file = QString::fromStdString(file);
    options.attach = QString::fromStdString(attach);
    options.data = data;
    options.nodesSaid = nodes->count() > 0;
    options.firstMinute = firstMinute;
    options.picture = picture.empty() ? QString() : QFileInfo(QString::fromStdString(picture)).absoluteFilePath();
    if (!macro.empty()) options.macro = QString::fromStdString(macro);
    else if (firstMinute && !picture.empty()) options.macro = QStringLiteral(":/orrery/first_minute.json");

    QApplication app(argc, argv);
    QApplication::setApplicationName(QStringLiteral("orrery"));
    QApplication::setOrganizationName(QStringLiteral("orrery"));
    QApplication::setApplicationDisplayName(QStringLiteral("Orrery"));
    QApplication::setDesktopFileName(QStringLiteral("orrery")); // a desktop finds name and icon by it
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/orrery/orrery.svg")));
    widgets::installTheme(app, theme == "dark" ? widgets::Theme::Mode::Dark : theme == "light" ? widgets::Theme::Mode::Light : widgets::Theme::Mode::System);
    const host::StopSignals stopSignals([&app] { QMetaObject::invokeMethod(&app, [] { QApplication::exit(128 + SIGTERM); }, Qt::QueuedConnection); });
    int code = 0;
    {
        app::MainWindow window(options);
        window.show();
        code = QApplication::exec();
    }
    return code;
}
