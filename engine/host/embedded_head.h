// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// EmbeddedHead: the cluster of a program with a window. It attaches to a cluster of this user that runs already; where none
// does, it becomes the head of one, on a thread of its own, with the servers that nodes and orreryctl connect to.
// Thread: the constructor, start(), close() and the destructor on one thread of the program, session() and state() on any; start() and
// close() return at once. Changes are told on a thread of this object: copy what you need and hop to your own.
// States: Starting -> Up | Failed | Closed; Up -> Closed (close() was called) | Failed (the cluster went down, or the head that
// we are attached to ended). One change each, told once; nothing is told after the destructor returned.
// Leaves nothing: unless told to keep them, close() stops the nodes of a cluster that it is the head of. An attached cluster
// is left as it is.
// Lives: the destructor waits for the end, some 100 ms with idle nodes and at most some 12 s with stubborn ones. A session may
// outlive it and then answers Unavailable.

#include "engine/client/session.h"
#include "engine/host/head_runtime.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace orrery::host {

struct EmbeddedHeadOptions {
    HeadWish head;         // of a cluster that is made
    bool attach = true;    // to the newest cluster of this user, if one runs; false: a cluster of our own, under the next free name
    unsigned nodes = 1;    // of this computer, where the cluster has none; they share its CPUs and memory (shareOut)
    bool fill = false;     // a cluster that has some gets those that are missing
};

class EmbeddedHead {
public:
    enum class State : std::uint8_t { Starting, Up, Failed, Closed };
    struct Status {
        State state = State::Starting;
        std::string why;      // Failed, one sentence; or Up: why a node is missing
        bool own = false;     // Up: this process is the head; false: attached
        std::string cluster;  // Up: its name
        std::string address;  // Up: its socket, as --address of orreryctl takes it
        std::shared_ptr<client::Session> session; // Up
    };
    enum class Nodes : std::uint8_t { Stop, Keep };

    explicit EmbeddedHead(EmbeddedHeadOptions options = {});
    ~EmbeddedHead();
    EmbeddedHead(const EmbeddedHead&) = delete;
    EmbeddedHead& operator=(const EmbeddedHead&) = delete;

    // Once. changed may be called again later (see States); why may come a second time with Up when the node failed to start.
    void start(std::function<void(Status)> changed);
    // Keep: a head without a window (`orreryd head`) takes the cluster over; its nodes live on, runs that are open begin anew.
    void close(Nodes nodes = Nodes::Stop);
    Status status() const;
    std::shared_ptr<client::Session> session() const { return status().session; } // null unless Up

private:
    void live();
    bool tryAttach();
    void stayAttached(const launch::ClusterEntry& entry);
    void beHead();
    void wantNodes(const std::shared_ptr<client::Session>& session);
    void addNodes(const std::shared_ptr<client::Session>& session, std::size_t living, std::function<void(const base::Error&)> failed) const;
    void tell(Status status);
    void succeed(const HeadWish& wish) const; // starts `orreryd head`

    const EmbeddedHeadOptions m_options;
    std::function<void(Status)> m_changed;
    mutable std::mutex m_mutex; // guards the rest, but the thread
    Status m_status;
    HeadRuntime* m_runtime = nullptr; // while it can be told to end
    bool m_closing = false;
    Nodes m_nodes = Nodes::Stop;
    const base::UniqueFd m_wake; // tells the thread of an attached cluster that close() was called
    std::thread m_thread;
};

} // namespace orrery::host
