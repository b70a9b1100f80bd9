// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/journal.h"

#include "engine/archive/migrations.h"
#include "engine/archive/run_columns.h"
#include "engine/base/failpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace orrery::archive {

using base::Errc;
using base::fail;

namespace {

// A copy beside the store, made of what the check found sound: what a person puts in its place when the store is damaged.
base::Result<void> keepCopy(Database& database, const std::filesystem::path& copy)
{
    const std::string fresh = copy.string() + ".new";
    std::remove(fresh.c_str());
    std::string quoted;
    for (const char c : fresh) quoted += c == '\'' ? "''" : std::string(1, c);
    ORRERY_TRY(database.exec("VACUUM INTO '" + quoted + "'"));
    if (std::rename(fresh.c_str(), copy.c_str()) != 0) return base::failErrno(Errc::Failed, "The copy " + copy.string() + " of the control store cannot be put in its place");
    return syncFolder(copy.parent_path());
}

std::string tokenText(std::uint64_t id) { return fmt::format("{:016x}", id); }

std::string instead(const std::filesystem::path& copy)
{
    return std::filesystem::exists(copy) ? " A copy from the last start lies at " + copy.string() + "." : " Or begin with another data folder.";
}

} // namespace

base::Result<std::unique_ptr<Journal>> Journal::open(Options options)
{
    auto lock = options.lock ? DataLock::adopt(options.folder, std::move(options.lock)) : DataLock::take(options.folder);
    if (!lock) return lock.error();
    const std::filesystem::path path = options.folder / "control.db";
    const std::filesystem::path copy = options.folder / "control.copy.db";
    auto database = Database::open(path, Database::Mode::Create, "control store");
    if (!database) return database.error();
    const auto withCopy = [&](base::Error error) {
        if (error.code == Errc::BadInput) error.message += instead(copy);
        return error;
    };
    const auto found = database->quickCheck();
    if (!found) return withCopy(found.error());
    if (!found->empty()) return withCopy(fail(Errc::BadInput, fmt::format("The control store {} is damaged ({}).", path.string(), *found)));
    const auto version = database->number("PRAGMA user_version");
    if (!version) return version.error();
    const bool fresh = *version == 0;
    if (!fresh) ORRERY_TRY(keepCopy(*database, copy)); // of each start, so also before a migration
    const auto mode = database->text("PRAGMA journal_mode=WAL");
    if (!mode) return mode.error();
    if (*mode != "wal") return fail(Errc::Refused, fmt::format("The control store {} cannot use a write-ahead log here. Choose a folder on a disk of this computer.", path.string()));
    ORRERY_TRY(database->exec("PRAGMA synchronous=FULL"));
    if (auto migrated = migrate(*database, controlMigrations(), kControlApplicationId); !migrated) return withCopy(migrated.error());
    if (fresh) ORRERY_TRY(syncFolder(options.folder));
    ORRERY_TRY(database->limitBytes(options.bytesMax));
    std::unique_ptr<Journal> journal(new Journal(std::move(*lock), std::move(*database), path, options.deliver));
    if (auto loaded = journal->load(options); !loaded) return withCopy(loaded.error());
    ORRERY_TRY(journal->prepare());
    journal->m_thread = std::thread([made = journal.get()] { made->work(); });
    return journal;
}

Journal::Journal(DataLock lock, Database database, std::filesystem::path path, Deliver deliver)
    : m_lock(std::move(lock)), m_path(std::move(path)), m_deliver(std::move(deliver)), m_database(std::move(database))
{
}

base::Result<void> Journal::eachRow(const std::string& question, const std::function<base::Result<void>(Statement&)>& read)
{
    auto rows = m_database.prepare(question);
    if (!rows) return rows.error();
    for (;;) {
        const auto row = rows->step();
        if (!row) return row.error();
        if (!*row) return {};
        ORRERY_TRY(read(*rows));
    }
}

base::Result<void> Journal::load(const Options& options)
{
    auto cluster = m_database.prepare("SELECT id, head_epoch, created_wall_ns FROM cluster");
    if (!cluster) return cluster.error();
    const auto known = cluster->step();
    if (!known) return known.error();
    if (*known) {
        const auto id = base::ClusterId::parse(cluster->text(0));
        if (!id) return id.error();
        m_loaded.cluster = *id;
        m_loaded.headEpoch = static_cast<std::uint64_t>(cluster->integer(1));
        m_loaded.createdWallNs = cluster->integer(2);
    } else {
        m_loaded.cluster = options.newCluster;
        m_loaded.createdWallNs = options.nowWallNs;
    }
    cluster->reset();
    ++m_loaded.headEpoch;
    // The epoch is durable before anybody hears of it: two heads of one epoch would both be obeyed.
    auto begin = m_database.prepare("INSERT INTO cluster (one, id, head_epoch, created_wall_ns) VALUES (1, ?1, ?2, ?3) ON CONFLICT(one) DO UPDATE SET head_epoch=excluded.head_epoch");
    if (!begin) return begin.error();
    const std::string id = m_loaded.cluster.text();
    ORRERY_TRY(begin->bind(1, id).bind(2, static_cast<std::int64_t>(m_loaded.headEpoch)).bind(3, m_loaded.createdWallNs).run());

    ORRERY_TRY(eachRow(fmt::format("SELECT {} FROM runs ORDER BY number", kRunColumns), [this](Statement& runs) -> base::Result<void> {
        auto run = readRun(runs);
        if (!run) return fail(Errc::BadInput, fmt::format("The control store {} is damaged: {}", m_path.string(), run.error().message));
        m_loaded.runs.push_back(std::move(*run));
        return {};
    }));
    ORRERY_TRY(eachRow("SELECT id, incarnation, number, first_track, tracks, name, host, pid, gone, remote FROM nodes ORDER BY number", [this](Statement& nodes) -> base::Result<void> {
        NodeEntry& node = m_loaded.nodes.emplace_back();
        const auto nodeId = base::NodeId::parse(nodes.text(0));
        if (!nodeId) return fail(Errc::BadInput, fmt::format("The control store {} is damaged: {}", m_path.string(), nodeId.error().message));
        node.id = *nodeId;
        node.incarnation = static_cast<std::uint64_t>(nodes.integer(1));
        node.number = static_cast<std::uint16_t>(nodes.integer(2));
        node.firstTrack = static_cast<std::uint16_t>(nodes.integer(3));
        node.tracks = static_cast<std::uint16_t>(nodes.integer(4));
        node.name = nodes.text(5);
        node.host = nodes.text(6);
        node.pid = nodes.integer(7);
        node.gone = nodes.integer(8) != 0;
        node.remote = nodes.integer(9) != 0;
        return {};
    }));
    ORRERY_TRY(eachRow("SELECT id, secret_digest, role, node_name, made_wall_ns, expires_wall_ns, ended_wall_ns, state, used_by FROM tokens ORDER BY made_wall_ns, id", [this](Statement& tokens) -> base::Result<void> {
        TokenEntry& token = m_loaded.tokens.emplace_back();
        const std::string id(tokens.text(0));
        if (std::from_chars(id.data(), id.data() + id.size(), token.id, 16).ptr != id.data() + id.size())
            return fail(Errc::BadInput, fmt::format("The control store {} is damaged: the id of a join token is none", m_path.string()));
        token.secretDigest = tokens.text(1);
        token.role = tokens.text(2);
        token.nodeName = tokens.text(3);
        token.madeWallNs = tokens.integer(4);
        token.expiresWallNs = tokens.integer(5);
        token.endedWallNs = tokens.integer(6);
        token.state = tokens.integer(7);
        token.usedBy = tokens.text(8);
        return {};
    }));
    return loadMembers();
}

base::Result<void> Journal::loadMembers()
{
    ORRERY_TRY(eachRow("SELECT serial, role, id, key_digest, not_before_wall_ns, not_after_wall_ns, host, node_name FROM members ORDER BY not_before_wall_ns, serial", [this](Statement& members) -> base::Result<void> {
        EnrolEntry& member = m_loaded.members.emplace_back();
        member.serial = members.text(0);
        member.role = members.text(1);
        member.id = members.text(2);
        member.keyDigest = members.text(3);
        member.notBeforeWallNs = members.integer(4);
        member.notAfterWallNs = members.integer(5);
        member.host = members.text(6);
        member.nodeName = members.text(7);
        return {};
    }));
    return eachRow("SELECT id, at_wall_ns FROM denied ORDER BY at_wall_ns, id", [this](Statement& denied) -> base::Result<void> {
        m_loaded.denied.push_back({std::string(denied.text(0)), denied.integer(1)});
        return {};
    });
}

base::Result<void> Journal::prepare()
{
    auto run = m_database.prepare(fmt::format("INSERT OR REPLACE INTO runs ({}) VALUES ({})", kRunColumns, kRunMarks));
    if (!run) return run.error();
    m_putRun = std::move(*run);
    auto node = m_database.prepare("INSERT OR REPLACE INTO nodes (id, incarnation, number, first_track, tracks, name, host, pid, gone, remote) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    if (!node) return node.error();
    m_putNode = std::move(*node);
    auto token = m_database.prepare("INSERT OR REPLACE INTO tokens (id, secret_digest, role, node_name, made_wall_ns, expires_wall_ns, ended_wall_ns, state, used_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    if (!token) return token.error();
    m_putToken = std::move(*token);
    auto drop = m_database.prepare("DELETE FROM tokens WHERE id = ?1");
    if (!drop) return drop.error();
    m_dropToken = std::move(*drop);
    auto member = m_database.prepare("INSERT OR REPLACE INTO members (serial, role, id, key_digest, not_before_wall_ns, not_after_wall_ns, token, host, node_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    if (!member) return member.error();
    m_putMember = std::move(*member);
    auto deny = m_database.prepare("INSERT OR REPLACE INTO denied (id, at_wall_ns) VALUES (?1, ?2)");
    if (!deny) return deny.error();
    m_putDenied = std::move(*deny);
    return {};
}

Journal::~Journal()
{
    {
        const std::lock_guard guard(m_mutex);
        m_stop = true;
    }
    m_work.notify_one();
    if (m_thread.joinable()) m_thread.join();
}

Journal::Key Journal::keyOf(const Entry& entry)
{
    if (const auto* run = std::get_if<RunEntry>(&entry)) return {entry.index(), run->row.id.bits};
    if (const auto* node = std::get_if<NodeEntry>(&entry)) return {entry.index(), node->id.bits};
    if (const auto* token = std::get_if<TokenEntry>(&entry)) return {entry.index(), {token->id, 0}};
    if (const auto* drop = std::get_if<DropToken>(&entry)) return {entry.index(), {drop->id, 0}};
    if (const auto* deny = std::get_if<DenyEntry>(&entry)) return {entry.index(), base::hash128(deny->id)};
    return {entry.index(), {std::get<EnrolEntry>(entry).token.id, 0}}; // a token is spent once
}

void Journal::record(Entry entry, Done done)
{
    std::string problem;
    {
        const std::lock_guard guard(m_mutex);
        if (!m_broken.empty()) {
            problem = m_broken;
        } else {
            const Key key = keyOf(entry);
            auto found = m_waiting.find(key);
            if (found == m_waiting.end() && m_waiting.size() >= kEntriesWaitingMax) {
                problem = fmt::format("The control store {} does not keep up: {} entries wait for the disk.", m_path.string(), m_waiting.size());
            } else {
                if (found == m_waiting.end()) found = m_waiting.try_emplace(key).first;
                found->second.entry = std::move(entry);
                if (done) found->second.dones.push_back(std::move(done));
                ++m_recorded;
            }
        }
        if (!problem.empty()) {
            ++m_figures.failures;
            if (m_problem.empty()) m_problem = problem;
        }
    }
    if (problem.empty()) {
        m_work.notify_one();
        return;
    }
    if (done) answer({std::move(done)}, problem);
}

void Journal::answer(std::vector<Done> dones, const std::string& problem)
{
    if (dones.empty()) return;
    auto all = [dones = std::move(dones), problem] {
        for (const Done& done : dones) done(problem);
    };
    if (m_deliver) m_deliver(std::move(all));
    else all();
}

void Journal::work()
{
    bool lastTry = false;
    for (;;) {
        Batch batch;
        std::uint64_t upTo = 0;
        {
            std::unique_lock guard(m_mutex);
            m_work.wait(guard, [this] { return m_stop || m_recorded > m_settled; });
            if (m_recorded == m_settled && (m_waiting.empty() || lastTry)) return;
            lastTry = m_stop; // what a full disk left over is tried once more at the end
            batch.swap(m_waiting);
            upTo = m_recorded;
        }
        const TimeNs startNs = base::systemClock().monoNs();
        const auto committed = commit(batch);
        const TimeNs tookNs = base::systemClock().monoNs() - startNs;
        std::vector<Done> dones;
        {
            const std::lock_guard guard(m_mutex);
            m_settled = upTo;
            m_figures.commits += committed.ok();
            m_figures.commitNsMax = std::max(m_figures.commitNsMax, tookNs);
            if (committed) {
                m_figures.entries += batch.size();
            } else {
                ++m_figures.failures;
                if (m_problem.empty()) m_problem = committed.error().message;
                // An input/output error may be a failed fsync, after which a retry would lie.
                if (committed.error().code == Errc::Failed) m_broken = committed.error().message + " The head must be started anew.";
                const bool mayPass = committed.error().code == Errc::Refused || committed.error().code == Errc::Unavailable; // full, or in use
                for (auto& [key, waiting] : batch)
                    if (waiting.dones.empty() && mayPass) m_waiting.try_emplace(key, Waiting{std::move(waiting.entry), {}}); // goes with the next commit; a newer one holds
            }
            for (auto& [key, waiting] : batch)
                for (auto& done : waiting.dones) dones.push_back(std::move(done));
        }
        answer(std::move(dones), committed ? std::string() : committed.error().message);
        {
            const std::lock_guard guard(m_mutex);
            m_answered = upTo;
        }
        m_idle.notify_all();
    }
}

base::Result<void> Journal::commit(const Batch& batch)
{
    ORRERY_TRY(m_database.exec("BEGIN IMMEDIATE"));
    base::Result<void> done;
    for (const auto& [key, waiting] : batch) {
        done = write(waiting.entry);
        if (!done) break;
    }
    ORRERY_FAILPOINT("journal.commit");
    if (done) done = m_database.exec("COMMIT");
    ORRERY_FAILPOINT("journal.committed");
    if (!done) (void)m_database.exec("ROLLBACK");
    return done;
}

base::Result<void> Journal::write(const Entry& entry)
{
    if (const auto* run = std::get_if<RunEntry>(&entry)) {
        const RunBinding binding(*run);
        binding.bind(m_putRun);
        return m_putRun.run();
    }
    // A batch is written kind by kind, in the order of the variant: made, dropped, spent.
    if (const auto* token = std::get_if<TokenEntry>(&entry)) return writeToken(*token);
    if (const auto* drop = std::get_if<DropToken>(&entry)) {
        const std::string id = tokenText(drop->id);
        return m_dropToken.bind(1, id).run();
    }
    if (const auto* enrol = std::get_if<EnrolEntry>(&entry)) {
        ORRERY_TRY(writeToken(enrol->token));
        const std::string token = tokenText(enrol->token.id);
        m_putMember.bind(1, enrol->serial).bind(2, enrol->role).bind(3, enrol->id).bind(4, enrol->keyDigest).bind(5, enrol->notBeforeWallNs).bind(6, enrol->notAfterWallNs);
        return m_putMember.bind(7, token).bind(8, enrol->host).bind(9, enrol->nodeName).run();
    }
    if (const auto* deny = std::get_if<DenyEntry>(&entry)) return m_putDenied.bind(1, deny->id).bind(2, deny->atWallNs).run();
    const auto& node = std::get<NodeEntry>(entry);
    const std::string id = node.id.text();
    m_putNode.bind(1, id).bind(2, static_cast<std::int64_t>(node.incarnation)).bind(3, std::int64_t{node.number}).bind(4, std::int64_t{node.firstTrack}).bind(5, std::int64_t{node.tracks});
    m_putNode.bind(6, node.name).bind(7, node.host).bind(8, node.pid).bind(9, std::int64_t{node.gone ? 1 : 0}).bind(10, std::int64_t{node.remote ? 1 : 0});
    return m_putNode.run();
}

base::Result<void> Journal::writeToken(const TokenEntry& token)
{
    const std::string id = tokenText(token.id);
    m_putToken.bind(1, id).bind(2, token.secretDigest).bind(3, token.role).bind(4, token.nodeName).bind(5, token.madeWallNs).bind(6, token.expiresWallNs);
    return m_putToken.bind(7, token.endedWallNs).bind(8, token.state).bind(9, token.usedBy).run();
}

base::Result<void> Journal::wait()
{
    std::unique_lock guard(m_mutex);
    const std::uint64_t upTo = m_recorded;
    m_idle.wait(guard, [&] { return m_answered >= upTo; });
    if (m_problem.empty()) return {};
    return fail(Errc::Failed, std::exchange(m_problem, {}));
}

Journal::Figures Journal::figures() const
{
    const std::lock_guard guard(m_mutex);
    return m_figures;
}

} // namespace orrery::archive
