// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// bundleRun: a finished record as one file to carry away, with values a person wants to keep in it: what `run --bundle` writes and
// the window opens anywhere. Written whole or not at all (a temporary name first), and read back before it gets its name.
// Thread: any; blocks for the copy.

#include "engine/archive/recorded_run.h"

#include <chrono>

namespace orrery::archive {

struct KeptValue {
    std::uint32_t row = 0;
    std::uint16_t output = 0;
    base::Bytes bytes; // with its header
};

base::Result<void> bundleRun(const std::filesystem::path& record, const std::filesystem::path& to, const std::vector<KeptValue>& values);
// Waits until the head has closed the record of a run that has ended. Unavailable: it did not within the limit.
base::Result<void> waitRecordClosed(const std::filesystem::path& record, std::chrono::milliseconds limit);

} // namespace orrery::archive
