// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/joining.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

std::string numberOf(const sockaddr* address)
{
    char host[NI_MAXHOST] = {};
    const socklen_t size = address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (getnameinfo(address, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) return {};
    return address->sa_family == AF_INET6 ? "[" + std::string(host) + "]" : host;
}

} // namespace

std::vector<std::string> machineAddresses()
{
    std::vector<std::string> all;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return {"127.0.0.1"};
    for (const ifaddrs* at = list; at; at = at->ifa_next) {
        const bool usable = at->ifa_addr && at->ifa_addr->sa_family == AF_INET && (at->ifa_flags & IFF_UP) != 0 && (at->ifa_flags & IFF_LOOPBACK) == 0;
        if (!usable) continue;
        if (auto number = numberOf(at->ifa_addr); !number.empty()) all.push_back(std::move(number));
    }
    freeifaddrs(list);
    if (all.empty()) all.emplace_back("127.0.0.1");
    return all;
}

base::Result<std::string> numericAddress(const std::string& text, Names names)
{
    const auto wrong = [&](const std::string& why) { return fail(Errc::BadInput, "\"" + text.substr(0, 80) + "\" is no address to listen at (" + why + "); give HOST:PORT, such as 192.168.1.5:7441, and port 0 for any that is free"); };
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon + 1 == text.size() || colon == 0) return wrong("host and port are not both there");
    const std::string port = text.substr(colon + 1);
    if (port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos || std::stoul(port) > 65535) return wrong("a port is a number up to 65535");
    std::string host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    if (names == Names::Refuse) hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    if (const int failed = getaddrinfo(host.c_str(), nullptr, &hints, &found); failed != 0) return wrong(gai_strerror(failed));
    // IPv4 before IPv6, as addresses that are told to others are.
    const addrinfo* best = found;
    for (const addrinfo* at = found; at; at = at->ai_next)
        if (at->ai_family == AF_INET) {
            best = at;
            break;
        }
    const std::string number = numberOf(best->ai_addr);
    freeaddrinfo(found);
    if (number.empty()) return wrong("it is no address of the internet");
    return number + ":" + port;
}

} // namespace orrery::host
