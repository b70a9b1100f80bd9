// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The values that cross between processes, as bytes: one description of each struct serves writing, reading and the version, so
// that they cannot differ. Readers check every count, choice and size before use, make at most kWireElementsMax bytes of list
// elements on a peer's word, and refuse what is not read whole. A double is whatever the peer says, NaN included.
// wireVersion() follows from the descriptions by itself; ends of different versions refuse each other. kWireMeaning is to be
// raised by hand where the same fields come to mean something else.
// Thread: any; plain functions.

#include "engine/base/bytes.h"
#include "engine/net/peer_channel.h"
#include "engine/net/peer_link.h"
#include "engine/types/graph_document.h"

#include <map>
#include <optional>
#include <type_traits>

namespace orrery::net {

inline constexpr std::uint64_t kWireMeaning = 2;
inline constexpr std::size_t kWireBytesMax = 32u << 20;
inline constexpr std::size_t kWireElementsMax = 128u << 20; // a list of small things takes more memory than bytes on the wire

template <typename A, typename T>
void fields(A& a, T& v) = delete; // a struct that has no description below does not cross

class WireWriter {
public:
    template <typename... T>
    void operator()(const T&... v) { (one(v), ...); }
    template <typename T>
    void choice(const T& v, T) { m_out.put(v); }
    void check(bool) {}
    base::Bytes take() { return m_out.take(); }

private:
    template <typename T>
    void one(const T& v);
    base::ByteWriter m_out;
};

class WireReader {
public:
    explicit WireReader(std::span<const std::byte> bytes) : m_in(bytes) {}
    template <typename... T>
    void operator()(T&... v) { (one(v), ...); }
    template <typename T>
    void choice(T& v, T last)
    {
        m_in.get(v);
        check(v <= last);
    }
    void check(bool good)
    {
        if (!good) m_bad = true;
    }
    bool ok() const { return m_in.ok() && m_in.atEnd() && !m_bad; }

private:
    template <typename T>
    void one(T& v);
    // One more element of a list. False: the peer's lists are too large.
    bool afford(std::size_t bytes)
    {
        if (bytes > m_elementsLeft) {
            m_bad = true;
            m_in.take(m_in.left() + 1); // ends every list that is being read
            return false;
        }
        m_elementsLeft -= bytes;
        return true;
    }
    base::ByteReader m_in;
    std::size_t m_elementsLeft = kWireElementsMax;
    bool m_bad = false;
};

// Walks the descriptions and makes a number of what it meets: kinds, order, widths, last values of choices.
class WireShape {
public:
    template <typename... T>
    void operator()(const T&... v) { (one(v), ...); }
    template <typename T>
    void choice(const T&, T last) { mix(100 + static_cast<std::uint64_t>(last)); }
    void check(bool) {}
    template <typename T>
    void one(const T& v);
    std::uint64_t shape() const { return m_shape; }

private:
    void mix(std::uint64_t part) { m_shape = (m_shape ^ part) * 0x100000001b3ull; }
    std::uint64_t m_shape = 0xcbf29ce484222325ull ^ kWireMeaning;
};

namespace detail {
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsVariant : std::false_type {};
template <typename... T>
struct IsVariant<std::variant<T...>> : std::true_type {};
template <typename T>
struct IsId : std::false_type {};
template <char K>
struct IsId<base::Id<K>> : std::true_type {};
template <typename T>
struct IsArray : std::false_type {};
template <typename T, std::size_t N>
struct IsArray<std::array<T, N>> : std::true_type {};
template <typename T>
struct IsPair : std::false_type {};
template <typename A, typename B>
struct IsPair<std::pair<A, B>> : std::true_type {};

template <typename Variant, std::size_t I = 0>
bool makeVariant(Variant& v, std::size_t index)
{
    if constexpr (I < std::variant_size_v<Variant>) {
        if (index == I) {
            v.template emplace<I>();
            return true;
        }
        return makeVariant<Variant, I + 1>(v, index);
    } else {
        return false;
    }
}
} // namespace detail

// ---- descriptions ----
template <typename A> void fields(A& a, types::RunRow& v)
{
    a(v.id, v.number, v.title);
    a.choice(v.state, types::RunState::Stopped);
    a(v.submitWallNs, v.startNs, v.endNs, v.counts, v.tasks, v.reexecuted, v.error);
}
template <typename A> void fields(A& a, types::VertexCounts& v) { a(v.vertex, v.tasks, v.counts, v.busyNs); }
template <typename A> void fields(A& a, types::JoinSteps& v) { a(v.enrolNs, v.linkNs, v.pluginsNs, v.plugins, v.atNs); }
template <typename A> void fields(A& a, types::NodeRow& v)
{
    a(v.node, v.id, v.name, v.host);
    a.choice(v.state, types::NodeState::Dead);
    a(v.pid, v.total, v.free, v.cpuShare, v.memoryBytes, v.memoryTotalBytes, v.storeBytes, v.storeCapacityBytes, v.storeObjects, v.netInBytes, v.netOutBytes, v.workers, v.workersBusy, v.heartbeatNs, v.why, v.remote, v.address, v.clockOffsetNs, v.clockErrorNs, v.join);
}
template <typename A> void fields(A& a, types::WorkerRow& v) { a(v.track, v.node, v.id, v.pid, v.alive, v.exit, v.rssBytes, v.tasksDone, v.running, v.startNs, v.endNs); }
template <typename A> void fields(A& a, types::LogLine& v) { a(v.atNs, v.node, v.worker, v.row, v.level, v.text); }
template <typename A> void fields(A& a, types::Port& v) { a(v.name, v.type, v.doc, v.optional); }
template <typename A> void fields(A& a, types::FunctionInfo& v)
{
    a(v.name, v.label, v.doc, v.category, v.icon, v.inputs, v.outputs, v.paramSchema, v.resources, v.retries, v.pure, v.computedPorts);
}
template <typename A> void fields(A& a, types::PluginInfo& v) { a(v.name, v.version, v.doc, v.path, v.sha256, v.interfaceHash, v.forkSafe, v.functions, v.pages); }
template <typename A> void fields(A& a, types::PluginProblem& v) { a(v.path, v.message); }
template <typename A> void fields(A& a, types::Catalog& v) { a(v.plugins, v.problems); }
template <typename A> void fields(A& a, types::Interest& v) { a(v.run, v.blocks, v.logs, v.haveBlocks, v.haveTrace, v.intervalNs); }
template <typename A> void fields(A& a, types::Delta& v)
{
    a(v.epoch, v.seq, v.resync, v.nowNs, v.wallOffsetNs, v.run, v.runs, v.vertices, v.nodes, v.workers, v.firstBlock, v.blocks, v.trace, v.graph, v.catalog, v.logs);
}
template <typename A> void fields(A& a, types::Query& v) { a(v.table, v.run, v.filter, v.sort, v.columns, v.first, v.count); }
template <typename A> void fields(A&, std::monostate&) {}
template <typename A> void fields(A& a, types::Page& v)
{
    a(v.epoch, v.seq, v.columns, v.rows, v.total, v.dropped, v.complete);
    for (const auto& row : v.rows) a.check(row.size() == v.columns.size());
}
template <typename A> void fields(A& a, types::ObjectAddress& v) { a(v.run, v.row, v.output, v.item); }
template <typename A> void fields(A& a, types::PreviewWish& v) { a(v.object, v.pixels, v.rows, v.textBytes); }
template <typename A> void fields(A& a, types::Preview& v)
{
    a.choice(v.kind, types::Preview::Kind::List);
    a(v.type, v.bytes, v.facts, v.text, v.width, v.height, v.pixels, v.fullWidth, v.fullHeight, v.columns, v.rows, v.totalRows);
    // A painter takes these at their word.
    if (v.kind == types::Preview::Kind::Image) a.check(v.pixels.size() == std::uint64_t{4} * v.width * v.height);
    for (const auto& row : v.rows) a.check(row.size() == v.columns.size());
}
template <typename A> void fields(A& a, types::Range& v) { a(v.offset, v.length); }
template <typename A> void fields(A& a, types::Chunk& v) { a(v.total, v.bytes); }
template <typename A> void fields(A& a, types::StartRun& v) { a(v.document, v.params, v.title, v.probe); }
template <typename A> void fields(A& a, types::StopRun& v) { a(v.run); }
template <typename A> void fields(A& a, types::KillWorker& v) { a(v.track); }
template <typename A> void fields(A& a, types::AddNode& v) { a(v.cpus, v.storeBytes); }
template <typename A> void fields(A& a, types::RemoveNode& v) { a(v.node, v.kill); }
template <typename A> void fields(A&, types::Shutdown&) {}
template <typename A> void fields(A&, types::RescanPlugins&) {}
template <typename A> void fields(A& a, types::MakeToken& v) { a(v.role, v.lifeNs, v.nodeName); }
template <typename A> void fields(A&, types::ListTokens&) {}
template <typename A> void fields(A& a, types::RevokeToken& v) { a(v.id); }
template <typename A> void fields(A& a, types::Listen& v) { a(v.address); }
template <typename A> void fields(A&, types::ListMembers&) {}
template <typename A> void fields(A& a, types::RemoveMember& v) { a(v.id); }
template <typename A> void fields(A& a, types::MemberInfo& v) { a(v.id, v.role, v.host, v.nodeName, v.enrolledWallNs, v.removed); }
template <typename A> void fields(A& a, types::NetworkInfo& v) { a(v.address, v.enrol, v.fingerprint, v.hosts); }
template <typename A> void fields(A& a, types::TokenInfo& v) { a(v.id, v.role, v.nodeName, v.state, v.usedBy, v.madeWallNs, v.expiresWallNs, v.endedWallNs); }
template <typename A> void fields(A& a, types::Reply& v) { a(v.run, v.text, v.problems, v.tokens, v.network, v.members); }
template <typename A> void fields(A& a, types::Can& v) { a(v.yes, v.why); }
template <typename A> void fields(A& a, base::Error& v)
{
    a.choice(v.code, base::Errc::Internal);
    a(v.message);
}
template <typename A> void fields(A& a, RegisterNode& v) { a(v.node, v.incarnation, v.name, v.host, v.address, v.pid, v.total, v.storeCapacityBytes, v.nodeNowNs, v.tcp, v.remote, v.draining); }
template <typename A> void fields(A& a, Heartbeat& v) { a(v.row, v.nodeNowNs, v.workers); }
template <typename A> void fields(A& a, TraceBlock& v) { a(v.run, v.number, v.bytes); }
template <typename A> void fields(A& a, LogLines& v) { a(v.lines); }
template <typename A> void fields(A& a, RunEnded& v)
{
    a(v.run, v.homeEpoch);
    a.choice(v.state, types::RunState::Stopped);
    a(v.error, v.reexecuted);
}
template <typename A> void fields(A& a, Answer& v) { a(v.request, v.value); }
template <typename A> void fields(A& a, AskPlugin& v) { a(v.sha256, v.offset); }
template <typename A> void fields(A& a, RenewCertificate& v) { a(v.request); }
template <typename A> void fields(A& a, Welcome& v) { a(v.headEpoch, v.number, v.clusterNowNs, v.firstTrack, v.tracks, v.nodeNowNs); }
template <typename A> void fields(A& a, UseCatalog& v) { a(v.catalog); }
template <typename A> void fields(A& a, HomeRun& v) { a(v.run, v.homeEpoch, v.graph, v.again, v.moved); }
template <typename A> void fields(A& a, StopHomeRun& v) { a(v.run); }
template <typename A> void fields(A& a, ForgetRun& v) { a(v.run); }
template <typename A> void fields(A& a, AckBlocks& v) { a(v.run, v.upTo); }
template <typename A> void fields(A& a, AskPreview& v) { a(v.request, v.wish); }
template <typename A> void fields(A& a, AskBytes& v) { a(v.request, v.object, v.range); }
template <typename A> void fields(A& a, AskKillWorker& v) { a(v.request, v.track); }
template <typename A> void fields(A& a, StopNode& v) { a(v.now); }

template <typename A> void fields(A& a, PeerNode& v) { a(v.number, v.node, v.incarnation, v.address, v.alive, v.total, v.tcp, v.draining); }
template <typename A> void fields(A& a, UsePeers& v) { a(v.peers); }
template <typename A> void fields(A&, StartAnew&) {}
template <typename A> void fields(A& a, PluginPiece& v) { a(v.sha256, v.offset, v.total, v.bytes, v.problem); }
template <typename A> void fields(A& a, UseCertificate& v) { a(v.pem); }
template <typename A> void fields(A& a, ClockIs& v) { a(v.nodeNowNs, v.clusterNowNs); }
template <typename A> void fields(A& a, OpenNetwork& v) { a(v.folder, v.listen, v.advertise); }
template <typename A> void fields(A&, DrainNode&) {}
template <typename A> void fields(A& a, DrainState& v) { a(v.tasks, v.values, v.moved, v.left, v.resting, v.done); }
template <typename A> void fields(A& a, UseDenied& v) { a(v.ids); }
template <typename A> void fields(A& a, HomeIs& v) { a(v.run, v.node, v.epoch); }
template <typename A> void fields(A& a, UseHomes& v) { a(v.homes, v.all); }

// ---- between nodes ----
template <typename A> void fields(A& a, ObjectKey& v) { a(v.vertex, v.output, v.index); }
template <typename A> void fields(A& a, PeerArgument& v) { a(v.port, v.item, v.isInline, v.bytes, v.key, v.size, v.at); }
template <typename A> void fields(A& a, PeerTask& v) { a(v.row, v.attempt, v.vertex, v.mapIndex, v.mapCount, v.args); }
template <typename A> void fields(A& a, ValueFacts& v) { a(v.type, v.dtype, v.rank, v.shape); }
template <typename A> void fields(A& a, PeerOutput& v) { a(v.isInline, v.bytes, v.size, v.items, v.facts); }
template <typename A> void fields(A& a, OpenRun& v) { a(v.run, v.epoch, v.graph); }
template <typename A> void fields(A& a, Offer& v) { a(v.run, v.epoch, v.ready); }
template <typename A> void fields(A& a, PushTasks& v) { a(v.run, v.epoch, v.tasks); }
template <typename A> void fields(A& a, RecallTasks& v) { a(v.run, v.epoch, v.classIndex, v.count); }
template <typename A> void fields(A& a, CancelTasks& v) { a(v.run, v.epoch); }
template <typename A> void fields(A& a, FreeValues& v) { a(v.run, v.epoch, v.keys); }
template <typename A> void fields(A& a, KeepValue& v) { a(v.run, v.epoch, v.key); }
template <typename A> void fields(A& a, CloseRun& v) { a(v.run, v.epoch, v.moved, v.left); }
template <typename A> void fields(A& a, WantedValue& v) { a(v.key, v.size, v.at); }
template <typename A> void fields(A& a, BringValue& v) { a(v.run, v.epoch, v.what); }
template <typename A> void fields(A& a, ValueKept& v) { a(v.run, v.epoch, v.key, v.kept); }
template <typename A> void fields(A& a, HeldValue& v) { a(v.key, v.size, v.items, v.primary, v.facts, v.isInline, v.bytes); }
template <typename A> void fields(A& a, Inventory& v) { a(v.run, v.epoch, v.values, v.last); }
template <typename A> void fields(A& a, Credit& v) { a(v.run, v.epoch, v.window, v.workers); }
template <typename A> void fields(A& a, TaskBegan& v) { a(v.run, v.epoch, v.row, v.attempt, v.track, v.atNs); }
template <typename A> void fields(A& a, TaskDone& v)
{
    a(v.run, v.epoch, v.row, v.attempt, v.track);
    a.choice(v.status, types::ResultRecord::Status::Cancelled);
    a.choice(v.cause, types::Cause::Oom);
    a(v.startNs, v.endNs, v.cpuUs, v.peakKiB, v.outputs, v.error);
}
template <typename A> void fields(A& a, TaskLost& v)
{
    a(v.run, v.epoch, v.row, v.attempt, v.track);
    a.choice(v.cause, types::Cause::Oom);
    a(v.why);
}
template <typename A> void fields(A& a, TaskBack& v)
{
    a(v.run, v.epoch, v.row, v.attempt);
    a.choice(v.why, TaskBack::Why::Other);
    a(v.missing, v.from);
}
template <typename A> void fields(A& a, NeedRoom& v) { a(v.run, v.epoch, v.bytes); }
template <typename A> void fields(A& a, TaskRefused& v) { a(v.run, v.epoch, v.row, v.attempt, v.why); }
template <typename A> void fields(A& a, ValueCopied& v) { a(v.run, v.epoch, v.key, v.gone, v.from, v.startNs, v.endNs); }
template <typename A> void fields(A& a, PeerFrame& v)
{
    a.choice(v.kind, PeerFrame::Kind::Ack);
    a(v.from, v.to, v.life, v.ofLife, v.number, v.body);
}

// ---- the two directions ----
template <typename T>
void WireWriter::one(const T& v)
{
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) m_out.put(v);
    else if constexpr (std::is_same_v<T, std::string>) m_out.put(v);
    else if constexpr (std::is_same_v<T, base::Bytes>) m_out.put(v);
    else if constexpr (detail::IsId<T>::value) m_out.put(v);
    else if constexpr (std::is_same_v<T, types::Resources>) {
        m_out.put(static_cast<std::uint32_t>(v.entries().size()));
        for (const auto& entry : v.entries()) (*this)(entry.name, entry.units);
    } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
        m_out.put(static_cast<std::uint32_t>(v.size()));
        for (const auto& [key, value] : v) (*this)(key, value);
    } else if constexpr (std::is_same_v<T, types::BlockBytes>) m_out.put(v ? *v : base::Bytes{});
    else if constexpr (std::is_same_v<T, std::shared_ptr<const types::Graph>>) m_out.put(v ? types::formatDocument(*v) : std::string());
    else if constexpr (std::is_same_v<T, std::shared_ptr<const types::Catalog>>) {
        m_out.put(v != nullptr);
        if (v) one(*v);
    } else if constexpr (detail::IsArray<T>::value) {
        for (const auto& item : v) one(item);
    } else if constexpr (detail::IsPair<T>::value) {
        one(v.first);
        one(v.second);
    } else if constexpr (detail::IsVector<T>::value) {
        m_out.put(static_cast<std::uint32_t>(v.size()));
        for (const auto& item : v) one(item);
    } else if constexpr (detail::IsVariant<T>::value) {
        m_out.put(static_cast<std::uint8_t>(v.index()));
        std::visit([this](const auto& held) { one(held); }, v);
    } else {
        fields(*this, const_cast<T&>(v)); // one description serves both; a writer only reads
    }
}

template <typename T>
void WireReader::one(T& v)
{
    static_assert(!std::is_enum_v<T>, "an enum is read with choice(), which knows its last value");
    if constexpr (std::is_same_v<T, bool>) {
        const auto byte = m_in.get<std::uint8_t>();
        check(byte <= 1);
        v = byte == 1;
    } else if constexpr (std::is_arithmetic_v<T>) m_in.get(v);
    else if constexpr (std::is_same_v<T, std::string>) m_in.get(v);
    else if constexpr (std::is_same_v<T, base::Bytes>) m_in.get(v);
    else if constexpr (detail::IsId<T>::value) m_in.get(v);
    else if constexpr (std::is_same_v<T, types::Resources>) {
        m_in.list(12, [&](base::ByteReader& r) {
            const std::string name = r.text();
            const auto units = r.get<std::int64_t>();
            if (afford(sizeof(types::Resources::Entry)) && units >= 0) v.setUnits(name, units);
            else m_bad = true;
        });
    } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
        m_in.list(8, [&](base::ByteReader& r) {
            std::string key = r.text();
            if (afford(sizeof key * 2)) v[std::move(key)] = r.text();
        });
    } else if constexpr (std::is_same_v<T, types::BlockBytes>) {
        auto bytes = std::make_shared<base::Bytes>();
        m_in.get(*bytes);
        v = std::move(bytes);
    } else if constexpr (std::is_same_v<T, std::shared_ptr<const types::Graph>>) {
        const std::string text = m_in.text();
        if (text.empty()) return;
        auto parsed = types::parseDocument(text);
        if (!parsed.ok()) m_bad = true;
        else v = std::make_shared<const types::Graph>(std::move(parsed.graph));
    } else if constexpr (std::is_same_v<T, std::shared_ptr<const types::Catalog>>) {
        bool there = false;
        one(there);
        if (!there) return;
        auto catalog = std::make_shared<types::Catalog>();
        one(*catalog);
        v = std::move(catalog);
    } else if constexpr (detail::IsArray<T>::value) {
        for (auto& item : v) one(item);
    } else if constexpr (detail::IsPair<T>::value) {
        one(v.first);
        one(v.second);
    } else if constexpr (detail::IsVector<T>::value) {
        m_in.list(1, [&](base::ByteReader&) {
            if (afford(sizeof(typename T::value_type))) one(v.emplace_back());
        });
    } else if constexpr (detail::IsVariant<T>::value) {
        if (!detail::makeVariant(v, m_in.get<std::uint8_t>())) m_bad = true;
        else std::visit([this](auto& held) { one(held); }, v);
    } else {
        fields(*this, v);
    }
}

template <typename T>
void WireShape::one(const T& v)
{
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) mix(sizeof(T) + (std::is_floating_point_v<T> ? 16 : 0) + (std::is_signed_v<T> ? 32 : 0));
    else if constexpr (std::is_same_v<T, std::string>) mix(1001);
    else if constexpr (std::is_same_v<T, base::Bytes> || std::is_same_v<T, types::BlockBytes>) mix(1002);
    else if constexpr (detail::IsId<T>::value) mix(1100 + T::kKind);
    else if constexpr (std::is_same_v<T, types::Resources>) mix(1003);
    else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) mix(1004);
    else if constexpr (std::is_same_v<T, std::shared_ptr<const types::Graph>>) mix(1005);
    else if constexpr (std::is_same_v<T, std::shared_ptr<const types::Catalog>>) {
        mix(1006);
        one(types::Catalog{});
    } else if constexpr (detail::IsArray<T>::value) {
        mix(2000 + v.size());
        one(typename T::value_type{});
    } else if constexpr (detail::IsPair<T>::value) {
        one(v.first);
        one(v.second);
    } else if constexpr (detail::IsVector<T>::value) {
        mix(1007);
        one(typename T::value_type{});
    } else if constexpr (detail::IsVariant<T>::value) {
        mix(3000 + std::variant_size_v<T>);
        [this]<std::size_t... I>(std::index_sequence<I...>) { (one(std::variant_alternative_t<I, T>{}), ...); }(std::make_index_sequence<std::variant_size_v<T>>{});
    } else {
        mix(1008);
        fields(*this, const_cast<T&>(v));
    }
}

// The version of a value's description. Both ends of a channel compare the one of what they carry.
template <typename... T>
std::uint32_t wireShape()
{
    WireShape shape;
    (shape.one(T{}), ...);
    return static_cast<std::uint32_t>(shape.shape() ^ (shape.shape() >> 32));
}

// Of everything that crosses, so that a peer is refused at its first message and not at the first one that differs.
inline std::uint32_t wireVersion()
{
    static const std::uint32_t version = wireShape<FromNode, ToNode, PeerFrame, ToGuest, ToHome, types::Intent, types::Reply, types::Interest, types::Delta, types::Query, types::Page, types::PreviewWish, types::Preview, types::ObjectAddress, types::Range, types::Chunk, types::Can, base::Error>();
    return version;
}

template <typename T>
base::Bytes toWire(const T& value)
{
    WireWriter out;
    out(value);
    return out.take();
}

template <typename T>
base::Result<T> fromWire(std::span<const std::byte> bytes)
{
    if (bytes.size() > kWireBytesMax) return base::fail(base::Errc::BadInput, "a message is larger than " + std::to_string(kWireBytesMax) + " bytes");
    WireReader in(bytes);
    T value{};
    in(value);
    if (!in.ok()) return base::fail(base::Errc::BadInput, "a message of the control plane cannot be read; are both programs of the same version?");
    return value;
}

} // namespace orrery::net
