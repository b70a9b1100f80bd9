// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/imaging/steps.h"

#include <algorithm>
#include <csetjmp>
#include <png.h>

namespace orrery::imaging {

using namespace orrery::plugin;

namespace {

constexpr std::int64_t kSideMax = 65'500;
constexpr std::uint64_t kPixelsMax = std::uint64_t{1} << 30;

struct PngParams {
    std::int64_t compression = 3;
    static void fields(Fields<PngParams>& f) { f("compression", &PngParams::compression, "0: none and fast, 9: small and slow").range(0, 9); }
};

// libpng reports errors by a jump. No object with a destructor lives between setjmp and the jump; the message waits here.
struct Stream {
    std::string error;
    const Call* call = nullptr;
    bool cancelled = false;
    // writing
    std::span<std::byte> room;
    std::uint64_t written = 0;
    // reading
    BytesView input;
    std::uint64_t read = 0;
};

[[noreturn]] void onError(png_structp png, png_const_charp message)
{
    static_cast<Stream*>(png_get_error_ptr(png))->error = message;
    longjmp(png_jmpbuf(png), 1);
}

void onWarning(png_structp, png_const_charp) {}

void onWrite(png_structp png, png_bytep data, std::size_t bytes)
{
    auto* stream = static_cast<Stream*>(png_get_io_ptr(png));
    if (stream->room.size() - stream->written < bytes) png_error(png, "the picture grew when it was compressed");
    std::memcpy(stream->room.data() + stream->written, data, bytes);
    stream->written += bytes;
}

void onRead(png_structp png, png_bytep data, std::size_t bytes)
{
    auto* stream = static_cast<Stream*>(png_get_io_ptr(png));
    if (stream->input.size() - stream->read < bytes) png_error(png, "it ends too early");
    std::memcpy(data, stream->input.data() + stream->read, bytes);
    stream->read += bytes;
}

// Not even the worst case passes this: stored blocks of zlib, filter bytes, chunk heads.
std::uint64_t boundOf(std::uint64_t width, std::uint64_t height, std::uint64_t channels)
{
    const std::uint64_t raw = height * (width * channels + 1);
    return raw + raw / 1000 + raw / 8192 * 12 + 4096;
}

// Rows in RGB when nothing is transparent. Returns false with stream.error or stream.cancelled set.
bool writePng(Stream& stream, const ImageView& image, bool opaque, int level, std::vector<std::uint8_t>& line)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &stream, onError, onWarning);
    if (png == nullptr) return false;
    png_infop info = png_create_info_struct(png);
    if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_set_write_fn(png, &stream, onWrite, nullptr);
    png_set_IHDR(png, info, static_cast<png_uint_32>(image.width()), static_cast<png_uint_32>(image.height()), 8, opaque ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGBA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_set_compression_level(png, level);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, level == 0 ? PNG_FILTER_NONE : PNG_FILTER_SUB);
    png_write_info(png, info);
    for (std::int64_t y = 0; y < image.height(); ++y) {
        if (y % 64 == 0 && stream.call->cancelled()) {
            stream.cancelled = true;
            break;
        }
        const std::uint8_t* row = image.row(y);
        if (opaque) {
            for (std::int64_t x = 0; x < image.width(); ++x) std::memcpy(line.data() + x * 3, row + x * 4, 3);
            row = line.data();
        }
        png_write_row(png, row);
    }
    if (!stream.cancelled) png_write_end(png, nullptr);
    png_destroy_write_struct(&png, &info);
    return !stream.cancelled;
}

void pngEncode(const ImageView& image, const PngParams& p, Call& call, BytesOut& bytes)
{
    if (image.width() < 1 || image.height() < 1) throw Error("an image without pixels cannot be a PNG file");
    if (image.width() > kSideMax || image.height() > kSideMax) throw Error(text("an image of ", image.width(), " x ", image.height(), " pixels is too large for PNG readers; ", kSideMax, " is the limit"));
    const auto pixels = image.pixels();
    bool opaque = true;
    for (std::size_t i = 3; i < pixels.size() && opaque; i += 4) opaque = pixels[i] == 255;
    Stream stream;
    stream.call = &call;
    stream.room = bytes.make(boundOf(static_cast<std::uint64_t>(image.width()), static_cast<std::uint64_t>(image.height()), opaque ? 3 : 4));
    std::vector<std::uint8_t> line(static_cast<std::size_t>(image.width()) * 3);
    if (!writePng(stream, image, opaque, static_cast<int>(p.compression), line)) {
        if (stream.cancelled) throw Cancelled{};
        throw Error(text("cannot encode the image as PNG: ", stream.error.empty() ? "no memory" : stream.error));
    }
    bytes.trim(stream.written);
}

bool readPng(Stream& stream, ImageOut& image, ImageSpan& out, std::vector<png_bytep>& rows)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &stream, onError, onWarning);
    if (png == nullptr) return false;
    png_infop info = png_create_info_struct(png);
    if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_read_struct(&png, &info, nullptr);
        return false;
    }
    png_set_user_limits(png, kSideMax, kSideMax);
    png_set_read_fn(png, &stream, onRead);
    png_read_info(png, info);
    const png_uint_32 width = png_get_image_width(png, info), height = png_get_image_height(png, info);
    if (std::uint64_t{width} * height > kPixelsMax) png_error(png, "it has too many pixels");
    png_set_expand(png); // palette, few bits, transparent colour: to 8-bit channels
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != std::size_t{width} * 4) png_error(png, "its rows are of an unknown layout");
    try {
        out = image.make(width, height);
        rows.resize(height);
    } catch (const std::exception& e) { // the store is full
        stream.error = e.what();
    }
    if (rows.size() != height) {
        png_destroy_read_struct(&png, &info, nullptr);
        return false;
    }
    for (png_uint_32 y = 0; y < height; ++y) rows[y] = out.row(y);
    png_read_image(png, rows.data());
    png_read_end(png, nullptr);
    png_destroy_read_struct(&png, &info, nullptr);
    return true;
}

void pngDecode(BytesView bytes, ImageOut& image)
{
    if (bytes.size() < 8 || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) != 0) throw Error("input `bytes` is not a PNG file");
    Stream stream;
    stream.input = bytes;
    ImageSpan out;
    std::vector<png_bytep> rows;
    if (!readPng(stream, image, out, rows)) throw Error(text("input `bytes` is a damaged PNG file: ", stream.error.empty() ? "no memory" : stream.error));
}

} // namespace

void addPng(Plugin& plugin)
{
    const char* const kFiles = "Files";
    plugin.function<pngEncode>("png_encode", "Makes the bytes of a PNG file from an image.", in("image", "An image"), out("bytes", "A PNG file")).label("PNG encode").pure().category(kFiles).icon("image");
    plugin.function<pngDecode>("png_decode", "Reads an image from the bytes of a PNG file.", in("bytes", "A PNG file"), out("image", "Its pixels")).label("PNG decode").pure().category(kFiles).icon("image");
}

} // namespace orrery::imaging
