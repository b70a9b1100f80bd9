// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/bridge.h"

#include "app/bridge/view.h"
#include "engine/base/epoll_loop.h"

#include <QCoreApplication>
#include <QSysInfo>
#include <pthread.h>

namespace orrery::app {

using base::Errc;
using base::fail;
using widgets::Ticket;

namespace {

// Whether the nodes of this computer leave no CPU to paint with.
bool noCpuIdle(const std::vector<types::NodeRow>& nodes)
{
    static const std::string host = QSysInfo::machineHostName().toStdString();
    static const double all = std::max(1u, std::thread::hardware_concurrency());
    double used = 0; // CPUs
    for (const auto& node : nodes)
        if (node.state == types::NodeState::Alive && node.host == host) used += node.cpuShare * std::max(1.0, node.total.amount(types::kCpu));
    return used > all - 0.5;
}

Outcome outcomeOf(const Answer& answer)
{
    Outcome out;
    if (const auto* error = std::get_if<base::Error>(&answer)) {
        out.text = QString::fromStdString(error->message);
        out.problems = out.text.split(u'\n', Qt::SkipEmptyParts);
        return out;
    }
    const auto& reply = std::get<types::Reply>(answer);
    out.ok = reply.problems.empty();
    out.run = reply.run;
    out.text = QString::fromStdString(reply.text);
    out.tokens = reply.tokens;
    out.network = reply.network;
    for (const auto& problem : reply.problems) out.problems << QString::fromStdString(problem);
    return out;
}

} // namespace

Bridge::Bridge(widgets::RunModel& model, QObject* parent)
    : QObject(parent), m_model(model), m_loop(std::make_shared<base::EpollLoop>()), m_mailbox(std::make_shared<Mailbox>())
{
    View::Out out;
    out.wake = [this] { QMetaObject::invokeMethod(this, [this] { wake(); }, Qt::QueuedConnection); };
    out.answer = [this](Ticket ticket, Answer what) {
        QMetaObject::invokeMethod(this, [this, ticket, what = std::move(what)] { answer(ticket, what); }, Qt::QueuedConnection);
    };
    m_view = std::make_shared<View>(m_loop, m_mailbox, std::move(out));
    m_thread = std::thread([loop = m_loop] {
        pthread_setname_np(pthread_self(), "orrery-view");
        loop->run();
    });
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &Bridge::tick);
    if (auto* app = QCoreApplication::instance()) app->installEventFilter(this);
}

Bridge::~Bridge()
{
    // The view lets the session go on its own thread, which is the one that may wait for the session's callbacks.
    onView([session = std::exchange(m_session, nullptr)](View& view) mutable {
        session.reset();
        view.close();
    });
    m_loop->stop();
    m_thread.join();
}

void Bridge::onView(std::function<void(View&)> job)
{
    m_loop->post([view = std::weak_ptr(m_view), job = std::move(job)] {
        if (const auto alive = view.lock()) job(*alive);
    });
}

// ---- the cluster ----

void Bridge::setLink(widgets::LinkState state, const QString& text)
{
    onView([state, text = text.toStdString()](View& view) { view.setLink(state, text); });
}

void Bridge::attach(std::shared_ptr<client::Session> session)
{
    onView([session, before = std::exchange(m_session, session)](View& view) mutable {
        before.reset();
        view.attach(std::move(session));
    });
}

void Bridge::detach(widgets::LinkState state, const QString& reason)
{
    onView([state, text = reason.toStdString(), before = std::exchange(m_session, nullptr)](View& view) mutable {
        before.reset();
        view.detach(state, text);
    });
}

types::Can Bridge::can(types::Verb verb) const
{
    if (m_session) return m_session->can(verb);
    const QString& why = m_model.linkText();
    return {false, why.isEmpty() ? tr("There is no cluster yet.").toStdString() : why.toStdString()};
}

void Bridge::showRun(base::RunId run)
{
    onView([run](View& view) { view.showRun(run); });
}

// ---- tickets ----

template <typename T>
Ticket Bridge::open(std::function<void(base::Result<T>)> done, std::function<void(View&, Ticket)> job)
{
    const Ticket ticket = ++m_lastTicket;
    const bool full = m_open.size() >= kTicketsMax;
    m_open.emplace(ticket, [done = std::move(done)](Answer what) {
        if (!done) return;
        if (auto* error = std::get_if<base::Error>(&what)) done(std::move(*error));
        else done(std::get<T>(std::move(what)));
    });
    if (full) {
        const Answer refused = fail(Errc::Refused, "The window waits for " + std::to_string(kTicketsMax) + " answers already.");
        QMetaObject::invokeMethod(this, [this, ticket, refused] { answer(ticket, refused); }, Qt::QueuedConnection);
    } else {
        onView([ticket, job = std::move(job)](View& view) { job(view, ticket); });
    }
    return ticket;
}

void Bridge::answer(Ticket ticket, Answer what)
{
    auto found = m_open.extract(ticket); // it may ask again
    if (found) found.mapped()(std::move(what));
}

void Bridge::drop(Ticket ticket)
{
    if (m_open.erase(ticket) > 0) onView([ticket](View& view) { view.drop(ticket); });
}

Ticket Bridge::ask(types::Query query, std::function<void(base::Result<types::Page>)> done)
{
    return open<types::Page>(std::move(done), [query = std::move(query)](View& view, Ticket ticket) { view.ask(ticket, query); });
}

Ticket Bridge::preview(types::PreviewWish wish, std::function<void(base::Result<types::Preview>)> done)
{
    return open<types::Preview>(std::move(done), [wish](View& view, Ticket ticket) { view.preview(ticket, wish); });
}

Ticket Bridge::read(types::ObjectAddress object, types::Range range, std::function<void(base::Result<types::Chunk>)> done)
{
    return open<types::Chunk>(std::move(done), [object, range](View& view, Ticket ticket) { view.fetch(ticket, object, range); });
}

void Bridge::act(types::Intent intent, Done done)
{
    open<types::Reply>(
        [done = std::move(done)](base::Result<types::Reply> reply) {
            if (done) done(outcomeOf(reply ? Answer(std::move(*reply)) : Answer(reply.error())));
        },
        [intent = std::move(intent)](View& view, Ticket ticket) { view.act(ticket, intent); });
}

void Bridge::run(std::string document, std::map<std::string, std::string> params, const QString& title, Done done)
{
    act(types::StartRun{std::move(document), std::move(params), title.toStdString()}, [this, done = std::move(done)](const Outcome& outcome) {
        if (outcome.ok) showRun({});
        if (done) done(outcome);
    });
}

Ticket Bridge::probeSample(const std::string& document, std::function<void(base::Result<Probed>)> done)
{
    return open<Probed>(std::move(done), [document](View& view, Ticket ticket) { view.probe(ticket, document); });
}

// ---- the tick ----

void Bridge::wake()
{
    m_waiting = true;
    arm();
}

void Bridge::arm()
{
    const types::TimeNs now = base::systemClock().monoNs();
    const types::TimeNs left = m_lastTickNs + m_pace.intervalNs(now) - now;
    const int ms = static_cast<int>(std::max<types::TimeNs>(left, 0) / base::kMillisecond);
    if (m_timer.isActive() && m_timer.remainingTime() <= ms) return;
    m_timer.start(ms);
}

void Bridge::tick()
{
    m_waiting = false;
    auto mail = m_mailbox->take();
    if (!mail) return; // it is just being merged; a wake follows
    const auto& clock = base::systemClock();
    m_lastTickNs = clock.monoNs();
    widgets::RunUpdate& update = mail->update;
    if (update.nowNs > 0) update.lagNs = std::max<types::TimeNs>(clock.wallNs() - update.wallOffsetNs - update.nowNs, 0);
    if (!update.nodes.empty()) m_pace.setBusy(noCpuIdle(update.nodes));
    if (update.resync) m_pace.runBegan(m_lastTickNs);
    m_model.take(update);
    onView([serial = mail->serial](View& view) { view.took(serial); });
}

bool Bridge::eventFilter(QObject* object, QEvent* event)
{
    switch (event->type()) {
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonRelease:
    case QEvent::MouseMove:
    case QEvent::KeyPress:
    case QEvent::Wheel:
        m_pace.input(base::systemClock().monoNs());
        if (m_waiting) arm();
        break;
    default: break;
    }
    return QObject::eventFilter(object, event);
}

} // namespace orrery::app
