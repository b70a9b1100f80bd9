// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Envelope <-> values. Private to engine/rpc and the session service: the only places that see generated headers.

#include "engine/net/wire.h"
#include "orrery/v1/transport.pb.h"

namespace orrery::rpc {

template <typename T>
::orrery::v1::Envelope pack(std::uint32_t kind, const T& value)
{
    ::orrery::v1::Envelope envelope;
    envelope.set_version(net::wireVersion());
    envelope.set_kind(kind);
    const auto bytes = net::toWire(value);
    envelope.set_body(bytes.data(), bytes.size());
    return envelope;
}

template <typename T>
base::Result<T> unpack(const ::orrery::v1::Envelope& envelope)
{
    if (envelope.version() != net::wireVersion())
        return base::fail(base::Errc::BadInput, "the other side speaks version " + std::to_string(envelope.version()) + " of the protocol and this one " + std::to_string(net::wireVersion()) + "; install the same Orrery on both");
    return net::fromWire<T>(std::as_bytes(std::span(envelope.body().data(), envelope.body().size())));
}

} // namespace orrery::rpc
