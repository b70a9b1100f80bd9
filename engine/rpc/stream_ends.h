// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The two ends of a bidirectional stream of envelopes, for any pair of message types: who serves and who connects, again and
// again with pauses. Private to engine/rpc.
// Thread: everything received, and every change of state, is posted to the owner's loop; send() may be called from any thread.

#include "engine/base/log.h"
#include "engine/base/loop.h"
#include "engine/rpc/channel.h"
#include "engine/rpc/intake.h"
#include "engine/rpc/out_queue.h"

#include <grpcpp/support/sync_stream.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

namespace orrery::rpc {

static_assert(kServerThreadsMax * kIntakeMax < base::kLoopJobsMax, "all streams together fill no loop");

// The serving end of one stream.
template <typename Out>
class ServedStream {
public:
    ServedStream(std::shared_ptr<OutQueue> queue, std::shared_ptr<Intake> intake) : m_queue(std::move(queue)), m_intake(std::move(intake)) {}
    ~ServedStream()
    {
        m_queue->close();
        m_intake->close();
    }
    ServedStream(const ServedStream&) = delete;
    ServedStream& operator=(const ServedStream&) = delete;
    void send(const Out& message) { m_queue->push(pack(0, message)); }

private:
    const std::shared_ptr<OutQueue> m_queue;
    const std::shared_ptr<Intake> m_intake;
};

// All streams of one method.
template <typename In, typename Out>
class StreamServer {
public:
    struct Owner {
        base::Loop& loop;
        // On the loop; who: the id of the peer's certificate, empty from a Unix socket. The number that the other two name.
        std::function<std::uint64_t(std::unique_ptr<ServedStream<Out>>, const std::string& who)> accept;
        std::function<void(std::uint64_t, In)> received;
        std::function<void(std::uint64_t)> broken;
        Admit<In> admit; // of peers from the network
    };
    StreamServer(Owner owner, std::string name) : m_owner(std::move(owner)), m_name(std::move(name)) {}

    grpc::Status serve(grpc::ServerContext* context, grpc::ServerReaderWriter<v1::Envelope, v1::Envelope>* stream)
    {
        const auto admitted = admit(*context);
        if (!admitted) return refused(admitted.error());
        auto queue = std::make_shared<OutQueue>(kQueuedMax);
        auto intake = std::make_shared<Intake>();
        grpc::Status status = grpc::Status::OK;
        std::atomic<bool> denied{false};
        {
            const std::lock_guard lock(m_mutex);
            if (m_stopped) return {grpc::StatusCode::UNAVAILABLE, "it ends"};
            m_intakes.insert(intake);
        }
        struct Number { std::uint64_t value = 0; };
        auto number = std::make_shared<Number>(); // loop thread only
        auto shared = m_alive;
        m_owner.loop.post([this, shared, queue, intake, number, who = admitted->id] {
            if (*shared) number->value = m_owner.accept(std::make_unique<ServedStream<Out>>(queue, intake), who);
        });
        // The writer ends with the queue; the reader ends when the peer is gone or the writer cancelled the stream.
        std::thread writer([&] {
            v1::Envelope out;
            while (queue->pop(out))
                if (!stream->Write(out)) break;
            if (!denied) context->TryCancel(); // else the reader would wait for a peer that says nothing
        });
        v1::Envelope in;
        while (stream->Read(&in)) {
            auto message = unpack<In>(in);
            if (!message) {
                base::logf(base::LogLevel::Warn, m_name.c_str(), "a node was cut off: {}", message.error().message);
                break;
            }
            if (admitted->check) {
                if (const auto let = admitted->check(*message); !let) {
                    status = refused(let.error());
                    denied = true; // the peer is to read the sentence, not that the stream was cancelled
                    break;
                }
            }
            const std::size_t bytes = in.body().size();
            if (!intake->enter(bytes)) break;
            m_owner.loop.post([this, shared, intake, bytes, number, got = std::make_shared<In>(std::move(*message))] {
                intake->leave(bytes);
                if (*shared) m_owner.received(number->value, std::move(*got));
            });
        }
        queue->close();
        writer.join();
        {
            const std::lock_guard lock(m_mutex);
            m_intakes.erase(intake);
        }
        m_owner.loop.post([this, shared, number] {
            if (*shared) m_owner.broken(number->value);
        });
        return status;
    }
    // On the loop. The loop takes nothing any more: readers that wait for it would hold up the end of the server.
    void shutdown()
    {
        *m_alive = false;
        const std::lock_guard lock(m_mutex);
        m_stopped = true;
        for (const auto& intake : m_intakes) intake->close();
    }

private:
    // Who it is and what it may say; of a Unix socket in a folder of ours: anything.
    base::Result<Admitted<In>> admit(const grpc::ServerContext& context) const
    {
        const auto pem = certificateOf(context);
        if (!pem) return pem.error();
        if (pem->empty()) return Admitted<In>{};
        if (!m_owner.admit) return base::fail(base::Errc::Refused, "nothing here is for peers from the network");
        return m_owner.admit(*pem);
    }
    grpc::Status refused(const base::Error& error) const
    {
        base::logf(base::LogLevel::Warn, m_name.c_str(), "a peer from the network was turned away: {}", error.message);
        return {grpc::StatusCode::PERMISSION_DENIED, error.message};
    }

    const Owner m_owner;
    const std::string m_name;
    std::mutex m_mutex; // guards the next two
    bool m_stopped = false;
    std::set<std::shared_ptr<Intake>> m_intakes;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true); // loop thread
};

using ClientStream = std::unique_ptr<grpc::ClientReaderWriter<v1::Envelope, v1::Envelope>>;

// The connecting end.
template <typename In, typename Out>
class StreamClient {
public:
    struct Events {
        std::function<void(In)> message;   // on the loop
        std::function<void(bool up)> state; // on the loop
    };
    // open: begins the call on a channel.
    using Open = std::function<ClientStream(const std::shared_ptr<grpc::Channel>&, grpc::ClientContext*)>;
    StreamClient(Target target, base::Loop& loop, Events events, Open open, std::string name)
        : m_target(std::move(target)), m_loop(loop), m_events(std::move(events)), m_open(std::move(open)), m_name(std::move(name))
    {
        m_thread = std::thread([this] { live(); });
    }
    ~StreamClient()
    {
        *m_alive = false;
        {
            const std::lock_guard lock(m_mutex);
            m_stop = true;
            if (m_context) m_context->TryCancel();
            if (m_queue) m_queue->close();
            if (m_intake) m_intake->close();
        }
        m_wake.notify_all();
        m_thread.join();
    }
    // While the link is down messages are lost.
    void send(const Out& message)
    {
        std::shared_ptr<OutQueue> queue;
        {
            const std::lock_guard lock(m_mutex);
            queue = m_queue;
        }
        if (queue) queue->push(pack(0, message));
    }

private:
    void live()
    {
        auto pause = std::chrono::milliseconds(20);
        for (;;) {
            auto channel = makeChannel(m_target);
            auto context = std::make_unique<grpc::ClientContext>();
            context->set_wait_for_ready(false);
            auto* raw = context.get();
            auto queue = std::make_shared<OutQueue>(kQueuedMax);
            auto intake = std::make_shared<Intake>();
            {
                const std::lock_guard lock(m_mutex);
                if (m_stop) return;
                m_context = std::move(context);
                m_intake = intake;
            }
            auto stream = m_open(channel, raw);
            // A stream over a dead socket fails only when it is read; "up" is told when somebody answers there.
            if (answers(*channel)) {
                {
                    const std::lock_guard lock(m_mutex);
                    m_queue = queue;
                }
                post([this] { m_events.state(true); });
                // Who cancels a call that the peer has ended loses the peer's reason.
                std::atomic<bool> over{false};
                bool ours = false;
                std::thread writer([&] {
                    v1::Envelope out;
                    while (queue->pop(out))
                        if (!stream->Write(out)) break;
                    // More waits than the peer takes; or this cannot be written, and a call that does not end by that is ended here.
                    for (int i = 0; i < 50 && !over; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
                    if (!over) raw->TryCancel();
                });
                v1::Envelope in;
                while (stream->Read(&in)) {
                    auto message = unpack<In>(in);
                    if (!message) {
                        base::logf(base::LogLevel::Error, m_name.c_str(), "{}", message.error().message);
                        ours = true;
                        break;
                    }
                    pause = std::chrono::milliseconds(20);
                    const std::size_t bytes = in.body().size();
                    if (!intake->enter(bytes)) {
                        ours = true;
                        break;
                    }
                    post([this, intake, bytes, got = std::make_shared<In>(std::move(*message))] {
                        intake->leave(bytes);
                        m_events.message(std::move(*got));
                    });
                }
                over = true;
                queue->close();
                if (ours) raw->TryCancel();
                writer.join();
                post([this] { m_events.state(false); });
            }
            const auto ended = stream->Finish();
            if (m_target.socket.empty()) why(ended);
            std::unique_lock lock(m_mutex);
            m_queue.reset();
            m_context.reset();
            if (m_stop) return;
            m_wake.wait_for(lock, pause, [this] { return m_stop; });
            if (m_stop) return;
            pause = std::min(pause * 2, std::chrono::milliseconds(1000));
        }
    }
    void post(std::function<void()> job)
    {
        m_loop.post([alive = m_alive, job = std::move(job)] {
            if (*alive) job();
        });
    }

    // Over TCP: the handshake is over, and both know who the other is.
    bool answers(grpc::Channel& channel)
    {
        if (!m_target.socket.empty()) return socketAnswers(m_target.socket);
        for (int slice = 0; slice < kHandshakeMs / kSliceMs; ++slice) {
            const auto state = channel.GetState(true);
            if (state == GRPC_CHANNEL_READY) return true;
            if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN) return false;
            {
                const std::lock_guard lock(m_mutex);
                if (m_stop) return false;
            }
            channel.WaitForStateChange(state, std::chrono::system_clock::now() + std::chrono::milliseconds(kSliceMs));
        }
        return false;
    }
    // Each reason once, until another one comes.
    void why(const grpc::Status& ended)
    {
        const bool telling = ended.error_code() != grpc::StatusCode::OK && ended.error_code() != grpc::StatusCode::CANCELLED;
        if (telling && ended.error_message() != m_why) base::logf(base::LogLevel::Warn, m_name.c_str(), "the link to {} ended: {}", m_target.text(), ended.error_message());
        m_why = telling ? ended.error_message() : std::string();
    }

    static constexpr int kSliceMs = 200; // how long an end may have to wait for a handshake
    const Target m_target;
    std::string m_why; // of the stream's thread
    base::Loop& m_loop;
    const Events m_events;
    const Open m_open;
    const std::string m_name;
    std::shared_ptr<std::atomic<bool>> m_alive = std::make_shared<std::atomic<bool>>(true);
    std::mutex m_mutex; // guards the next five
    std::condition_variable m_wake;
    bool m_stop = false;
    std::unique_ptr<grpc::ClientContext> m_context;
    std::shared_ptr<OutQueue> m_queue;
    std::shared_ptr<Intake> m_intake;
    std::thread m_thread;
};

} // namespace orrery::rpc
