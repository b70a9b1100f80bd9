// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/pictures.h"

#include "engine/types/session_values.h"
#include "widgets/models/run_model.h"

namespace orrery::app {

int PictureWish::pixels() const { return card ? kCardPixels : widgets::kTilePixels; }

void Pictures::want(const PictureWish& wish)
{
    const auto found = m_asked.find(key(wish));
    if (found == m_asked.end()) {
        if (m_asked.size() >= kPicturesMax) return;
        m_asked.emplace(key(wish), wish.attempt);
    } else {
        if (found->second >= wish.attempt) return;
        found->second = wish.attempt;
    }
    (wish.card ? m_cards : m_tiles).push_back(wish);
}

std::optional<PictureWish> Pictures::next(const std::function<bool(const PictureWish&)>& isThere)
{
    for (auto* stack : {&m_cards, &m_tiles}) {
        while (!stack->empty()) {
            const PictureWish wish = stack->back();
            stack->pop_back();
            if (isThere(wish)) return wish;
        }
    }
    return std::nullopt;
}

QImage imageOf(const types::Preview& preview)
{
    constexpr std::uint32_t kSideMax = 4096;
    if (preview.kind != types::Preview::Kind::Image || preview.width == 0 || preview.height == 0) return {};
    if (preview.width > kSideMax || preview.height > kSideMax) return {};
    if (preview.pixels.size() != std::size_t{preview.width} * preview.height * 4) return {};
    const QImage seen(reinterpret_cast<const uchar*>(preview.pixels.data()), static_cast<int>(preview.width), static_cast<int>(preview.height),
                      static_cast<qsizetype>(preview.width) * 4, QImage::Format_RGBA8888);
    return seen.convertToFormat(QImage::Format_ARGB32_Premultiplied); // what a raster painter draws without converting; a copy
}

} // namespace orrery::app
