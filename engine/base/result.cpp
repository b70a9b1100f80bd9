// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/result.h"

#include <cerrno>
#include <cstring>

namespace orrery::base {

const char* errcName(Errc code)
{
    switch (code) {
    case Errc::BadInput: return "bad input";
    case Errc::NotFound: return "not found";
    case Errc::Unavailable: return "unavailable";
    case Errc::Refused: return "refused";
    case Errc::Failed: return "failed";
    case Errc::Lost: return "lost";
    case Errc::Cancelled: return "cancelled";
    case Errc::Closed: return "closed";
    case Errc::Internal: return "internal error";
    }
    return "internal error";
}

Error failErrno(Errc code, std::string what)
{
    const int number = errno;
    return Error{code, std::move(what) + ": " + std::strerror(number)};
}

} // namespace orrery::base
