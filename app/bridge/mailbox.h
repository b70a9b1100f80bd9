// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Mailbox: one update of the RunModel on its way from the view thread to the window. While the window has not taken it, what comes
// later is merged into it, so nothing queues behind a slow window. No lock: the pointer changes hands.
// Thread: put() on the view thread, take() on the UI thread.

#include "app/bridge/update_merge.h"

#include <atomic>
#include <memory>

namespace orrery::app {

struct Mail {
    widgets::RunUpdate update;
    std::uint64_t serial = 0; // of the last update in it
};

class Mailbox {
public:
    Mailbox() = default;
    ~Mailbox() { delete m_mail.load(); }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    // True: the UI has to be woken, once until it takes.
    bool put(widgets::RunUpdate update, std::uint64_t serial)
    {
        std::unique_ptr<Mail> mail(m_mail.exchange(nullptr));
        if (mail) mergeUpdate(mail->update, std::move(update));
        else mail = std::make_unique<Mail>(Mail{std::move(update), 0});
        mail->serial = serial;
        m_mail.store(mail.release());
        return !m_told.exchange(true);
    }
    // Null: nothing, or it is just being put (then a wake follows).
    std::unique_ptr<Mail> take()
    {
        m_told.store(false);
        return std::unique_ptr<Mail>(m_mail.exchange(nullptr));
    }

private:
    std::atomic<Mail*> m_mail{nullptr};
    std::atomic<bool> m_told{false};
};

} // namespace orrery::app
