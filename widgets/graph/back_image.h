// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// BackImage: the picture of the canvas as it was last drawn, and what of it is out of date. Panning moves its pixels, so that
// only the strips that came into view are drawn again. Thread: UI.

#include <QImage>
#include <QRegion>

namespace orrery::widgets {

class BackImage {
public:
    void resize(const QSize& pixels); // all is out of date when the size is another
    void invalidate(const QRect& pixels) { m_stale += pixels & m_image.rect(); }
    void invalidateAll() { m_stale = m_image.rect(); }
    void scroll(int dx, int dy);
    // What must be drawn now; it counts as drawn.
    QRegion takeStale();
    const QRegion& stale() const { return m_stale; }
    QImage& image() { return m_image; }
    const QImage& image() const { return m_image; }

private:
    QImage m_image;
    QRegion m_stale;
};

} // namespace orrery::widgets
