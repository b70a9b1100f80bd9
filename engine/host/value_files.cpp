// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/value_files.h"

#include "engine/types/value_export.h"

#include <cstdio>
#include <fstream>
#include <png.h>

namespace orrery::host {

using base::Errc;
using base::fail;
using types::ValueView;

namespace {

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

base::Result<void> writeValue(std::span<const std::byte> value, const std::string& path)
{
    auto view = ValueView::open(value);
    if (!view) return view.error();
    std::optional<std::string> bytes = types::exportValue(*view);
    if (!bytes) {
        auto encoded = png(*view);
        if (!encoded) return encoded.error();
        bytes = std::move(*encoded);
    }
    const std::string temporary = path + ".part";
    std::ofstream file(temporary, std::ios::binary);
    file.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
    file.close();
    if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
        std::remove(temporary.c_str());
        return base::failErrno(Errc::Failed, "cannot write " + path);
    }
    return {};
}

} // namespace orrery::host
