// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// listen; token create, list, revoke; join: who may join a cluster over the network.
#include "engine/host/attach.h"
#include "engine/host/ctl.h"
#include "engine/host/joiner.h"
#include "engine/host/joining.h"

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

nlohmann::json jsonOf(const types::TokenInfo& token)
{
    return {{"id", token.id}, {"role", token.role}, {"state", token.state}, {"node_name", token.nodeName}, {"used_by", token.usedBy},
            {"made_wall_ns", token.madeWallNs}, {"expires_wall_ns", token.expiresWallNs}, {"ended_wall_ns", token.endedWallNs}};
}

int print(const nlohmann::json& rows)
{
    std::printf("%s\n", nlohmann::json{{"rows", rows}, {"complete", true}, {"dropped", 0}}.dump().c_str());
    return 0;
}

std::string clockText(base::TimeNs wallNs)
{
    const std::time_t seconds = static_cast<std::time_t>(wallNs / base::kSecond);
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[32] = {};
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
    return text;
}

// "90s", "15m", "2h"; a bare number is seconds.
base::Result<base::TimeNs> lifeOf(const std::string& text)
{
    const auto wrong = [&] { return fail(Errc::BadInput, "\"" + text.substr(0, 40) + "\" is no time to live; give 1s to 24h, such as 90s, 15m or 2h"); };
    const auto digits = text.find_first_not_of("0123456789");
    if (text.empty() || digits == 0 || text.size() > 8) return wrong();
    const std::string unit = digits == std::string::npos ? "s" : text.substr(digits);
    const std::int64_t factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    const std::int64_t seconds = std::stoll(text.substr(0, digits)) * factor;
    if (seconds < 1 || seconds > 24 * 3600) return wrong();
    return seconds * base::kSecond;
}

int create(types::MakeToken wish, const std::string& life, const CtlOptions& options)
{
    if (!life.empty()) {
        const auto parsed = lifeOf(life);
        if (!parsed) return ctlFail(parsed.error());
        wish.lifeNs = *parsed;
    }
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    auto made = ctlAct(*cluster->session, wish);
    if (!made) return ctlFail(made.error());
    if (made->tokens.empty()) return ctlFail(fail(Errc::Failed, "the head made no join token"));
    if (options.json) {
        auto row = jsonOf(made->tokens.front());
        row["token"] = made->text;
        return print(nlohmann::json::array({row}));
    }
    std::printf("%s\n", made->text.c_str());
    const bool machine = wish.role == "node";
    std::fprintf(stderr, "good for one %s until %s; there: %s   (the token on its standard input)\n", machine ? "machine" : "person", clockText(made->tokens.front().expiresWallNs).c_str(), machine ? "orreryd node --join -" : "orreryctl join -");
    return 0;
}

int list(const CtlOptions& options)
{
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    auto listed = ctlAct(*cluster->session, types::ListTokens{});
    if (!listed) return ctlFail(listed.error());
    if (options.json) {
        nlohmann::json rows = nlohmann::json::array();
        for (const auto& token : listed->tokens) rows.push_back(jsonOf(token));
        return print(rows);
    }
    if (listed->tokens.empty()) std::printf("no join tokens\n");
    for (const auto& token : listed->tokens)
        std::printf("%s  %-8s %-8s until %s  %s%s\n", token.id.c_str(), token.role.c_str(), token.state.c_str(), clockText(token.expiresWallNs).c_str(), token.nodeName.c_str(), token.usedBy.empty() ? "" : (" by " + token.usedBy).c_str());
    return 0;
}

int revoke(const std::string& id, const CtlOptions& options)
{
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    auto done = ctlAct(*cluster->session, types::RevokeToken{id});
    if (!done) return ctlFail(done.error());
    if (options.json) return print(nlohmann::json::array());
    std::printf("%s\n", done->text.c_str());
    return 0;
}

int listen(const std::string& address, const CtlOptions& options)
{
    auto at = numericAddress(address);
    if (!at) return ctlFail(at.error());
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    auto done = ctlAct(*cluster->session, types::Listen{*at});
    if (!done) return ctlFail(done.error());
    if (options.json) return print(nlohmann::json::array({{{"address", done->network.address}, {"fingerprint", done->network.fingerprint}}}));
    std::printf("%s\n", done->text.c_str());
    return 0;
}

int join(const std::string& given, const CtlOptions& options)
{
    auto token = tokenText(given, " --role operator");
    if (!token) return ctlFail(token.error());
    const auto address = joinAsUser(std::move(*token));
    if (!address) return ctlFail(address.error());
    if (options.json) return print(nlohmann::json::array({{{"address", *address}}}));
    std::printf("%s\n", address->c_str());
    std::fprintf(stderr, "joined; the window: orrery --attach %s, the command line: orreryctl --address %s ...\n", address->c_str(), address->c_str());
    return 0;
}

} // namespace

void addTokenCommands(CLI::App& app, CtlOptions& options, int& code)
{
    auto text = std::make_shared<std::string>();
    auto* joining = app.add_subcommand("join", "become a member of a cluster of another machine, with a token for a person");
    joining->add_option("token", *text, "- reads it from the standard input, where no list of processes shows it")->required();
    joining->callback([&options, &code, text] { code = join(*text, options); });
    auto at = std::make_shared<std::string>();
    auto* port = app.add_subcommand("listen", "a cluster that runs opens a port, so that machines and people can join; it is secured, and open until the cluster ends");
    port->add_option("address", *at, "HOST:PORT; port 0: any")->required();
    port->callback([&options, &code, at] { code = listen(*at, options); });
    auto* token = app.add_subcommand("token", "who may join the cluster over the network");
    token->require_subcommand(1);
    auto wish = std::make_shared<types::MakeToken>();
    auto life = std::make_shared<std::string>();
    auto* make = token->add_subcommand("create", "a token that lets one machine or person join; a secret, on the standard output");
    make->add_option("--role", wish->role, "what it joins as: node (a machine), or viewer, operator, admin (a person)");
    make->add_option("--ttl", *life, "how long it is good: 90s, 15m, 2h (default 15m, at most 24h)");
    make->add_option("--node", wish->nodeName, "the only name of a node that may use it");
    make->callback([&options, &code, wish, life] { code = create(*wish, *life, options); });
    token->add_subcommand("list", "tokens and what became of them")->callback([&options, &code] { code = list(options); });
    auto id = std::make_shared<std::string>();
    auto* end = token->add_subcommand("revoke", "an unspent token is good for nothing any more");
    end->add_option("id", *id, "as token list shows it")->required();
    end->callback([&options, &code, id] { code = revoke(*id, options); });
}

} // namespace orrery::host
