// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// PictureStrips: rows of a large picture in full size, read through the ByteSource when they are looked at. A picture's rows lie
// one after the other in its value, so what is seen can be read without the rest. Or of a picture that is here already: one strip.
// Thread: UI. Bounds: kStripsKept strips of at most kFetchBytesMax; kStripsAhead questions in flight; what was scrolled away is
// dropped. An error ends it: the smaller picture stays what is seen.

#include "widgets/models/ports.h"

#include <QImage>
#include <QObject>
#include <map>

namespace orrery::widgets {

inline constexpr std::size_t kStripsKept = 64;
inline constexpr std::size_t kStripsAhead = 4;

class PictureStrips final : public QObject {
    Q_OBJECT
public:
    PictureStrips(ByteSource& source, const types::ObjectAddress& object, QSize size, QObject* parent = nullptr);
    PictureStrips(ByteSource& source, QImage whole, QObject* parent = nullptr); // asks nothing
    ~PictureStrips() override;
    // Rows [first, last] are looked at now.
    void look(int first, int last);
    int rowsPerStrip() const { return m_rows; } // 0: the picture is too wide for strips
    QImage strip(int row) const;                // that holds the row; null: not here (yet)

Q_SIGNALS:
    void arrived();

private:
    void askHead();
    void askNext();
    void ask(int strip);
    void take(int strip, base::Result<types::Chunk> answer);
    void dropAll();

    ByteSource& m_source;
    const types::ObjectAddress m_object;
    const QSize m_size;
    int m_rows = 0;
    std::uint64_t m_dataOffset = 0;  // 0: not known yet
    bool m_failed = false;
    int m_first = 0, m_last = -1;    // strips that are looked at
    std::map<int, QImage> m_strips;
    std::map<int, Ticket> m_asked;   // by strip; kHead: the value's header
    static constexpr int kHead = -1;
};

} // namespace orrery::widgets
