// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plugin: collects what a library offers and makes the C tables of it. ORRERY_PLUGIN writes the exported entry.
// Thread: built once, at the first call of the entry, on the thread that loads the library; constant afterwards.

#include "plugins/sdk/function.h"

#include <cstdio>
#include <deque>

namespace orrery::plugin {

// Names a port. In the order of the arguments; inputs and outputs may be mixed.
struct In {
    const char* name;
    const char* doc;
};
struct Out {
    const char* name;
    const char* doc;
};
constexpr In in(const char* name, const char* doc = "") { return {name, doc}; }
constexpr Out out(const char* name, const char* doc = "") { return {name, doc}; }

class Plugin {
public:
    Plugin(std::string name, const char* version, const char* doc) : m_name(std::move(name)), m_version(version), m_doc(doc) {}
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    // A C++ function as the remote function <plugin>.<name>. One in(...) for each input argument, one out(...) for each output.
    template <auto F, class... P>
    FunctionEntry& function(const char* name, const char* doc, const P&... ports)
    {
        using T = Typed<F>;
        static_assert((std::size_t{std::is_same_v<P, In>} + ... + 0) == T::inputs, "give one in(\"name\", \"doc\") for each input argument of the function");
        static_assert((std::size_t{std::is_same_v<P, Out>} + ... + 0) == T::outputs, "give one out(\"name\", \"doc\") for each output of the function: arguments ...Out& and what it returns");
        FunctionEntry& entry = add(name, doc);
        Naming naming{entry, T::inputTypes(), T::inputOptional(), T::outputTypes()};
        (naming.take(ports), ...);
        return entry.params(T::schema()).runner(&T::run);
    }
    // A function written on the C table: ports by entry.input() and output(), code by entry.runner().
    FunctionEntry& raw(const char* name, const char* doc, std::int32_t (*run)(const orrery_call_v1_t*, void*)) { return add(name, doc).runner(run); }
    // Nothing runs and nothing is open after loading: the loaded process may be forked.
    Plugin& forkSafe() { m_raw.fork_safe = 1; return *this; }
    Plugin& page(std::string json) { m_pages.push_back(std::move(json)); return *this; }

    const orrery_plugin_v1_t* finish()
    {
        for (FunctionEntry& entry : m_functions) m_functionTable.push_back(entry.finish());
        for (const std::string& page : m_pages) m_pageTable.push_back(page.c_str());
        m_raw.size = sizeof m_raw;
        m_raw.abi = ORRERY_ABI_V1;
        m_raw.name = m_name.c_str();
        m_raw.version = m_version.c_str();
        m_raw.doc = m_doc.c_str();
        m_raw.functions = m_functionTable.data();
        m_raw.function_count = static_cast<std::uint32_t>(m_functionTable.size());
        m_raw.pages = m_pageTable.data();
        m_raw.page_count = static_cast<std::uint32_t>(m_pageTable.size());
        return &m_raw;
    }

private:
    struct Naming {
        FunctionEntry& entry;
        std::vector<std::string> inputTypes;
        std::vector<bool> inputOptional;
        std::vector<std::string> outputTypes;
        std::size_t inputs = 0, outputs = 0;
        void take(const In& port)
        {
            entry.input({port.name, inputTypes[inputs], port.doc, inputOptional[inputs]});
            ++inputs;
        }
        void take(const Out& port) { entry.output({port.name, outputTypes[outputs++], port.doc, false}); }
    };
    FunctionEntry& add(const char* name, const char* doc) { return m_functions.emplace_back(m_name + "." + name, doc); }

    orrery_plugin_v1_t m_raw = {};
    std::string m_name, m_version, m_doc;
    std::deque<FunctionEntry> m_functions; // their addresses are in the tables
    std::vector<const orrery_function_v1_t*> m_functionTable;
    std::deque<std::string> m_pages;
    std::vector<const char*> m_pageTable;
};

// The body of the exported entry. NULL, and the reason on stderr, when the library cannot describe itself.
inline const orrery_plugin_v1_t* describePlugin(const char* name, const char* version, const char* doc, void (*fill)(Plugin&)) noexcept
{
    static const orrery_plugin_v1_t* const kTable = [&]() -> const orrery_plugin_v1_t* {
        try {
            static Plugin plugin(name, version, doc);
            fill(plugin);
            return plugin.finish();
        } catch (const std::exception& e) {
            std::fprintf(stderr, "plugin %s cannot describe itself: %s\n", name, e.what());
        } catch (...) {
            std::fprintf(stderr, "plugin %s cannot describe itself\n", name);
        }
        return nullptr;
    }();
    return kTable;
}

} // namespace orrery::plugin

// ORRERY_PLUGIN("mylib", "1.0.0", "What it is for.") { plugin.function<add>("add", "Adds two numbers.", in("a"), in("b"), out("sum")); }
#define ORRERY_PLUGIN(name, version, doc)                                                                                          \
    static void orreryFillPlugin(orrery::plugin::Plugin& plugin);                                                                  \
    extern "C" ORRERY_PLUGIN_EXPORT const orrery_plugin_v1_t* orrery_plugin_v1(void)                                               \
    {                                                                                                                              \
        return orrery::plugin::describePlugin(name, version, doc, &orreryFillPlugin);                                              \
    }                                                                                                                              \
    static void orreryFillPlugin([[maybe_unused]] orrery::plugin::Plugin& plugin)
