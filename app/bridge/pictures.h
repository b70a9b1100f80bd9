// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pictures: which results of the shown run are wanted as small pictures, and in what order: those for a card first, then tiles, the
// newest finished first; all get their turn. Each is asked for once; after a failure only for a later attempt's result.
// Runs on: view thread. Pure: whoever asks the session keeps the number of open questions at kPicturesOpenMax.
// Bound: kPicturesMax a run (about 50 MB in the window); results beyond stay without.

#include "engine/types/run.h"

#include <QImage>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace orrery::types {
struct Preview;
}

namespace orrery::app {

inline constexpr int kPicturesOpenMax = 8;
inline constexpr std::size_t kPicturesMax = 8'192;
inline constexpr int kCardPixels = 160;

struct PictureWish {
    std::uint16_t vertex = 0;
    std::uint32_t index = 0;  // of the map
    std::uint32_t row = 0;
    std::uint16_t output = 0;
    std::uint8_t attempt = 1;
    bool card = false;
    types::TimeNs atNs = 0;   // when the result was there
    int pixels() const;
};

class Pictures {
public:
    void want(const PictureWish& wish);
    // The next to ask for; those that isThere denies are passed over.
    std::optional<PictureWish> next(const std::function<bool(const PictureWish&)>& isThere);
    bool empty() const { return m_cards.empty() && m_tiles.empty(); } // nothing waits for its turn
    void got(const PictureWish& wish) { m_asked[key(wish)] = kHave; }

private:
    static constexpr std::uint8_t kHave = 0xff;
    static std::uint64_t key(const PictureWish& wish) { return std::uint64_t{wish.vertex} << 32 | wish.index; }
    std::vector<PictureWish> m_cards, m_tiles; // the last is the next
    std::unordered_map<std::uint64_t, std::uint8_t> m_asked; // highest attempt asked for
};

// Null when the preview is no picture or its sizes and bytes do not agree.
QImage imageOf(const types::Preview& preview);

} // namespace orrery::app
