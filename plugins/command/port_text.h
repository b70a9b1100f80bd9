// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values as a program reads and writes them: bytes and texts as they are, numbers in decimal, a list item by item.
// Thread: pure functions.

#include "plugins/sdk/orrery.h"

namespace orrery::command {

// One input port's values; the bytes lie in the values or in `kept`. Throws Error for what no program reads (an image, a table, ...).
struct PortValue {
    bool isList = false;
    std::vector<std::string_view> items; // one unless isList
    std::deque<std::string> kept;
};
PortValue readPort(const plugin::PortText& port, const orrery_input_v1_t& input);

// What a program wrote, as the value of output `index`. Throws Error when it is none of the port's type.
void giveOutput(const orrery_call_v1_t* call, std::uint32_t index, const plugin::PortText& port,
                std::string_view written);

} // namespace orrery::command
