// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Enroller: how a machine becomes a member. It asks with its token and a certificate request; the token is spent and
// the certificate recorded in one transaction, and only then is the certificate handed out:
//   enrol() -> Outcome.durableFirst? -> (control store) -> recorded() -> the reply goes out.
// So a head that dies in between has left the token unspent, or knows the certificate: no member is unknown to it.
// Runs on: the head's loop. Pure but for the issuer, which signs. A doubled request (same token, secret and key) gets
// the same certificate again, as long as this head lives and remembers it; an unknown peer's request for a certificate
// is not even read.

#include "engine/base/bytes.h"
#include "engine/security/authority.h"
#include "engine/security/token_table.h"

#include <functional>
#include <optional>

namespace orrery::security {

inline constexpr std::size_t kEnrolBytesMax = 8192; // of a message
inline constexpr std::size_t kHostNameMax = 253;
inline constexpr std::size_t kRepliesKept = 16;

// ---- messages; what carries them reads kEnrolBytesMax at most ----
struct EnrolRequest {
    TokenId token;
    Secret secret;
    base::Bytes request; // PKCS#10, DER
    std::string host;    // as the machine calls itself, for people
    std::string nodeName;
};
struct Enrolled {
    std::string certificatePem, authorityPem;
    std::uint16_t headPort = 0; // where members reach the head, at the address by which it was reached now; put in by who listens
    bool operator==(const Enrolled&) const = default;
};
using EnrolReply = base::Result<Enrolled>;

base::Bytes toBytes(const EnrolRequest& request);
base::Bytes toBytes(const EnrolReply& reply);
base::Result<EnrolRequest> enrolRequestFrom(std::span<const std::byte> bytes);
// The reply itself may be an error of the head; one that cannot be read is an error too.
EnrolReply enrolReplyFrom(std::span<const std::byte> bytes);

// ---- what lasts ----
struct CertificateRow {
    std::string serial;
    PeerIdentity who;
    Digest keyDigest{};
    TimeNs notBeforeWallNs = 0, notAfterWallNs = 0;
    TokenId token;
    std::string host, nodeName;
};
struct EnrolRecord { // one transaction
    TokenRow token;
    CertificateRow certificate;
};

class Enroller {
public:
    // Signs a request for a role and an id: Authority::issue of the head.
    using Issue = std::function<base::Result<Issued>(std::span<const std::byte> requestDer, Role role,
                                                     const std::string& id, TimeNs nowWallNs)>;
    struct Outcome {
        EnrolReply reply;
        std::optional<EnrolRecord> durableFirst; // the reply waits for recorded() of its token; none: it may go
    };
    // tokens outlives the enroller. authorityPem: what a member trusts from then on.
    Enroller(TokenTable& tokens, std::string authorityPem, Issue issue)
        : m_tokens(tokens), m_authorityPem(std::move(authorityPem)), m_issue(std::move(issue)) {}

    // freshId: random bits, of the member that may come of it.
    Outcome enrol(const EnrolRequest& request, base::Hash128 freshId, TimeNs nowWallNs, TokenEffects& out);
    // The record of this token is durable (problem empty), or was given up: then the token can be spent again. The
    // reply that now may go out, or what to say instead. NotFound: nothing of this token was waiting.
    EnrolReply recorded(TokenId token, const std::string& problem, TimeNs nowWallNs, TokenEffects& out);
    std::size_t waiting() const { return m_waiting.size(); }

private:
    struct Made {
        Enrolled reply;
        Digest keyDigest{};
        std::string text; // for the audit
    };
    TokenTable& m_tokens;
    const std::string m_authorityPem;
    const Issue m_issue;
    std::map<TokenId, Made> m_waiting; // at most one a token
    std::deque<std::pair<TokenId, Made>> m_made; // handed out, at most kRepliesKept
};

} // namespace orrery::security
