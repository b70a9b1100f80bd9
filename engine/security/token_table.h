// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TokenTable: the join tokens of a cluster: which can still be spent, and what became of the others.
// Runs on: the head's loop. Pure: no I/O, no clock, no random number; time (wall clock, as it outlives the head), ids
// and secrets come in. Keeps the SHA-256 of a secret only.
// A row that is handed out (Keep, spend()) is to be durable before anybody is told.
// Invariants (audit()): at most kTokensOpenMax tokens can be spent and kTokensEndedMax others are remembered; a token
// that was spent says by whom; no token of a head exists.

#include "engine/security/access.h"
#include "engine/security/join_token.h"

#include <deque>
#include <map>
#include <variant>

namespace orrery::security {

using base::TimeNs;

inline constexpr TimeNs kTokenLife = base::kSecond * 15 * 60;
inline constexpr TimeNs kTokenLifeMax = base::kSecond * 24 * 3600;
inline constexpr std::size_t kTokensOpenMax = 64;
inline constexpr std::size_t kTokensEndedMax = 256;
inline constexpr std::size_t kFailuresMax = 10; // within kFailuresWindow: enrolment is closed
inline constexpr TimeNs kFailuresWindow = 60 * base::kSecond;
inline constexpr std::size_t kNodeNameMax = 64;

enum class TokenState : std::uint8_t { Open, Used, Revoked }; // expired is an open one whose time is over
constexpr bool mayBecome(TokenState from, TokenState to)
{
    // Used -> Open: what it was spent for could not be made durable.
    return (from == TokenState::Open && to != TokenState::Open) || (from == TokenState::Used && to == TokenState::Open);
}

struct TokenRow {
    TokenId id;
    Digest secretDigest{};
    Role role = Role::Node;
    std::string nodeName; // the only one that may use it; empty: any
    TimeNs madeWallNs = 0, expiresWallNs = 0, endedWallNs = 0; // ended: used or revoked
    TokenState state = TokenState::Open;
    std::string usedBy;   // id of the member, and its host
    bool operator==(const TokenRow&) const = default;
};
// What people see: everything but the digest.
struct TokenLine {
    TokenId id;
    Role role = Role::Node;
    std::string nodeName;
    TimeNs madeWallNs = 0, expiresWallNs = 0, endedWallNs = 0;
    TokenState state = TokenState::Open;
    bool expired = false;
    std::string usedBy;
};
struct TokenWish {
    Role role = Role::Node;
    TimeNs lifeNs = kTokenLife;
    std::string nodeName;
};

// ---- effects ----
struct KeepToken { TokenRow row; };  // insert, or replace what has the id
struct DropToken { TokenId id; };
struct TokenAudit {
    enum class What : std::uint8_t { Made, Used, Revoked, Denied, Closed };
    What what = What::Denied;
    TimeNs atWallNs = 0;
    TokenId token;        // as the peer said it, where one did
    std::string text;     // one sentence, no secret
};
using TokenEffect = std::variant<KeepToken, DropToken, TokenAudit>;
using TokenEffects = std::vector<TokenEffect>;

class TokenTable {
public:
    // As the last head left it. Surplus rows are dropped, the oldest first.
    static TokenTable restore(std::vector<TokenRow> rows, TimeNs nowWallNs, TokenEffects& out);

    // Also opens enrolment again where failures had closed it: a person wants somebody to join.
    base::Result<TokenLine> create(const TokenWish& wish, const FreshToken& fresh, TimeNs nowWallNs, TokenEffects& out);
    base::Result<void> revoke(TokenId id, TimeNs nowWallNs, TokenEffects& out);
    std::vector<TokenLine> list(TimeNs nowWallNs) const; // newest first

    // Right id and secret, whatever became of the token; null: not, and nothing is counted.
    const TokenRow* known(TokenId id, const Secret& secret) const;
    // The token is spent, for by. The row is to be durable together with what it was spent for; until then nobody is
    // told. Or one sentence: unknown, wrong secret, revoked, used, expired, another's name, enrolment closed. What is
    // known of a token is told only to who has its secret. Every failure counts.
    base::Result<TokenRow> spend(TokenId id, const Secret& secret, std::string_view nodeName, const std::string& by,
                                 TimeNs nowWallNs, TokenEffects& out);
    // It could not be made durable: as if it had not been spent. Nothing when it was not.
    void giveBack(TokenId id);

    // A token can be spent now: the listener is open just as long.
    bool enrolmentOpen(TimeNs nowWallNs) const;
    // When that changes by time alone; -1: never.
    TimeNs nextChangeWallNs(TimeNs nowWallNs) const;
    bool closedByFailures() const { return m_closedAt >= 0; }
    std::size_t size() const { return m_rows.size(); }
    std::string audit(TimeNs nowWallNs) const; // "" or the first broken invariant

private:
    static bool over(const TokenRow& row, TimeNs now); // cannot be spent any more
    void become(TokenRow& row, TokenState to);
    void trim(TimeNs now, TokenEffects& out);
    base::Error deny(TokenId id, std::string why, TimeNs now, TokenEffects& out);

    std::map<TokenId, TokenRow> m_rows;
    std::deque<TimeNs> m_failures; // of the last minute, at most kFailuresMax
    TimeNs m_closedAt = -1;        // not durable: a head that starts anew is open again where a token is
};

} // namespace orrery::security
