// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// hop: a session's callback that goes on with an owner on the owner's loop. What comes after the owner is gone, or after its loop
// has stopped, is dropped there. Thread: made on the loop; the callback runs on any.

#include "engine/base/loop.h"
#include "engine/base/result.h"

#include <functional>
#include <memory>

namespace orrery::app {

// then(Owner&, base::Result<T>) on the loop.
template <typename T, typename Owner, typename Then>
std::function<void(base::Result<T>)> hop(std::shared_ptr<base::Loop> loop, std::weak_ptr<Owner> owner, Then then)
{
    return [loop = std::move(loop), owner = std::move(owner), then = std::move(then)](base::Result<T> result) {
        loop->post([owner, then, result = std::move(result)]() mutable {
            if (const auto alive = owner.lock()) then(*alive, std::move(result));
        });
    };
}

} // namespace orrery::app
