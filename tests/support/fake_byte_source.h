// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// FakeByteSource: values in the hands of a test: previews and chunks are made of real value bytes, when the test says so or, with
// byItself, when the event loop comes round. It never answers inside the call and never after drop().
// Thread: UI.

#include "engine/types/preview.h"
#include "engine/types/value.h"
#include "widgets/models/ports.h"

#include <QObject>
#include <algorithm>
#include <map>
#include <optional>

namespace orrery::tests {

class FakeByteSource final : public widgets::ByteSource {
public:
    using Place = std::pair<std::uint32_t, std::uint16_t>; // row, output
    std::map<Place, base::Bytes> values;
    std::optional<base::Error> error; // instead of an answer
    bool byItself = true;
    std::vector<types::PreviewWish> wishes;
    std::vector<types::Range> ranges;
    std::vector<widgets::Ticket> dropped;

    widgets::Ticket preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done) override
    {
        wishes.push_back(wish);
        return later([this, wish, done = std::move(done)] {
            auto bytes = find(wish.object);
            done(bytes ? types::makePreview(*bytes, wish) : base::Result<types::Preview>(bytes.error()));
        });
    }
    widgets::Ticket read(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done) override
    {
        ranges.push_back(range);
        return later([this, object, range, done = std::move(done)] {
            const auto bytes = find(object);
            if (!bytes) return done(bytes.error());
            types::Chunk chunk;
            chunk.total = bytes->size();
            const std::uint64_t from = std::min<std::uint64_t>(range.offset, bytes->size());
            const std::uint64_t length = std::min({range.length == 0 ? types::kFetchBytesMax : range.length, types::kFetchBytesMax, bytes->size() - from});
            const auto part = bytes->subspan(from, length);
            chunk.bytes.assign(part.begin(), part.end());
            done(std::move(chunk));
        });
    }
    void drop(widgets::Ticket ticket) override
    {
        dropped.push_back(ticket);
        m_open.erase(ticket);
    }

    std::size_t open() const { return m_open.size(); }
    void answerOldest() { answer(m_open.begin()->first); }
    void answerNewest() { answer(m_open.rbegin()->first); }

private:
    base::Result<std::span<const std::byte>> find(const types::ObjectAddress& object) const
    {
        if (error) return *error;
        const auto found = values.find({object.row, object.output});
        if (found == values.end()) return base::fail(base::Errc::Lost, "The last copy of this value is gone.");
        if (object.item < 0) return std::span<const std::byte>(found->second);
        return types::listItem(found->second, static_cast<std::uint64_t>(object.item));
    }
    widgets::Ticket later(std::function<void()> done)
    {
        const widgets::Ticket ticket = ++m_last;
        m_open[ticket] = std::move(done);
        if (byItself) QMetaObject::invokeMethod(&m_context, [this, ticket] { answer(ticket); }, Qt::QueuedConnection);
        return ticket;
    }
    void answer(widgets::Ticket ticket)
    {
        const auto found = m_open.find(ticket);
        if (found == m_open.end()) return;
        const auto done = std::move(found->second);
        m_open.erase(found);
        done();
    }
    QObject m_context;
    widgets::Ticket m_last = 0;
    std::map<widgets::Ticket, std::function<void()>> m_open;
};

} // namespace orrery::tests
