// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/token_table.h"

#include "engine/security/date_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace orrery::security {

using base::Errc;
using base::fail;

namespace {

TokenLine lineOf(const TokenRow& row, TimeNs now)
{
    return {row.id,
            row.role,
            row.nodeName,
            row.madeWallNs,
            row.expiresWallNs,
            row.endedWallNs,
            row.state,
            row.state == TokenState::Open && now >= row.expiresWallNs,
            row.usedBy};
}

void say(TokenEffects& out, TokenAudit::What what, TimeNs now, TokenId id, std::string text)
{
    out.emplace_back(TokenAudit{what, now, id, std::move(text)});
}

// When it stopped being good for anything.
TimeNs endOf(const TokenRow& row)
{
    return row.state == TokenState::Open ? row.expiresWallNs : row.endedWallNs;
}

} // namespace

TokenTable TokenTable::restore(std::vector<TokenRow> rows, TimeNs nowWallNs, TokenEffects& out)
{
    TokenTable table;
    for (auto& row : rows) {
        const TokenId id = row.id;
        table.m_rows[id] = std::move(row);
    }
    table.trim(nowWallNs, out);
    return table;
}

base::Result<TokenLine> TokenTable::create(const TokenWish& wish, const FreshToken& fresh, TimeNs nowWallNs,
                                           TokenEffects& out)
{
    if (wish.role == Role::Head || static_cast<std::size_t>(wish.role) >= kRoles)
        return fail(Errc::BadInput,
                    "A join token is for a node, a viewer, an operator or an admin; a cluster's head needs none.");
    if (wish.lifeNs <= 0 || wish.lifeNs > kTokenLifeMax)
        return fail(Errc::BadInput, "A join token is good for at most 24 hours; make another one later.");
    if (!wish.nodeName.empty() && !isPlainName(wish.nodeName, kNodeNameMax))
        return fail(Errc::BadInput, fmt::format("A node's name is 1 to {} letters, digits and - . _", kNodeNameMax));
    const auto open =
        std::count_if(m_rows.begin(), m_rows.end(), [&](const auto& entry) { return !over(entry.second, nowWallNs); });
    if (static_cast<std::size_t>(open) >= kTokensOpenMax)
        return fail(Errc::Refused,
                    fmt::format("There are {} join tokens that nobody has used; revoke some of them first.", open));
    if (m_rows.contains(fresh.id)) return fail(Errc::Refused, "A join token of this id exists; make it again.");
    TokenRow row;
    row.id = fresh.id;
    row.secretDigest = fresh.secret.digest();
    row.role = wish.role;
    row.nodeName = wish.nodeName;
    row.madeWallNs = nowWallNs;
    row.expiresWallNs = nowWallNs + wish.lifeNs;
    m_rows[row.id] = row;
    m_closedAt = -1;
    m_failures.clear();
    trim(nowWallNs, out);
    out.emplace_back(KeepToken{row});
    say(out, TokenAudit::What::Made, nowWallNs, row.id,
        fmt::format("A join token for the role {}{}{} was made, good until {}.", roleName(row.role),
                    row.nodeName.empty() ? "" : " and the name ", row.nodeName, dateText(row.expiresWallNs)));
    return lineOf(row, nowWallNs);
}

base::Result<void> TokenTable::revoke(TokenId id, TimeNs nowWallNs, TokenEffects& out)
{
    const auto found = m_rows.find(id);
    if (found == m_rows.end()) return fail(Errc::NotFound, fmt::format("There is no join token {}.", id.text()));
    TokenRow& row = found->second;
    if (row.state == TokenState::Revoked) return {};
    if (row.state == TokenState::Used)
        return fail(Errc::Refused, fmt::format("The join token {} was used at {} by {}; remove that member instead.",
                                               id.text(), dateText(row.endedWallNs), row.usedBy));
    become(row, TokenState::Revoked);
    row.endedWallNs = nowWallNs;
    out.emplace_back(KeepToken{row});
    say(out, TokenAudit::What::Revoked, nowWallNs, id, fmt::format("The join token {} was revoked.", id.text()));
    return {};
}

std::vector<TokenLine> TokenTable::list(TimeNs nowWallNs) const
{
    std::vector<TokenLine> lines;
    lines.reserve(m_rows.size());
    for (const auto& [id, row] : m_rows) lines.push_back(lineOf(row, nowWallNs));
    std::stable_sort(lines.begin(), lines.end(),
                     [](const TokenLine& a, const TokenLine& b) { return a.madeWallNs > b.madeWallNs; });
    return lines;
}

const TokenRow* TokenTable::known(TokenId id, const Secret& secret) const
{
    const auto found = m_rows.find(id);
    return found != m_rows.end() && sameDigest(found->second.secretDigest, secret.digest()) ? &found->second : nullptr;
}

base::Result<TokenRow> TokenTable::spend(TokenId id, const Secret& secret, std::string_view nodeName,
                                         const std::string& by, TimeNs nowWallNs, TokenEffects& out)
{
    if (m_closedAt >= 0) // not counted: it is closed already, and the audit is not a peer's to fill
        return fail(
            Errc::Refused,
            fmt::format("Joining was closed at {} after {} failed attempts within a minute; ask for a new join token.",
                        dateText(m_closedAt), kFailuresMax));
    const auto found = m_rows.find(id);
    if (found == m_rows.end())
        return deny(id, "This cluster does not know the join token; ask for a new one.", nowWallNs, out);
    TokenRow& row = found->second;
    if (!sameDigest(row.secretDigest, secret.digest()))
        return deny(id, "The secret of the join token is wrong; copy the token again.", nowWallNs, out);
    if (row.state == TokenState::Revoked)
        return deny(id, fmt::format("The join token was revoked at {}; ask for a new one.", dateText(row.endedWallNs)),
                    nowWallNs, out);
    if (row.state == TokenState::Used)
        return deny(id,
                    fmt::format("The join token was used at {} by {}; each is good for one. Ask for a new one.",
                                dateText(row.endedWallNs), row.usedBy),
                    nowWallNs, out);
    if (nowWallNs >= row.expiresWallNs)
        return deny(id, fmt::format("The join token expired at {}; ask for a new one.", dateText(row.expiresWallNs)),
                    nowWallNs, out);
    if (!row.nodeName.empty() && row.nodeName != nodeName)
        return deny(id, fmt::format("The join token is for a machine of the name {} only.", row.nodeName), nowWallNs,
                    out);
    become(row, TokenState::Used);
    row.endedWallNs = nowWallNs;
    row.usedBy = by;
    return row;
}

void TokenTable::giveBack(TokenId id)
{
    const auto found = m_rows.find(id);
    if (found == m_rows.end() || found->second.state != TokenState::Used) return;
    become(found->second, TokenState::Open);
    found->second.endedWallNs = 0;
    found->second.usedBy.clear();
}

bool TokenTable::enrolmentOpen(TimeNs nowWallNs) const
{
    return m_closedAt < 0 &&
           std::any_of(m_rows.begin(), m_rows.end(), [&](const auto& entry) { return !over(entry.second, nowWallNs); });
}

TimeNs TokenTable::nextChangeWallNs(TimeNs nowWallNs) const
{
    TimeNs last = -1; // open until the last of them has expired; what is closed opens by a new token only
    if (m_closedAt < 0)
        for (const auto& [id, row] : m_rows)
            if (!over(row, nowWallNs)) last = std::max(last, row.expiresWallNs);
    return last;
}

std::string TokenTable::audit(TimeNs nowWallNs) const
{
    std::size_t open = 0, ended = 0;
    for (const auto& [id, row] : m_rows) {
        ++(over(row, nowWallNs) ? ended : open);
        if (row.role == Role::Head) return "a token for a head: " + id.text();
        if (row.state == TokenState::Used && row.usedBy.empty()) return "used by nobody: " + id.text();
        if (!(row.id == id)) return "a row under another id: " + id.text();
    }
    if (open > kTokensOpenMax) return fmt::format("{} open tokens", open);
    if (open + ended > kTokensOpenMax + kTokensEndedMax) return fmt::format("{} tokens", open + ended);
    if (m_failures.size() > kFailuresMax) return "more failures are kept than are counted";
    return {};
}

bool TokenTable::over(const TokenRow& row, TimeNs now)
{
    return row.state != TokenState::Open || now >= row.expiresWallNs;
}

void TokenTable::become(TokenRow& row, TokenState to)
{
    ORRERY_ASSERT_NOTE(mayBecome(row.state, to), row.id.text().c_str());
    row.state = to;
}

void TokenTable::trim(TimeNs now, TokenEffects& out)
{
    std::vector<const TokenRow*> open, ended;
    for (const auto& [id, row] : m_rows) (over(row, now) ? ended : open).push_back(&row);
    std::vector<TokenId> surplus;
    // The oldest beyond the bound. Open ones are bounded by create(); more come from a store of another version only.
    const auto cut = [&](std::vector<const TokenRow*>& rows, std::size_t most, auto when) {
        if (rows.size() <= most) return;
        std::sort(rows.begin(), rows.end(), [&](const TokenRow* a, const TokenRow* b) { return when(*a) < when(*b); });
        for (std::size_t i = 0; i + most < rows.size(); ++i) surplus.push_back(rows[i]->id);
    };
    cut(ended, kTokensEndedMax, endOf);
    cut(open, kTokensOpenMax, endOf);
    for (const TokenId id : surplus) {
        m_rows.erase(id);
        out.emplace_back(DropToken{id});
    }
}

base::Error TokenTable::deny(TokenId id, std::string why, TimeNs now, TokenEffects& out)
{
    say(out, TokenAudit::What::Denied, now, id, why);
    // A clock that was set back leaves times ahead of now: they count, as they did happen.
    while (!m_failures.empty() && m_failures.front() <= now - kFailuresWindow) m_failures.pop_front();
    m_failures.push_back(now);
    if (m_failures.size() >= kFailuresMax) {
        m_closedAt = now;
        m_failures.clear();
        say(out, TokenAudit::What::Closed, now, id,
            fmt::format("Joining was closed after {} failed attempts within a minute; a new join token opens it again.",
                        kFailuresMax));
    }
    return fail(Errc::Refused, std::move(why));
}

} // namespace orrery::security
