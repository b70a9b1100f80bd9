// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// LocalHost: loads a plugin into this process and calls its functions, for tests of libraries. It fills the host table for
// real: memory, lists, log, progress, cancel, nested calls (run at once, on the spot), put, get, wait. Actors are not offered.
// It checks what a worker checks: number of outputs, sound values, port types. Not for production: no isolation, no store.
// Thread: one; no two calls at a time. Lives: plugins stay loaded until the process ends.

#include "plugins/sdk/table.h"
#include "plugins/sdk/orrery_plugin.h"

#include <functional>
#include <map>
#include <memory>

namespace orrery::plugin {

// A sealed value, shared.
using LocalValue = std::shared_ptr<const OwnedValue>;

template <class T>
LocalValue local(const T& value)
{
    return std::make_shared<const OwnedValue>(OwnedValue::of(value));
}

struct LocalResult {
    std::int32_t status = ORRERY_FAILED;
    std::string error;
    std::vector<LocalValue> outputs;
    std::vector<std::pair<std::int32_t, std::string>> log;
    std::vector<double> progress;
    bool ok() const { return status == ORRERY_OK; }
    // The output as T. Views in T live as long as this result. Throws Error when there is none or it is of another type.
    template <class T>
    T get(std::size_t output = 0) const
    {
        if (!ok()) throw Error("the call failed: " + error);
        return AnyView(outputs.at(output)->view(), "the output ").as<T>();
    }
};

// Inputs of a call, port by port; a list<T> port gets its items, or one list value, which is taken apart.
using LocalInputs = std::vector<std::vector<LocalValue>>;

struct LocalOptions {
    std::uint64_t mapIndex = 0;
    std::uint64_t mapCount = 1;
    std::uint32_t attempt = 1;
    std::function<bool()> cancelled;    // asked by is_cancelled
    bool offersTasks = true;            // submit, get, wait, put
    std::uint64_t memoryBytes = ~std::uint64_t{0}; // what allocate may give in all
};

struct LocalPort {
    std::string name;
    std::string type;
    bool optional = false;
};

class LocalHost {
public:
    // The plugin's table, or the reason in `problem` (and NULL).
    const orrery_plugin_v1_t* load(const std::string& path, std::string& problem);
    // NULL: no loaded plugin offers it.
    const orrery_function_v1_t* find(const std::string& function) const;
    const std::map<std::string, const orrery_function_v1_t*>& functions() const { return m_functions; }

    LocalResult run(const std::string& function, const LocalInputs& inputs = {}, const Json& params = Json::object(), const LocalOptions& options = {});

    // The schema's defaults under `params`. Throws Error for a parameter the schema does not have or a required one missing.
    static Json withDefaults(const std::string& schema, const Json& params);
    // The ports for these parameters: computed when the function computes them. Throws Error with the function's reason.
    static std::vector<LocalPort> ports(const orrery_function_v1_t& function, const Json& params, bool outputs);
    // Is the value one that a port of this type takes? "any" takes all; list<T> looks at each item.
    static bool fits(const orrery_value_t& value, std::string_view type);

private:
    std::map<std::string, const orrery_function_v1_t*> m_functions;
};

} // namespace orrery::plugin
