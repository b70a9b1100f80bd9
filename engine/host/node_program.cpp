// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/node_program.h"

#include "engine/base/log.h"
#include "engine/host/joiner.h"
#include "engine/host/joining.h"
#include "engine/host/stop_signals.h"
#include "engine/launch/cluster_dir.h"
#include "engine/rpc/node_stream.h"
#include "engine/security/private_file.h"

#include <cstdio>
#include <sys/file.h>
#include <fcntl.h>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

int complain(const base::Error& error)
{
    std::fprintf(stderr, "orreryd: %s\n", error.message.c_str());
    return error.code == Errc::BadInput ? 2 : error.code == Errc::Unavailable ? 3 : 1;
}

std::string hostName()
{
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

// One process a folder: two would be one member twice.
base::Result<base::UniqueFd> lockFolder(const std::filesystem::path& folder)
{
    ORRERY_TRY(security::needPrivateFolder(folder));
    base::UniqueFd lock(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) return base::failErrno(Errc::Refused, "cannot make " + (folder / "lock").string());
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return fail(Errc::Refused, "a node runs from " + folder.string() + " already; give this one another --name or --data");
    return lock;
}

base::Result<NodeNetwork> networkOf(const std::shared_ptr<MemberLinks>& links, const std::string& listen, const std::string& advertise)
{
    NodeNetwork network;
    const auto id = base::NodeId::parse(links->who().id);
    if (!id || links->who().role != security::Role::Node) return fail(Errc::Refused, "the certificate of this member is not one of a node");
    network.id = *id;
    auto at = numericAddress(listen);
    if (!at) return at.error();
    network.listen = *at;
    network.advertise = advertise;
    if (advertise.empty() && (at->starts_with("0.0.0.0:") || at->starts_with("[::]:"))) network.advertise = machineAddresses().front();
    network.peers = {links->secure(), links->admitPeers()};
    auto bulk = links->bulk();
    if (!bulk) return bulk.error();
    network.bulk = *bulk;
    network.renewed = [links, bulk = *bulk](const std::string& pem) {
        // Once in days, and some small files: the loop can spare it.
        if (auto renewed = links->renew(pem); !renewed) return base::logf(base::LogLevel::Warn, "node", "the renewed certificate cannot be used: {}", renewed.error().message);
        if (const auto fresh = links->bulk()) bulk->adopt(**fresh);
        base::logLine(base::LogLevel::Info, "node", "the certificate of this node was renewed");
    };
    return network;
}

// Asks for a new certificate from two thirds of the life of this one on, again and again until it has one.
void renewWhenDue(NodeProcess& node, const std::shared_ptr<MemberLinks>& links, const std::filesystem::path& folder)
{
    constexpr base::TimeNs kLookAgainNs = 600 * base::kSecond;
    if (links->identity()->mustRenew(base::systemClock().wallNs()))
        if (auto request = security::Identity::request(folder)) node.toHead(net::RenewCertificate{std::move(*request)});
    node.loop().after(kLookAgainNs, [&node, links, folder] { renewWhenDue(node, links, folder); });
}

int runNode(NodeProcessOptions options, const rpc::Target& head, const std::shared_ptr<MemberLinks>& links, const std::filesystem::path& folder)
{
    NodeProcess* running = nullptr;
    if (!links) // the head may listen later
        options.beMember = [&running](const net::OpenNetwork& wish) -> base::Result<NodeNetwork> {
            auto loaded = MemberLinks::load(wish.folder);
            if (!loaded) return loaded.error();
            auto network = networkOf(*loaded, wish.listen, wish.advertise);
            if (network) renewWhenDue(*running, *loaded, wish.folder);
            return network;
        };
    NodeProcess node(std::move(options), [head](base::Loop& loop, NodeProcess::LinkEvents events) {
        return rpc::connectToHead(head, loop, {std::move(events.message), std::move(events.state)});
    });
    running = &node;
    if (auto started = node.start(); !started) return complain(started.error());
    if (links) renewWhenDue(node, links, folder);
    const StopSignals signals([&node] { node.stop(); });
    node.run();
    return 0;
}

int runLocal(NodeWish& wish)
{
    auto& options = wish.options;
    const auto folder = std::filesystem::path(wish.headSocket).parent_path().string();
    options.driverSocket = folder + "/node-" + options.name + ".sock";
    ::unlink(options.driverSocket.c_str()); // left by a node of this name that was killed
    options.peerSocket = folder + "/peer-" + options.name + ".sock";
    options.ofHeadsMachine = true;
    std::shared_ptr<MemberLinks> links;
    if (!wish.member.empty()) {
        auto loaded = MemberLinks::load(wish.member);
        if (!loaded) return complain(loaded.error());
        links = std::move(*loaded);
        auto network = networkOf(links, wish.listen.empty() ? "127.0.0.1:0" : wish.listen, wish.advertise);
        if (!network) return complain(network.error());
        options.network = std::move(*network);
    }
    return runNode(std::move(options), wish.headSocket, links, wish.member);
}

int runJoined(NodeWish& wish)
{
    auto& options = wish.options;
    const bool named = options.name != NodeProcessOptions{}.name;
    if (!named) options.name = hostName();
    if (!security::isPlainName(options.name, security::kNodeNameMax)) return complain(fail(Errc::BadInput, "a node's name has 1 to 64 letters, digits and - . _; give another with --name"));
    const std::filesystem::path folder = wish.data.empty() ? std::filesystem::path(launch::defaultDataDir()) / "members" / options.name : std::filesystem::absolute(wish.data);
    if (!wish.join.empty()) { // looked at before anything is made
        auto text = tokenText(wish.join);
        if (!text) return complain(text.error());
        const auto token = security::parseToken(*text);
        security::wipe(*text);
        security::wipe(wish.join);
        if (!token) return complain(token.error());
        std::error_code failed;
        std::filesystem::create_directories(folder.parent_path(), failed);
        const auto lock = lockFolder(folder);
        if (!lock) return complain(lock.error());
        const auto from = base::systemClock().monoNs();
        if (auto joined = joinCluster(*token, folder, named ? options.name : std::string()); !joined) return complain(joined.error());
        options.enrolNs = base::systemClock().monoNs() - from;
    }
    const auto lock = lockFolder(folder);
    if (!lock) return complain(lock.error());
    const auto membership = readMembership(folder);
    if (!membership) return complain(membership.error());
    auto links = MemberLinks::load(folder);
    if (!links) return complain(links.error());
    auto network = networkOf(*links, wish.listen.empty() ? membership->local + ":0" : wish.listen, wish.advertise);
    if (!network) return complain(network.error());
    network->life = membership->life;
    options.network = std::move(*network);
    options.pluginCache = (folder / "plugins").string();
    // As on the head's machine: relative paths of tasks lead into a folder of the node's own.
    std::error_code failed;
    const auto work = folder / "output";
    std::filesystem::create_directories(work, failed);
    std::filesystem::current_path(work, failed);
    if (failed) return complain(fail(Errc::Failed, "the node cannot work in " + work.string() + ": " + failed.message()));
    base::logf(base::LogLevel::Info, "node", "{} is the member {} of the cluster whose head is at {}", options.name, (*links)->who().id, membership->head);
    return runNode(std::move(options), rpc::Target(membership->head, {}, (*links)->secure()), *links, folder);
}

} // namespace

int runNodeProgram(NodeWish wish)
{
    if (wish.options.workerProgram.empty()) wish.options.workerProgram = launch::siblingProgram("orrery-worker");
    return wish.headSocket.empty() ? runJoined(wish) : runLocal(wish);
}

} // namespace orrery::host
