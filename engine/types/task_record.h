// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a lane carries: task records down, result records up. The submitter writes a TaskRecord, the worker reads it and
// writes a ResultRecord, the node follows both. Everything constant per function and parameters is in a Template, which the
// node sends to the worker once, before the first task that names it.
// Readers are bounds-checked (ByteReader); the peer is another trust domain.
// Thread: plain values.

#include "engine/base/bytes.h"
#include "engine/types/run.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace orrery::types {

// Values up to this size ride in the record (formats page).
inline constexpr std::size_t kInlineBytesMax = 8 * 1024;
inline constexpr std::uint64_t kValueBytesMax = std::uint64_t{1} << 40;
inline constexpr std::size_t kRecordArgsMax = 1u << 20;
inline constexpr std::size_t kOutputsMax = 64;

// Where a sealed value lies in the node's store.
struct Place {
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    bool operator==(const Place&) const = default;
    // Whether a value may lie here for who was granted `window`. None has no bytes; at a window's end it would be outside.
    bool isValueIn(const Place& window) const
    {
        return bytes > 0 && segment == window.segment && offset >= window.offset && bytes <= window.bytes && offset - window.offset <= window.bytes - bytes;
    }
};

struct Argument {
    std::uint16_t port = 0;
    std::int32_t item = -1;        // index into a list value, -1: the whole value
    bool isInline = false;
    Place place;                   // !isInline
    base::Bytes bytes;             // isInline
};

struct TaskRecord {
    std::uint32_t templateId = 0;
    std::uint32_t owner = 0;       // which table of the submitter: run slot, or 0 for calls
    std::uint32_t row = 0;         // row in that table
    std::uint32_t mapIndex = 0;
    std::uint32_t mapCount = 1;
    std::uint8_t attempt = 1;
    base::TaskId task;
    TimeNs submitNs = 0;           // machine's monotonic clock
    Place argsPlace;               // bytes > 0: the list of arguments is too long for a lane and lies there, as writeArgs() has it
    std::vector<Argument> args;

    void write(base::ByteWriter& out) const
    {
        out.put(templateId); out.put(owner); out.put(row); out.put(mapIndex); out.put(mapCount); out.put(attempt); out.put(task); out.put(submitNs);
        out.put(argsPlace.segment); out.put(argsPlace.offset); out.put(argsPlace.bytes);
        writeArgs(out);
    }
    void writeArgs(base::ByteWriter& out) const
    {
        out.list(args, [](base::ByteWriter& w, const Argument& arg) {
            w.put(arg.port); w.put(arg.item); w.put(arg.isInline);
            if (arg.isInline) w.put(arg.bytes);
            else { w.put(arg.place.segment); w.put(arg.place.offset); w.put(arg.place.bytes); }
        });
    }
    // false: not a task record. The vectors of `this` are reused.
    bool read(std::span<const std::byte> bytes)
    {
        base::ByteReader in(bytes);
        in.get(templateId); in.get(owner); in.get(row); in.get(mapIndex); in.get(mapCount); in.get(attempt); in.get(task); in.get(submitNs);
        in.get(argsPlace.segment); in.get(argsPlace.offset); in.get(argsPlace.bytes);
        return readArgs(in);
    }
    bool readArgs(std::span<const std::byte> bytes)
    {
        base::ByteReader in(bytes);
        return readArgs(in);
    }

private:
    bool readArgs(base::ByteReader& in)
    {
        args.clear();
        in.list(11, [this](base::ByteReader& r) {
            Argument& arg = args.emplace_back();
            r.get(arg.port); r.get(arg.item);
            arg.isInline = r.get<std::uint8_t>() != 0;
            if (arg.isInline) r.get(arg.bytes);
            else { r.get(arg.place.segment); r.get(arg.place.offset); r.get(arg.place.bytes); }
        });
        return in.ok() && in.atEnd();
    }
};

struct Output {
    bool isInline = true;
    Place place;              // !isInline
    base::Bytes bytes;        // isInline: the value with its header
    std::uint32_t items = 0;  // of a list value
};

struct ResultRecord {
    enum class Status : std::uint8_t { Ok, Failed, Cancelled };
    std::uint64_t position = 0; // of the task in its ring
    std::uint32_t owner = 0;
    std::uint32_t row = 0;
    std::uint8_t attempt = 1;
    Status status = Status::Ok;
    Cause cause = Cause::None;
    TimeNs startNs = 0, endNs = 0; // machine's monotonic clock
    std::uint32_t cpuUs = 0;
    std::uint32_t peakKiB = 0;
    std::vector<Output> outputs;
    std::string error;          // one sentence, at most 4 KiB

    void write(base::ByteWriter& out) const
    {
        out.put(position); out.put(owner); out.put(row); out.put(attempt); out.put(status); out.put(cause); out.put(startNs); out.put(endNs); out.put(cpuUs); out.put(peakKiB);
        out.list(outputs, [](base::ByteWriter& w, const Output& o) {
            w.put(o.isInline); w.put(o.items);
            if (o.isInline) w.put(o.bytes);
            else { w.put(o.place.segment); w.put(o.place.offset); w.put(o.place.bytes); }
        });
        out.put(error);
    }
    bool read(std::span<const std::byte> bytes)
    {
        base::ByteReader in(bytes);
        in.get(position); in.get(owner); in.get(row); in.get(attempt); in.get(status); in.get(cause); in.get(startNs); in.get(endNs); in.get(cpuUs); in.get(peakKiB);
        outputs.clear();
        in.list(9, [this](base::ByteReader& r) {
            Output& o = outputs.emplace_back();
            o.isInline = r.get<std::uint8_t>() != 0;
            r.get(o.items);
            if (o.isInline) r.get(o.bytes);
            else { r.get(o.place.segment); r.get(o.place.offset); r.get(o.place.bytes); }
        });
        in.get(error);
        return in.ok() && in.atEnd() && status <= Status::Cancelled && cause <= Cause::Oom && outputs.size() <= kOutputsMax;
    }
};

// Function, parameters and shape of a family of tasks.
struct Template {
    std::uint32_t id = 0;
    std::string plugin;      // path of the .so
    std::string function;    // "imaging.render"
    std::string params;      // JSON text, complete and valid
    std::uint16_t inputs = 0;  // ports
    std::uint16_t outputs = 0;
    std::uint32_t gate = 0;  // bit in the gate page

    void write(base::ByteWriter& out) const
    {
        out.put(id); out.put(plugin); out.put(function); out.put(params); out.put(inputs); out.put(outputs); out.put(gate);
    }
    void read(base::ByteReader& in)
    {
        in.get(id); in.get(plugin); in.get(function); in.get(params); in.get(inputs); in.get(outputs); in.get(gate);
    }
};

} // namespace orrery::types
