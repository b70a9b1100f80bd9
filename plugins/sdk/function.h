// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Typed<F>: a C++ function as a remote function. Its signature gives the ports; run() is the wall between C and C++: arguments
// are bound, outputs collected, and every exception becomes "failed" with its message (Cancelled becomes "cancelled").
//
//   argument                                       is
//   double, std::int64_t, bool                     an input f64, i64, bool
//   std::string_view, std::string, BytesView, Json an input string, string, bytes, json
//   TensorView<T>, ImageView, TableView, AnyView   an input tensor, image, table, any
//   List<T>                                        an input list<T>
//   std::optional<T>                               an input that may stay unconnected
//   TensorOut<T>&, ImageOut&, BytesOut&, ListOut<T>&  an output, built in place
//   const P& with P::fields                        the parameters
//   Call&                                          the call: log, progress, cancel, submit
// Inputs and outputs count in the order of the arguments; what is returned comes after them (std::tuple: several outputs,
// std::vector<T>: a list, Table, Image, Tensor<T>, Bytes, Json ...).

#include "plugins/sdk/entry.h"
#include "plugins/sdk/outputs.h"
#include "plugins/sdk/params.h"

#include <optional>
#include <tuple>

namespace orrery::plugin {

// What a binding needs to know of its function.
struct Frame {
    const orrery_call_v1_t* call;
    const orrery_function_v1_t* function;
    std::string inputName(std::uint32_t port) const { return text("input `", function->inputs[port]->name, "`"); }
};

enum class ArgumentKind : std::uint8_t { Input, Output, Params, Call };

// How an argument of type A is made for a call: hold() before, use() passes it, type() is its port type.
template <class A>
struct Bind {
    static_assert(Decodable<A>, "this type cannot be an argument of a remote function; the table in plugins/sdk/function.h lists those that can");
    static constexpr ArgumentKind kind = ArgumentKind::Input;
    static constexpr bool optional = false;
    using Holder = A;
    static std::string type() { return Decode<A>::type(); }
    static A hold(const Frame& frame, std::uint32_t port)
    {
        const orrery_input_v1_t& input = frame.call->inputs[port];
        if (input.count != 1) [[unlikely]] throw Error(text(frame.inputName(port), input.count == 0 ? " has no value" : " has several values where one is read"));
        return one(frame, port, input.items[0]);
    }
    static A one(const Frame& frame, std::uint32_t port, const orrery_view_v1_t& view)
    {
        try {
            return AnyView(view, "").template as<A>();
        } catch (const Error& e) {
            throw Error(text(frame.inputName(port), " ", e.what()));
        }
    }
    static A& use(A& held) { return held; }
};

template <class T>
struct Bind<List<T>> {
    static_assert(Decodable<T>, "a list of this type cannot be an argument of a remote function");
    static constexpr ArgumentKind kind = ArgumentKind::Input;
    static constexpr bool optional = false;
    using Holder = List<T>;
    static std::string type() { return Decode<List<T>>::type(); }
    static List<T> hold(const Frame& frame, std::uint32_t port) { return {frame.call->inputs[port].items, frame.call->inputs[port].count}; }
    static List<T>& use(List<T>& held) { return held; }
};

template <class T>
struct Bind<std::optional<T>> {
    static constexpr ArgumentKind kind = ArgumentKind::Input;
    static constexpr bool optional = true;
    using Holder = std::optional<T>;
    static std::string type() { return Bind<T>::type(); }
    static std::optional<T> hold(const Frame& frame, std::uint32_t port)
    {
        if (frame.call->inputs[port].count == 0) return std::nullopt;
        return Bind<T>::hold(frame, port);
    }
    static std::optional<T>& use(std::optional<T>& held) { return held; }
};

template <BuiltInPlace O>
struct Bind<O> {
    static constexpr ArgumentKind kind = ArgumentKind::Output;
    using Holder = O;
    static std::string type() { return O::type(); }
    static O hold(const Frame& frame, std::uint32_t port) { return {frame.call, port, frame.function->outputs[port]->name}; }
    static O& use(O& held) { return held; }
};

template <Parameters P>
struct Bind<P> {
    static constexpr ArgumentKind kind = ArgumentKind::Params;
    using Holder = std::shared_ptr<const P>;
    static Holder hold(const Frame& frame, std::uint32_t)
    {
        thread_local ParamsCache<P> cache;
        return cache.get(frame.call->params, frame.call->params_bytes);
    }
    static const P& use(const Holder& held) { return *held; }
};

template <>
struct Bind<Call> {
    static constexpr ArgumentKind kind = ArgumentKind::Call;
    using Holder = Call;
    static Call hold(const Frame& frame, std::uint32_t) { return Call(frame.call); }
    static Call& use(Call& held) { return held; }
};

// What a function returns, as outputs.
template <class R>
struct Returned {
    static_assert(Encodable<R>, "this type cannot be a result of a remote function; build it in place or return a type that plugins/sdk/encode.h knows");
    static constexpr std::uint32_t count = 1;
    static std::vector<std::string> types() { return {Encode<R>::type()}; }
    static void give(const Frame& frame, std::uint32_t port, const R& value)
    {
        const Encode<R> encode(value);
        void* memory = frame.call->host->allocate(frame.call->context, port, encode.bytes());
        if (memory == nullptr) throw Error(text("output `", frame.function->outputs[port]->name, "` of ", encode.bytes(), " bytes: ", Call(frame.call).lastError()));
        encode.write(memory);
    }
};

template <class... R>
struct Returned<std::tuple<R...>> {
    static constexpr std::uint32_t count = sizeof...(R);
    static std::vector<std::string> types() { return {Encode<R>::type()...}; }
    static void give(const Frame& frame, std::uint32_t port, const std::tuple<R...>& values)
    {
        std::apply([&](const R&... value) { (Returned<R>::give(frame, port++, value), ...); }, values);
    }
};

template <>
struct Returned<void> {
    static constexpr std::uint32_t count = 0;
    static std::vector<std::string> types() { return {}; }
};

// The wall. Runs `body`; whatever it throws ends here.
template <class Body>
std::int32_t guarded(const orrery_call_v1_t* call, Body&& body) noexcept
{
    const auto fail = [call](std::string_view why) {
        call->host->fail(call->context, why.data(), why.size());
        return std::int32_t{ORRERY_FAILED};
    };
    try {
        body();
        return ORRERY_OK;
    } catch (const Cancelled&) {
        return ORRERY_CANCELLED;
    } catch (const std::bad_alloc&) {
        return fail("out of memory");
    } catch (const std::exception& e) {
        return fail(*e.what() == '\0' ? "an exception without a message" : e.what());
    } catch (...) {
        return fail("an exception that is not a std::exception");
    }
}

template <auto F, class Signature = decltype(F)>
struct Typed;

template <auto F, class R, class... A>
struct Typed<F, R (*)(A...)> {
    static constexpr std::size_t countOf([[maybe_unused]] ArgumentKind kind) { return ((Bind<std::remove_cvref_t<A>>::kind == kind ? std::size_t{1} : 0) + ... + 0); }
    static constexpr std::size_t inputs = countOf(ArgumentKind::Input);
    static constexpr std::size_t builtOutputs = countOf(ArgumentKind::Output);
    static constexpr std::size_t outputs = builtOutputs + Returned<R>::count;
    static_assert(countOf(ArgumentKind::Params) <= 1, "one struct of parameters a function");
    static_assert(((!std::is_lvalue_reference_v<A> || std::is_const_v<std::remove_reference_t<A>>
                    || Bind<std::remove_cvref_t<A>>::kind == ArgumentKind::Output || Bind<std::remove_cvref_t<A>>::kind == ArgumentKind::Call) && ...),
                  "inputs and parameters are sealed: take them by value or by const reference");

    static std::vector<std::string> inputTypes()
    {
        std::vector<std::string> out;
        (addType<A>(out, ArgumentKind::Input), ...);
        return out;
    }
    static std::vector<bool> inputOptional()
    {
        std::vector<bool> out;
        (addOptional<A>(out), ...);
        return out;
    }
    static std::vector<std::string> outputTypes()
    {
        std::vector<std::string> out;
        (addType<A>(out, ArgumentKind::Output), ...);
        for (std::string& type : Returned<R>::types()) out.push_back(std::move(type));
        return out;
    }
    static std::string schema()
    {
        std::string out = R"({"additionalProperties":false,"properties":{},"type":"object"})";
        (addSchema<A>(out), ...);
        return out;
    }

    // The C entry; `self` is the FunctionEntry.
    static std::int32_t run(const orrery_call_v1_t* call, void* self)
    {
        const Frame frame{call, &static_cast<const FunctionEntry*>(self)->table()};
        return guarded(call, [&] { invoke(frame, std::index_sequence_for<A...>{}); });
    }

private:
    // The port of argument `index` among those of its kind.
    static constexpr std::uint32_t portOf(std::size_t index)
    {
        constexpr std::array<ArgumentKind, sizeof...(A) + 1> kKinds = {Bind<std::remove_cvref_t<A>>::kind..., ArgumentKind::Call};
        std::uint32_t port = 0;
        for (std::size_t i = 0; i < index; ++i)
            if (kKinds[i] == kKinds[index]) ++port;
        return port;
    }
    template <class T>
    static void finish(T& held)
    {
        if constexpr (BuiltInPlace<T>) held.finish();
    }
    template <std::size_t... I>
    static void invoke(const Frame& frame, std::index_sequence<I...>)
    {
        if (frame.call->input_count != inputs || frame.call->output_count != outputs)
            throw Error(text("this call has ", frame.call->input_count, " inputs and ", frame.call->output_count, " outputs; the function has ", inputs, " and ", outputs));
        // Braces: bound in the order of the arguments.
        std::tuple<typename Bind<std::remove_cvref_t<A>>::Holder...> held{Bind<std::remove_cvref_t<A>>::hold(frame, portOf(I))...};
        if constexpr (std::is_void_v<R>) {
            F(static_cast<A>(Bind<std::remove_cvref_t<A>>::use(std::get<I>(held)))...);
        } else {
            Returned<R>::give(frame, builtOutputs, F(static_cast<A>(Bind<std::remove_cvref_t<A>>::use(std::get<I>(held)))...));
        }
        (finish(std::get<I>(held)), ...);
    }
    template <class T>
    static void addType(std::vector<std::string>& out, ArgumentKind kind)
    {
        using B = Bind<std::remove_cvref_t<T>>;
        if constexpr (B::kind == ArgumentKind::Input || B::kind == ArgumentKind::Output)
            if (B::kind == kind) out.push_back(B::type());
    }
    template <class T>
    static void addOptional(std::vector<bool>& out)
    {
        using B = Bind<std::remove_cvref_t<T>>;
        if constexpr (B::kind == ArgumentKind::Input) out.push_back(B::optional);
    }
    template <class T>
    static void addSchema(std::string& out)
    {
        using P = std::remove_cvref_t<T>;
        if constexpr (Bind<P>::kind == ArgumentKind::Params) out = fieldsOf<P>().schema();
    }
};

} // namespace orrery::plugin
