// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/picture_strips.h"

#include "engine/types/value.h"

#include <QPointer>
#include <algorithm>
#include <cstring>

namespace orrery::widgets {

PictureStrips::PictureStrips(ByteSource& source, const types::ObjectAddress& object, QSize size, QObject* parent)
    : QObject(parent), m_source(source), m_object(object), m_size(size)
{
    const std::uint64_t rowBytes = static_cast<std::uint64_t>(std::max(1, size.width())) * 4;
    m_rows = static_cast<int>(std::min<std::uint64_t>(types::kFetchBytesMax / rowBytes, static_cast<std::uint64_t>(std::max(1, size.height()))));
}

PictureStrips::PictureStrips(ByteSource& source, QImage whole, QObject* parent) : QObject(parent), m_source(source), m_object(), m_size(whole.size()), m_rows(whole.height())
{
    m_failed = true; // there is nothing more to ask for
    m_strips[0] = std::move(whole);
}

PictureStrips::~PictureStrips() { dropAll(); }

void PictureStrips::dropAll()
{
    const auto asked = std::exchange(m_asked, {});
    for (const auto& [strip, ticket] : asked) m_source.drop(ticket);
}

QImage PictureStrips::strip(int row) const
{
    const auto found = m_rows == 0 ? m_strips.end() : m_strips.find(row / m_rows);
    return found == m_strips.end() ? QImage() : found->second;
}

void PictureStrips::look(int first, int last)
{
    if (m_rows == 0 || m_failed || m_size.isEmpty()) return;
    m_first = std::clamp(first, 0, m_size.height() - 1) / m_rows;
    m_last = std::clamp(last, 0, m_size.height() - 1) / m_rows;
    for (auto it = m_asked.begin(); it != m_asked.end();) {
        if (it->first == kHead || (it->first >= m_first && it->first <= m_last)) {
            ++it;
            continue;
        }
        const Ticket ticket = it->second;
        it = m_asked.erase(it);
        m_source.drop(ticket);
    }
    if (m_dataOffset == 0) askHead();
    else askNext();
}

void PictureStrips::askHead()
{
    if (m_asked.contains(kHead)) return;
    m_asked[kHead] = 0;
    const Ticket ticket = m_source.read(m_object, {0, sizeof(types::ValueHeader)}, [self = QPointer<PictureStrips>(this)](base::Result<types::Chunk> answer) {
        if (!self || self->m_asked.erase(kHead) == 0) return;
        types::ValueHeader header;
        if (answer && answer->bytes.size() >= sizeof header) std::memcpy(&header, answer->bytes.data(), sizeof header);
        const std::uint64_t bytes = static_cast<std::uint64_t>(self->m_size.width()) * static_cast<std::uint64_t>(self->m_size.height()) * 4;
        // Only the picture that the preview spoke of; a tensor that was drawn as one has no such rows.
        self->m_failed = header.type != static_cast<std::uint8_t>(types::ValueType::Image) || header.dataBytes != bytes;
        self->m_dataOffset = header.dataOffset;
        if (!self->m_failed) self->askNext();
    });
    if (const auto asked = m_asked.find(kHead); asked != m_asked.end()) asked->second = ticket;
}

void PictureStrips::askNext()
{
    for (int strip = m_first; strip <= m_last && m_asked.size() < kStripsAhead; ++strip)
        if (!m_strips.contains(strip) && !m_asked.contains(strip)) ask(strip);
}

void PictureStrips::ask(int strip)
{
    const std::uint64_t rowBytes = static_cast<std::uint64_t>(m_size.width()) * 4;
    const int rows = std::min(m_rows, m_size.height() - strip * m_rows);
    m_asked[strip] = 0;
    const types::Range range{m_dataOffset + static_cast<std::uint64_t>(strip) * static_cast<std::uint64_t>(m_rows) * rowBytes, static_cast<std::uint64_t>(rows) * rowBytes};
    const Ticket ticket = m_source.read(m_object, range, [self = QPointer<PictureStrips>(this), strip](base::Result<types::Chunk> answer) {
        if (self && self->m_asked.erase(strip) > 0) self->take(strip, std::move(answer));
    });
    if (const auto asked = m_asked.find(strip); asked != m_asked.end()) asked->second = ticket;
}

void PictureStrips::take(int strip, base::Result<types::Chunk> answer)
{
    const int rows = std::min(m_rows, m_size.height() - strip * m_rows);
    const std::size_t rowBytes = static_cast<std::size_t>(m_size.width()) * 4;
    if (!answer || answer->bytes.size() != rowBytes * static_cast<std::size_t>(rows)) {
        m_failed = true;
        dropAll();
        return;
    }
    m_strips[strip] = QImage(reinterpret_cast<const uchar*>(answer->bytes.data()), m_size.width(), rows, static_cast<qsizetype>(rowBytes), QImage::Format_RGBA8888)
                          .convertToFormat(QImage::Format_ARGB32_Premultiplied);
    while (m_strips.size() > kStripsKept) { // the one that is farthest from what is seen
        const bool front = std::abs(m_strips.begin()->first - m_first) > std::abs(m_strips.rbegin()->first - m_last);
        m_strips.erase(front ? m_strips.begin() : std::prev(m_strips.end()));
    }
    Q_EMIT arrived();
    askNext();
}

} // namespace orrery::widgets
