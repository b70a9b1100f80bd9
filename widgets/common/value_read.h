// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ValueRead: the whole of one value, read in chunks through the ByteSource, kChunksAhead in flight.
// Thread: UI. Lives: as long as its owner likes; the destructor drops what is asked. Ends once, never inside start().
// Bounds: bytesMax; a larger value is not read further than its first chunk.

#include "widgets/models/ports.h"

#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <utility>

namespace orrery::widgets {

inline constexpr int kChunksAhead = 4;

class ValueRead final : public QObject {
    Q_OBJECT
public:
    enum class End : std::uint8_t { Whole, TooLarge, Failed };
    ValueRead(ByteSource& source, const types::ObjectAddress& object, std::uint64_t bytesMax, QObject* parent = nullptr);
    ~ValueRead() override;
    void start();  // REQUIRES: not started before
    void cancel(); // nothing more is told
    std::uint64_t done() const { return m_done; }
    std::uint64_t total() const { return m_total; } // 0: not known yet
    std::shared_ptr<base::Bytes> take() { return std::exchange(m_bytes, {}); } // of one that ended Whole

Q_SIGNALS:
    void progressed(quint64 done, quint64 total);
    void ended(orrery::widgets::ValueRead::End end, const QString& problem); // problem: of Failed, one sentence

private:
    void ask(std::uint64_t offset);
    void askMore();
    void take(std::uint64_t offset, base::Result<types::Chunk> answer);
    void end(End end, const QString& problem);

    ByteSource& m_source;
    const types::ObjectAddress m_object;
    const std::uint64_t m_bytesMax;
    bool m_running = false;
    std::shared_ptr<base::Bytes> m_bytes;
    std::uint64_t m_total = 0, m_done = 0, m_next = 0;
    std::map<std::uint64_t, Ticket> m_asked; // by offset
};

} // namespace orrery::widgets
