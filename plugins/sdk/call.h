// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Call: one attempt of one task, as its function sees it: where it stands, log, progress, cancel, and work it submits itself.
// A function that wants it names `Call&` among its arguments.
// Thread: the one the function was called on; cancelled() from any. Lives: until the function returns.

#include "plugins/sdk/encode.h"
#include "plugins/sdk/table.h"

namespace orrery::plugin {

enum class Level : std::int32_t { Debug = ORRERY_LOG_DEBUG, Info = ORRERY_LOG_INFO, Warning = ORRERY_LOG_WARNING, Error = ORRERY_LOG_ERROR };

// An object that a call submitted or put. Valid until that call returns.
using Ref = orrery_ref_v1_t;

// Arguments of a submitted call, port by port. add(): a value or a Ref for the next port. items(): several for one list port.
class Arguments {
public:
    template <class... A>
    static Arguments of(const A&... args)
    {
        Arguments out;
        (out.add(args), ...);
        return out;
    }
    template <class A>
    Arguments& add(const A& arg)
    {
        one(arg);
        ++m_port;
        return *this;
    }
    template <class A>
    Arguments& items(const std::vector<A>& list)
    {
        for (const A& item : list) one(item);
        ++m_port;
        return *this;
    }
    const std::vector<orrery_argument_v1_t>& raw() const { return m_arguments; }

private:
    template <class A>
    void one(const A& arg)
    {
        orrery_argument_v1_t out = {};
        out.port = m_port;
        if constexpr (std::is_same_v<A, Ref>) {
            out.is_ref = 1;
            out.ref = arg;
        } else if constexpr (std::is_convertible_v<A, std::string_view>) {
            m_values.push_back(OwnedValue::of(std::string_view(arg)));
            out.view = m_values.back().view();
        } else if constexpr (std::is_integral_v<A> && !std::is_same_v<A, bool>) {
            m_values.push_back(OwnedValue::of(static_cast<std::int64_t>(arg)));
            out.view = m_values.back().view();
        } else {
            m_values.push_back(OwnedValue::of(arg));
            out.view = m_values.back().view();
        }
        m_arguments.push_back(out);
    }
    std::uint32_t m_port = 0;
    std::vector<OwnedValue> m_values; // a move keeps their memory in place
    std::vector<orrery_argument_v1_t> m_arguments;
};

class Call {
public:
    explicit Call(const orrery_call_v1_t* call) : m_call(call) {}

    std::uint64_t mapIndex() const { return m_call->map_index; }
    std::uint64_t mapCount() const { return m_call->map_count; }
    std::uint32_t attempt() const { return m_call->attempt; }
    const orrery_call_v1_t& raw() const { return *m_call; }

    void log(Level level, std::string_view line) { host().log(m_call->context, static_cast<std::int32_t>(level), line.data(), line.size()); }
    void info(std::string_view line) { log(Level::Info, line); }
    void progress(double fraction) { host().progress(m_call->context, fraction); }
    bool cancelled() const { return host().is_cancelled(m_call->context) != 0; }
    // Throws Cancelled. Call it in loops that last longer than some milliseconds.
    void checkCancelled() const
    {
        if (cancelled()) throw Cancelled{};
    }

    // Submits a call of another function; returns its outputs as objects. Throws Error when the host refuses or offers none.
    std::vector<Ref> submit(const std::string& function, const Json& params, const Arguments& arguments, std::uint32_t outputs = 1)
    {
        const std::string paramText = params.dump();
        orrery_submit_v1_t what = {};
        what.size = sizeof what;
        what.function = function.c_str();
        what.params = paramText.c_str();
        what.arguments = arguments.raw().data();
        what.argument_count = static_cast<std::uint32_t>(arguments.raw().size());
        std::vector<Ref> refs(outputs);
        answer(offered(&orrery_host_v1_t::submit, "submit")(m_call->context, &what, refs.data(), outputs), "submit");
        return refs;
    }
    // Waits for the object. Throws Error when it failed or is lost. A view in T lives until the call returns.
    template <class T>
    T get(const Ref& ref)
    {
        orrery_view_v1_t view = {};
        answer(offered(&orrery_host_v1_t::get, "get")(m_call->context, &ref, -1, &view), "get");
        return AnyView(view, "the object ").as<T>();
    }
    // Waits until `needed` of them are there or the time is over; true for each that is.
    std::vector<bool> wait(const std::vector<Ref>& refs, std::uint32_t needed, std::int64_t timeoutNs = -1)
    {
        std::vector<std::uint8_t> ready(refs.size());
        const std::int32_t code = offered(&orrery_host_v1_t::wait, "wait")(m_call->context, refs.data(), static_cast<std::uint32_t>(refs.size()), needed, timeoutNs, ready.data());
        if (code != ORRERY_TIMEOUT) answer(code, "wait");
        return {ready.begin(), ready.end()};
    }
    template <Encodable T>
    Ref put(const T& value)
    {
        const auto function = offered(&orrery_host_v1_t::put, "put");
        const Encode<T> encode(value);
        void* memory = host().allocate(m_call->context, ORRERY_FOR_PUT, encode.bytes());
        if (memory == nullptr) throw Error(text("no memory for a put: ", lastError()));
        encode.write(memory);
        Ref ref = {};
        answer(function(m_call->context, memory, encode.bytes(), &ref), "put");
        return ref;
    }

    std::string lastError() const
    {
        const char* said = host().last_error(m_call->context);
        return said == nullptr || *said == '\0' ? "the host gave no reason" : said;
    }

private:
    const orrery_host_v1_t& host() const { return *m_call->host; }
    // The function, when the host knows and offers it.
    template <class F>
    F offered(F orrery_host_v1_t::*member, const char* name) const
    {
        const auto offset = reinterpret_cast<const char*>(&(host().*member)) - reinterpret_cast<const char*>(&host());
        const bool known = static_cast<std::uint64_t>(offset) + sizeof(F) <= host().size;
        if (!known || host().*member == nullptr) throw Error(text("`", name, "` is not offered here: this process runs single functions only; run the graph on a cluster"));
        return host().*member;
    }
    void answer(std::int32_t code, const char* what) const
    {
        if (code == ORRERY_OK) return;
        if (code == ORRERY_CANCELLED) throw Cancelled{};
        if (code == ORRERY_TIMEOUT) throw Error(text(what, ": the time was over"));
        throw Error(text(what, ": ", lastError()));
    }
    const orrery_call_v1_t* m_call;
};

} // namespace orrery::plugin
