// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/enroller.h"

#include "engine/security/certificate_request.h"
#include "engine/security/private_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace orrery::security {

using base::Errc;
using base::fail;

namespace {

constexpr std::uint8_t kVersion = 2; // of both messages
constexpr std::size_t kSentenceMax = 1024;

base::Error unreadable(const char* what)
{
    return fail(Errc::BadInput, fmt::format("The {} cannot be read; are both programs of the same version?", what));
}

base::Result<void> check(const EnrolRequest& request)
{
    if (!isPlainName(request.host, kHostNameMax))
        return fail(Errc::BadInput,
                    fmt::format("A machine that joins says its host name, of at most {} letters, digits and - . _",
                                kHostNameMax));
    if (!request.nodeName.empty() && !isPlainName(request.nodeName, kNodeNameMax))
        return fail(Errc::BadInput, fmt::format("A node's name is 1 to {} letters, digits and - . _", kNodeNameMax));
    return {};
}

} // namespace

// ---- messages ----

base::Bytes toBytes(const EnrolRequest& request)
{
    base::ByteWriter out;
    out.put(kVersion);
    out.put(request.token.bits);
    out.raw(request.secret.bytes().data(), kSecretBytes);
    out.put(request.request);
    out.put(request.host);
    out.put(request.nodeName);
    return out.take();
}

base::Bytes toBytes(const EnrolReply& reply)
{
    base::ByteWriter out;
    out.put(kVersion);
    out.put(static_cast<std::uint8_t>(reply.ok()));
    if (reply.ok()) {
        out.put(reply->certificatePem);
        out.put(reply->authorityPem);
        out.put(reply->headPort);
    } else {
        out.put(static_cast<std::uint8_t>(reply.error().code));
        out.put(std::string_view(reply.error().message).substr(0, kSentenceMax));
    }
    return out.take();
}

base::Result<EnrolRequest> enrolRequestFrom(std::span<const std::byte> bytes)
{
    if (bytes.size() > kEnrolBytesMax)
        return fail(Errc::BadInput, fmt::format("A request to join has at most {} bytes.", kEnrolBytesMax));
    base::ByteReader in(bytes);
    if (in.get<std::uint8_t>() != kVersion) return unreadable("request to join");
    EnrolRequest request;
    in.get(request.token.bits);
    const auto secret = in.take(kSecretBytes);
    in.get(request.request);
    in.get(request.host);
    in.get(request.nodeName);
    if (!in.ok() || !in.atEnd()) return unreadable("request to join");
    request.secret = Secret(secret.first<kSecretBytes>());
    ORRERY_TRY(check(request));
    return request;
}

EnrolReply enrolReplyFrom(std::span<const std::byte> bytes)
{
    if (bytes.size() > kEnrolBytesMax) return unreadable("reply of the head");
    base::ByteReader in(bytes);
    if (in.get<std::uint8_t>() != kVersion) return unreadable("reply of the head");
    const auto kind = in.get<std::uint8_t>();
    if (kind == 1) {
        Enrolled enrolled;
        in.get(enrolled.certificatePem);
        in.get(enrolled.authorityPem);
        in.get(enrolled.headPort);
        if (!in.ok() || !in.atEnd() || enrolled.certificatePem.empty() || enrolled.authorityPem.empty())
            return unreadable("reply of the head");
        return enrolled;
    }
    const auto code = in.get<std::uint8_t>();
    std::string sentence = in.text();
    if (!in.ok() || !in.atEnd() || kind != 0 || code > static_cast<std::uint8_t>(Errc::Internal) || sentence.empty() ||
        sentence.size() > kSentenceMax)
        return unreadable("reply of the head");
    return fail(static_cast<Errc>(code), std::move(sentence));
}

// ---- the enroller ----

Enroller::Outcome Enroller::enrol(const EnrolRequest& request, base::Hash128 freshId, TimeNs nowWallNs,
                                  TokenEffects& out)
{
    const auto refuse = [](base::Error error) { return Outcome{std::move(error), std::nullopt}; };
    const auto fine = check(request);
    if (!fine.ok()) return refuse(fine.error());
    const TokenRow* const row = m_tokens.known(request.token, request.secret);
    if (row && row->state == TokenState::Used) {
        if (m_waiting.contains(request.token))
            return refuse(fail(Errc::Unavailable, "The join token is being used at this moment; ask again."));
        const auto made =
            std::find_if(m_made.begin(), m_made.end(), [&](const auto& entry) { return entry.first == request.token; });
        if (made != m_made.end()) {
            const auto key = keyOfRequest(request.request);
            if (key.ok() && sameDigest(pinOf(key->get()), made->second.keyDigest))
                return {made->second.reply, std::nullopt};
        }
    }
    const Role role = row ? row->role : Role::Node;
    const std::string id = role == Role::Node ? base::NodeId{freshId}.text() : base::hexText('P', freshId);
    const auto spent = m_tokens.spend(request.token, request.secret, request.nodeName,
                                      fmt::format("{} on {}", id, request.host), nowWallNs, out);
    if (!spent) return refuse(spent.error());
    auto issued = m_issue(request.request, role, id, nowWallNs);
    if (!issued) { // a bad request of one who has the secret: the token is as good as before
        m_tokens.giveBack(request.token);
        return refuse(issued.error());
    }
    Made made{{issued->pem, m_authorityPem, 0},
              issued->keyDigest,
              fmt::format("{} joined as {} {} with the join token {}, certificate {}.", request.host, roleName(role),
                          id, request.token.text(), issued->serial)};
    Outcome outcome{made.reply, EnrolRecord{*spent,
                                            {issued->serial, issued->who, issued->keyDigest, issued->notBeforeWallNs,
                                             issued->notAfterWallNs, request.token, request.host, request.nodeName}}};
    m_waiting.insert_or_assign(request.token, std::move(made));
    return outcome;
}

EnrolReply Enroller::recorded(TokenId token, const std::string& problem, TimeNs nowWallNs, TokenEffects& out)
{
    auto waiting = m_waiting.extract(token);
    if (waiting.empty())
        return fail(Errc::NotFound, fmt::format("No joining waits for the join token {}.", token.text()));
    if (!problem.empty()) {
        m_tokens.giveBack(token);
        return fail(
            Errc::Failed,
            fmt::format(
                "The joining could not be recorded, so it did not happen; the join token is good for another try. {}",
                problem));
    }
    Made made = std::move(waiting.mapped());
    out.emplace_back(TokenAudit{TokenAudit::What::Used, nowWallNs, token, made.text});
    Enrolled reply = made.reply;
    m_made.emplace_back(token, std::move(made));
    if (m_made.size() > kRepliesKept) m_made.pop_front();
    return reply;
}

} // namespace orrery::security
