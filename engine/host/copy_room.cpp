// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/copy_room.h"

#include "engine/types/value.h"

namespace orrery::host {

namespace {
constexpr std::uint64_t kAlign = 64; // values are views: types/value.h
}

CopyRoom::~CopyRoom()
{
    *m_alive = false;
    if (m_window.bytes > 0) m_store.releaseWindow(m_window);
}

void CopyRoom::take(std::uint64_t bytes, Done done)
{
    if (bytes > kSharedBytesMax) {
        m_store.takeWindow(bytes, [this, alive = m_alive, &store = m_store, bytes, done = std::move(done)](base::Result<types::Place> window) {
            if (!window) {
                if (*alive) done(window.error());
                return;
            }
            types::Place place = *window;
            place.bytes = bytes;
            if (*alive) store.addObject(place);
            store.releaseWindow(*window);
            if (*alive) done(place);
        });
        return;
    }
    m_waiting.push_back({bytes, std::move(done)});
    serve();
}

void CopyRoom::serve()
{
    while (!m_waiting.empty()) {
        const std::uint64_t bytes = m_waiting.front().bytes;
        if (m_window.bytes > 0 && m_used + bytes <= m_window.bytes) {
            const types::Place place{m_window.segment, m_window.offset + m_used, bytes};
            m_used += (bytes + kAlign - 1) / kAlign * kAlign;
            m_store.addObject(place);
            const Done done = std::move(m_waiting.front().done);
            m_waiting.pop_front();
            done(place);
            continue;
        }
        if (m_window.bytes > 0) m_store.releaseWindow(std::exchange(m_window, {}));
        if (std::exchange(m_asked, true)) return;
        // In a full store the window may be a hole that is smaller; then it serves what it can.
        m_store.takeWindow(std::max(bytes, kSharedWindowBytes / 8), [this, alive = m_alive, &store = m_store](base::Result<types::Place> window) {
            if (!*alive) {
                if (window) store.releaseWindow(*window);
                return;
            }
            m_asked = false;
            if (window) {
                m_window = *window;
                m_used = 0;
                return serve();
            }
            const Done done = std::move(m_waiting.front().done);
            m_waiting.pop_front();
            done(window.error());
            serve();
        });
        if (m_asked) return; // it comes later
    }
}

} // namespace orrery::host
