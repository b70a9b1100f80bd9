// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/sdk/testing/local_call.h"

namespace orrery::plugin {

LocalCall::LocalCall(LocalHost& host, const orrery_function_v1_t& function, const Json& params, const LocalInputs& inputs, const LocalOptions& options)
    : m_host(host), m_function(function), m_params(params.dump()), m_options(options), m_table(table(options.offersTasks)),
      m_outputPorts(LocalHost::ports(function, params, true)), m_memoryLeft(options.memoryBytes)
{
    const std::vector<LocalPort> ports = LocalHost::ports(function, params, false);
    if (inputs.size() > ports.size()) throw Error(text("`", function.name, "` has ", ports.size(), " inputs, not ", inputs.size()));
    for (std::size_t port = 0; port < ports.size(); ++port) {
        std::vector<orrery_view_v1_t>& views = m_views.emplace_back();
        const bool list = ports[port].type.starts_with("list<");
        const std::string itemType = list ? ports[port].type.substr(5, ports[port].type.size() - 6) : ports[port].type;
        for (const LocalValue& value : port < inputs.size() ? inputs[port] : std::vector<LocalValue>{}) {
            m_held.push_back(value);
            const AnyView view(value->view(), text("input `", ports[port].name, "` "));
            if (list && LocalHost::fits(view.raw(), ports[port].type)) {
                for (const AnyView item : List<AnyView>(view)) views.push_back({&item.raw(), item.bytes()});
            } else if (LocalHost::fits(view.raw(), itemType)) {
                views.push_back(value->view());
            } else {
                throw Error(text("input `", ports[port].name, "` takes ", ports[port].type, ", not ", typeName(view.type())));
            }
        }
        if (!list && views.size() != 1 && !(views.empty() && ports[port].optional))
            throw Error(text("input `", ports[port].name, "` takes one value, not ", views.size()));
    }
    for (const auto& views : m_views) m_inputs.push_back({views.data(), views.size()});
    m_slots.resize(m_outputPorts.size());
}

LocalResult LocalCall::run()
{
    orrery_call_v1_t call = {};
    call.size = sizeof call;
    call.attempt = m_options.attempt;
    call.host = &m_table;
    call.context = this;
    call.inputs = m_inputs.data();
    call.input_count = static_cast<std::uint32_t>(m_inputs.size());
    call.output_count = static_cast<std::uint32_t>(m_slots.size());
    call.params = m_params.c_str();
    call.params_bytes = m_params.size();
    call.map_index = m_options.mapIndex;
    call.map_count = m_options.mapCount;
    m_result.status = m_function.run(&call, m_function.self);
    if (m_result.status != ORRERY_OK) return std::move(m_result);
    for (std::size_t i = 0; i < m_slots.size(); ++i) {
        LocalValue value = seal(m_slots[i]);
        if (value == nullptr) throw Error(text("`", m_function.name, "` did not give its output `", m_outputPorts[i].name, "`"));
        const AnyView view(value->view(), text("output `", m_outputPorts[i].name, "` "));
        if (!LocalHost::fits(view.raw(), m_outputPorts[i].type))
            throw Error(text("output `", m_outputPorts[i].name, "` is declared as ", m_outputPorts[i].type, " and is ", typeName(view.type())));
        m_result.outputs.push_back(std::move(value));
    }
    return std::move(m_result);
}

void* LocalCall::refuse(std::string why)
{
    m_lastError = std::move(why);
    return nullptr;
}

void* LocalCall::allocate(std::uint32_t output, std::uint64_t bytes)
{
    if (bytes > m_memoryLeft) return refuse(text("the store has no room for ", bytes, " bytes"));
    if (output == ORRERY_FOR_PUT) {
        m_memoryLeft -= bytes;
        return m_puts.emplace_back(bytes).data();
    }
    if (output >= m_slots.size()) return refuse(text("there is no output ", output));
    if (m_slots[output].value != nullptr || m_slots[output].isList) return refuse(text("output `", m_outputPorts[output].name, "` was given before"));
    m_memoryLeft -= bytes;
    m_slots[output].value = std::make_unique<OwnedValue>(bytes);
    return m_slots[output].value->data();
}

void* LocalCall::append(std::uint32_t output, std::uint64_t bytes)
{
    if (bytes > m_memoryLeft) return refuse(text("the store has no room for ", bytes, " bytes"));
    if (output >= m_slots.size()) return refuse(text("there is no output ", output));
    Slot& slot = m_slots[output];
    if (slot.value != nullptr || !m_outputPorts[output].type.starts_with("list<")) return refuse(text("output `", m_outputPorts[output].name, "` takes no items"));
    slot.isList = true;
    if (bytes == 0) return nullptr;
    m_memoryLeft -= bytes;
    return slot.items.emplace_back(bytes).data();
}

// NULL: the output was not given.
LocalValue LocalCall::seal(Slot& slot) const
{
    if (slot.value != nullptr) {
        slot.value->trim(AnyView(slot.value->view(), "an output ").bytes());
        return std::make_shared<const OwnedValue>(std::move(*slot.value));
    }
    if (!slot.isList) return nullptr;
    std::vector<AnyView> items;
    for (const OwnedValue& item : slot.items) items.emplace_back(item.view(), "an item of an output ");
    auto list = std::make_shared<OwnedValue>(OwnedValue::of(items));
    if (!items.empty()) {
        auto* head = reinterpret_cast<orrery_value_t*>(list->data());
        head->item_type = items.front().type();
        for (const AnyView item : items)
            if (item.type() != head->item_type) head->item_type = 0;
    }
    return list;
}

orrery_ref_v1_t LocalCall::keep(LocalValue value, std::string error)
{
    m_objects.push_back({std::move(value), std::move(error)});
    return {{m_objects.size(), 0}};
}

std::int32_t LocalCall::submit(const orrery_submit_v1_t& what, orrery_ref_v1_t* outputs, std::uint32_t count)
{
    const auto failed = [this](std::string why) {
        m_lastError = std::move(why);
        return std::int32_t{ORRERY_FAILED};
    };
    if (what.actor != nullptr) return failed("actors are not offered here");
    LocalInputs inputs;
    for (std::uint32_t i = 0; i < what.argument_count; ++i) {
        const orrery_argument_v1_t& arg = what.arguments[i];
        if (arg.port > 255) return failed(text("there is no input ", arg.port));
        if (inputs.size() <= arg.port) inputs.resize(arg.port + 1);
        if (arg.is_ref != 0) {
            if (arg.ref.word[0] == 0 || arg.ref.word[0] > m_objects.size()) return failed("an argument names an object that this call does not know");
            const Object& object = m_objects[arg.ref.word[0] - 1];
            if (object.value == nullptr) return failed("an argument failed: " + object.error);
            inputs[arg.port].push_back(object.value);
        } else {
            inputs[arg.port].push_back(local(AnyView(arg.view, "an argument ")));
        }
    }
    const LocalResult result = m_host.run(what.function, inputs, what.params == nullptr ? Json::object() : Json::parse(what.params), m_options);
    if (result.ok() && result.outputs.size() != count) return failed(text("`", what.function, "` has ", result.outputs.size(), " outputs, not ", count));
    for (std::uint32_t i = 0; i < count; ++i) outputs[i] = keep(result.ok() ? result.outputs[i] : nullptr, result.error);
    return ORRERY_OK;
}

std::int32_t LocalCall::get(const orrery_ref_v1_t& ref, orrery_view_v1_t* view)
{
    if (ref.word[0] == 0 || ref.word[0] > m_objects.size()) return m_lastError = "this call does not know that object", ORRERY_FAILED;
    const Object& object = m_objects[ref.word[0] - 1];
    if (object.value == nullptr) return m_lastError = object.error, ORRERY_FAILED;
    *view = object.value->view();
    return ORRERY_OK;
}

std::int32_t LocalCall::put(const void* value, std::uint64_t bytes, orrery_ref_v1_t* ref)
{
    *ref = keep(local(AnyView({static_cast<const orrery_value_t*>(value), bytes}, "the value put ")), {});
    return ORRERY_OK;
}

// The C side. What throws inside (out of memory, a damaged value) must not pass the border.
orrery_host_v1_t LocalCall::table(bool offersTasks)
{
    orrery_host_v1_t t = {};
    t.size = sizeof t;
    t.allocate = [](void* c, std::uint32_t output, std::uint64_t bytes) -> void* {
        try {
            return of(c).allocate(output, bytes);
        } catch (const std::exception& e) {
            return of(c).refuse(e.what());
        }
    };
    t.append = [](void* c, std::uint32_t output, std::uint64_t bytes) -> void* {
        try {
            return of(c).append(output, bytes);
        } catch (const std::exception& e) {
            return of(c).refuse(e.what());
        }
    };
    t.fail = [](void* c, const char* why, std::uint64_t bytes) { of(c).m_result.error.assign(why, bytes < 4096 ? bytes : 4096); };
    t.log = [](void* c, std::int32_t level, const char* line, std::uint64_t bytes) { of(c).m_result.log.emplace_back(level, std::string(line, bytes)); };
    t.progress = [](void* c, double fraction) { of(c).m_result.progress.push_back(fraction); };
    t.is_cancelled = [](void* c) { return of(c).m_options.cancelled && of(c).m_options.cancelled() ? 1 : 0; };
    t.last_error = [](void* c) { return of(c).m_lastError.c_str(); };
    if (!offersTasks) return t;
    t.submit = [](void* c, const orrery_submit_v1_t* what, orrery_ref_v1_t* outputs, std::uint32_t count) -> std::int32_t {
        try {
            return of(c).submit(*what, outputs, count);
        } catch (const std::exception& e) {
            return of(c).m_lastError = e.what(), ORRERY_FAILED;
        }
    };
    t.get = [](void* c, const orrery_ref_v1_t* ref, std::int64_t, orrery_view_v1_t* view) { return of(c).get(*ref, view); };
    t.wait = [](void*, const orrery_ref_v1_t*, std::uint32_t count, std::uint32_t, std::int64_t, std::uint8_t* ready) {
        std::memset(ready, 1, count); // submitted calls have run already
        return std::int32_t{ORRERY_OK};
    };
    t.put = [](void* c, const void* value, std::uint64_t bytes, orrery_ref_v1_t* ref) -> std::int32_t {
        try {
            return of(c).put(value, bytes, ref);
        } catch (const std::exception& e) {
            return of(c).m_lastError = e.what(), ORRERY_FAILED;
        }
    };
    t.release = [](void*, const orrery_ref_v1_t*) { return std::int32_t{ORRERY_OK}; };
    return t;
}

} // namespace orrery::plugin
