// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/basic/probes.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fnmatch.h>
#include <thread>

namespace orrery::basic {

using namespace orrery::plugin;

namespace {

using Clock = std::chrono::steady_clock;

bool noop() { return true; }
double add(double a, double b) { return a + b; }
AnyView identity(AnyView value) { return value; }

struct NumberParams {
    double value = 0;
    static void fields(Fields<NumberParams>& f) { f("value", &NumberParams::value, "The number"); }
};
double number(const NumberParams& params) { return params.value; }

struct TextParams {
    std::string text;
    static void fields(Fields<TextParams>& f) { f("text", &TextParams::text, "The text").format("multiline"); }
};
std::string textValue(const TextParams& params) { return params.text; }

struct SleepParams {
    double seconds = 1;
    static void fields(Fields<SleepParams>& f) { f("seconds", &SleepParams::seconds, "How long").range(0, 86400).unit("s"); }
};

double sleepFor(std::optional<AnyView>, const SleepParams& params, Call& call)
{
    const auto total = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(params.seconds));
    const auto start = Clock::now();
    for (auto passed = Clock::duration{}; passed < total; passed = Clock::now() - start) {
        call.checkCancelled();
        call.progress(std::chrono::duration<double>(passed).count() / params.seconds);
        std::this_thread::sleep_for(std::min<Clock::duration>(total - passed, std::chrono::milliseconds(20)));
    }
    return params.seconds;
}

struct SpinParams {
    double microseconds = 100;
    static void fields(Fields<SpinParams>& f) { f("microseconds", &SpinParams::microseconds, "How long it keeps a CPU busy").range(0, 1e9).unit("us"); }
};

std::int64_t spin(std::optional<std::int64_t> value, const SpinParams& params, Call& call)
{
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::micro>(params.microseconds));
    for (int round = 0; Clock::now() < end; ++round)
        if (round % 1024 == 0) call.checkCancelled();
    return value.value_or(0);
}

struct RangeParams {
    std::int64_t count = 10;
    std::int64_t start = 0;
    std::int64_t step = 1;
    static void fields(Fields<RangeParams>& f)
    {
        f("count", &RangeParams::count, "How many numbers").range(0, 10'000'000);
        f("start", &RangeParams::start, "The first");
        f("step", &RangeParams::step, "From one to the next");
    }
};

std::vector<std::int64_t> range(const RangeParams& params)
{
    std::vector<std::int64_t> out(static_cast<std::size_t>(params.count));
    for (std::size_t i = 0; i < out.size(); ++i) {
        std::int64_t offset = 0;
        if (__builtin_mul_overflow(static_cast<std::int64_t>(i), params.step, &offset) || __builtin_add_overflow(params.start, offset, &out[i]))
            throw Error(text("number ", i, " of this range does not fit 64 bits; take a smaller start or step"));
    }
    return out;
}

std::int64_t sum(List<std::int64_t> numbers)
{
    std::int64_t out = 0;
    for (const std::int64_t number : numbers)
        if (__builtin_add_overflow(out, number, &out)) throw Error("the sum does not fit 64 bits");
    return out;
}

struct NestedParams {
    std::int64_t children = 4;
    std::int64_t depth = 1;
    static void fields(Fields<NestedParams>& f)
    {
        f("children", &NestedParams::children, "Calls it submits").range(0, 10'000);
        f("depth", &NestedParams::depth, "1: its children add two numbers; more: they do as it does").range(1, 16);
    }
};

// Child i of the last level gives i + 1, so n children give n (n + 1) / 2 and each level multiplies by n.
double nested(const NestedParams& params, Call& call)
{
    std::vector<Ref> children;
    for (std::int64_t i = 0; i < params.children; ++i) {
        if (params.depth == 1) children.push_back(call.submit("basic.add", Json::object(), Arguments::of(static_cast<double>(i), 1.0)).front());
        else children.push_back(call.submit("basic.nested", {{"children", params.children}, {"depth", params.depth - 1}}, {}).front());
    }
    double total = 0;
    for (const Ref& child : children) total += call.get<double>(child);
    return total;
}

struct FilesParams {
    std::string folder = ".";
    std::string pattern = "*";
    bool recursive = false;
    static void fields(Fields<FilesParams>& f)
    {
        f("folder", &FilesParams::folder, "Where to look").format("folder");
        f("pattern", &FilesParams::pattern, "Names to take: * any run of characters, ? any one, [ab] one of these");
        f("recursive", &FilesParams::recursive, "Look into its folders too");
    }
};

std::vector<std::string> listFiles(const FilesParams& params, Call& call)
{
    namespace fs = std::filesystem;
    std::vector<std::string> out;
    std::error_code error;
    const auto take = [&](const fs::directory_entry& entry) {
        std::error_code ignored; // a file that vanished meanwhile is not listed
        if (entry.is_regular_file(ignored) && fnmatch(params.pattern.c_str(), entry.path().filename().c_str(), 0) == 0) out.push_back(entry.path().string());
    };
    const auto walk = [&](auto iterator) {
        for (; !error && iterator != decltype(iterator){}; iterator.increment(error)) {
            call.checkCancelled();
            take(*iterator);
        }
    };
    if (params.recursive) walk(fs::recursive_directory_iterator(params.folder, fs::directory_options::skip_permission_denied, error));
    else walk(fs::directory_iterator(params.folder, error));
    if (error) throw Error(text("cannot list `", params.folder, "`: ", error.message()));
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace
} // namespace orrery::basic

ORRERY_PLUGIN("basic", "0.1.0", "First things: numbers, texts, lists, time, files, and functions that misbehave on purpose.")
{
    using namespace orrery::basic;
    using namespace orrery::plugin;
    plugin.forkSafe();
    plugin.function<noop>("noop", "Does nothing.", out("done", "true")).label("no-op").pure().category("Values").icon("dots");
    plugin.function<number>("number", "A number, as a value for others.", out("value", "The number")).pure().category("Values").icon("text");
    plugin.function<textValue>("text", "A text, as a value for others.", out("value", "The text")).pure().category("Values").icon("text");
    plugin.function<add>("add", "Adds two numbers.", in("a", "One number"), in("b", "Another"), out("sum", "a + b")).pure().category("Values").icon("plus");
    plugin.function<identity>("identity", "Gives what it gets.", in("value", "Any value"), out("value", "The same")).pure().category("Values").icon("copy");
    plugin.function<range>("range", "A list of whole numbers.", out("numbers", "start, start + step, ...")).pure().category("Lists").icon("list");
    plugin.function<sum>("sum", "Adds all numbers of a list.", in("numbers", "Whole numbers"), out("sum", "Their sum")).pure().category("Lists").icon("plus");
    plugin.function<nested>("nested", "Submits calls of its own and adds their results.", out("sum", "n (n + 1) / 2 for n children")).pure().category("Lists").icon("layers");
    plugin.function<sleepFor>("sleep", "Waits without using a CPU.", in("after", "Only waited for"), out("slept", "Seconds asked for")).category("Time").icon("clock");
    plugin.function<spin>("spin", "Keeps a CPU busy for a while.", in("value", "Passed through"), out("value", "The same")).category("Time").icon("cpu");
    plugin.function<listFiles>("list_files", "The files of a folder, sorted.", out("files", "Their paths")).category("Files").icon("file");
    addProbes(plugin);
}
