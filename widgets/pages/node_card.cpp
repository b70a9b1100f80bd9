// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/node_card.h"

#include "widgets/common/buttons.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/pages/run_words.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>
#include <QVariantAnimation>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr types::TimeNs kHistoryNs = 60 * base::kSecond;
constexpr types::TimeNs kEndedShownNs = 4 * base::kSecond; // a worker that died keeps its crossed square for a moment
constexpr int kSquare = 12, kSquarePitch = 16, kSquarePitchMin = 4, kSquareLeft = 12, kSquareTop = 34;
constexpr int kDropMs = 200;

QToolButton* cardButton(const QString& name, const QString& text, QWidget* parent)
{
    auto* button = toolButton(name, text, parent);
    button->setIcon(icon(name, Token::Muted));
    button->setFixedSize(24, 22);
    return button;
}

void allowEntry(QAction* action, const types::Can& can)
{
    action->setEnabled(can.yes);
    if (!can.yes) action->setToolTip(QString::fromStdString(can.why));
}

} // namespace

NodeCard::NodeCard(std::uint16_t node, RunModel& run, Selection& selection, QWidget* parent)
    : QWidget(parent), m_node(node), m_run(run), m_selection(selection),
      m_plug(cardButton(QStringLiteral("plug"), tr("Pull the plug"), this)),
      m_more(cardButton(QStringLiteral("more"), tr("More"), this)), m_plugMenu(new QMenu(this)),
      m_moreMenu(new QMenu(this)), m_workerMenu(new QMenu(this))
{
    m_plug->setObjectName(QStringLiteral("plug"));
    m_more->setObjectName(QStringLiteral("more"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    for (auto* menu : {m_plugMenu, m_moreMenu, m_workerMenu}) menu->setToolTipsVisible(true);
    const auto open = [](QToolButton* button, QMenu* menu) {
        menu->popup(button->mapToGlobal(QPoint(0, button->height() + 2)));
    };
    connect(m_plug, &QToolButton::clicked, this, [this, open] { open(m_plug, plugMenu()); });
    connect(m_more, &QToolButton::clicked, this, [this, open] { open(m_more, moreMenu()); });
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
    connect(&selection, &Selection::changed, this, qOverload<>(&QWidget::update));
    refresh();
}

QSize NodeCard::sizeHint() const
{
    return {240, metric::kNodeCardHeight};
}

void NodeCard::refresh()
{
    if (const auto* row = m_run.node(m_node)) m_row = *row;
    readWorkers();
    readHistory();
    allow();
    setAccessibleName(summary());
}

void NodeCard::readWorkers()
{
    m_workers.clear();
    int number = 0;
    for (const auto& [track, worker] : m_run.workers()) {
        if (worker.node != m_node) continue;
        ++number;
        const bool endedNow = !worker.alive && worker.endNs != 0 && m_run.nowNs() - worker.endNs < kEndedShownNs;
        const bool endedWithNode = !worker.alive && isLost() && worker.endNs >= m_row.heartbeatNs;
        if (!worker.alive && !endedNow && !endedWithNode) continue;
        m_workers.push_back({track, number, worker.alive && !isLost(), QString::fromStdString(worker.running),
                             QString::fromStdString(worker.exit), worker.pid});
    }
}

void NodeCard::readHistory()
{
    m_cpu.clear();
    m_netIn = m_netOut = 0;
    const auto& figures = m_run.figures(m_node);
    if (figures.empty()) return;
    const types::TimeNs from = m_run.nowNs() - kHistoryNs;
    auto at = std::lower_bound(figures.begin(), figures.end(), from,
                               [](const NodeFigures& one, types::TimeNs time) { return one.atNs < time; });
    for (; at != figures.end(); ++at)
        m_cpu.emplace_back(static_cast<double>(at->atNs - from) / static_cast<double>(kHistoryNs),
                           std::clamp(at->cpuShare, 0.0, 1.0));
    m_netIn = figures.back().netInPerSecond;
    m_netOut = figures.back().netOutPerSecond;
}

void NodeCard::allow()
{
    m_plug->setEnabled(m_canRemove.yes && !isLost());
    m_plug->setVisible(m_drop >= 1 && !isLost());
    m_plug->setIcon(icon(QStringLiteral("plug"), m_plugMarked && m_plug->isEnabled() ? Token::Accent : Token::Muted));
    m_plug->setToolTip(!m_canRemove.yes ? QString::fromStdString(m_canRemove.why)
                                        : tr("Pull the plug on node %1: kill -9").arg(RunModel::nodeLetter(m_node)));
    update();
}

void NodeCard::setCanAdd(const types::Can& can)
{
    m_canAdd = can;
}

void NodeCard::setCanRemove(const types::Can& can)
{
    m_canRemove = can;
    allow();
}

void NodeCard::setCanKill(const types::Can& can)
{
    m_canKill = can;
}

void NodeCard::setPlugMarked(bool marked)
{
    m_plugMarked = marked;
    allow();
}

void NodeCard::setElsewhere(bool elsewhere)
{
    if (elsewhere == m_elsewhere) return;
    m_elsewhere = elsewhere;
    update();
}

void NodeCard::setOfHead(bool ofHead)
{
    if (ofHead == m_ofHead) return;
    m_ofHead = ofHead;
    setAccessibleName(summary());
    update();
}

void NodeCard::dropIn()
{
    if (Theme::of().reduceMotion()) return;
    auto* motion = new QVariantAnimation(this);
    motion->setDuration(kDropMs);
    motion->setStartValue(0.0);
    motion->setEndValue(1.0);
    motion->setEasingCurve(QEasingCurve::OutCubic);
    m_plug->hide();
    m_more->hide();
    m_drop = 0;
    connect(motion, &QVariantAnimation::valueChanged, this, [this](const QVariant& value) {
        m_drop = value.toDouble();
        update();
    });
    connect(motion, &QVariantAnimation::finished, this, [this] {
        m_more->show();
        allow();
    });
    motion->start(QAbstractAnimation::DeleteWhenStopped);
}

void NodeCard::addKillNode(QMenu* menu)
{
    auto* action = menu->addAction(tr("Node %1 · %2 · pid %3").arg(RunModel::nodeLetter(m_node), workersText()).arg(m_row.pid));
    allowEntry(action, m_canRemove);
    connect(action, &QAction::triggered, this, [this] { Q_EMIT killNodeRequested(m_node); });
}

void NodeCard::addWorkerEntries(QMenu* menu, const Worker& worker, bool show, bool kill)
{
    if (show) {
        auto* action = menu->addAction(tr("Show worker %1").arg(worker.number));
        connect(action, &QAction::triggered, this, [this, track = worker.track] { m_selection.selectWorker(track); });
    }
    if (!kill || !worker.alive) return;
    const QString work = worker.running.isEmpty() ? tr("idle") : worker.running;
    auto* action = menu->addAction(show ? tr("Kill worker %1 without warning").arg(worker.number)
                                        : tr("Worker %1 · %2 · pid %3").arg(worker.number).arg(work).arg(worker.pid));
    allowEntry(action, m_canKill);
    connect(action, &QAction::triggered, this, [this, track = worker.track] { Q_EMIT killWorkerRequested(track); });
}

QMenu* NodeCard::plugMenu()
{
    m_plugMenu->clear();
    m_plugMenu->addSection(tr("Kill without warning"));
    addKillNode(m_plugMenu);
    for (const Worker& worker : m_workers) addWorkerEntries(m_plugMenu, worker, false, true);
    return m_plugMenu;
}

QMenu* NodeCard::workerMenu(std::uint16_t track)
{
    m_workerMenu->clear();
    for (const Worker& worker : m_workers)
        if (worker.track == track) addWorkerEntries(m_workerMenu, worker, true, true);
    return m_workerMenu;
}

QMenu* NodeCard::moreMenu()
{
    m_moreMenu->clear();
    for (const Worker& worker : m_workers) addWorkerEntries(m_moreMenu, worker, true, false);
    if (!m_workers.empty()) m_moreMenu->addSeparator();
    if (!isLost()) {
        auto* remove = m_moreMenu->addAction(tr("Remove node %1").arg(RunModel::nodeLetter(m_node)));
        allowEntry(remove, isLeaving() ? types::Can{false, tr("It is leaving.").toStdString()} : m_canRemove);
        connect(remove, &QAction::triggered, this, [this] { Q_EMIT removeNodeRequested(m_node); });
        auto* kill = m_moreMenu->addAction(tr("Pull the plug on node %1").arg(RunModel::nodeLetter(m_node)));
        allowEntry(kill, m_canRemove);
        connect(kill, &QAction::triggered, this, [this] { Q_EMIT killNodeRequested(m_node); });
    }
    auto* add = m_moreMenu->addAction(tr("Add a node on this computer"));
    allowEntry(add, m_canAdd);
    connect(add, &QAction::triggered, this, &NodeCard::addNodeRequested);
    m_moreMenu->addSeparator();
    auto* copy = m_moreMenu->addAction(tr("Copy node id"));
    connect(copy, &QAction::triggered, this,
            [this] { QGuiApplication::clipboard()->setText(QString::fromStdString(m_row.id.text())); });
    return m_moreMenu;
}

int NodeCard::busy() const
{
    return static_cast<int>(std::count_if(m_workers.begin(), m_workers.end(), [](const Worker& worker) {
        return worker.alive && !worker.running.isEmpty();
    }));
}

QString NodeCard::workersText() const
{
    if (isLost()) return counted(static_cast<int>(m_workers.size()), tr("worker lost"), tr("workers lost"));
    const auto alive =
        std::count_if(m_workers.begin(), m_workers.end(), [](const Worker& worker) { return worker.alive; });
    if (isLeaving()) return tr("leaving, %1 of %2 busy").arg(busy()).arg(alive);
    return alive == 0 ? tr("no workers") : tr("%1 of %2 busy").arg(busy()).arg(alive);
}

QString NodeCard::heardText() const
{
    const QString age = ageText(std::max<types::TimeNs>(0, m_run.nowNs() - m_row.heartbeatNs));
    return isLost() ? tr("lost %1 ago").arg(age) : age;
}

QString NodeCard::workerText(const Worker& worker) const
{
    if (!worker.alive)
        return tr("Worker %1 ended: %2")
            .arg(worker.number)
            .arg(worker.exit.isEmpty() ? tr("its node was lost") : worker.exit);
    return tr("Worker %1, pid %2: %3")
        .arg(worker.number)
        .arg(worker.pid)
        .arg(worker.running.isEmpty() ? tr("idle") : worker.running);
}

QString NodeCard::summary() const
{
    const QString name = QString::fromStdString(m_row.name);
    return tr("Node %1, %2, %3, CPU %4 %")
        .arg(RunModel::nodeLetter(m_node), m_ofHead ? tr("%1 (head)").arg(name) : name, isLost() ? heardText() : workersText())
        .arg(qRound(m_row.cpuShare * 100));
}

int NodeCard::workersRoom() const
{
    return width() - kSquareLeft - 96; // the words at the right
}

QRect NodeCard::squareRect(std::size_t index) const
{
    const int pitch = std::min(workersRoom() / std::max(1, static_cast<int>(m_workers.size())), kSquarePitch);
    if (pitch < kSquarePitchMin) return {}; // a bar stands for them all
    const int size = std::min(kSquare, pitch - (pitch > 8 ? 4 : 1));
    return {kSquareLeft + static_cast<int>(index) * pitch, kSquareTop + (kSquare - size) / 2, size, size};
}

QRect NodeCard::workerRect(std::uint16_t track) const
{
    for (std::size_t i = 0; i < m_workers.size(); ++i)
        if (m_workers[i].track == track) return squareRect(i);
    return {};
}

const NodeCard::Worker* NodeCard::workerAt(const QPoint& at) const
{
    for (std::size_t i = 0; i < m_workers.size(); ++i)
        if (squareRect(i).adjusted(-2, -2, 2, 2).contains(at)) return &m_workers[i];
    return nullptr;
}

void NodeCard::mousePressEvent(QMouseEvent* event)
{
    const Worker* worker = event->button() == Qt::LeftButton ? workerAt(event->pos()) : nullptr;
    if (worker) return m_selection.selectWorker(worker->track);
    QWidget::mousePressEvent(event);
}

void NodeCard::contextMenuEvent(QContextMenuEvent* event)
{
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const Worker* worker = byKey ? nullptr : workerAt(event->pos());
    QMenu* menu = worker ? workerMenu(worker->track) : moreMenu();
    menu->popup(byKey ? m_more->mapToGlobal(QPoint(0, m_more->height() + 2)) : event->globalPos());
}

void NodeCard::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space: return m_more->click();
    case Qt::Key_Up:
    case Qt::Key_Left: return Q_EMIT neighbourWanted(-1);
    case Qt::Key_Down:
    case Qt::Key_Right: return Q_EMIT neighbourWanted(1);
    default: QWidget::keyPressEvent(event);
    }
}

bool NodeCard::event(QEvent* event)
{
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) update();
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QString text = QString::fromStdString(m_row.why);
    if (text.isEmpty() && m_ofHead && help->pos().y() < kSquareTop) text = tr("The head runs on the computer of this node.");
    if (const Worker* worker = workerAt(help->pos())) text = workerText(*worker);
    if (text.isEmpty()) QToolTip::hideText();
    else QToolTip::showText(help->globalPos(), text, this);
    return true;
}

void NodeCard::resizeEvent(QResizeEvent*)
{
    placeButtons();
}

void NodeCard::placeButtons()
{
    m_more->move(width() - 28, 5);
    m_plug->move(width() - 50, 5);
}

} // namespace orrery::widgets
