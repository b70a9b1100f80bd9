// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TcpDoor: the one TCP port of a head or a node. It accepts, looks at the first four bytes without reading them, and hands the
// socket on: the bulk magic to the bulk plane, all else to gRPC, which shakes hands over TLS on it.
// Runs on: the owner's loop. Lifetime: the destructor (on the loop) closes the port and who has said nothing yet.
// Bound: kDoorSilentMax connections that have said nothing, each for kDoorGreetNs at most; one more is closed at once.

#include "engine/base/fd.h"
#include "engine/base/loop.h"
#include "engine/base/result.h"

#include <functional>
#include <map>
#include <string>

namespace orrery::rpc {

inline constexpr std::size_t kDoorSilentMax = 128;
inline constexpr base::TimeNs kDoorGreetNs = 5 * base::kSecond;

class TcpDoor {
public:
    using Taken = std::function<void(base::UniqueFd)>; // on the loop; the socket does not block
    // bulk: null: whoever says the magic is closed.
    TcpDoor(base::Loop& loop, Taken grpc, Taken bulk);
    ~TcpDoor();
    TcpDoor(const TcpDoor&) = delete;
    TcpDoor& operator=(const TcpDoor&) = delete;
    // address: "<numeric address>:<port>", port 0: the system chooses.
    base::Result<void> listen(const std::string& address);
    const std::string& address() const { return m_address; } // with the port as it is; empty: not listening

private:
    struct Silent {
        base::UniqueFd fd;
        base::TimerId timer = 0;
        int parts = 0; // times that only a part of the magic was there
    };
    static constexpr int kPartsMax = 250; // 20 ms each: kDoorGreetNs in all
    void accept();
    void look(int fd);

    base::Loop& m_loop;
    const Taken m_grpc, m_bulk;
    base::UniqueFd m_listener;
    std::string m_address;
    std::map<int, Silent> m_silent;
    base::TimerId m_again = 0;
};

} // namespace orrery::rpc
