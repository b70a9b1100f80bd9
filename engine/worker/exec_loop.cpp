// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/exec_loop.h"

#include "engine/base/log.h"
#include "engine/worker/call.h"
#include "engine/worker/control_link.h"
#include "engine/worker/plugin_loader.h"

#include <csignal>
#include <sys/prctl.h>
#include <unordered_map>

namespace orrery::worker {
namespace {

// What a template resolves to in this process; looked up once.
struct Resolved {
    std::shared_ptr<const types::Template> made;
    const orrery_function_v1_t* function = nullptr;
    std::string problem;
};

class ExecLoop {
public:
    explicit ExecLoop(ControlLink& link) : m_link(link), m_call(link.memory(), link) {}

    int run()
    {
        std::uint64_t seen = ~std::uint64_t{0};
        std::vector<ControlLink::AttachedLane> lanes;
        while (!m_link.leaving()) {
            if (const auto now = m_link.changes(); now != seen) {
                seen = now;
                lanes = m_link.lanes();
            }
            bool any = false;
            for (auto& one : lanes) any = drain(one) || any;
            if (any) continue;
            m_link.doorbell().waitFor(
                [&] {
                    if (m_link.changes() != seen) return true;
                    for (const auto& one : lanes)
                        if (one.lane->tasks.available()) return true;
                    return false;
                },
                lanes.empty() ? nullptr : &lanes.front().lane->submitter);
        }
        return 0;
    }

private:
    bool drain(ControlLink::AttachedLane& one)
    {
        bool any = false;
        for (;;) {
            std::uint64_t position = 0;
            const auto got = one.lane->tasks.read(m_bytes, position);
            if (got != lane::ReadOutcome::Record) {
                if (got == lane::ReadOutcome::Bad) one.lane->tasks.close();
                return any;
            }
            // Closed meanwhile: this task belongs to its submitter again.
            if (!one.lane->tasks.begin(position)) return any;
            any = true;
            execute(one, position);
        }
    }

    void execute(ControlLink::AttachedLane& one, std::uint64_t position)
    {
        m_result = {};
        m_result.position = position;
        if (!m_task.read(m_bytes)) {
            m_result.status = types::ResultRecord::Status::Failed;
            m_result.cause = types::Cause::BadOutputs;
            m_result.error = "the task record cannot be read";
        } else {
            const Resolved& resolved = resolve(m_task.templateId);
            m_link.setRunning(one.id, position);
            if (resolved.function) {
                m_call.run(*resolved.function, *resolved.made, m_task, m_result);
            } else {
                m_result.owner = m_task.owner;
                m_result.row = m_task.row;
                m_result.attempt = m_task.attempt;
                m_result.status = types::ResultRecord::Status::Failed;
                m_result.cause = types::Cause::Threw;
                m_result.startNs = m_result.endNs = base::systemClock().monoNs();
                m_result.error = resolved.problem;
            }
            m_link.setRunning(0, 0);
        }
        m_out.clear();
        m_result.write(m_out);
        // Room comes as the node follows; a node that is gone ends this process from the control thread.
        while (!one.lane->results.write(m_out.view())) {
            one.lane->submitter.ring();
            m_link.doorbell().waitFor([&] { return one.lane->results.hasRoom() || m_link.leaving(); }, nullptr, base::kMillisecond);
        }
        m_link.countResult();
        one.lane->results.publish();
        one.lane->submitter.ringIf([&] { return one.lane->results.reachedMark(); });
    }

    const Resolved& resolve(std::uint32_t id)
    {
        if (const auto found = m_resolved.find(id); found != m_resolved.end()) return found->second;
        Resolved resolved;
        if (auto made = m_link.findTemplate(id); !made) {
            resolved.problem = made.error().message;
        } else {
            resolved.made = *made;
            auto function = m_plugins.function((*made)->plugin, (*made)->function);
            if (function) resolved.function = *function;
            else resolved.problem = function.error().message;
        }
        return m_resolved.emplace(id, std::move(resolved)).first->second;
    }

    ControlLink& m_link;
    PluginLoader m_plugins;
    Call m_call;
    std::unordered_map<std::uint32_t, Resolved> m_resolved;
    base::Bytes m_bytes;
    types::TaskRecord m_task;
    types::ResultRecord m_result;
    base::ByteWriter m_out;
};

} // namespace

int runWorker(int controlFd)
{
    std::signal(SIGPIPE, SIG_IGN);
    ControlLink link{base::SeqSocket(base::UniqueFd(controlFd))};
    if (auto begun = link.begin(); !begun) {
        base::logf(base::LogLevel::Error, "worker", "{}", begun.error().message);
        return 1;
    }
    ExecLoop loop(link);
    const int code = loop.run();
    _exit(code); // the control thread lives until the process ends; plugins are never closed
}

} // namespace orrery::worker
