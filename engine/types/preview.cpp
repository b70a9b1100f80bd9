// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/preview.h"

#include "engine/types/value.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::types {
namespace {

double element(const ValueView& view, std::uint64_t index)
{
    const std::byte* at = view.data().data() + index * dtypeBytes(view.dtype());
    const auto as = [&]<typename T>(T) {
        T value{};
        std::memcpy(&value, at, sizeof value);
        return static_cast<double>(value);
    };
    switch (view.dtype()) {
    case DType::Bool:
    case DType::U8: return as(std::uint8_t{});
    case DType::I8: return as(std::int8_t{});
    case DType::U16: return as(std::uint16_t{});
    case DType::I16: return as(std::int16_t{});
    case DType::U32: return as(std::uint32_t{});
    case DType::I32: return as(std::int32_t{});
    case DType::U64: return as(std::uint64_t{});
    case DType::I64: return as(std::int64_t{});
    case DType::F32: return as(float{});
    case DType::F64: return as(double{});
    default: return 0;
    }
}

std::string shapeText(const ValueView& view)
{
    std::string text;
    for (const auto size : view.shape()) text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text;
}

// Sizes of a picture of at most `pixels` on its longest side.
void fit(Preview& preview, std::uint32_t fullWidth, std::uint32_t fullHeight, std::uint32_t pixels)
{
    preview.kind = Preview::Kind::Image;
    preview.fullWidth = fullWidth;
    preview.fullHeight = fullHeight;
    const double scale = std::min(1.0, static_cast<double>(std::max(pixels, 1u)) / std::max({fullWidth, fullHeight, 1u}));
    preview.width = std::max(1u, static_cast<std::uint32_t>(fullWidth * scale));
    preview.height = std::max(1u, static_cast<std::uint32_t>(fullHeight * scale));
    preview.pixels.resize(std::size_t{preview.width} * preview.height * 4);
}

// Box filter: every source pixel counts once, so thin lines do not vanish.
void imagePreview(const ValueView& view, Preview& preview, std::uint32_t pixels)
{
    const auto height = static_cast<std::uint32_t>(view.shape()[0]), width = static_cast<std::uint32_t>(view.shape()[1]);
    if (width == 0 || height == 0) return;
    fit(preview, width, height, pixels);
    const auto* from = reinterpret_cast<const std::uint8_t*>(view.data().data());
    auto* to = reinterpret_cast<std::uint8_t*>(preview.pixels.data());
    for (std::uint32_t y = 0; y < preview.height; ++y) {
        const std::uint64_t y0 = std::uint64_t{y} * height / preview.height, y1 = std::max(y0 + 1, std::uint64_t{y + 1} * height / preview.height);
        for (std::uint32_t x = 0; x < preview.width; ++x) {
            const std::uint64_t x0 = std::uint64_t{x} * width / preview.width, x1 = std::max(x0 + 1, std::uint64_t{x + 1} * width / preview.width);
            // At most 8 x 8 samples a pixel: a 4096 picture in a 256 preview reads a quarter of its pixels.
            const std::uint64_t dy = std::max<std::uint64_t>(1, (y1 - y0) / 8), dx = std::max<std::uint64_t>(1, (x1 - x0) / 8);
            std::uint32_t sum[4] = {}, count = 0;
            for (std::uint64_t sy = y0; sy < y1; sy += dy)
                for (std::uint64_t sx = x0; sx < x1; sx += dx, ++count)
                    for (int c = 0; c < 4; ++c) sum[c] += from[(sy * width + sx) * 4 + static_cast<std::uint64_t>(c)];
            for (int c = 0; c < 4; ++c) *to++ = static_cast<std::uint8_t>(sum[c] / std::max(count, 1u));
        }
    }
}

void tensorPreview(const ValueView& view, Preview& preview, std::uint32_t pixels)
{
    double least = INFINITY, most = -INFINITY;
    const std::uint64_t count = std::min(view.length(), kPreviewScanMax);
    for (std::uint64_t i = 0; i < count; ++i) {
        const double value = element(view, i);
        if (!std::isfinite(value)) continue;
        least = std::min(least, value);
        most = std::max(most, value);
    }
    if (least <= most) {
        preview.facts.emplace_back("min", fmt::format("{:.6g}", least));
        preview.facts.emplace_back("max", fmt::format("{:.6g}", most));
    }
    if (view.shape().size() != 2 || view.shape()[0] == 0 || view.shape()[1] == 0 || !(least <= most)) return;
    const auto height = static_cast<std::uint32_t>(view.shape()[0]), width = static_cast<std::uint32_t>(view.shape()[1]);
    fit(preview, width, height, pixels);
    auto* to = reinterpret_cast<std::uint8_t*>(preview.pixels.data());
    for (std::uint32_t y = 0; y < preview.height; ++y) {
        for (std::uint32_t x = 0; x < preview.width; ++x) {
            const std::uint64_t sy = std::uint64_t{y} * height / preview.height, sx = std::uint64_t{x} * width / preview.width;
            const double value = element(view, sy * static_cast<std::uint64_t>(view.strides()[0]) + sx * static_cast<std::uint64_t>(view.strides()[1]));
            const double share = most > least && std::isfinite(value) ? (value - least) / (most - least) : 0;
            const auto grey = static_cast<std::uint8_t>(std::lround(std::sqrt(std::clamp(share, 0.0, 1.0)) * 255));
            *to++ = grey;
            *to++ = grey;
            *to++ = grey;
            *to++ = 255;
        }
    }
}

std::string shortText(const ValueView& view)
{
    switch (view.type()) {
    case ValueType::Bool: return view.boolean() ? "true" : "false";
    case ValueType::I64: return std::to_string(view.integer());
    case ValueType::F64: return fmt::format("{}", view.real());
    case ValueType::String:
    case ValueType::Json: return std::string(view.text().substr(0, 120));
    default: return view.describe();
    }
}

} // namespace

base::Result<Preview> makePreview(std::span<const std::byte> value, const PreviewWish& wish)
{
    auto opened = ValueView::open(value);
    if (!opened) return opened.error();
    const ValueView& view = *opened;
    Preview preview;
    preview.type = view.describe();
    preview.bytes = view.bytes();
    preview.facts.emplace_back("type", std::string(valueTypeName(view.type())));
    if (view.dtype() != DType::None) preview.facts.emplace_back("dtype", std::string(dtypeName(view.dtype())));
    if (!view.shape().empty()) preview.facts.emplace_back("shape", shapeText(view));
    const std::uint32_t pixels = std::clamp(wish.pixels, 1u, 1024u);
    switch (view.type()) {
    case ValueType::Bool:
    case ValueType::I64:
    case ValueType::F64:
        preview.kind = Preview::Kind::Number;
        preview.text = shortText(view);
        break;
    case ValueType::Json: {
        preview.kind = Preview::Kind::Text;
        const auto parsed = view.text().size() <= wish.textBytes ? nlohmann::json::parse(view.text(), nullptr, false) : nlohmann::json(nlohmann::json::value_t::discarded);
        preview.text = parsed.is_discarded() ? std::string(view.text().substr(0, wish.textBytes)) : parsed.dump(2);
        break;
    }
    case ValueType::String:
        preview.kind = Preview::Kind::Text;
        preview.text = std::string(view.text().substr(0, wish.textBytes));
        break;
    case ValueType::Bytes: {
        preview.kind = Preview::Kind::Text;
        const auto data = view.data();
        for (std::size_t i = 0; i < std::min<std::size_t>(data.size(), 512); i += 16) {
            preview.text += fmt::format("{:06x} ", i);
            for (std::size_t k = i; k < std::min<std::size_t>(i + 16, data.size()); ++k) preview.text += fmt::format(" {:02x}", std::to_integer<unsigned>(data[k]));
            preview.text += '\n';
        }
        break;
    }
    case ValueType::Image: imagePreview(view, preview, pixels); break;
    case ValueType::Tensor: tensorPreview(view, preview, pixels); break;
    case ValueType::Table:
        preview.kind = Preview::Kind::Table;
        preview.totalRows = view.rows();
        for (const auto& column : view.columns()) preview.columns.push_back(column.name);
        for (std::uint64_t row = 0; row < std::min<std::uint64_t>(view.rows(), wish.rows); ++row) {
            auto& cells = preview.rows.emplace_back();
            for (std::size_t c = 0; c < view.columns().size(); ++c) cells.push_back(view.cell(c, row));
        }
        break;
    case ValueType::List:
        preview.kind = Preview::Kind::List;
        preview.totalRows = view.length();
        preview.facts.emplace_back("items", std::to_string(view.length()));
        for (std::uint64_t i = 0; i < std::min<std::uint64_t>(view.length(), wish.rows); ++i)
            if (auto item = ValueView::open(view.item(i))) preview.text += fmt::format("{}  {}\n", i, shortText(*item));
        break;
    case ValueType::None: break;
    }
    return preview;
}

} // namespace orrery::types
