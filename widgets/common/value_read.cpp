// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/value_read.h"

#include <QPointer>
#include <algorithm>
#include <cstring>

namespace orrery::widgets {

ValueRead::ValueRead(ByteSource& source, const types::ObjectAddress& object, std::uint64_t bytesMax, QObject* parent)
    : QObject(parent), m_source(source), m_object(object), m_bytesMax(bytesMax)
{
}

ValueRead::~ValueRead() { cancel(); }

void ValueRead::start()
{
    m_running = true;
    m_bytes = std::make_shared<base::Bytes>();
    ask(0);
}

void ValueRead::ask(std::uint64_t offset)
{
    m_next = offset + types::kFetchBytesMax;
    m_asked[offset] = 0;
    const Ticket ticket = m_source.read(m_object, {offset, types::kFetchBytesMax}, [self = QPointer<ValueRead>(this), offset](base::Result<types::Chunk> answer) {
        if (self && self->m_asked.erase(offset) > 0) self->take(offset, std::move(answer));
    });
    if (const auto asked = m_asked.find(offset); asked != m_asked.end()) asked->second = ticket;
}

void ValueRead::askMore()
{
    while (m_next < m_total && m_asked.size() < static_cast<std::size_t>(kChunksAhead)) ask(m_next);
}

void ValueRead::take(std::uint64_t offset, base::Result<types::Chunk> answer)
{
    if (!answer) return end(End::Failed, QString::fromStdString(answer.error().message));
    if (offset == 0) {
        m_total = answer->total;
        if (m_total > m_bytesMax) return end(End::TooLarge, {});
        m_bytes->resize(m_total);
    }
    const std::uint64_t wanted = std::min(types::kFetchBytesMax, m_total - offset);
    if (answer->total != m_total || answer->bytes.size() != wanted) return end(End::Failed, tr("The value changed while it was read; try it again."));
    if (wanted > 0) std::memcpy(m_bytes->data() + offset, answer->bytes.data(), wanted);
    m_done += wanted;
    const QPointer<ValueRead> self(this);
    Q_EMIT progressed(m_done, m_total);
    if (!self || !m_running) return; // a listener cancelled
    if (m_done == m_total) end(End::Whole, {});
    else askMore();
}

void ValueRead::end(End end, const QString& problem)
{
    auto bytes = std::exchange(m_bytes, {});
    cancel();
    if (end == End::Whole) m_bytes = std::move(bytes);
    Q_EMIT ended(end, problem);
}

void ValueRead::cancel()
{
    m_running = false;
    m_bytes.reset();
    const auto asked = std::exchange(m_asked, {});
    for (const auto& [offset, ticket] : asked) m_source.drop(ticket);
}

} // namespace orrery::widgets
