// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/joining.h"

#include "engine/base/log.h"
#include "engine/base/random.h"
#include "engine/security/private_file.h"

#include <algorithm>
#include <charconv>

namespace orrery::host {

using base::Errc;
using base::fail;
using security::Role;

namespace {

constexpr const char* kHeadId = "head";
constexpr base::TimeNs kRenewLookNs = 3600 * base::kSecond;
constexpr const char* kStates[] = {"OPEN", "USED", "REVOKED"};

base::Hash128 freshBits() { return {base::entropySeed(), base::entropySeed()}; }

archive::TokenEntry entryOf(const security::TokenRow& row)
{
    return {row.id.bits, security::hexOf(row.secretDigest), std::string(security::roleName(row.role)), row.nodeName, row.usedBy, static_cast<std::int64_t>(row.state), row.madeWallNs, row.expiresWallNs, row.endedWallNs};
}

// Null: it was written by somebody else.
std::optional<security::TokenRow> rowOf(const archive::TokenEntry& entry)
{
    security::TokenRow row;
    const auto role = security::roleNamed(entry.role);
    if (!role || entry.state < 0 || entry.state > static_cast<std::int64_t>(security::TokenState::Revoked) || entry.secretDigest.size() != 2 * row.secretDigest.size()) return std::nullopt;
    for (std::size_t i = 0; i < row.secretDigest.size(); ++i) {
        std::uint8_t byte = 0;
        const char* const at = entry.secretDigest.data() + 2 * i;
        if (std::from_chars(at, at + 2, byte, 16).ptr != at + 2) return std::nullopt;
        row.secretDigest[i] = std::byte{byte};
    }
    row.id = {entry.id};
    row.role = *role;
    row.nodeName = entry.nodeName;
    row.madeWallNs = entry.madeWallNs;
    row.expiresWallNs = entry.expiresWallNs;
    row.endedWallNs = entry.endedWallNs;
    row.state = static_cast<security::TokenState>(entry.state);
    row.usedBy = entry.usedBy;
    return row;
}

archive::EnrolEntry entryOf(const security::EnrolRecord& record)
{
    const auto& certificate = record.certificate;
    return {entryOf(record.token), certificate.serial, std::string(security::roleName(certificate.who.role)), certificate.who.id, security::hexOf(certificate.keyDigest),
            certificate.notBeforeWallNs, certificate.notAfterWallNs, certificate.host, certificate.nodeName};
}

types::MemberInfo memberOf(const archive::EnrolEntry& entry) { return {entry.id, entry.role, entry.host, entry.nodeName, entry.notBeforeWallNs, false}; }

} // namespace

base::Result<std::unique_ptr<Joining>> Joining::make(Parts parts)
{
    auto authority = security::Authority::open(parts.folder / "authority", parts.store.cluster(), wallNs());
    if (!authority) return authority.error();
    std::unique_ptr<Joining> joining(new Joining(std::move(parts), std::move(*authority)));
    ORRERY_TRY(joining->beHead());
    return joining;
}

Joining::Joining(Parts parts, security::Authority authority) : m_parts(std::move(parts)), m_authority(std::move(authority))
{
    std::vector<security::TokenRow> rows;
    for (const auto& entry : m_parts.store.tokens())
        if (auto row = rowOf(entry)) rows.push_back(std::move(*row));
    for (const auto& entry : m_parts.store.members()) m_members.push_back(memberOf(entry));
    for (const auto& entry : m_parts.store.denied()) m_denied.insert(entry.id);
    security::TokenEffects effects;
    m_tokens = security::TokenTable::restore(std::move(rows), wallNs(), effects);
    carry(effects);
    m_enroller = std::make_unique<security::Enroller>(m_tokens, m_authority.trust().pem(), [this](std::span<const std::byte> request, Role role, const std::string& id, base::TimeNs now) {
        return m_authority.issue(request, role, id, now);
    });
}

Joining::~Joining()
{
    *m_alive = false;
    if (m_timer != 0) m_parts.loop.cancel(m_timer);
    if (m_renewTimer != 0) m_parts.loop.cancel(m_renewTimer);
    m_door.reset();
}

// Signed for the key of that folder, which is made when it is not there yet.
base::Result<std::string> Joining::certificateOf(const std::filesystem::path& folder, Role role, const std::string& id)
{
    const auto request = security::Identity::request(folder);
    if (!request) return request.error();
    const auto issued = m_authority.issue(*request, role, id, wallNs());
    if (!issued) return issued.error();
    return issued->pem;
}

// The head's own certificate: kept while it is good for longer, for the same key.
base::Result<void> Joining::beHead()
{
    const auto folder = m_parts.folder / "identity";
    auto links = MemberLinks::load(folder);
    const bool good = links && (*links)->who().role == Role::Head && !(*links)->identity()->mustRenew(wallNs());
    if (!good) {
        const auto pem = certificateOf(folder, Role::Head, kHeadId);
        if (!pem) return pem.error();
        if (auto installed = security::Identity::install(folder, *pem, m_authority.trust().pem(), wallNs()); !installed) return installed.error();
        links = MemberLinks::load(folder);
        if (!links) return links.error();
    }
    m_links = std::move(*links);
    m_links->deny(m_denied);
    auto door = EnrolDoor::make(*m_links->identity(), [this, alive = m_alive](base::Result<security::EnrolRequest> request, const std::string& from, EnrolDoor::Answer answer) {
        m_parts.loop.post([this, alive, request = std::move(request), from, answer = std::move(answer)] {
            if (*alive) asked(request, from, answer);
        });
    });
    if (!door) return door.error();
    m_door = std::move(*door);
    openOrClose();
    stayHead();
    return {};
}

void Joining::stayHead()
{
    m_renewTimer = m_parts.loop.after(kRenewLookNs, [this] { stayHead(); });
    if (!m_links->identity()->mustRenew(wallNs())) return;
    const auto pem = certificateOf(m_parts.folder / "identity", Role::Head, kHeadId);
    auto renewed = pem ? m_links->renew(*pem) : base::Result<void>(pem.error());
    if (renewed) renewed = m_door->show(*m_links->identity());
    m_parts.note(!renewed, renewed ? "The certificate of the head was renewed." : "The certificate of the head cannot be renewed: " + renewed.error().message);
}

bool Joining::isOurs(const types::Intent& intent)
{
    return std::holds_alternative<types::MakeToken>(intent) || std::holds_alternative<types::ListTokens>(intent) || std::holds_alternative<types::RevokeToken>(intent) || std::holds_alternative<types::Listen>(intent) ||
           std::holds_alternative<types::ListMembers>(intent) || std::holds_alternative<types::RemoveMember>(intent);
}

types::TokenInfo Joining::infoOf(const security::TokenLine& line) const
{
    return {line.id.text(), std::string(security::roleName(line.role)), line.nodeName, line.expired && line.state == security::TokenState::Open ? "EXPIRED" : kStates[static_cast<std::size_t>(line.state)], line.usedBy,
            line.madeWallNs, line.expiresWallNs, line.endedWallNs};
}

void Joining::act(const types::Intent& intent, Done done)
{
    ORRERY_ON(m_parts.loop);
    if (const auto* wish = std::get_if<types::MakeToken>(&intent)) return make(*wish, std::move(done));
    if (const auto* wish = std::get_if<types::RevokeToken>(&intent)) {
        security::TokenId id;
        const auto parsed = std::from_chars(wish->id.data(), wish->id.data() + wish->id.size(), id.bits, 16);
        if (wish->id.size() != 16 || parsed.ptr != wish->id.data() + wish->id.size()) return done(fail(Errc::BadInput, "\"" + wish->id.substr(0, 40) + "\" is no id of a join token; orreryctl token list shows them"));
        security::TokenEffects effects;
        const auto revoked = m_tokens.revoke(id, wallNs(), effects);
        carry(effects);
        openOrClose();
        if (!revoked) return done(revoked.error());
        return done(types::Reply{{}, "the join token " + wish->id + " is revoked", {}});
    }
    if (const auto* wish = std::get_if<types::RemoveMember>(&intent)) return remove(wish->id, std::move(done));
    types::Reply reply;
    reply.network = network();
    if (std::holds_alternative<types::ListMembers>(intent)) {
        reply.members = m_members;
        for (auto& member : reply.members) member.removed = m_denied.count(member.id) > 0;
        return done(std::move(reply));
    }
    for (const auto& line : m_tokens.list(wallNs())) reply.tokens.push_back(infoOf(line));
    done(std::move(reply));
}

void Joining::make(const types::MakeToken& wish, Done done)
{
    const auto role = security::roleNamed(wish.role);
    if (!role) return done(fail(Errc::BadInput, "\"" + wish.role.substr(0, 40) + "\" is no role; a machine joins as node, a person as viewer, operator or admin"));
    if (*role == Role::Head) return done(fail(Errc::Refused, "a cluster has one head; nobody joins as another"));
    auto fresh = security::freshToken();
    if (!fresh) return done(fresh.error());
    // The port first: its number stands in the token.
    const auto opened = m_door->open(m_parts.enrolAddress);
    if (!opened) return done(fail(Errc::Failed, "no machine can join: " + opened.error().message));
    const auto text = security::formatToken({m_authority.trust().pin(), fresh->id, fresh->secret, endpoints(*opened)});
    security::TokenEffects effects;
    auto line = text ? m_tokens.create({*role, wish.lifeNs > 0 ? wish.lifeNs : security::kTokenLife, wish.nodeName}, *fresh, wallNs(), effects) : base::Result<security::TokenLine>(text.error());
    if (!line) {
        carry(effects);
        openOrClose();
        return done(line.error());
    }
    // Durable before it is told: the row is the effect of this id.
    std::optional<security::TokenRow> row;
    std::erase_if(effects, [&](const auto& effect) {
        const auto* keep = std::get_if<security::KeepToken>(&effect);
        if (!keep || keep->row.id != fresh->id) return false;
        row = keep->row;
        return true;
    });
    carry(effects);
    ORRERY_ASSERT_NOTE(row.has_value(), "a token that was made is to be kept");
    openOrClose();
    types::Reply reply;
    reply.text = *text;
    reply.network = network();
    reply.tokens.push_back(infoOf(*line));
    m_parts.store.record(entryOf(*row), [this, alive = m_alive, id = fresh->id, reply = std::move(reply), done = std::move(done)](const std::string& problem) {
        if (problem.empty()) return done(reply);
        if (*alive) {
            security::TokenEffects undone;
            (void)m_tokens.revoke(id, wallNs(), undone);
            carry(undone);
            openOrClose();
        }
        done(fail(Errc::Failed, "the join token could not be recorded, so there is none: " + problem));
    });
}

void Joining::asked(const base::Result<security::EnrolRequest>& request, const std::string& from, EnrolDoor::Answer answer)
{
    const auto refused = [&](const base::Error& error) {
        m_parts.note(true, from + " was not let join: " + error.message);
        answer(error);
    };
    if (!request) return refused(request.error());
    security::TokenEffects effects;
    auto outcome = m_enroller->enrol(*request, freshBits(), wallNs(), effects);
    carry(effects);
    openOrClose();
    if (outcome.reply && outcome.reply->headPort == 0) outcome.reply->headPort = m_parts.port;
    if (!outcome.durableFirst) {
        if (!outcome.reply) return refused(outcome.reply.error());
        return answer(std::move(outcome.reply)); // the one that was given before
    }
    const auto token = request->token;
    m_parts.store.record(entryOf(*outcome.durableFirst), [this, alive = m_alive, token, from, member = memberOf(entryOf(*outcome.durableFirst)), answer = std::move(answer)](const std::string& problem) {
        if (!*alive) return;
        if (problem.empty()) m_members.push_back(member);
        recorded(token, from, problem, answer);
    });
}

void Joining::recorded(security::TokenId token, const std::string& from, const std::string& problem, const EnrolDoor::Answer& answer)
{
    security::TokenEffects effects;
    auto reply = m_enroller->recorded(token, problem, wallNs(), effects);
    carry(effects);
    openOrClose();
    if (reply) reply->headPort = m_parts.port;
    else m_parts.note(true, from + " was not let join: " + reply.error().message);
    answer(std::move(reply));
}

// Durable before it is true: a head that starts anew must not let in again who was taken out.
void Joining::remove(const std::string& id, Done done)
{
    const auto found = std::find_if(m_members.begin(), m_members.end(), [&id](const auto& member) { return member.id == id; });
    if (found == m_members.end()) return done(fail(Errc::NotFound, "there is no member \"" + id.substr(0, 80) + "\"; orreryctl member list shows them"));
    if (m_denied.count(id) > 0) return done(types::Reply{{}, "the member " + id + " was taken out before", {}});
    m_parts.store.record(archive::DenyEntry{id, wallNs()}, [this, alive = m_alive, id, done = std::move(done)](const std::string& problem) {
        if (!problem.empty()) return done(fail(Errc::Failed, "the member " + id + " was not taken out, as that could not be recorded: " + problem));
        if (*alive) {
            m_denied.insert(id);
            m_parts.note(false, "The member " + id + " was taken out of the cluster.");
            m_parts.removed(id); // it is told to stop while it is still heard
            m_links->deny(m_denied);
        }
        done(types::Reply{{}, "the member " + id + " is taken out; it needs a token to join again", {}});
    });
}

void Joining::carry(const security::TokenEffects& effects)
{
    for (const auto& effect : effects) {
        if (const auto* keep = std::get_if<security::KeepToken>(&effect)) m_parts.store.record(entryOf(keep->row), {});
        else if (const auto* drop = std::get_if<security::DropToken>(&effect)) m_parts.store.record(archive::DropToken{drop->id.bits}, {});
        else if (const auto* audit = std::get_if<security::TokenAudit>(&effect); audit->what != security::TokenAudit::What::Denied)
            m_parts.note(audit->what == security::TokenAudit::What::Closed, audit->text); // who was denied is told with its address
    }
}

void Joining::openOrClose()
{
    const base::TimeNs now = wallNs();
    if (m_timer != 0) m_parts.loop.cancel(std::exchange(m_timer, 0));
    // An answer that waits for the disk goes out over a connection of its own.
    if (m_tokens.enrolmentOpen(now)) {
        if (const auto opened = m_door->open(m_parts.enrolAddress); !opened) m_parts.note(true, "no machine can join: " + opened.error().message);
    } else {
        m_door->close();
    }
    const base::TimeNs next = m_tokens.nextChangeWallNs(now);
    if (next < 0) return;
    m_timer = m_parts.loop.after(std::max<base::TimeNs>(next - now, 0) + base::kMillisecond, [this] {
        m_timer = 0;
        openOrClose();
    });
}

types::NetworkInfo Joining::network() const
{
    types::NetworkInfo info;
    info.address = endpoints(":" + std::to_string(m_parts.port)).front();
    if (m_door->isOpen()) info.enrol = endpoints(m_door->address()).front();
    info.fingerprint = m_authority.trust().fingerprint();
    return info;
}

std::vector<std::string> Joining::endpoints(const std::string& address) const
{
    const std::string port = address.substr(address.rfind(':'));
    if (m_parts.host != "0.0.0.0" && m_parts.host != "[::]") return {m_parts.host + port};
    std::vector<std::string> all;
    for (const auto& host : machineAddresses()) all.push_back(host + port);
    if (all.size() > security::kEndpointsMax) all.resize(security::kEndpointsMax);
    return all;
}

base::Result<std::filesystem::path> Joining::identityOf(const std::string& name, base::NodeId id)
{
    // Of one that runs, by its id: its name is what it says of itself.
    const std::string own = id.isNull() ? name : id.text();
    if (!security::isPlainName(own, security::kNodeNameMax) || own.find_first_not_of('.') == std::string::npos) return fail(Errc::BadInput, "a node's name has 1 to 64 letters, digits and - . _");
    const auto folder = m_parts.folder / "nodes" / own;
    std::error_code failed;
    std::filesystem::remove_all(folder, failed); // of an earlier life: each is a member of its own
    const auto pem = certificateOf(folder, Role::Node, (id.isNull() ? base::NodeId{freshBits()} : id).text());
    if (!pem) return pem.error();
    if (auto installed = security::Identity::install(folder, *pem, m_authority.trust().pem(), wallNs()); !installed) return installed.error();
    return folder;
}

base::Result<std::string> Joining::renewed(const std::string& id, std::span<const std::byte> request)
{
    const auto issued = m_authority.issue(request, Role::Node, id, wallNs());
    if (!issued) return issued.error();
    return issued->pem;
}

} // namespace orrery::host
