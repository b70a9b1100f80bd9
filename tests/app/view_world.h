// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ViewWorld: a View with everything around it in one thread: a loop that steps, a session that is played, a mailbox and a model that
// takes when the test says. Thread: the test's.

#include "app/bridge/view.h"
#include "tests/app/scripted_run.h"
#include "tests/support/fake_session.h"
#include "tests/support/step_loop.h"

namespace orrery::tests {

struct ViewWorld {
    std::shared_ptr<StepLoop> loop = std::make_shared<StepLoop>();
    std::shared_ptr<app::Mailbox> mailbox = std::make_shared<app::Mailbox>();
    std::shared_ptr<FakeSession> session = std::make_shared<FakeSession>();
    widgets::RunModel model;
    std::map<widgets::Ticket, app::Answer> answers;
    int wakes = 0;
    std::shared_ptr<app::View> view = std::make_shared<app::View>(
        loop, mailbox, app::View::Out{[this] { ++wakes; }, [this](widgets::Ticket ticket, app::Answer answer) { answers.emplace(ticket, std::move(answer)); }});

    ViewWorld() { view->attach(session); }
    ~ViewWorld() { view->close(); }
    // The window's tick.
    void take()
    {
        if (const auto mail = mailbox->take()) {
            model.take(mail->update);
            view->took(mail->serial);
        }
        loop->runReady();
    }
    void deliver(client::WatchId watch, types::Delta delta)
    {
        session->deliver(watch, std::move(delta));
        loop->runReady();
    }
    void tellWorld(const std::vector<const ScriptedRun*>& runs) { deliver(session->world(), worldOf(runs)); }
    // World and the whole run, taken.
    void show(ScriptedRun& run)
    {
        tellWorld({&run});
        tellShown(run, 0);
        take();
    }
    void tellShown(ScriptedRun& run, std::uint64_t have) { deliver(session->shown(), run.delta(have)); }
    template <typename T>
    const T& answered(widgets::Ticket ticket) const { return std::get<T>(answers.at(ticket)); }
    QString refused(widgets::Ticket ticket) const { return QString::fromStdString(answered<base::Error>(ticket).message); }
};

} // namespace orrery::tests
