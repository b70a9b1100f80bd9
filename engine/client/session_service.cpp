// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/client/session_service.h"

#include "engine/rpc/channel.h"
#include "engine/rpc/out_queue.h"
#include "orrery/v1/transport.grpc.pb.h"

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <set>
#include <thread>

namespace orrery::client {

using base::Errc;
using base::fail;
using rpc::pack;
using rpc::unpack;

namespace {

enum Kind : std::uint32_t { kAct = 1, kAsk, kPreview, kFetch, kCan };
constexpr auto kCallLimit = std::chrono::seconds(60);
constexpr int kNetworkSeatsMax = 24; // calls and watches at once; of rpc::kServerThreadsMax
const grpc::Status kFull(grpc::StatusCode::RESOURCE_EXHAUSTED, "this head serves as many sessions over the network as it may; try again later");

template <typename T>
using Outcome = std::variant<T, base::Error>;

template <typename T>
v1::Envelope packResult(std::uint32_t kind, base::Result<T> result)
{
    if (result) return pack(kind, Outcome<T>(std::move(*result)));
    return pack(kind, Outcome<T>(result.error()));
}

template <typename T>
base::Result<T> unpackResult(const v1::Envelope& envelope)
{
    auto outcome = unpack<Outcome<T>>(envelope);
    if (!outcome) return outcome.error();
    if (auto* error = std::get_if<base::Error>(&*outcome)) return *error;
    return std::get<T>(std::move(*outcome));
}

} // namespace

class SessionServer::Impl final : public v1::Session::Service {
public:
    Impl(Session& session, AdmitCall admit) : m_session(session), m_admit(std::move(admit)) {}

    grpc::Status Call(grpc::ServerContext* context, const v1::Envelope* in, v1::Envelope* out) override
    {
        const Caller caller{*this, *context};
        const Seat seat(*this, *context);
        if (!seat.taken()) return kFull;
        switch (in->kind()) {
        case kAct: return answer<types::Intent, types::Reply>(caller, SessionCall::Kind::Act, *in, *out, [this](auto value, auto done) { m_session.act(std::move(value), std::move(done)); });
        case kAsk: return answer<types::Query, types::Page>(caller, SessionCall::Kind::Ask, *in, *out, [this](auto value, auto done) { m_session.ask(std::move(value), std::move(done)); });
        case kPreview: return answer<types::PreviewWish, types::Preview>(caller, SessionCall::Kind::Preview, *in, *out, [this](auto value, auto done) { m_session.preview(std::move(value), std::move(done)); });
        case kFetch:
            return answer<std::pair<types::ObjectAddress, types::Range>, types::Chunk>(caller, SessionCall::Kind::Fetch, *in, *out, [this](auto value, auto done) { m_session.fetch(value.first, value.second, std::move(done)); });
        case kCan:
            return answer<std::uint8_t, types::Can>(caller, SessionCall::Kind::Can, *in, *out, [this](auto value, auto done) {
                done(value <= static_cast<std::uint8_t>(types::Verb::Shutdown) ? base::Result<types::Can>(m_session.can(static_cast<types::Verb>(value))) : base::Result<types::Can>(fail(Errc::BadInput, "there is no such verb")));
            });
        default: return {grpc::StatusCode::UNIMPLEMENTED, "this head does not know that call; install the same Orrery on both sides"};
        }
    }

    grpc::Status Watch(grpc::ServerContext* context, grpc::ServerReaderWriter<v1::Envelope, v1::Envelope>* stream) override
    {
        v1::Envelope in;
        const Seat seat(*this, *context);
        if (!seat.taken()) return kFull;
        const auto may = [caller = Caller{*this, *context}] { return caller.may({SessionCall::Kind::Watch, nullptr}); };
        auto admitted = may();
        if (!admitted) return {grpc::StatusCode::PERMISSION_DENIED, admitted.error().message};
        if (!stream->Read(&in)) return grpc::Status::OK;
        auto interest = unpack<types::Interest>(in);
        if (!interest) return {grpc::StatusCode::INVALID_ARGUMENT, interest.error().message};
        auto queue = std::make_shared<rpc::OutQueue>(16);
        {
            const std::lock_guard lock(m_mutex);
            if (m_stopped) return {grpc::StatusCode::UNAVAILABLE, "the head ends"};
            m_watches.insert(context);
        }
        // One delta is out at a time; who takes more than was given, as fast as it can write, moves nothing.
        auto given = std::make_shared<std::atomic<bool>>(false);
        const WatchId watch = m_session.watch(*interest, [queue, given](base::Result<types::Delta> delta) {
            given->store(true);
            if (delta) queue->push(pack(0, *delta));
            else queue->close();
        });
        std::atomic<bool> denied{false};
        std::thread writer([&] {
            v1::Envelope out;
            while (queue->pop(out))
                if (!stream->Write(out)) break;
            if (!denied) context->TryCancel(); // else the peer would read that, and not the reason
        });
        // Looked at with each delta: certificates expire, members are taken out.
        while (stream->Read(&in) && (admitted = may()))
            if (given->exchange(false)) m_session.taken(watch);
        denied = !admitted;
        m_session.unwatch(watch);
        queue->close();
        writer.join();
        const std::lock_guard lock(m_mutex);
        m_watches.erase(context);
        return admitted ? grpc::Status::OK : grpc::Status(grpc::StatusCode::PERMISSION_DENIED, admitted.error().message);
    }

    void shutdown()
    {
        const std::lock_guard lock(m_mutex);
        m_stopped = true;
        for (auto* context : m_watches) context->TryCancel();
    }

private:
    // A thread of the server, which nodes need too: those from the network get some of them only.
    class Seat {
    public:
        Seat(Impl& server, const grpc::ServerContext& context) : m_server(server), m_counts(!context.peer().starts_with("unix:"))
        {
            m_taken = !m_counts || m_server.m_seats.fetch_add(1) < kNetworkSeatsMax;
        }
        ~Seat()
        {
            if (m_counts) --m_server.m_seats;
        }
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        bool taken() const { return m_taken; }

    private:
        Impl& m_server;
        const bool m_counts;
        bool m_taken = false;
    };
    struct Caller {
        const Impl& server;
        const grpc::ServerContext& context;
        base::Result<void> may(const SessionCall& call) const
        {
            const auto pem = rpc::certificateOf(context);
            if (!pem) return pem.error();
            if (pem->empty()) return {}; // this machine, this user
            if (!server.m_admit) return fail(Errc::Refused, "this head takes no sessions over the network");
            return server.m_admit(*pem, call);
        }
    };
    template <typename In, typename Out, typename Fn>
    grpc::Status answer(const Caller& caller, SessionCall::Kind kind, const v1::Envelope& in, v1::Envelope& out, Fn fn)
    {
        auto value = unpack<In>(in);
        if (value) {
            SessionCall call{kind, nullptr};
            if constexpr (std::is_same_v<In, types::Intent>) call.intent = &*value;
            if (const auto may = caller.may(call); !may) value = may.error();
        }
        if (!value) {
            out = packResult<Out>(in.kind(), value.error());
            return grpc::Status::OK;
        }
        auto promise = std::make_shared<std::promise<base::Result<Out>>>();
        auto future = promise->get_future();
        fn(std::move(*value), [promise](base::Result<Out> result) { promise->set_value(std::move(result)); });
        if (future.wait_for(kCallLimit) != std::future_status::ready) out = packResult<Out>(in.kind(), fail(Errc::Unavailable, "the head did not answer within a minute"));
        else out = packResult<Out>(in.kind(), future.get());
        return grpc::Status::OK;
    }

    Session& m_session;
    const AdmitCall m_admit;
    std::atomic<int> m_seats{0}; // taken from the network
    std::mutex m_mutex; // guards the next two
    std::set<grpc::ServerContext*> m_watches;
    bool m_stopped = false;
};

SessionServer::SessionServer(Session& session, AdmitCall admit) : m_impl(std::make_unique<Impl>(session, std::move(admit))) {}
SessionServer::~SessionServer() = default;
grpc::Service& SessionServer::service() { return *m_impl; }
void SessionServer::shutdown() { m_impl->shutdown(); }

namespace {

class RemoteSession final : public Session {
public:
    RemoteSession(rpc::Target head, rpc::Watchful watchful) : m_head(std::move(head)), m_watchful(watchful), m_stub(v1::Session::NewStub(rpc::makeChannel(m_head, m_watchful)))
    {
        m_thread = std::thread([this] { answer(); });
    }
    ~RemoteSession() override
    {
        std::map<WatchId, std::shared_ptr<WatchThread>> watches;
        {
            const std::lock_guard lock(m_mutex);
            watches.swap(m_watches);
            m_closing = true;
            for (auto* call : m_calls) call->context.TryCancel();
        }
        for (auto& [id, watch] : watches) watch->end();
        m_queue.Shutdown();
        m_thread.join();
    }

    types::Can can(types::Verb verb) const override
    {
        if (m_watchful == rpc::Watchful::Yes) return lately(verb);
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
        v1::Envelope out;
        if (!m_stub->Call(&context, pack(kCan, static_cast<std::uint8_t>(verb)), &out).ok()) return {false, "the cluster at " + m_head.text() + " does not answer"};
        auto result = unpackResult<types::Can>(out);
        return result ? *result : types::Can{false, result.error().message};
    }
    // A head that is far must not hold up who asks (a window, for each of its actions): the last answer is given, and asked for anew.
    types::Can lately(types::Verb verb) const
    {
        const auto kind = static_cast<std::uint8_t>(verb);
        {
            const std::lock_guard lock(m_cansMutex);
            if (auto& known = m_cans[kind]; std::exchange(known.asked, true)) return known.can;
        }
        const_cast<RemoteSession*>(this)->call<types::Can>(kCan, kind, [this, kind](base::Result<types::Can> answer) {
            const std::lock_guard lock(m_cansMutex);
            m_cans[kind] = {answer ? *answer : types::Can{false, answer.error().message}, false};
        });
        const std::lock_guard lock(m_cansMutex);
        return m_cans[kind].can;
    }
    void act(types::Intent intent, std::function<void(base::Result<types::Reply>)> done) override { call<types::Reply>(kAct, intent, std::move(done)); }
    void ask(types::Query query, std::function<void(base::Result<types::Page>)> done) override { call<types::Page>(kAsk, query, std::move(done)); }
    void preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done) override { call<types::Preview>(kPreview, wish, std::move(done)); }
    void fetch(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done) override
    {
        call<types::Chunk>(kFetch, std::pair(object, range), std::move(done));
    }
    WatchId watch(types::Interest interest, std::function<void(base::Result<types::Delta>)> delta) override
    {
        const std::lock_guard lock(m_mutex);
        const WatchId id = ++m_lastWatch;
        m_watches[id] = WatchThread::begin(m_head, m_watchful, interest, std::move(delta));
        return id;
    }
    void taken(WatchId id) override
    {
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_watches.find(id); found != m_watches.end()) found->second->taken();
    }
    void unwatch(WatchId id) override
    {
        std::shared_ptr<WatchThread> gone;
        {
            const std::lock_guard lock(m_mutex);
            const auto found = m_watches.find(id);
            if (found == m_watches.end()) return;
            gone = std::move(found->second);
            m_watches.erase(found);
        }
        gone->end();
    }

private:
    // One watch: a stream on a thread of its own, made again when it breaks. The thread holds on to it, so that its callback may
    // end it.
    class WatchThread {
    public:
        static std::shared_ptr<WatchThread> begin(rpc::Target head, rpc::Watchful watchful, types::Interest interest, std::function<void(base::Result<types::Delta>)> delta)
        {
            std::shared_ptr<WatchThread> watch(new WatchThread(std::move(head), watchful, std::move(interest), std::move(delta)));
            watch->m_thread = std::thread([watch] { watch->live(); });
            return watch;
        }
        // No callback after it returned, unless it was called from one.
        void end()
        {
            {
                const std::lock_guard lock(m_mutex);
                m_stop = true;
                if (m_context) m_context->TryCancel();
            }
            m_wake.notify_all();
            if (m_thread.get_id() == std::this_thread::get_id()) m_thread.detach();
            else m_thread.join();
        }
        void taken()
        {
            const std::lock_guard lock(m_mutex);
            if (m_stream) m_stream->Write(pack(1, std::uint8_t{1}));
        }

    private:
        WatchThread(rpc::Target head, rpc::Watchful watchful, types::Interest interest, std::function<void(base::Result<types::Delta>)> delta)
            : m_head(std::move(head)), m_watchful(watchful), m_interest(std::move(interest)), m_delta(std::move(delta))
        {
        }
        bool stopped()
        {
            const std::lock_guard lock(m_mutex);
            return m_stop;
        }
        void live()
        {
            bool told = false;
            std::string refused;
            for (;;) {
                auto stub = v1::Session::NewStub(rpc::makeChannel(m_head, m_watchful));
                {
                    const std::lock_guard lock(m_mutex);
                    if (m_stop) return;
                    m_context = std::make_unique<grpc::ClientContext>();
                    m_stream = stub->Watch(m_context.get());
                    m_stream->Write(pack(0, m_interest));
                }
                v1::Envelope in;
                bool first = true;
                while (!stopped() && m_stream->Read(&in)) {
                    auto delta = unpack<types::Delta>(in);
                    if (!delta) {
                        m_delta(delta.error());
                        break;
                    }
                    // Another stream is another history: what came before the break must not be counted twice.
                    if (std::exchange(first, false)) delta->resync = true;
                    told = false;
                    // What came of a named run need not come again, should the stream break.
                    if (!m_interest.run.isNull() && delta->run == m_interest.run && !delta->blocks.empty()) {
                        m_interest.haveBlocks = delta->firstBlock - 1 + delta->blocks.size();
                        m_interest.haveTrace = delta->trace;
                    }
                    m_delta(std::move(delta));
                }
                {
                    const std::lock_guard lock(m_mutex);
                    m_context->TryCancel(); // else Finish would wait for a peer that still sends
                    const auto end = m_stream->Finish();
                    m_stream.reset();
                    m_context.reset();
                    if (m_stop) return;
                    refused = end.error_code() == grpc::StatusCode::PERMISSION_DENIED ? end.error_message() : std::string();
                }
                if (!std::exchange(told, true)) m_delta(refused.empty() ? fail(Errc::Unavailable, "the cluster at " + m_head.text() + " does not answer") : fail(Errc::Refused, refused));
                std::unique_lock lock(m_mutex);
                m_wake.wait_for(lock, std::chrono::milliseconds(500), [this] { return m_stop; });
                if (m_stop) return;
            }
        }
        const rpc::Target m_head;
        const rpc::Watchful m_watchful;
        types::Interest m_interest; // of the thread
        const std::function<void(base::Result<types::Delta>)> m_delta;
        std::mutex m_mutex;
        std::condition_variable m_wake;
        bool m_stop = false;
        std::unique_ptr<grpc::ClientContext> m_context;
        std::unique_ptr<grpc::ClientReaderWriter<v1::Envelope, v1::Envelope>> m_stream;
        std::thread m_thread;
    };

    struct Open {
        grpc::ClientContext context;
        v1::Envelope out;
        grpc::Status status;
        std::unique_ptr<grpc::ClientAsyncResponseReader<v1::Envelope>> reader;
        std::function<void(const Open&)> done;
    };
    template <typename Out, typename In>
    void call(std::uint32_t kind, const In& value, std::function<void(base::Result<Out>)> done)
    {
        auto open = std::make_unique<Open>();
        open->context.set_deadline(std::chrono::system_clock::now() + kCallLimit + std::chrono::seconds(5));
        open->done = [this, done](const Open& ended) {
            if (ended.status.ok()) done(unpackResult<Out>(ended.out));
            else done(fail(Errc::Unavailable, "the cluster at " + m_head.text() + " does not answer (" + ended.status.error_message() + ")"));
        };
        const auto in = pack(kind, value);
        std::unique_lock lock(m_mutex);
        if (m_closing) {
            lock.unlock();
            return done(fail(Errc::Closed, "the session was closed"));
        }
        open->reader = m_stub->AsyncCall(&open->context, in, &m_queue);
        m_calls.insert(open.get());
        auto* tag = open.release();
        tag->reader->Finish(&tag->out, &tag->status, tag);
    }
    // The session's own thread: every answer, in the order in which they come. (gRPC's callback interface has a thread of its own
    // that asserts when the last channel goes away beside it, 1.51.)
    void answer()
    {
        void* tag = nullptr;
        bool fine = false;
        while (m_queue.Next(&tag, &fine)) {
            const std::unique_ptr<Open> open(static_cast<Open*>(tag));
            {
                const std::lock_guard lock(m_mutex);
                m_calls.erase(open.get());
            }
            open->done(*open);
        }
    }

    const rpc::Target m_head;
    const rpc::Watchful m_watchful;
    struct LateCan {
        types::Can can{true, {}}; // until the head has said: a refusal at the try is told as well
        bool asked = false;       // an answer is on its way
    };
    mutable std::mutex m_cansMutex; // guards the next
    mutable std::map<std::uint8_t, LateCan> m_cans;
    std::unique_ptr<v1::Session::Stub> m_stub;
    grpc::CompletionQueue m_queue;
    std::thread m_thread;
    std::mutex m_mutex; // guards the rest
    bool m_closing = false;
    std::set<Open*> m_calls;
    std::map<WatchId, std::shared_ptr<WatchThread>> m_watches;
    WatchId m_lastWatch = 0;
};

} // namespace

std::unique_ptr<Session> connectSession(rpc::Target head, rpc::Watchful watchful) { return std::make_unique<RemoteSession>(std::move(head), watchful); }

} // namespace orrery::client
