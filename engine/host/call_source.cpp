// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/call_source.h"

#include "engine/types/vertex_ports.h"

#include <algorithm>

namespace orrery::host {

using base::Errc;

std::uint32_t CallSource::rowOf(Track track, std::uint64_t number) const
{
    const auto found = m_rows.find({track, number});
    return found == m_rows.end() ? types::kNoRow : found->second;
}

void CallSource::callMade(Track track, std::uint64_t number, const std::string& function, const std::string& params, std::vector<node::NodeEvents::CallPart> parts)
{
    const auto refuseCall = [&](std::string why) { m_port.answer(track, number, base::fail(Errc::Failed, std::move(why))); };
    const types::FunctionInfo* known = m_catalog ? m_catalog->function(function) : nullptr;
    if (!known) return refuseCall("the function " + function + " is not in any plugin of this node");
    std::vector<types::Problem> problems;
    const auto info = types::withPorts(*known, params, {}, problems);
    if (!problems.empty()) return refuseCall(function + " " + problems.front().text());
    if (!m_port.everFits(info->resources)) return refuseCall(function + " needs " + info->resources.text() + ", which this node never has");
    Call call;
    call.caller = track;
    call.number = number;
    call.retries = info->retries;
    call.declared = static_cast<std::uint16_t>(info->outputs.size());
    types::Template made;
    made.plugin = m_catalog->pluginOf(function)->path;
    made.function = function;
    made.params = params;
    made.inputs = static_cast<std::uint16_t>(info->inputs.size());
    made.outputs = call.declared;
    call.templateId = m_port.templateId(made);
    const auto at = std::find(m_classes.begin(), m_classes.end(), info->resources);
    call.classIndex = static_cast<std::size_t>(at - m_classes.begin());
    if (at == m_classes.end()) {
        m_classes.push_back(info->resources);
        m_ready.emplace_back();
    }
    for (const auto& part : parts) {
        if (!part.isCall) continue;
        const std::uint32_t from = rowOf(track, part.call);
        if (from == types::kNoRow) return refuseCall("an argument names a call that was not made here");
        const Call& source = m_calls.at(from);
        if (source.failed) return refuseCall("an argument comes from a call that failed");
        if (!source.done) ++call.missing;
    }
    call.parts = std::move(parts);
    const std::uint32_t row = ++m_lastRow;
    m_rows[{track, number}] = row;
    const bool readyNow = call.missing == 0;
    const std::size_t classIndex = call.classIndex;
    m_calls.emplace(row, std::move(call));
    if (readyNow) m_ready[classIndex].push_back(row);
    if (readyNow) m_port.ready();
}

void CallSource::callerEnded(Track track)
{
    for (auto it = m_calls.begin(); it != m_calls.end();) {
        Call& call = it->second;
        if (call.caller != track) {
            ++it;
            continue;
        }
        for (const auto& output : call.outputs)
            if (!output.isInline) m_port.freeObject(output.place);
        std::erase(m_ready[call.classIndex], it->first);
        m_rows.erase({track, call.number});
        it = m_calls.erase(it);
    }
}

std::vector<std::uint32_t> CallSource::take(std::size_t classIndex, std::size_t max, TimeNs)
{
    std::vector<std::uint32_t> taken;
    auto& ready = m_ready[classIndex];
    std::uint32_t templateId = 0;
    while (taken.size() < max && !ready.empty()) {
        const Call& call = m_calls.at(ready.front());
        if (templateId != 0 && call.templateId != templateId) break;
        templateId = call.templateId;
        taken.push_back(ready.front());
        ready.pop_front();
    }
    return taken;
}

types::TaskRecord CallSource::record(std::uint32_t row, TimeNs now)
{
    const Call& call = m_calls.at(row);
    types::TaskRecord made;
    made.templateId = call.templateId;
    made.row = row;
    made.attempt = call.attempt;
    made.submitNs = now;
    for (const auto& part : call.parts) {
        types::Argument& arg = made.args.emplace_back();
        arg.port = part.port;
        if (!part.isCall) {
            arg.isInline = true;
            arg.bytes = part.bytes;
            continue;
        }
        const Call& from = m_calls.at(rowOf(call.caller, part.call));
        if (part.output >= from.outputs.size()) continue; // the worker reports the missing input
        const types::Output& output = from.outputs[part.output];
        arg.isInline = output.isInline;
        arg.bytes = output.bytes;
        arg.place = output.place;
    }
    return made;
}

CallSource::Call* CallSource::find(std::uint32_t row, std::uint8_t attempt)
{
    const auto found = m_calls.find(row);
    return found == m_calls.end() || found->second.attempt != attempt || found->second.done ? nullptr : &found->second;
}

bool CallSource::finished(const types::ResultRecord& result, Track, TimeNs)
{
    Call* call = find(result.row, result.attempt);
    if (!call) return false;
    if (result.status != types::ResultRecord::Status::Ok || result.outputs.size() != call->declared) {
        fail(result.row, result.error.empty() ? "it returned the wrong number of outputs" : result.error);
        return false; // its places, if any, go back
    }
    call->outputs = result.outputs;
    call->done = true;
    m_port.answer(call->caller, call->number, call->outputs);
    settled(result.row);
    return true;
}

void CallSource::fail(std::uint32_t row, const std::string& why)
{
    Call& call = m_calls.at(row);
    call.done = true;
    call.failed = true;
    m_port.answer(call.caller, call.number, base::fail(Errc::Failed, why));
    settled(row);
}

// Those that wait for this call go on, or fail with it.
void CallSource::settled(std::uint32_t row)
{
    const Track caller = m_calls.at(row).caller;
    const std::uint64_t number = m_calls.at(row).number;
    const bool failed = m_calls.at(row).failed;
    std::vector<std::uint32_t> failing;
    bool any = false;
    for (auto& [id, call] : m_calls) {
        if (call.caller != caller || call.done || call.missing == 0) continue;
        for (const auto& part : call.parts) {
            if (!part.isCall || part.call != number) continue;
            if (failed) {
                failing.push_back(id);
                break;
            }
            if (--call.missing == 0) {
                m_ready[call.classIndex].push_back(id);
                any = true;
            }
        }
    }
    for (const auto id : failing)
        if (!m_calls.at(id).done) fail(id, "an argument comes from a call that failed");
    if (any) m_port.ready();
}

void CallSource::lost(std::uint32_t row, std::uint8_t attempt, Track, types::Cause, const std::string& why, TimeNs)
{
    Call* call = find(row, attempt);
    if (!call) return;
    if (call->attempt > call->retries) return fail(row, why);
    ++call->attempt;
    m_ready[call->classIndex].push_front(row);
}

void CallSource::recalled(std::uint32_t row, std::uint8_t attempt, TimeNs)
{
    if (Call* call = find(row, attempt)) m_ready[call->classIndex].push_front(row);
}

void CallSource::refuse(std::uint32_t row, const std::string& why, TimeNs)
{
    if (m_calls.count(row)) fail(row, why);
}

} // namespace orrery::host
