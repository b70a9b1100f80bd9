// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/value_export.h"

#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::types {

namespace {

constexpr std::uint32_t kMagic = 0x4C41564Fu; // "OVAL"

nlohmann::json toJson(const ValueView& view)
{
    switch (view.type()) {
    case ValueType::Bool: return view.boolean();
    case ValueType::I64: return view.integer();
    case ValueType::F64: return view.real();
    case ValueType::String: return std::string(view.text());
    case ValueType::Json: return nlohmann::json::parse(view.text(), nullptr, false);
    case ValueType::List: {
        nlohmann::json list = nlohmann::json::array();
        for (std::uint64_t i = 0; i < view.length(); ++i)
            if (auto item = ValueView::open(view.item(i))) list.push_back(toJson(*item));
        return list;
    }
    default: return view.describe();
    }
}

std::string csvCell(const std::string& text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string csv(const ValueView& view)
{
    std::string text;
    for (std::size_t c = 0; c < view.columns().size(); ++c) text += (c == 0 ? "" : ",") + csvCell(view.columns()[c].name);
    text += '\n';
    for (std::uint64_t row = 0; row < view.rows(); ++row) {
        for (std::size_t c = 0; c < view.columns().size(); ++c) text += (c == 0 ? "" : ",") + csvCell(view.cell(c, row));
        text += '\n';
    }
    return text;
}

// NPY version 1.0 (numpy.lib.format): magic, version, header length, a Python dict padded to 64 bytes, the elements in C order.
std::string npy(const ValueView& view)
{
    static constexpr const char* kCodes[] = {"", "|b1", "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8"};
    std::string shape;
    for (const auto size : view.shape()) shape += std::to_string(size) + ",";
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", kCodes[static_cast<int>(view.dtype())], shape);
    while ((10 + header.size() + 1) % 64 != 0) header += ' ';
    header += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(header.size() & 255);
    out += static_cast<char>(header.size() >> 8);
    out += header;
    const std::uint64_t item = dtypeBytes(view.dtype());
    const auto data = view.data();
    std::vector<std::int64_t> at(view.shape().size(), 0);
    for (std::uint64_t n = 0; n < view.length(); ++n) {
        std::uint64_t offset = 0;
        for (std::size_t d = 0; d < at.size(); ++d) offset += static_cast<std::uint64_t>(at[d] * view.strides()[d]);
        out.append(reinterpret_cast<const char*>(data.data() + offset * item), item);
        for (std::size_t d = at.size(); d-- > 0;) {
            if (++at[d] < view.shape()[d]) break;
            at[d] = 0;
        }
    }
    return out;
}

} // namespace

std::string valueExtension(std::span<const std::byte> head)
{
    ValueHeader header;
    if (head.size() < sizeof header) return "bin";
    std::memcpy(&header, head.data(), sizeof header);
    if (header.magic != kMagic) return "bin";
    switch (static_cast<ValueType>(header.type)) {
    case ValueType::Image: return "png";
    case ValueType::Table: return "csv";
    case ValueType::String: return "txt";
    case ValueType::Tensor: return "npy";
    case ValueType::Bytes: {
        if (header.dataOffset > head.size()) return "bin";
        const auto data = head.subspan(header.dataOffset);
        const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
        if (text.starts_with("\x89PNG")) return "png";
        if (text.starts_with("\xff\xd8\xff")) return "jpg";
        if (text.starts_with("\x1f\x8b")) return "gz";
        if (text.starts_with("%PDF")) return "pdf";
        if (text.starts_with("PK\x03\x04")) return "zip";
        return "bin";
    }
    default: return "json";
    }
}

std::optional<std::string> exportValue(const ValueView& view)
{
    switch (view.type()) {
    case ValueType::Image: return std::nullopt;
    case ValueType::Table: return csv(view);
    case ValueType::Tensor: return npy(view);
    case ValueType::String:
    case ValueType::Bytes: return std::string(view.text());
    default: return toJson(view).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
}

} // namespace orrery::types
