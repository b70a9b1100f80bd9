// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SilentSink: what a RunTable tells, and nobody listens; a test overrides what it wants to hear. Thread: the test's.

#include "engine/owner/run_table.h"

namespace orrery::tests {

struct SilentSink : owner::TraceSink {
    void range(const types::RowRange&) override {}
    void mark(const types::StateMark&) override {}
    void attempt(types::Attempt, const std::string&) override {}
    void made(std::uint32_t, std::uint16_t, std::uint8_t, const owner::Value&, base::TimeNs) override {}
    void dropped(std::uint32_t, std::uint16_t, const owner::Value&, base::TimeNs) override {}
    void vanished(std::uint32_t, std::uint16_t, const owner::Value&, base::TimeNs) override {}
    std::optional<types::Place> promoted(std::uint32_t, std::uint16_t, std::uint16_t, base::TimeNs) override { return types::Place{}; }
    void unwanted(std::uint32_t, std::uint16_t, const owner::Value&) override {}
    void adopted(std::uint32_t, std::uint16_t, const owner::Value&, bool, base::TimeNs) override {}
    void leftOver(const net::ObjectKey&, std::uint16_t, const types::Place&) override {}
    void copied(std::uint32_t, std::uint16_t, std::uint16_t, const owner::Way&) override {}
    void copyGone(std::uint32_t, std::uint16_t, std::uint16_t, base::TimeNs) override {}
};

} // namespace orrery::tests
