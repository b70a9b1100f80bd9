// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/value_files.h"

#include "engine/types/value.h"

#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <png.h>

namespace orrery::host {

using base::Errc;
using base::fail;
using types::DType;
using types::ValueType;
using types::ValueView;

namespace {

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
    const std::uint64_t item = types::dtypeBytes(view.dtype());
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

base::Result<std::string> png(const ValueView& view)
{
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(view.shape()[1]);
    image.height = static_cast<png_uint_32>(view.shape()[0]);
    image.format = PNG_FORMAT_RGBA;
    image.flags = PNG_IMAGE_FLAG_FAST;
    png_alloc_size_t size = 0;
    if (!png_image_write_to_memory(&image, nullptr, &size, 0, view.data().data(), 0, nullptr)) return fail(Errc::Failed, std::string("cannot write a PNG: ") + image.message);
    std::string out(size, '\0');
    if (!png_image_write_to_memory(&image, out.data(), &size, 0, view.data().data(), 0, nullptr)) return fail(Errc::Failed, std::string("cannot write a PNG: ") + image.message);
    out.resize(size);
    return out;
}

} // namespace

std::string valueExtension(std::span<const std::byte> value)
{
    auto view = ValueView::open(value);
    if (!view) return "bin";
    switch (view->type()) {
    case ValueType::Image: return "png";
    case ValueType::Table: return "csv";
    case ValueType::String: return "txt";
    case ValueType::Tensor: return "npy";
    case ValueType::Bytes: {
        const auto text = view->text();
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

base::Result<void> writeValue(std::span<const std::byte> value, const std::string& path)
{
    auto view = ValueView::open(value);
    if (!view) return view.error();
    std::string made;
    std::string_view bytes;
    switch (view->type()) {
    case ValueType::Image: {
        auto encoded = png(*view);
        if (!encoded) return encoded.error();
        made = std::move(*encoded);
        bytes = made;
        break;
    }
    case ValueType::Table: bytes = made = csv(*view); break;
    case ValueType::Tensor: bytes = made = npy(*view); break;
    case ValueType::String:
    case ValueType::Bytes: bytes = view->text(); break;
    default: bytes = made = toJson(*view).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"; break;
    }
    const std::string temporary = path + ".part";
    std::ofstream file(temporary, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
        std::remove(temporary.c_str());
        return base::failErrno(Errc::Failed, "cannot write " + path);
    }
    return {};
}

} // namespace orrery::host
