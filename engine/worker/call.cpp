// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/call.h"

#include "engine/base/clock.h"
#include "engine/types/value.h"

#include <cstdlib>
#include <ctime>
#include <sys/resource.h>

namespace orrery::worker {

using base::Errc;
using base::fail;

namespace {

constexpr std::size_t kErrorBytesMax = 4096;
constexpr base::TimeNs kCpuReadEveryNs = base::kMillisecond;

base::Result<orrery_view_v1_t> checkedView(const std::byte* at, std::uint64_t bytes)
{
    const auto code = orrery_value_check(at, bytes);
    if (code != ORRERY_VALUE_SOUND) return fail(Errc::Failed, std::string("an input value is ") + orrery_value_problem(code));
    return orrery_view_v1_t{reinterpret_cast<const orrery_value_t*>(at), bytes};
}

// One item of a list value; the others are not read, so that a task over a long list costs what its item costs.
base::Result<orrery_view_v1_t> checkedItem(const std::byte* list, std::uint64_t bytes, std::uint64_t index)
{
    orrery_view_v1_t view{};
    const auto code = orrery_value_item(list, bytes, index, &view.value, &view.bytes);
    if (code == ORRERY_VALUE_SOUND) return view;
    auto whole = checkedView(list, bytes);
    if (!whole) return whole.error();
    const orrery_value_t& value = *whole->value;
    return fail(Errc::Failed, "item " + std::to_string(index) + " of an input does not exist: it is " + (value.type == ORRERY_TYPE_LIST ? "a list of " + std::to_string(value.length) + " items" : "no list"));
}

// The item of a list value that was checked as a whole.
orrery_view_v1_t listItem(const orrery_view_v1_t& list, std::uint64_t item)
{
    const auto* base = reinterpret_cast<const std::byte*>(list.value);
    std::uint64_t offset = 0;
    std::memcpy(&offset, base + list.value->data_offset + item * 8, 8);
    const auto* at = reinterpret_cast<const orrery_value_t*>(base + offset);
    return orrery_view_v1_t{at, at->size};
}

std::uint64_t threadCpuNs()
{
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(used.tv_nsec);
}

} // namespace

AlignedBytes::AlignedBytes(std::uint64_t bytes)
    : m_at(static_cast<std::byte*>(std::aligned_alloc(64, (std::max<std::uint64_t>(bytes, 1) + 63) / 64 * 64))), m_size(bytes)
{
}

base::Result<void> Call::loadArgs(const types::TaskRecord& task)
{
    if (task.argsPlace.bytes == 0) return {};
    auto bytes = m_memory.read(task.argsPlace);
    if (!bytes) return bytes.error();
    if (!m_stored.readArgs(*bytes)) return fail(Errc::Failed, "the list of its arguments cannot be read");
    return {};
}

base::Result<void> Call::loadInputs(const orrery_function_v1_t& function, const types::Template& made, const types::TaskRecord& task)
{
    m_views.assign(made.inputs, {});
    if (auto loaded = loadArgs(task); !loaded) return loaded;
    for (const auto& arg : task.argsPlace.bytes > 0 ? m_stored.args : task.args) {
        if (arg.port >= made.inputs) return fail(Errc::Failed, "an argument names input port " + std::to_string(arg.port) + " and the function has " + std::to_string(made.inputs));
        std::span<const std::byte> bytes;
        if (arg.isInline) {
            auto& copy = m_copies.emplace_back(std::make_unique<AlignedBytes>(arg.bytes.size()));
            std::memcpy(copy->data(), arg.bytes.data(), arg.bytes.size());
            bytes = {copy->data(), arg.bytes.size()};
        } else {
            auto stored = m_memory.read(arg.place);
            if (!stored) return stored.error();
            bytes = *stored;
        }
        auto view = arg.item >= 0 ? checkedItem(bytes.data(), bytes.size(), static_cast<std::uint64_t>(arg.item)) : checkedView(bytes.data(), bytes.size());
        if (!view) return view.error();
        m_views[arg.port].push_back(*view);
    }
    m_inputs.resize(made.inputs);
    for (std::size_t port = 0; port < made.inputs; ++port) {
        auto& views = m_views[port];
        // A list port that got one list value sees its items. Ports computed from parameters have no entry in the table.
        const bool listPort = port < function.input_count && function.inputs[port]->type && std::string_view(function.inputs[port]->type).starts_with("list<");
        if (listPort && views.size() == 1 && views[0].value->type == ORRERY_TYPE_LIST) {
            const orrery_view_v1_t list = views[0];
            views.clear();
            for (std::uint64_t i = 0; i < list.value->length; ++i) views.push_back(listItem(list, i));
        }
        m_inputs[port] = {views.data(), views.size()};
    }
    return {};
}

void Call::run(const orrery_function_v1_t& function, const types::Template& made, const types::TaskRecord& task, types::ResultRecord& result)
{
    m_task = &task;
    m_copies.clear();
    m_outputs.clear();
    m_outputs.resize(made.outputs);
    m_failure.clear();
    result.owner = task.owner;
    result.row = task.row;
    result.attempt = task.attempt;
    result.outputs.clear();
    result.error.clear();
    result.cause = types::Cause::None;
    result.status = types::ResultRecord::Status::Ok;
    result.startNs = base::systemClock().monoNs();
    const std::uint64_t cpuBefore = cpuNow(result.startNs);
    std::int32_t code = ORRERY_FAILED;
    if (auto loaded = loadInputs(function, made, task); !loaded) {
        m_failure = loaded.error().message;
        result.cause = types::Cause::InputLost;
    } else {
        orrery_call_v1_t call{};
        call.size = sizeof call;
        call.attempt = task.attempt;
        call.host = &hostTable();
        call.context = this;
        call.inputs = m_inputs.data();
        call.input_count = made.inputs;
        call.output_count = made.outputs;
        call.params = made.params.c_str();
        call.params_bytes = made.params.size();
        call.map_index = task.mapIndex;
        call.map_count = task.mapCount;
        std::memcpy(call.task, &task.task.bits, sizeof call.task);
        try {
            code = function.run(&call, function.self);
        } catch (const std::exception& thrown) {
            m_failure = thrown.what();
        } catch (...) {
            m_failure = "it threw something that is no std::exception";
        }
    }
    if (code == ORRERY_OK) {
        if (auto sealed = seal(function, result); !sealed) {
            result.outputs.clear();
            result.status = types::ResultRecord::Status::Failed;
            result.cause = types::Cause::BadOutputs;
            result.error = sealed.error().message;
        }
    } else if (code == ORRERY_CANCELLED) {
        result.status = types::ResultRecord::Status::Cancelled;
        result.cause = types::Cause::Cancelled;
    } else {
        result.status = types::ResultRecord::Status::Failed;
        if (result.cause == types::Cause::None) result.cause = types::Cause::Threw;
        result.error = m_failure.empty() ? "it failed without saying why" : m_failure.substr(0, kErrorBytesMax);
    }
    result.endNs = base::systemClock().monoNs();
    const std::uint64_t cpuAfter = cpuNow(result.endNs);
    result.cpuUs = static_cast<std::uint32_t>((cpuAfter > cpuBefore ? cpuAfter - cpuBefore : 0) / 1000);
    m_task = nullptr;
}

// Reading a thread's CPU time is a system call of some 0.3 us (no vDSO), more than a small task. So it is read at most once a
// kCpuReadEveryNs, and in between a thread that works is taken to have run all the time.
std::uint64_t Call::cpuNow(base::TimeNs now)
{
    if (now - m_cpuReadAtNs >= kCpuReadEveryNs) {
        m_cpuReadNs = threadCpuNs();
        m_cpuReadAtNs = now;
    }
    return m_cpuReadNs + static_cast<std::uint64_t>(now - m_cpuReadAtNs);
}

// Whether a value may come out of a port of that type. A whole number is a number.
static bool mayBe(std::string_view declared, std::uint32_t type)
{
    switch (type) {
    case ORRERY_TYPE_BOOL: return declared == "bool" || declared == "any";
    case ORRERY_TYPE_I64: return declared == "i64" || declared == "f64" || declared == "any";
    case ORRERY_TYPE_F64: return declared == "f64" || declared == "any";
    case ORRERY_TYPE_STRING: return declared == "string" || declared == "any";
    case ORRERY_TYPE_BYTES: return declared == "bytes" || declared == "any";
    case ORRERY_TYPE_JSON: return declared == "json" || declared == "any";
    case ORRERY_TYPE_TENSOR: return declared == "tensor" || declared == "any";
    case ORRERY_TYPE_TABLE: return declared == "table" || declared == "any";
    case ORRERY_TYPE_IMAGE: return declared == "image" || declared == "any";
    case ORRERY_TYPE_LIST: return declared.starts_with("list<") || declared == "any";
    default: return declared == "any";
    }
}

base::Result<void> Call::seal(const orrery_function_v1_t& function, types::ResultRecord& result)
{
    std::size_t given = 0;
    for (const Built& built : m_outputs) given += built.given ? 1 : 0;
    if (given != m_outputs.size()) return fail(Errc::Failed, "it returned " + std::to_string(given) + " outputs and declares " + std::to_string(m_outputs.size()));
    for (std::size_t i = 0; i < m_outputs.size(); ++i) {
        Built& built = m_outputs[i];
        const auto* port = function.outputs && i < function.output_count ? function.outputs[i] : nullptr; // null: it follows from the parameters
        auto output = built.isList ? sealList(built) : sealOne(built);
        if (!output) return output.error();
        const std::uint32_t type = built.isList ? std::uint32_t{ORRERY_TYPE_LIST} : reinterpret_cast<const orrery_value_t*>(built.own ? built.own->data() : built.room->at)->type;
        if (port && !mayBe(port->type, type))
            return fail(Errc::Failed, std::string("its output `") + port->name + "` declares " + port->type + " and it returned " + std::string(types::valueTypeName(static_cast<types::ValueType>(type))));
        result.outputs.push_back(std::move(*output));
    }
    return {};
}

base::Result<types::Output> Call::sealOne(Built& built)
{
    const std::byte* at = built.own ? built.own->data() : built.room->at;
    const std::uint64_t room = built.own ? built.own->size() : built.room->place.bytes;
    const auto code = orrery_value_check(at, room);
    if (code != ORRERY_VALUE_SOUND) return fail(Errc::Failed, std::string("a value it returned is ") + orrery_value_problem(code));
    const auto* head = reinterpret_cast<const orrery_value_t*>(at);
    types::Output output;
    output.items = head->type == ORRERY_TYPE_LIST ? static_cast<std::uint32_t>(head->length) : 0;
    if (built.own) {
        output.bytes.assign(at, at + head->size);
    } else {
        m_memory.shrink(*built.room, head->size);
        output.isInline = false;
        output.place = built.room->place;
    }
    return output;
}

base::Result<types::Output> Call::sealList(Built& built)
{
    const auto align = [](std::uint64_t bytes) { return (bytes + 63) / 64 * 64; };
    std::uint64_t size = sizeof(orrery_value_t) + built.items.size() * 8;
    std::vector<std::uint64_t> offsets;
    std::uint32_t type = 0;
    bool mixed = false;
    for (const auto& item : built.items) {
        const auto code = orrery_value_check(item->data(), item->size());
        if (code != ORRERY_VALUE_SOUND) return fail(Errc::Failed, std::string("an item of a list it returned is ") + orrery_value_problem(code));
        const auto* head = reinterpret_cast<const orrery_value_t*>(item->data());
        mixed = mixed || (type != 0 && type != head->type);
        type = head->type;
        size = align(size);
        offsets.push_back(size);
        size += head->size;
    }
    types::Output output;
    output.items = static_cast<std::uint32_t>(built.items.size());
    std::byte* at = nullptr;
    std::optional<Memory::Room> room;
    if (size <= types::kInlineBytesMax) {
        output.bytes.resize(size);
        at = output.bytes.data();
    } else {
        auto made = m_memory.allocate(size);
        if (!made) return made.error();
        room = *made;
        at = room->at;
        output.isInline = false;
        output.place = room->place;
    }
    std::memset(at, 0, size);
    orrery_value_t head{};
    head.magic = ORRERY_VALUE_MAGIC;
    head.version = ORRERY_VALUE_VERSION;
    head.type = ORRERY_TYPE_LIST;
    head.size = size;
    head.length = built.items.size();
    head.data_offset = sizeof head;
    head.data_bytes = size - sizeof head;
    head.item_type = mixed ? 0 : type;
    std::memcpy(at, &head, sizeof head);
    for (std::size_t i = 0; i < built.items.size(); ++i) {
        std::memcpy(at + sizeof head + i * 8, &offsets[i], 8);
        const auto* item = reinterpret_cast<const orrery_value_t*>(built.items[i]->data());
        std::memcpy(at + offsets[i], item, item->size);
    }
    return output;
}

void* Call::refuse(std::string why)
{
    m_lastError = std::move(why);
    return nullptr;
}

void* Call::allocate(std::uint32_t output, std::uint64_t bytes)
{
    if (output == ORRERY_FOR_PUT) return refuse("put is not offered to tasks yet; return the value as an output");
    if (output >= m_outputs.size()) return refuse("there is no output " + std::to_string(output) + "; the function has " + std::to_string(m_outputs.size()));
    Built& built = m_outputs[output];
    if (built.given) return refuse("output " + std::to_string(output) + " was given before");
    if (bytes <= types::kInlineBytesMax) {
        built.own = std::make_unique<AlignedBytes>(bytes);
        built.given = true;
        return built.own->data();
    }
    auto room = m_memory.allocate(bytes);
    if (!room) return refuse(room.error().message);
    built.room = *room;
    built.given = true;
    return built.room->at;
}

void* Call::append(std::uint32_t output, std::uint64_t bytes)
{
    if (output >= m_outputs.size()) return refuse("there is no output " + std::to_string(output) + "; the function has " + std::to_string(m_outputs.size()));
    Built& built = m_outputs[output];
    if (built.given && !built.isList) return refuse("output " + std::to_string(output) + " was given before as one value");
    built.given = true;
    built.isList = true;
    if (bytes == 0) return nullptr;
    built.items.push_back(std::make_unique<AlignedBytes>(bytes));
    return built.items.back()->data();
}

std::int32_t Call::submit(const orrery_submit_v1_t* what, orrery_ref_v1_t* outputs, std::uint32_t count)
{
    if (what->actor) {
        refuse("actors are not offered yet");
        return ORRERY_FAILED;
    }
    std::vector<CallServices::Part> parts;
    for (std::uint32_t i = 0; i < what->argument_count; ++i) {
        const auto& argument = what->arguments[i];
        CallServices::Part part;
        part.port = static_cast<std::uint16_t>(argument.port);
        part.isCall = argument.is_ref != 0;
        if (part.isCall) {
            part.call = argument.ref.word[0];
            part.output = static_cast<std::uint16_t>(argument.ref.word[1]);
        } else {
            const auto* from = reinterpret_cast<const std::byte*>(argument.view.value);
            part.bytes.assign(from, from + argument.view.value->size);
        }
        parts.push_back(std::move(part));
    }
    auto call = m_services.submit(what->function, what->params ? what->params : "{}", std::move(parts));
    if (!call) {
        refuse(call.error().message);
        return ORRERY_FAILED;
    }
    for (std::uint32_t i = 0; i < count; ++i) outputs[i] = {{*call, i}};
    return ORRERY_OK;
}

std::int32_t Call::get(const orrery_ref_v1_t* ref, std::int64_t timeoutNs, orrery_view_v1_t* view)
{
    auto outputs = m_services.wait(ref->word[0], timeoutNs);
    if (!outputs) {
        refuse(outputs.error().message);
        return outputs.error().code == Errc::Unavailable ? ORRERY_TIMEOUT : ORRERY_FAILED;
    }
    if (ref->word[1] >= outputs->size()) {
        refuse("the call has no output " + std::to_string(ref->word[1]));
        return ORRERY_FAILED;
    }
    const types::Output& output = (*outputs)[ref->word[1]];
    const std::byte* at = nullptr;
    std::uint64_t size = 0;
    if (output.isInline) {
        auto& copy = m_copies.emplace_back(std::make_unique<AlignedBytes>(output.bytes.size()));
        std::memcpy(copy->data(), output.bytes.data(), output.bytes.size());
        at = copy->data();
        size = output.bytes.size();
    } else {
        auto bytes = m_memory.read(output.place);
        if (!bytes) {
            refuse(bytes.error().message);
            return ORRERY_FAILED;
        }
        at = bytes->data();
        size = bytes->size();
    }
    auto checked = checkedView(at, size);
    if (!checked) {
        refuse(checked.error().message);
        return ORRERY_FAILED;
    }
    *view = *checked;
    return ORRERY_OK;
}

const orrery_host_v1_t& Call::hostTable()
{
    static const orrery_host_v1_t table = [] {
        orrery_host_v1_t host{};
        host.size = sizeof host;
        host.allocate = [](void* self, std::uint32_t output, std::uint64_t bytes) { return static_cast<Call*>(self)->allocate(output, bytes); };
        host.append = [](void* self, std::uint32_t output, std::uint64_t bytes) { return static_cast<Call*>(self)->append(output, bytes); };
        host.fail = [](void* self, const char* text, std::uint64_t bytes) { static_cast<Call*>(self)->m_failure.assign(text, std::min<std::uint64_t>(bytes, kErrorBytesMax)); };
        host.log = [](void* self, std::int32_t level, const char* text, std::uint64_t bytes) {
            auto* call = static_cast<Call*>(self);
            call->m_services.log(call->m_task->owner, call->m_task->row, level, std::string_view(text, std::min<std::uint64_t>(bytes, kErrorBytesMax)));
        };
        host.progress = [](void*, double) {};
        host.is_cancelled = [](void* self) -> std::int32_t { return static_cast<Call*>(self)->m_services.cancelled() ? 1 : 0; };
        host.last_error = [](void* self) -> const char* { return static_cast<Call*>(self)->m_lastError.c_str(); };
        host.submit = [](void* self, const orrery_submit_v1_t* what, orrery_ref_v1_t* outputs, std::uint32_t count) { return static_cast<Call*>(self)->submit(what, outputs, count); };
        host.get = [](void* self, const orrery_ref_v1_t* ref, std::int64_t timeoutNs, orrery_view_v1_t* view) { return static_cast<Call*>(self)->get(ref, timeoutNs, view); };
        host.wait = nullptr;
        host.release = [](void*, const orrery_ref_v1_t*) -> std::int32_t { return ORRERY_OK; };
        return host;
    }();
    return table;
}

} // namespace orrery::worker
