// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_frame.h"

#include "engine/base/bytes.h"
#include "engine/rpc/bulk_check.h"

namespace orrery::rpc {
namespace {

template <std::size_t N>
std::array<std::byte, N> fixed(const base::ByteWriter& out)
{
    std::array<std::byte, N> bytes;
    ORRERY_ASSERT(out.view().size() == N);
    std::memcpy(bytes.data(), out.view().data(), N);
    return bytes;
}

std::uint32_t checkOf(std::span<const std::byte> frame)
{
    return bulkFrameCheck(frame.first(frame.size() - sizeof(std::uint32_t)));
}

base::Error otherVersion(unsigned version)
{
    return base::fail(base::Errc::BadInput, "the other node moves objects by version " + std::to_string(version) + " of the protocol and this one by " + std::to_string(kBulkVersion) + "; install the same Orrery on both");
}

} // namespace

std::string BulkKey::text() const
{
    return "output " + std::to_string(output) + " of index " + std::to_string(index) + " of vertex " + std::to_string(vertex) + " of run " + run.text();
}

std::array<std::byte, kBulkHelloBytes> packHello(BulkStatus status)
{
    base::ByteWriter out;
    out.raw(kBulkMagic.data(), kBulkMagic.size());
    out.put(kBulkVersion);
    out.put(status);
    out.put(std::uint16_t{0});
    return fixed<kBulkHelloBytes>(out);
}

std::array<std::byte, kBulkRequestBytes> packRequest(const BulkRequest& request)
{
    base::ByteWriter out;
    out.put(kBulkVersion);
    out.put(request.key.output);
    out.put(request.key.vertex);
    out.put(request.key.run);
    out.put(request.key.index);
    out.put(request.range.offset);
    out.put(request.range.bytes);
    out.put(bulkFrameCheck(out.view()));
    return fixed<kBulkRequestBytes>(out);
}

std::array<std::byte, kBulkReplyBytes> packReply(const BulkReply& reply)
{
    base::ByteWriter out;
    out.put(kBulkVersion);
    out.put(reply.status);
    out.put(static_cast<std::uint16_t>(reply.isChecked ? 1 : 0));
    out.put(reply.total);
    out.put(reply.bytes);
    out.put(bulkFrameCheck(out.view()));
    return fixed<kBulkReplyBytes>(out);
}

base::Result<BulkStatus> parseHello(std::span<const std::byte, kBulkHelloBytes> bytes)
{
    base::ByteReader in(bytes);
    std::array<std::byte, kBulkMagic.size()> magic;
    in.raw(magic.data(), magic.size());
    const auto version = in.get<std::uint8_t>();
    const auto status = in.get<std::uint8_t>();
    if (magic != kBulkMagic) return base::fail(base::Errc::BadInput, "who answers there does not move objects");
    if (version != kBulkVersion) return otherVersion(version);
    if (status > kBulkStatusLast || in.get<std::uint16_t>() != 0) return base::fail(base::Errc::BadInput, "the other node greets in a way that nobody knows");
    return BulkStatus{status};
}

base::Result<BulkRequest> parseRequest(std::span<const std::byte, kBulkRequestBytes> bytes)
{
    base::ByteReader in(bytes);
    const auto version = in.get<std::uint8_t>();
    if (version != kBulkVersion) return otherVersion(version);
    BulkRequest request;
    in.get(request.key.output);
    in.get(request.key.vertex);
    in.get(request.key.run);
    in.get(request.key.index);
    in.get(request.range.offset);
    in.get(request.range.bytes);
    if (in.get<std::uint32_t>() != checkOf(bytes) || !in.ok() || request.range.end() < request.range.offset) return base::fail(base::Errc::BadInput, "a request for an object makes no sense");
    return request;
}

base::Result<BulkReply> parseReply(std::span<const std::byte, kBulkReplyBytes> bytes)
{
    base::ByteReader in(bytes);
    const auto version = in.get<std::uint8_t>();
    if (version != kBulkVersion) return otherVersion(version);
    const auto status = in.get<std::uint8_t>();
    const auto flags = in.get<std::uint16_t>();
    BulkReply reply;
    in.get(reply.total);
    in.get(reply.bytes);
    reply.isChecked = flags == 1;
    const bool hasBytes = status == static_cast<std::uint8_t>(BulkStatus::Ok);
    if (in.get<std::uint32_t>() != checkOf(bytes) || !in.ok() || status > kBulkStatusLast || flags > 1 || reply.bytes > reply.total || (!hasBytes && reply.bytes != 0)) return base::fail(base::Errc::BadInput, "an answer about an object makes no sense");
    reply.status = BulkStatus{status};
    return reply;
}

} // namespace orrery::rpc
