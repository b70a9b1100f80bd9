// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/basic/probes.h"

#include <chrono>
#include <cstdlib>
#include <thread>

namespace orrery::basic {

using namespace orrery::plugin;

namespace {

// Which calls of a map, and which attempts, misbehave.
struct When {
    std::int64_t index = -1;
    std::int64_t attempts = 0;
    bool now(const Call& call) const
    {
        return (index < 0 || static_cast<std::uint64_t>(index) == call.mapIndex()) && (attempts == 0 || call.attempt() <= static_cast<std::uint64_t>(attempts));
    }
    template <class P>
    static void fields(Fields<P>& f)
    {
        f("index", &P::index, "Only this index of a map; -1: all of them").min(-1);
        f("attempts", &P::attempts, "Only the first so many attempts; 0: all of them").min(0);
    }
};

struct FailParams : When {
    std::string message = "failed as asked";
    static void fields(Fields<FailParams>& f)
    {
        f("message", &FailParams::message, "What the error says");
        When::fields(f);
    }
};

std::int64_t fail(std::optional<std::int64_t> value, const FailParams& params, Call& call)
{
    if (params.now(call)) throw Error(params.message);
    return value.value_or(0);
}

struct AbortParams : When {
    static void fields(Fields<AbortParams>& f) { When::fields(f); }
};

std::int64_t abortNow(std::optional<std::int64_t> value, const AbortParams& params, Call& call)
{
    if (params.now(call)) std::abort();
    return value.value_or(0);
}

struct HangParams {
    double seconds = 3600;
    static void fields(Fields<HangParams>& f) { f("seconds", &HangParams::seconds, "How long it is deaf").min(0).unit("s"); }
};

// Never asks whether it is cancelled.
bool hang(const HangParams& params)
{
    std::this_thread::sleep_for(std::chrono::duration<double>(params.seconds));
    return true;
}

// Says it has two outputs and gives one, past the C++ API, which would notice.
std::int32_t wrongOutputs(const orrery_call_v1_t* call, void*)
{
    void* memory = call->host->allocate(call->context, 0, sizeof(orrery_value_t));
    if (memory == nullptr) return ORRERY_FAILED;
    Encode<std::int64_t>(1).write(memory);
    return ORRERY_OK;
}

// Gives a text where it says it gives a number.
std::int32_t wrongType(const orrery_call_v1_t* call, void*)
{
    const Encode<std::string_view> encode("not a number");
    void* memory = call->host->allocate(call->context, 0, encode.bytes());
    if (memory == nullptr) return ORRERY_FAILED;
    encode.write(memory);
    return ORRERY_OK;
}

struct BigParams {
    std::int64_t bytes = 1 << 20;
    std::int64_t seed = 1;
    static void fields(Fields<BigParams>& f)
    {
        f("bytes", &BigParams::bytes, "How large").range(0, 1e12).unit("B");
        f("seed", &BigParams::seed, "Which bytes");
    }
};

// Bytes that do not compress, the same for the same seed.
void bigValue(std::optional<AnyView>, const BigParams& params, Call& call, TensorOut<std::uint8_t>& value)
{
    const TensorSpan<std::uint8_t> out = value.make({params.bytes});
    std::uint64_t state = static_cast<std::uint64_t>(params.seed) * 0x9E3779B97F4A7C15u + 1;
    for (std::size_t i = 0; i < out.data.size(); ++i) {
        if (i % 8 == 0) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
        }
        out.data[i] = static_cast<std::uint8_t>(state >> (i % 8 * 8));
        if (i % (1u << 24) == 0) call.checkCancelled();
    }
}

} // namespace

void addProbes(Plugin& plugin)
{
    const char* const kProbes = "Probes";
    plugin.function<fail>("fail", "Throws an error; a value that does not fail passes through.", in("value", "Passed through"), out("value", "The value")).category(kProbes).icon("warn");
    plugin.function<abortNow>("abort", "Ends its worker process by abort().", in("value", "Passed through"), out("value", "The value")).category(kProbes).icon("warn");
    plugin.function<hang>("hang", "Sleeps and does not listen to a cancel.", out("done", "true")).category(kProbes).icon("clock");
    plugin.raw("wrong_outputs", "Says it has two outputs and gives one.", &wrongOutputs)
        .output({"first", "i64", "Given"})
        .output({"second", "i64", "Never given"})
        .category(kProbes)
        .icon("warn");
    plugin.raw("wrong_type", "Gives a text where it says it gives a number.", &wrongType).output({"value", "i64", "In truth a string"}).category(kProbes).icon("warn");
    plugin.function<bigValue>("big_value", "A tensor of so many bytes.", in("after", "Only waited for"), out("value", "Bytes that do not compress")).pure().category("Values").icon("tensor");
}

} // namespace orrery::basic
