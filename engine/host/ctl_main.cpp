// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/attach.h"
#include "engine/host/ctl.h"

#include "engine/client/session_service.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace orrery::host {

int ctlFail(const base::Error& error)
{
    std::fprintf(stderr, "orreryctl: %s\n", error.message.c_str());
    switch (error.code) {
    case base::Errc::BadInput: return 2;
    case base::Errc::Unavailable:
    case base::Errc::Closed: return 3;
    default: return 1;
    }
}

base::Result<CtlCluster> ctlConnect(const CtlOptions& options)
{
    if (isNetworkAddress(options.address)) {
        auto session = attachSession(options.address);
        if (!session) return session.error();
        launch::ClusterEntry far;
        far.name = options.address;
        return CtlCluster{std::move(far), std::move(*session)};
    }
    auto entry = launch::findCluster(options.address);
    if (!entry) return entry.error();
    auto session = client::connectSession(entry->headSocket());
    return CtlCluster{std::move(*entry), std::move(session)};
}

} // namespace orrery::host

int main(int argc, char** argv)
{
    using namespace orrery::host;
    setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 0);
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app{"orreryctl: clusters, runs and graphs from the command line"};
    app.require_subcommand(1);
    app.fallthrough();
    CtlOptions options;
    int code = 0;
    app.add_option("--address", options.address, "cluster: its name, folder or socket, or HOST:PORT of one that you joined (default: the newest of this user)");
    app.add_flag("--json", options.json, "print one JSON document");
    addClusterCommands(app, options, code);
    addTokenCommands(app, options, code);
    addTableCommands(app, options, code);
    addRunCommands(app, options, code);
    addGraphCommands(app, options, code);
    addBench(app, options, code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error); // --help
        std::string what = error.what();
        if (const auto* missing = dynamic_cast<const CLI::RequiredError*>(&error); missing && app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-')
            what = "there is no command \"" + std::string(argv[1]) + "\"";
        std::fprintf(stderr, "orreryctl: %s; orreryctl --help shows what there is\n", what.c_str());
        return 2;
    }
    return code;
}
