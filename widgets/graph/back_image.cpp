// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/back_image.h"

#include <cstring>

namespace orrery::widgets {

namespace {

constexpr int kPartsMax = 24; // of a stale region; more of them cost more than what lies between

} // namespace

void BackImage::resize(const QSize& pixels)
{
    if (m_image.size() == pixels) return;
    m_image = QImage(pixels, QImage::Format_RGB32);
    invalidateAll();
}

void BackImage::scroll(int dx, int dy)
{
    const QRect whole = m_image.rect();
    const QRect kept = whole & whole.translated(dx, dy);
    m_stale.translate(dx, dy);
    m_stale &= whole;
    if (kept.isEmpty()) {
        invalidateAll();
        return;
    }
    const auto bytes = static_cast<std::size_t>(kept.width()) * sizeof(QRgb);
    uchar* bits = m_image.bits();
    const qsizetype stride = m_image.bytesPerLine();
    const auto move = [&](int y) {
        std::memmove(bits + y * stride + kept.left() * static_cast<qsizetype>(sizeof(QRgb)),
                     bits + (y - dy) * stride + (kept.left() - dx) * static_cast<qsizetype>(sizeof(QRgb)), bytes);
    };
    if (dy > 0) {
        for (int y = kept.bottom(); y >= kept.top(); --y) move(y);
    } else {
        for (int y = kept.top(); y <= kept.bottom(); ++y) move(y);
    }
    m_stale += QRegion(whole) - kept;
}

QRegion BackImage::takeStale()
{
    QRegion stale = m_stale;
    m_stale = {};
    return stale.rectCount() > kPartsMax ? QRegion(stale.boundingRect()) : stale;
}

} // namespace orrery::widgets
