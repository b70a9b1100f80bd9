// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/joiner.h"

#include "engine/base/fd.h"
#include "engine/rpc/bulk_socket.h"
#include "engine/security/enrol_link.h"
#include "engine/security/private_file.h"

#include <charconv>
#include <iostream>
#include <poll.h>
#include <sys/socket.h>

namespace orrery::host {

using base::Errc;
using base::fail;
using security::EnrolLink;

namespace {

constexpr base::TimeNs kJoinLimitNs = 20 * base::kSecond; // of one endpoint, all of it
constexpr unsigned kLifeBits = 10;                         // a node that is given up on counts its lives within one start

std::string plainHostName()
{
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    std::string plain(name);
    for (char& letter : plain)
        if (!security::isPlainName(std::string_view(&letter, 1), 1)) letter = '-';
    return plain.empty() ? "unnamed" : plain.substr(0, security::kHostNameMax);
}

// Waits for the socket. Unavailable: the time is over.
base::Result<void> await(int fd, short events, base::TimeNs until)
{
    const base::TimeNs left = until - base::systemClock().monoNs();
    pollfd polled{fd, events, 0};
    if (left <= 0 || ::poll(&polled, 1, static_cast<int>(left / base::kMillisecond) + 1) <= 0) return fail(Errc::Unavailable, "it did not answer in time");
    return {};
}

template <typename Step>
base::Result<void> drive(int fd, base::TimeNs until, Step step)
{
    for (;;) {
        const base::Result<EnrolLink::Now> now = step();
        if (!now) return now.error();
        if (*now == EnrolLink::Now::Done) return {};
        ORRERY_TRY(await(fd, *now == EnrolLink::Now::WaitRead ? POLLIN : POLLOUT, until));
    }
}

// Unavailable: the next endpoint may do better; all else is the head's word, or is about the token.
base::Result<security::Enrolled> askAt(const std::string& endpoint, const security::JoinToken& token, const security::EnrolRequest& request)
{
    const base::TimeNs until = base::systemClock().monoNs() + kJoinLimitNs;
    auto fd = rpc::connectBulk(endpoint);
    if (!fd) return fail(Errc::Unavailable, fd.error().message);
    ORRERY_TRY(await(fd->get(), POLLOUT, until));
    int failed = 0;
    socklen_t size = sizeof failed;
    getsockopt(fd->get(), SOL_SOCKET, SO_ERROR, &failed, &size);
    if (failed != 0) {
        errno = failed;
        return base::failErrno(Errc::Unavailable, "cannot reach it");
    }
    std::string why;
    const auto tls = security::TlsContext::enrolClient(token.pin, base::systemClock(), [&why](const base::Error& error) { why = error.message; });
    if (!tls) return tls.error();
    EnrolLink link(*tls, fd->get(), EnrolLink::Side::Joiner);
    if (const auto shaken = drive(fd->get(), until, [&] { return link.shake(); }); !shaken) {
        // Nothing was sent: the head may be at the next address.
        return fail(Errc::Unavailable, why.empty() ? shaken.error().message : "who answers there is not the head of the join token, so it was told nothing: " + why);
    }
    link.put(security::toBytes(request));
    ORRERY_TRY(drive(fd->get(), until, [&] { return link.send(); }));
    ORRERY_TRY(drive(fd->get(), until, [&] { return link.receive(); }));
    return security::enrolReplyFrom(link.message());
}

} // namespace

base::Result<std::string> tokenText(const std::string& given, const std::string& forWhom)
{
    if (given != "-") return given;
    std::string line;
    char letter = 0;
    while (line.size() <= security::kTokenTextMax + 64 && std::cin.get(letter) && letter != '\n') line += letter;
    if (line.empty()) return fail(Errc::BadInput, "no join token came on the standard input; orreryctl token create" + forWhom + " makes one");
    return line;
}

base::Result<void> joinCluster(const security::JoinToken& token, const std::filesystem::path& folder, const std::string& nodeName)
{
    security::EnrolRequest request;
    request.token = token.id;
    request.secret = token.secret;
    request.host = plainHostName();
    request.nodeName = nodeName;
    auto key = security::Identity::request(folder);
    if (!key) return key.error();
    request.request = std::move(*key);
    std::string unreached;
    for (const auto& endpoint : token.endpoints) {
        const auto got = askAt(endpoint, token, request);
        if (!got && got.error().code == Errc::Unavailable) {
            unreached += (unreached.empty() ? "" : "; ") + endpoint + ": " + got.error().message;
            continue;
        }
        if (!got) return fail(Errc::BadInput, "the head at " + endpoint + " does not let this machine join: " + got.error().message);
        if (got->headPort == 0) return fail(Errc::Failed, "the head at " + endpoint + " does not say where its members reach it; are both programs of the same version?");
        ORRERY_TRY(security::Identity::install(folder, got->certificatePem, got->authorityPem, base::systemClock().wallNs()));
        return security::writeWhole(folder / "head.address", endpoint.substr(0, endpoint.rfind(':') + 1) + std::to_string(got->headPort) + "\n", false, security::Replace::Yes);
    }
    return fail(Errc::BadInput, "no head lets machines join where the join token says (" + unreached + "); it may have been used, revoked or have expired, or the head is not running: make a new one with orreryctl token create");
}

base::Result<std::string> headOf(const std::filesystem::path& folder)
{
    auto head = security::readWhole(folder / "head.address", false);
    if (!head) return fail(Errc::NotFound, "no node has joined a cluster from " + folder.string() + "; join with orreryd node --join TOKEN");
    while (!head->empty() && head->back() == '\n') head->pop_back();
    return head;
}

base::Result<Membership> readMembership(const std::filesystem::path& folder)
{
    const auto head = headOf(folder);
    if (!head) return head.error();
    Membership membership;
    membership.folder = folder;
    membership.head = *head;
    std::uint64_t starts = 0;
    if (const auto text = security::readWhole(folder / "starts", false)) std::from_chars(text->data(), text->data() + text->size(), starts);
    membership.life = ++starts << kLifeBits;
    ORRERY_TRY(security::writeWhole(folder / "starts", std::to_string(starts) + "\n", false, security::Replace::Yes));
    // Nothing is sent: it is asked which way the head lies.
    const auto way = rpc::addressTowards(membership.head);
    if (!way) return way.error();
    membership.local = *way;
    return membership;
}

} // namespace orrery::host
