// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Mailbox: one update of the RunModel on its way from the view thread to the window. While the window has not taken it, what comes
// later is merged into it, so nothing queues behind a slow window. No lock: the pointer changes hands.
// Thread: put() on the view thread, take() on the UI thread.
// Step: called between the atomic steps, where the other thread may come in; a test does.

#include "app/bridge/update_merge.h"

#include <atomic>
#include <memory>

namespace orrery::app {

struct Mail {
    widgets::RunUpdate update;
    std::uint64_t serial = 0; // of the last update in it
};

struct NoStep {
    void operator()() const {}
};

template <typename Step = NoStep>
class BasicMailbox {
public:
    explicit BasicMailbox(Step step = {}) : m_step(std::move(step)) {}
    ~BasicMailbox() { delete m_mail.load(); }
    BasicMailbox(const BasicMailbox&) = delete;
    BasicMailbox& operator=(const BasicMailbox&) = delete;

    // True: the UI has to be woken, once until it takes.
    bool put(widgets::RunUpdate update, std::uint64_t serial)
    {
        std::unique_ptr<Mail> mail(m_mail.exchange(nullptr));
        m_step();
        if (mail) mergeUpdate(mail->update, std::move(update));
        else mail = std::make_unique<Mail>(Mail{std::move(update), 0});
        mail->serial = serial;
        m_mail.store(mail.release());
        m_step();
        return !m_told.exchange(true);
    }
    // Null: nothing, or it is just being put (then a wake follows).
    std::unique_ptr<Mail> take()
    {
        m_told.store(false);
        m_step();
        return std::unique_ptr<Mail>(m_mail.exchange(nullptr));
    }

private:
    Step m_step;
    std::atomic<Mail*> m_mail{nullptr};
    std::atomic<bool> m_told{false};
};

using Mailbox = BasicMailbox<>;

} // namespace orrery::app
