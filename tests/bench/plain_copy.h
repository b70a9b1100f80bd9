// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What bulk transfer is measured against: the plainest program that sends memory over one socket, in the clear or by OpenSSL.
// Thread: each function blocks its caller until all bytes are through.

#include "engine/rpc/bulk_tls.h"

namespace orrery::bench {

bool plainSend(int fd, std::span<const std::byte> from);
bool plainReceive(int fd, std::span<std::byte> to);
// SSL_write() and SSL_read() on the descriptor, handshake included.
bool plainTlsSend(int fd, const rpc::BulkTls& tls, std::span<const std::byte> from);
bool plainTlsReceive(int fd, const rpc::BulkTls& tls, std::span<std::byte> to);

} // namespace orrery::bench
