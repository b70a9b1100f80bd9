// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// orreryctl: the command line. Each command is a function that gives the exit code: 0 done, 1 the work failed, 2 bad usage or bad
// input, 3 cannot reach the cluster. Errors go to stderr, one clear line first; results to stdout, as text or (--json) as one
// document {"rows": [...], "complete": true, "dropped": 0}.
// Thread: main; calls to a session wait for their answer.

#include "engine/client/session.h"
#include "engine/launch/cluster_dir.h"

#include <CLI/CLI.hpp>

#include <future>
#include <memory>
#include <string>

namespace orrery::host {

struct CtlOptions {
    std::string address;
    bool json = false;
};

struct CtlCluster {
    launch::ClusterEntry entry;
    std::shared_ptr<client::Session> session;
};

int ctlFail(const base::Error& error); // prints; the exit code of its kind
base::Result<CtlCluster> ctlConnect(const CtlOptions& options);

template <typename T, typename Call>
base::Result<T> ctlWait(Call call)
{
    auto promise = std::make_shared<std::promise<base::Result<T>>>();
    auto future = promise->get_future();
    call([promise](base::Result<T> result) { promise->set_value(std::move(result)); });
    return future.get();
}
inline base::Result<types::Reply> ctlAct(client::Session& session, types::Intent intent)
{
    return ctlWait<types::Reply>([&](auto done) { session.act(std::move(intent), std::move(done)); });
}
inline base::Result<types::Page> ctlAsk(client::Session& session, types::Query query)
{
    return ctlWait<types::Page>([&](auto done) { session.ask(std::move(query), std::move(done)); });
}

// Each adds its commands; the chosen one leaves its exit code in `code`.
void addClusterCommands(CLI::App& app, CtlOptions& options, int& code);
void addTokenCommands(CLI::App& app, CtlOptions& options, int& code);
void addTableCommands(CLI::App& app, CtlOptions& options, int& code);
void addRunCommands(CLI::App& app, CtlOptions& options, int& code);
void addGraphCommands(CLI::App& app, CtlOptions& options, int& code);
void addPluginCommands(CLI::App& plugin, CtlOptions& options, int& code); // of one's own: below `plugin`
void addBench(CLI::App& app, CtlOptions& options, int& code);

// Prints the first rows of these tables, those that have any.
void showTables(client::Session& session, std::initializer_list<const char*> tables);

} // namespace orrery::host
