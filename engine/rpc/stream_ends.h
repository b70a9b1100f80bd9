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
        std::function<std::uint64_t(std::unique_ptr<ServedStream<Out>>)> accept; // on the loop; the number that the other two name
        std::function<void(std::uint64_t, In)> received;
        std::function<void(std::uint64_t)> broken;
    };
    StreamServer(Owner owner, std::string name) : m_owner(std::move(owner)), m_name(std::move(name)) {}

    grpc::Status serve(grpc::ServerContext* context, grpc::ServerReaderWriter<v1::Envelope, v1::Envelope>* stream)
    {
        auto queue = std::make_shared<OutQueue>(kQueuedMax);
        auto intake = std::make_shared<Intake>();
        {
            const std::lock_guard lock(m_mutex);
            if (m_stopped) return {grpc::StatusCode::UNAVAILABLE, "it ends"};
            m_intakes.insert(intake);
        }
        struct Number { std::uint64_t value = 0; };
        auto number = std::make_shared<Number>(); // loop thread only
        auto shared = m_alive;
        m_owner.loop.post([this, shared, queue, intake, number] {
            if (*shared) number->value = m_owner.accept(std::make_unique<ServedStream<Out>>(queue, intake));
        });
        // The writer ends with the queue; the reader ends when the peer is gone or the writer cancelled the stream.
        std::thread writer([&] {
            v1::Envelope out;
            while (queue->pop(out))
                if (!stream->Write(out)) break;
            context->TryCancel();
        });
        v1::Envelope in;
        while (stream->Read(&in)) {
            auto message = unpack<In>(in);
            if (!message) {
                base::logf(base::LogLevel::Warn, m_name.c_str(), "a node was cut off: {}", message.error().message);
                break;
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
        return grpc::Status::OK;
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
    StreamClient(std::string socket, base::Loop& loop, Events events, Open open, std::string name)
        : m_socket(std::move(socket)), m_loop(loop), m_events(std::move(events)), m_open(std::move(open)), m_name(std::move(name))
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
            auto channel = makeChannel(m_socket);
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
            // A stream over a dead socket fails only when it is read; "up" is told when somebody listens there.
            if (socketAnswers(m_socket)) {
                {
                    const std::lock_guard lock(m_mutex);
                    m_queue = queue;
                }
                post([this] { m_events.state(true); });
                std::thread writer([&] {
                    v1::Envelope out;
                    while (queue->pop(out))
                        if (!stream->Write(out)) break;
                    raw->TryCancel();
                });
                v1::Envelope in;
                while (stream->Read(&in)) {
                    auto message = unpack<In>(in);
                    if (!message) {
                        base::logf(base::LogLevel::Error, m_name.c_str(), "{}", message.error().message);
                        break;
                    }
                    pause = std::chrono::milliseconds(20);
                    const std::size_t bytes = in.body().size();
                    if (!intake->enter(bytes)) break;
                    post([this, intake, bytes, got = std::make_shared<In>(std::move(*message))] {
                        intake->leave(bytes);
                        m_events.message(std::move(*got));
                    });
                }
                queue->close();
                raw->TryCancel();
                writer.join();
                post([this] { m_events.state(false); });
            }
            stream->Finish();
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

    const std::string m_socket;
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
