// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/member_links.h"

#include "engine/security/certificate_request.h"
#include "engine/security/enroller.h"
#include "engine/security/link_credentials.h"
#include "engine/security/private_file.h"

#include <arpa/inet.h>
#include <charconv>

namespace orrery::host {

using base::Errc;
using base::fail;
using security::Role;
using security::Verb;

namespace {

// "<numeric address>:<port>": others connect there on this node's word, so a path or a name is none.
bool isTcpAddress(const std::string& text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || text.size() > 64) return false;
    std::uint16_t port = 0;
    const auto parsed = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || port == 0) return false;
    std::string host = text.substr(0, colon);
    unsigned char bytes[16];
    if (host.starts_with('[') && host.ends_with(']')) return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), bytes) == 1;
    return inet_pton(AF_INET, host.c_str(), bytes) == 1;
}

// Whether a stream that stands is still one of a member; who is none any more stays none.
class Standing {
public:
    using Look = std::function<base::Result<void>()>;
    explicit Standing(Look look) : m_look(std::move(look)) {}
    base::Result<void> operator()()
    {
        const auto now = base::systemClock().monoNs();
        if (m_is && now - m_lookedNs >= kLookAgainNs) {
            m_is = m_look();
            m_lookedNs = now;
        }
        return m_is;
    }

private:
    Look m_look;
    base::Result<void> m_is;
    base::TimeNs m_lookedNs = base::systemClock().monoNs();
};

// Of a certificate that peerIdentity() has accepted.
security::Digest keyPinOf(const std::string& pem)
{
    const auto certificates = security::certificatesIn(pem);
    return certificates.empty() ? security::Digest{} : security::pinOf(certificates.front().get());
}

} // namespace

MemberLinks::MemberLinks(std::filesystem::path folder, security::Identity identity)
    : m_folder(std::move(folder)), m_identity(std::make_shared<const security::Identity>(std::move(identity)))
{
}

base::Result<std::shared_ptr<MemberLinks>> MemberLinks::load(const std::filesystem::path& folder)
{
    auto identity = security::Identity::load(folder, base::systemClock().wallNs());
    if (!identity) return identity.error();
    return std::shared_ptr<MemberLinks>(new MemberLinks(folder, std::move(*identity)));
}

std::shared_ptr<const security::Identity> MemberLinks::identity() const
{
    const std::lock_guard lock(m_mutex);
    return m_identity;
}

base::Result<security::PeerIdentity> MemberLinks::known(const std::string& pem, Verb verb) const
{
    auto who = security::peerIdentity(pem, identity()->trust(), base::systemClock().wallNs());
    if (!who) return who.error();
    ORRERY_TRY(security::needCall(who->role, verb));
    const std::lock_guard lock(m_mutex);
    if (m_denied.count(who->id) > 0) return fail(Errc::Refused, "The member " + who->id + " was taken out of the cluster; it needs a token to join again, as another.");
    return who;
}

std::function<base::Result<void>()> MemberLinks::standing(const std::string& pem, Verb verb)
{
    return Standing([self = shared_from_this(), pem, verb]() -> base::Result<void> {
        const auto who = self->known(pem, verb);
        return who ? base::Result<void>() : base::Result<void>(who.error());
    });
}

void MemberLinks::deny(std::set<std::string> ids)
{
    const std::lock_guard lock(m_mutex);
    m_denied = std::move(ids);
}

std::shared_ptr<const rpc::Secure> MemberLinks::secure()
{
    auto made = std::make_shared<rpc::Secure>();
    made->connect = [self = shared_from_this()](const std::string& peer) { return security::linkClient(*self->identity(), peer, base::systemClock()); };
    made->serve = [self = shared_from_this()] { return security::linkServer(self->m_folder); };
    return made;
}

base::Result<std::shared_ptr<const rpc::BulkTls>> MemberLinks::bulk()
{
    const auto me = identity();
    auto key = me->privateKeyPem();
    if (!key) return key.error();
    rpc::BulkTlsPem pem{me->certificatePem(), *key, me->trust().pem(), [self = shared_from_this()](const std::string& shown, const std::string& wanted) -> base::Result<void> {
        const auto who = self->known(shown, Verb::BulkRequest);
        if (!who) return who.error();
        if (!wanted.empty() && who->id != wanted) return fail(Errc::Refused, "another node answers there than the one that was looked for");
        return {};
    }};
    auto made = rpc::BulkTls::make(pem);
    security::wipe(*key);
    security::wipe(pem.key);
    return made;
}

rpc::Admit<net::FromNode> MemberLinks::admitNodes()
{
    return [self = shared_from_this()](const std::string& pem) -> base::Result<rpc::Admitted<net::FromNode>> {
        const auto who = self->known(pem, Verb::RegisterNode);
        if (!who) return who.error();
        return rpc::Admitted<net::FromNode>{who->id, [standing = self->standing(pem, Verb::RegisterNode), who = *who, key = keyPinOf(pem)](net::FromNode& message) mutable -> base::Result<void> {
            ORRERY_TRY(standing());
            const Verb verb = std::visit([]<typename T>(const T&) { return security::verbFor<T>(); }, message);
            ORRERY_TRY(security::needCall(who.role, verb));
            if (const auto* renew = std::get_if<net::RenewCertificate>(&message)) {
                const auto wanted = security::keyOfRequest(renew->request);
                if (!wanted) return wanted.error();
                if (security::pinOf(wanted->get()) != key) return fail(Errc::Refused, "The node " + who.id + " asks for a certificate of another key than its own.");
                return {};
            }
            auto* hello = std::get_if<net::RegisterNode>(&message);
            if (!hello) return {};
            if (!security::isPlainName(hello->name, security::kNodeNameMax) || !security::isPlainName(hello->host, security::kHostNameMax))
                return fail(Errc::Refused, "The node " + who.id + " has a name, or is on a machine, that is not letters, digits and - . _ only.");
            if (hello->node.text() != who.id) return fail(Errc::Refused, "The node registers as " + hello->node.text() + ", and its certificate says " + who.id + ".");
            if (!hello->address.empty() || (!hello->tcp.empty() && !isTcpAddress(hello->tcp))) return fail(Errc::Refused, "The node " + who.id + " names an address that is none of the network.");
            hello->remote = true;
            return {};
        }};
    };
}

client::AdmitCall MemberLinks::admitSessions()
{
    return [self = shared_from_this()](const std::string& pem, const client::SessionCall& call) -> base::Result<void> {
        using Kind = client::SessionCall::Kind;
        const auto verb = [&] {
            switch (call.kind) {
            case Kind::Can: return Verb::Can;
            case Kind::Act: return security::verbOf(*call.intent);
            case Kind::Ask: return Verb::Ask;
            case Kind::Preview: return Verb::Preview;
            case Kind::Fetch: return Verb::Fetch;
            case Kind::Watch: break;
            }
            return Verb::Watch;
        };
        const auto who = self->known(pem, verb());
        return who ? base::Result<void>() : base::Result<void>(who.error());
    };
}

rpc::Admit<net::PeerFrame> MemberLinks::admitPeers()
{
    return [self = shared_from_this()](const std::string& pem) -> base::Result<rpc::Admitted<net::PeerFrame>> {
        const auto who = self->known(pem, Verb::PeerFrame);
        if (!who) return who.error();
        // A stream carries nothing else, but it may outlive the membership.
        return rpc::Admitted<net::PeerFrame>{who->id, [standing = self->standing(pem, Verb::PeerFrame)](net::PeerFrame&) { return standing(); }};
    };
}

base::Result<void> MemberLinks::renew(const std::string& pem)
{
    const auto named = security::peerIdentity(pem, identity()->trust(), base::systemClock().wallNs());
    if (!named) return named.error();
    if (*named != who()) return fail(Errc::Refused, "the renewed certificate names another member");
    auto fresh = security::Identity::install(m_folder, pem, identity()->trust().pem(), base::systemClock().wallNs());
    if (!fresh) return fresh.error();
    const std::lock_guard lock(m_mutex);
    m_identity = std::make_shared<const security::Identity>(std::move(*fresh));
    return {};
}

} // namespace orrery::host
