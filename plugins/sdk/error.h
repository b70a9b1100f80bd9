// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Error and Cancelled: the two things a remote function throws on purpose. Both are caught at the wall (function.h) together
// with every other exception; nothing is thrown through the C border.

#include <stdexcept>
#include <string>
#include <string_view>

namespace orrery::plugin {

// Becomes "failed" with this message. One sentence for a person: what, where, why, what to do.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Becomes "cancelled". Not a std::exception, so that a function's own catch of those does not swallow it.
struct Cancelled {};

// "a" + "b" + ... from texts of any kind; keeps fmt out of the SDK.
template <class... Parts>
std::string text(const Parts&... parts)
{
    std::string out;
    const auto one = [&out](const auto& part) {
        if constexpr (std::is_convertible_v<decltype(part), std::string_view>) out += std::string_view(part);
        else out += std::to_string(part);
    };
    (one(parts), ...);
    return out;
}

} // namespace orrery::plugin
