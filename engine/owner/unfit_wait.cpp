// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/owner/unfit_wait.h"

#include "engine/types/table_schema.h"

namespace orrery::owner {

namespace {
std::string seconds(TimeNs ns) { return std::to_string(ns / base::kSecond) + " s"; }
} // namespace

UnfitWait::UnfitWait(std::span<const types::Resources> classes, types::Resources home, TimeNs waitNs) : m_home(std::move(home)), m_waitNs(waitNs)
{
    for (const auto& wanted : classes) m_classes.push_back({wanted, wanted.fits(m_home), {}, {}, 0});
}

void UnfitWait::here(std::uint16_t node, const types::Resources& total)
{
    for (auto& one : m_classes) {
        if (!one.wanted.fits(total)) continue;
        one.nodes.insert(node);
        one.untilNs = 0;
    }
}

void UnfitWait::gone(std::uint16_t node, TimeNs now)
{
    for (auto& one : m_classes)
        if (one.nodes.erase(node) > 0) one.loss = {node, now};
}

void UnfitWait::takenOver(TimeNs now) { m_takenOverNs = now; }

UnfitWait::Verdict UnfitWait::look(std::size_t classIndex, TimeNs now)
{
    using Kind = Verdict::Kind;
    auto& one = m_classes[classIndex];
    const std::string wanted = one.wanted.text();
    if (one.homeFits || !one.nodes.empty()) return {};
    if (!one.loss && !m_takenOverNs) return {Kind::Refused, "it needs " + wanted + " and no node has so much; its home has " + m_home.text()};
    const std::string node = one.loss ? "node " + types::nodeLetter(one.loss->node) + ", which had so much, " : std::string();
    if (one.untilNs == 0) {
        one.untilNs = now + m_waitNs;
        return {Kind::Waits, "wait for a node with " + wanted + ": " + (one.loss ? node + "is gone" : "none has so much, and one may have had it before this home took the run over") +
                                 "; they fail in " + seconds(m_waitNs) + " if no such node comes"};
    }
    if (now < one.untilNs) return {Kind::Waits, {}};
    return {Kind::Refused, "it needs " + wanted + "; " + (one.loss ? node + "has been gone for " + seconds(now - one.loss->atNs) + " and no other came" : "no node had so much in the " + seconds(now - *m_takenOverNs) + " since this home took the run over") +
                               ": add a node with " + wanted + " and run again"};
}

TimeNs UnfitWait::nextNs(TimeNs now) const
{
    TimeNs next = 0;
    for (const auto& one : m_classes)
        if (one.untilNs > now && (next == 0 || one.untilNs < next)) next = one.untilNs;
    return next;
}

} // namespace orrery::owner
