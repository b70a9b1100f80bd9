// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/link_credentials.h"

#include "engine/security/private_file.h"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>

namespace orrery::security {
namespace {

namespace tls = grpc::experimental;

constexpr unsigned kLookAgainS = 60; // at the files of a server

class PeerCheck final : public tls::ExternalCertificateVerifier {
public:
    PeerCheck(Trust trust, std::string nodeId, const base::Clock& clock) : m_trust(std::move(trust)), m_nodeId(std::move(nodeId)), m_clock(clock) {}
    bool Verify(tls::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>, grpc::Status* status) override
    {
        const QuietErrors quiet;
        const auto shown = request->peer_cert();
        const auto good = look({shown.data(), shown.size()});
        *status = good ? grpc::Status::OK : grpc::Status(grpc::StatusCode::UNAUTHENTICATED, good.error().message);
        return true;
    }
    void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

private:
    base::Result<void> look(std::string_view pem) const
    {
        const auto who = peerIdentity(pem, m_trust, m_clock.wallNs());
        if (!who) return who.error();
        ORRERY_TRY(needRole(*who, {m_nodeId.empty() ? Role::Head : Role::Node}));
        if (!m_nodeId.empty() && who->id != m_nodeId) return base::fail(base::Errc::Refused, "Another node answers there than the one that was looked for.");
        return {};
    }
    const Trust m_trust;
    const std::string m_nodeId;
    const base::Clock& m_clock;
};

} // namespace

std::shared_ptr<grpc::ChannelCredentials> linkClient(const Identity& me, const std::string& nodeId, const base::Clock& clock)
{
    auto key = me.privateKeyPem();
    tls::TlsChannelCredentialsOptions options;
    options.set_certificate_provider(std::make_shared<tls::StaticDataCertificateProvider>(me.trust().pem(), std::vector<tls::IdentityKeyCertPair>{{key ? *key : std::string(), me.certificatePem()}}));
    if (key) wipe(*key);
    options.watch_root_certs();
    options.watch_identity_key_cert_pairs();
    options.set_verify_server_certs(true);
    options.set_check_call_host(false);
    options.set_certificate_verifier(tls::ExternalCertificateVerifier::Create<PeerCheck>(me.trust(), nodeId, clock));
    return tls::TlsCredentials(options);
}

std::shared_ptr<grpc::ServerCredentials> linkServer(const std::filesystem::path& folder)
{
    auto files = std::make_shared<tls::FileWatcherCertificateProvider>((folder / "member.key").string(), (folder / "member.crt").string(), (folder / "cluster.crt").string(), kLookAgainS);
    tls::TlsServerCredentialsOptions options(files);
    options.watch_root_certs();
    options.watch_identity_key_cert_pairs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    // The server's default looks for a host name; who the peer is, the service asks.
    options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
    options.set_check_call_host(false);
    return tls::TlsServerCredentials(options);
}

} // namespace orrery::security
