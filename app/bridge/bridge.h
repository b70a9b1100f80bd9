// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Bridge: the hop between a Session (its threads), the view thread (this object's own) and the window's models. Deltas become
// updates of the RunModel, one a frame tick at most; the two ports of the panels are answered; intents leave.
// Thread: UI. Nothing here waits for the cluster: every answer comes later on the UI thread, once, and never after drop() or
// after this object is gone. Lives: with the window, longer than the panels. The destructor ends the view thread: it waits for
// the job in progress there and for the session to be let go.
// Which run is shown: the newest that is no probe, until showRun() names one. A run that is
// started here with run() is the newest: it is shown.
// Bound: kTicketsMax questions and intents are open at once; one more is answered with Refused.

#include "app/bridge/answer.h"
#include "app/bridge/mailbox.h"
#include "app/bridge/refresh_pace.h"
#include "engine/client/session.h"
#include "widgets/models/ports.h"
#include "widgets/models/run_model.h"

#include <QStringList>
#include <QTimer>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>

namespace orrery::base {
class EpollLoop;
}

namespace orrery::app {

class View;

inline constexpr std::size_t kTicketsMax = 1024;

// What came of an intent.
struct Outcome {
    bool ok = false;
    base::RunId run;      // of run()
    QString text;         // one sentence: what happens now, or why not; may be empty when ok
    QStringList problems; // of a refused document: all of them, "pointer: sentence"
    std::vector<types::TokenInfo> tokens;
    types::NetworkInfo network;
};

class Bridge final : public QObject, public widgets::RowSource, public widgets::ByteSource {
    Q_OBJECT
public:
    using Done = std::function<void(const Outcome&)>;

    explicit Bridge(widgets::RunModel& model, QObject* parent = nullptr);
    ~Bridge() override;

    // ---- the cluster ----
    // Without a session: Starting until told otherwise. text: why, one sentence.
    void setLink(widgets::LinkState state, const QString& text);
    // Up with the first delta. Another session may be attached before.
    void attach(std::shared_ptr<client::Session> session);
    // The models keep what they show; open questions are answered with Unavailable and the reason.
    void detach(widgets::LinkState state, const QString& reason);
    types::Can can(types::Verb verb) const;
    // No question is open and the models hold what has come.
    bool quiet() const { return m_open.empty() && !m_waiting; }

    // ---- the shown run; null: the newest, followed ----
    void showRun(base::RunId run);

    // ---- intents; done may be empty ----
    void run(std::string document, std::map<std::string, std::string> params, const QString& title, Done done);
    void stop(base::RunId run, Done done) { act(types::StopRun{run}, std::move(done)); }
    void killWorker(std::uint16_t track, Done done) { act(types::KillWorker{track}, std::move(done)); }
    void addNode(const types::AddNode& wish, Done done) { act(wish, std::move(done)); }
    void removeNode(base::NodeId node, bool kill, Done done) { act(types::RemoveNode{node, kill}, std::move(done)); }
    void rescanPlugins(Done done) { act(types::RescanPlugins{}, std::move(done)); }
    void shutdown(Done done) { act(types::Shutdown{}, std::move(done)); }
    void act(types::Intent intent, Done done);
    // Runs one tile of the document's map as a run of its own and says how many samples make the whole some ten seconds of work
    // for the nodes that are there. Errors: BadInput when the document has no such map, else why the tile was not made.
    widgets::Ticket probeSample(const std::string& document, std::function<void(base::Result<Probed>)> done);

    // ---- ports; a null run means the shown one ----
    widgets::Ticket ask(types::Query query, std::function<void(base::Result<types::Page>)> done) override;
    widgets::Ticket preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done) override;
    widgets::Ticket read(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done) override;
    void drop(widgets::Ticket ticket) override;

protected:
    bool eventFilter(QObject* object, QEvent* event) override; // input makes the data come faster for a while

private:
    template <typename T>
    widgets::Ticket open(std::function<void(base::Result<T>)> done, std::function<void(View&, widgets::Ticket)> job);
    void onView(std::function<void(View&)> job);
    void answer(widgets::Ticket ticket, Answer answer);
    void wake();
    void arm();
    void tick();

    widgets::RunModel& m_model;
    std::shared_ptr<client::Session> m_session; // for can() only
    std::shared_ptr<base::EpollLoop> m_loop;
    std::shared_ptr<Mailbox> m_mailbox;
    std::shared_ptr<View> m_view; // the view thread's
    std::thread m_thread;
    std::unordered_map<widgets::Ticket, std::function<void(Answer)>> m_open;
    widgets::Ticket m_lastTicket = 0;
    RefreshPace m_pace;
    QTimer m_timer;
    bool m_waiting = false; // something lies in the mailbox
    types::TimeNs m_lastTickNs = 0;
};

} // namespace orrery::app
