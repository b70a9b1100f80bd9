// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Result<T>: a value or an Error. Every engine call that can fail for a reason outside our code returns one.
// An Error's message is a whole sentence for a person: what failed, where, why, what to do.
// Thread: plain values, no shared state.

#include "engine/base/assert.h"

#include <string>
#include <utility>
#include <variant>

namespace orrery::base {

// A code exists only where a caller reacts to it.
enum class Errc : unsigned char {
    BadInput,     // the caller's data is wrong; nothing was done (exit 2)
    NotFound,     // no such thing (any more)
    Unavailable,  // the peer cannot be reached now (exit 3)
    Refused,      // not allowed, or a limit is reached
    Failed,       // the work was tried and failed (exit 1)
    Lost,         // the value existed and its last copy is gone
    Cancelled,
    Closed,       // this end or the peer has shut down
    Internal,
};

const char* errcName(Errc code);

struct Error {
    Errc code = Errc::Internal;
    std::string message;
};

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}
    bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }
    // REQUIRES: ok()
    T& value() & { ORRERY_ASSERT_NOTE(ok(), failureText()); return std::get<0>(m_state); }
    const T& value() const& { ORRERY_ASSERT_NOTE(ok(), failureText()); return std::get<0>(m_state); }
    T&& value() && { ORRERY_ASSERT_NOTE(ok(), failureText()); return std::get<0>(std::move(m_state)); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    // REQUIRES: !ok()
    const Error& error() const { ORRERY_ASSERT(!ok()); return std::get<1>(m_state); }

private:
    const char* failureText() const { return ok() ? "" : std::get<1>(m_state).message.c_str(); }
    std::variant<T, Error> m_state;
};

struct Nothing {};

template <>
class [[nodiscard]] Result<void> : public Result<Nothing> {
public:
    Result() : Result<Nothing>(Nothing{}) {}
    Result(Error error) : Result<Nothing>(std::move(error)) {}
};

inline Error fail(Errc code, std::string message) { return Error{code, std::move(message)}; }
// An Error whose message ends with the text of errno.
Error failErrno(Errc code, std::string what);

} // namespace orrery::base

// Leaves the function with the error when the expression has one.
#define ORRERY_TRY(expression)                                                                                          \
    do {                                                                                                               \
        auto tried = (expression);                                                                                     \
        if (!tried.ok()) return tried.error();                                                                         \
    } while (false)
