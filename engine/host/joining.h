// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Joining: the head's side of the network: its authority, who it is itself, join tokens, and the port at which machines enrol. Made
// only for a head that listens.
// A token is durable before anybody hears of it; a spent one and the member it made are one transaction, before the reply goes out.
// The port is open just as long as a token can be spent.
// Runs on: the head's loop. make() and identityOf() write small files of the head's own folders. Lives: shorter than loop and store.

#include "engine/base/loop.h"
#include "engine/host/enrol_door.h"
#include "engine/host/head_stores.h"
#include "engine/host/member_links.h"

#include <filesystem>

namespace orrery::host {

class Joining {
public:
    struct Parts {
        base::Loop& loop;
        ControlStore& store;
        std::filesystem::path folder;  // of the authority, the head's own certificate and those of this machine's nodes; private
        std::string host;              // numeric address at which the head listens, "0.0.0.0" and "[::]" among them
        std::uint16_t port = 0;        // of the head's port for members
        std::string enrolAddress;      // where machines enrol; port 0: any
        std::function<void(bool bad, const std::string&)> note; // for people: what was let in, what not
    };
    static base::Result<std::unique_ptr<Joining>> make(Parts parts);
    ~Joining();
    Joining(const Joining&) = delete;
    Joining& operator=(const Joining&) = delete;

    const std::shared_ptr<MemberLinks>& links() const { return m_links; }
    void setPort(std::uint16_t port) { m_parts.port = port; }
    // As people see it.
    types::NetworkInfo network() const;
    // MakeToken, ListTokens, RevokeToken; done on the loop.
    using Done = std::function<void(base::Result<types::Reply>)>;
    static bool isOurs(const types::Intent& intent);
    void act(const types::Intent& intent, Done done);

    // A folder with a fresh key and certificate for a node of this machine: one that is started (null id), or that runs under its id.
    base::Result<std::filesystem::path> identityOf(const std::string& name, base::NodeId id = {});
    // Of a node whose link was let in under this id; requested again for the same key.
    base::Result<std::string> renewed(const std::string& id, std::span<const std::byte> request);

private:
    explicit Joining(Parts parts, security::Authority authority);
    base::Result<void> beHead();
    base::Result<std::string> certificateOf(const std::filesystem::path& folder, security::Role role, const std::string& id);
    void stayHead(); // its own certificate is renewed, like those of the others
    void make(const types::MakeToken& wish, Done done);
    void asked(const base::Result<security::EnrolRequest>& request, const std::string& from, EnrolDoor::Answer answer);
    void recorded(security::TokenId token, const std::string& from, const std::string& problem, const EnrolDoor::Answer& answer);
    void carry(const security::TokenEffects& effects);
    void openOrClose();
    std::vector<std::string> endpoints(const std::string& address) const;
    types::TokenInfo infoOf(const security::TokenLine& line) const;
    static base::TimeNs wallNs() { return base::systemClock().wallNs(); }

    Parts m_parts;
    const security::Authority m_authority;
    std::shared_ptr<MemberLinks> m_links;
    security::TokenTable m_tokens;
    std::unique_ptr<security::Enroller> m_enroller;
    base::TimerId m_timer = 0, m_renewTimer = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    std::unique_ptr<EnrolDoor> m_door;
};

// Numeric addresses of this machine that others may reach; "127.0.0.1" where there is no other.
std::vector<std::string> machineAddresses();
// "<host>:<port>" with the host as a number. Names are looked up by the name service, so never on a loop.
enum class Names : std::uint8_t { LookUp, Refuse };
base::Result<std::string> numericAddress(const std::string& text, Names names = Names::LookUp);

} // namespace orrery::host
