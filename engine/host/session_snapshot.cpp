// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/session_snapshot.h"

#include <future>

namespace orrery::host {

base::Result<types::Delta> sessionSnapshot(client::Session& session, std::chrono::milliseconds limit)
{
    struct First {
        std::promise<base::Result<types::Delta>> delta;
        std::atomic_flag told;
    };
    auto first = std::make_shared<First>();
    auto future = first->delta.get_future();
    types::Interest interest;
    interest.blocks = false;
    interest.logs = false;
    const auto watch = session.watch(interest, [first](base::Result<types::Delta> delta) {
        if (!first->told.test_and_set()) first->delta.set_value(std::move(delta));
    });
    const bool came = future.wait_for(limit) == std::future_status::ready;
    session.unwatch(watch);
    if (!came) return base::fail(base::Errc::Unavailable, "the head of the cluster did not answer within " + std::to_string(limit.count() / 1000) + " s");
    return future.get();
}

} // namespace orrery::host
