// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The head's table: questions that only a node can answer.
#include "engine/head/head_table.h"

#include <algorithm>

namespace orrery::head {

using base::Errc;
using base::fail;

// The node that holds an object now. The address gets the run's id when it named the newest by none.
base::Result<MemberTable::Member*> HeadTable::holderOf(types::ObjectAddress& object)
{
    const Run* run = m_runs.find(object.run);
    if (!run) return fail(Errc::NotFound, object.run.isNull() ? "there is no run yet" : "there is no such run");
    object.run = run->row.id;
    if (run->terminal() && !run->objectsKept) {
        const bool died = run->homed && m_members.find(run->home) && !m_members.find(run->home)->alive();
        return fail(Errc::Lost, died ? "the objects of " + run->name() + " were on " + nodeText(m_members.find(run->home)->row) + ", which is gone; run it again"
                                     : "the objects of " + run->name() + " were freed when a later run ended; run it again");
    }
    if (!run->homed) return fail(Errc::Unavailable, run->name() + " waits until a node is there; it has no objects yet");
    auto* member = m_members.find(run->home);
    if (!member->alive() || member->link == 0) return fail(Errc::Unavailable, nodeText(member->row) + ", which has this object, is not connected now; try again");
    return member;
}

void HeadTable::on(PreviewWanted& event)
{
    const auto holder = holderOf(event.wish.object);
    if (!holder) return give(AnswerPreview{event.ticket, holder.error()});
    const auto request = m_requests.open(RequestTable::Kind::Preview, event.ticket, (*holder)->row.node, m_now.monoNs);
    give(Send{(*holder)->link, net::AskPreview{request, event.wish}});
}

void HeadTable::on(BytesWanted& event)
{
    const auto holder = holderOf(event.object);
    if (!holder) return give(AnswerBytes{event.ticket, holder.error()});
    const auto request = m_requests.open(RequestTable::Kind::Bytes, event.ticket, (*holder)->row.node, m_now.monoNs);
    give(Send{(*holder)->link, net::AskBytes{request, event.object, event.range}});
}

void HeadTable::killWorker(Ticket ticket, const types::KillWorker& wish)
{
    const auto* worker = m_members.worker(wish.track);
    if (!worker) return answer(ticket, fail(Errc::NotFound, "there is no worker " + std::to_string(wish.track)));
    const std::string name = "worker " + std::to_string(wish.track);
    if (!worker->row.alive) return answer(ticket, fail(Errc::NotFound, name + " is gone already" + (worker->row.exit.empty() ? "" : ": " + worker->row.exit)));
    const auto* member = m_members.find(worker->row.node);
    if (member->link == 0) return answer(ticket, fail(Errc::Unavailable, nodeText(member->row) + " is not connected now; try again"));
    const auto request = m_requests.open(RequestTable::Kind::Kill, ticket, member->row.node, m_now.monoNs);
    give(Send{member->link, net::AskKillWorker{request, wish.track}});
}

void HeadTable::answered(const MemberTable::Member& member, net::Answer& message)
{
    const auto request = m_requests.take(message.request, member.row.node);
    if (!request) return; // answered before, or too late
    if (const auto* error = std::get_if<base::Error>(&message.value)) return refuse(*request, error->code, error->message);
    if (request->kind == RequestTable::Kind::Preview && std::holds_alternative<types::Preview>(message.value))
        return give(AnswerPreview{request->ticket, std::move(std::get<types::Preview>(message.value))});
    if (request->kind == RequestTable::Kind::Bytes && std::holds_alternative<types::Chunk>(message.value))
        return give(AnswerBytes{request->ticket, std::move(std::get<types::Chunk>(message.value))});
    if (request->kind == RequestTable::Kind::Kill && std::holds_alternative<types::Reply>(message.value))
        return answer(request->ticket, std::move(std::get<types::Reply>(message.value)));
    refuse(*request, Errc::Internal, nodeText(member.row) + " answered something that was not asked; its program may be of another version");
}

void HeadTable::refuse(const RequestTable::Request& request, Errc code, const std::string& why)
{
    const base::Error error = fail(code, why);
    switch (request.kind) {
    case RequestTable::Kind::Preview: return give(AnswerPreview{request.ticket, error});
    case RequestTable::Kind::Bytes: return give(AnswerBytes{request.ticket, error});
    case RequestTable::Kind::Kill: return answer(request.ticket, error);
    }
}

void HeadTable::failRequests(std::uint16_t node, const std::string& why)
{
    for (const auto& request : m_requests.takeOfNode(node)) refuse(request, Errc::Unavailable, why);
}

} // namespace orrery::head
