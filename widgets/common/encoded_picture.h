// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// EncodedPicture: a value of bytes that holds a PNG file, as the picture in it. The head of the value says whether it is one and how
// large, before more is read or anything decoded; decoding happens on a thread of the pool.
// Thread: UI. Lives: as long as its owner likes; the destructor drops it. Ends once, never inside start().
// Bounds: kEncodedBytesMax of a file, kEncodedPixelsMax of a picture; a larger one is refused with a sentence.

#include "widgets/common/value_read.h"

#include <QImage>
#include <atomic>
#include <optional>
#include <span>

namespace orrery::widgets {

inline constexpr std::uint64_t kEncodedBytesMax = 256ull << 20;
inline constexpr std::uint64_t kEncodedPixelsMax = 64'000'000;

// Of the picture, when the bytes begin as a PNG file does; they may be the begin of it only.
std::optional<QSize> pngSize(std::span<const std::byte> file);

class EncodedPicture final : public QObject {
    Q_OBJECT
public:
    enum class End : std::uint8_t { Picture, None, Refused };
    // side: the longest of small().
    EncodedPicture(ByteSource& source, const types::ObjectAddress& object, int side, QObject* parent = nullptr);
    ~EncodedPicture() override;
    void start(); // REQUIRES: not started before
    // Of one that ended as Picture.
    const QImage& small() const { return m_small; } // RGBA8888
    const QImage& whole() const { return m_whole; } // ARGB32_Premultiplied

Q_SIGNALS:
    void found(QSize size); // it is one, and is being read and decoded: seconds for a large one
    void ended(orrery::widgets::EncodedPicture::End end, const QString& problem); // problem: of Refused, one sentence

private:
    void takeHead(const base::Bytes& head);
    void decode();

    ByteSource& m_source;
    const types::ObjectAddress m_object;
    const int m_side;
    Ticket m_head = 0;
    ValueRead m_read;
    std::shared_ptr<std::atomic<bool>> m_cancelled = std::make_shared<std::atomic<bool>>(false);
    QImage m_small, m_whole;
};

} // namespace orrery::widgets
