// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/status_strip.h"

#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/pages/run_words.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kRefreshMs = 200, kEdge = 12, kGap = 12, kGlyphGap = 5, kBarWidth = 64;
constexpr int kLevels = 5; // 0: everything; then words, bar and the rest leave

double cpuShare(const std::vector<types::NodeRow>& nodes)
{
    double busy = 0, cpus = 0;
    for (const auto& node : nodes) {
        if (node.state == types::NodeState::Dead) continue;
        const double own = std::max(1.0, node.total.amount(types::kCpu));
        busy += node.cpuShare * own;
        cpus += own;
    }
    return cpus > 0 ? busy / cpus : 0;
}

} // namespace

// label (grey) and value stand side by side; a glyph or a dot before them, a bar after.
struct StatusStrip::Part {
    QString label, value;
    std::optional<types::TaskState> glyph;
    std::optional<Token> dot;
    double bar = -1;
    bool quiet = false; // grey: there is none
    bool line = true;   // a line parts it from the one before
    bool atRight = false;
    bool elides = false;

    int width(const QFontMetrics& metrics) const
    {
        int sum = (glyph || dot ? (glyph ? 14 : 8) + kGlyphGap : 0) + metrics.horizontalAdvance(label) +
                  metrics.horizontalAdvance(value);
        if (!label.isEmpty() && !value.isEmpty()) sum += 5;
        return sum + (bar >= 0 ? 8 + kBarWidth : 0);
    }
};

StatusStrip::StatusStrip(RunModel& run, QWidget* parent) : QWidget(parent), m_run(run)
{
    setFixedHeight(metric::kStatusBar);
    m_refresh = new Refresh(this, kRefreshMs, [this] {
        setAccessibleName(shownTexts().join(QStringLiteral(", ")));
        update();
    });
    for (const auto signal : {&RunModel::ticked, &RunModel::linkChanged, &RunModel::nodesChanged,
                              &RunModel::countsChanged, &RunModel::shownRunChanged})
        connect(&run, signal, m_refresh, &Refresh::ask);
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

std::vector<StatusStrip::Part> StatusStrip::allParts(int level) const
{
    std::vector<Part> parts;
    addCluster(parts, level);
    if (m_run.link() == LinkState::Starting || m_run.link() == LinkState::Failed) return parts;
    addStates(parts, level);
    Part events{
        {}, tr("%1 events/s").arg(countText(static_cast<std::uint64_t>(std::max(0.0, m_run.eventsPerSecond()) + 0.5)))};
    events.atRight = events.quiet = true;
    if (level < 2) parts.push_back(events);
    Part lag{{}, tr("lag %1 ms").arg(std::max<types::TimeNs>(0, m_run.lagNs()) / base::kMillisecond)};
    lag.atRight = lag.quiet = true;
    if (level < 4) parts.push_back(lag);
    return parts;
}

void StatusStrip::setHead(const QString& words)
{
    m_head = words;
    m_refresh->ask();
}

void StatusStrip::addCluster(std::vector<Part>& parts, int level) const
{
    Part head;
    switch (m_run.link()) {
    case LinkState::Starting: head = {tr("Starting the head..."), {}, {}, Token::LiveOff}; break;
    case LinkState::Up: head = {{}, level < 2 ? m_head : QString(), {}, Token::Succeeded}; break;
    case LinkState::Away:
        head = {{},
                level < 2 ? (m_run.linkText().isEmpty() ? tr("reconnecting") : m_run.linkText()) : tr("away"),
                {},
                Token::LiveOff};
        break;
    case LinkState::Failed: head = {{}, m_run.linkText(), {}, Token::Failed}; break;
    }
    head.elides = true;
    parts.push_back(head);
    if (m_run.link() == LinkState::Starting || m_run.link() == LinkState::Failed) return;

    const auto& nodes = m_run.nodes();
    const auto alive = std::count_if(nodes.begin(), nodes.end(),
                                     [](const auto& node) { return node.state != types::NodeState::Dead; });
    const bool lost = alive != static_cast<std::ptrdiff_t>(nodes.size());
    Part count{{}, lost ? tr("%1 of %2 nodes").arg(alive).arg(nodes.size()) : counted(alive, tr("node"), tr("nodes"))};
    count.line = level < 2; // beside the dot alone it needs none
    parts.push_back(count);
    if (alive == 0) return;
    parts.push_back({tr("CPU"), percentText(cpuShare(nodes))});
    std::uint64_t used = 0, capacity = 0;
    for (const auto& node : nodes) {
        if (node.state == types::NodeState::Dead) continue;
        used += node.storeBytes;
        capacity += node.storeCapacityBytes;
    }
    Part store{tr("Store"), level < 2 ? bytesOfText(used, capacity) : bytesText(used)};
    if (level < 1 && capacity > 0) store.bar = static_cast<double>(used) / static_cast<double>(capacity);
    parts.push_back(store);
}

void StatusStrip::addStates(std::vector<Part>& parts, int level) const
{
    using enum types::TaskState;
    const auto* run = m_run.shownRun();
    if (!run) return;
    const auto at = [&](types::TaskState state) { return run->counts[static_cast<std::size_t>(state)]; };
    bool first = true;
    const auto add = [&](types::TaskState state, std::uint64_t count, const QString& word, int until) {
        if (level > until) return;
        Part part{level < 2 ? word : QString(), countText(count), state};
        part.quiet = count == 0;
        part.line = first;
        first = false;
        parts.push_back(part);
    };
    if (types::isTerminal(run->state)) add(Finished, at(Finished) + at(Cached), tr("done"), 3);
    else add(Running, at(Running), tr("running"), 4);
    if (!types::isTerminal(run->state) || at(PendingAssignment) > 0)
        add(PendingAssignment, at(PendingAssignment) + at(Submitted) + at(PendingFetch), tr("ready"), 2);
    if (!types::isTerminal(run->state) || at(PendingArgs) > 0) add(PendingArgs, at(PendingArgs), tr("waiting"), 2);
    if (run->reexecuted > 0) add(Retrying, run->reexecuted, tr("recomputed"), 3);
    add(Failed, at(Failed), tr("failed"), 4);
}

std::vector<StatusStrip::Part> StatusStrip::parts() const
{
    const QFontMetrics metrics(Theme::of().font(FontRole::Secondary));
    for (int level = 0; level < kLevels; ++level) {
        std::vector<Part> parts = allParts(level);
        int sum = 2 * kEdge;
        for (const Part& part : parts) sum += part.width(metrics) + (part.line ? 2 * kGap : kGap);
        if (sum <= width() || level + 1 == kLevels) return parts;
    }
    return {};
}

void StatusStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(Theme::of().font(FontRole::Secondary));
    const std::vector<Part> all = parts();
    int left = kEdge, right = width() - kEdge;
    const auto line = [&](int x) { painter.fillRect(x, (height() - 14) / 2, 1, 14, color(Token::Border)); };
    for (auto part = all.rbegin(); part != all.rend(); ++part) {
        if (!part->atRight) continue;
        const int width = part->width(painter.fontMetrics());
        if (right != this->width() - kEdge) line(right + kGap / 2);
        paintPart(painter, *part, right - width, width);
        right -= width + kGap;
    }
    for (const Part& part : all) {
        if (part.atRight) continue;
        if (left != kEdge && part.line) {
            line(left + kGap / 2 - 1);
            left += kGap;
        } else if (left != kEdge) {
            left += 2;
        }
        const int wanted = part.width(painter.fontMetrics());
        const int width = part.elides ? std::min(wanted, right - left) : wanted;
        if (left + width > right) break;
        paintPart(painter, part, left, width);
        left += width + kGap;
    }
}

void StatusStrip::paintPart(QPainter& painter, const Part& part, int left, int width) const
{
    const int end = left + width;
    if (part.glyph) {
        drawStateGlyph(painter, QRectF(left, height() / 2.0 - 7, 14, 14), *part.glyph,
                       part.quiet ? color(Token::Muted) : QColor());
        left += 14 + kGlyphGap;
    } else if (part.dot) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(*part.dot));
        painter.drawEllipse(QRectF(left, height() / 2.0 - 4, 8, 8));
        left += 8 + kGlyphGap;
    }
    const auto text = [&](Token token, const QString& words) {
        if (words.isEmpty()) return;
        painter.setPen(color(token));
        const QString fitting = painter.fontMetrics().elidedText(words, Qt::ElideRight, end - left + 1);
        painter.drawText(QRect(left, 0, end - left + 2, height()), Qt::AlignVCenter, fitting);
        left += painter.fontMetrics().horizontalAdvance(fitting) + 5;
    };
    const Token value = part.quiet ? Token::Muted : Token::Text;
    if (part.glyph) { // "10 running"
        text(value, part.value);
        text(part.quiet ? Token::Muted : Token::Text, part.label);
    } else { // "CPU 98 %"
        text(Token::Muted, part.label);
        text(value, part.value);
    }
    if (part.bar < 0) return;
    const QRectF bar(end - kBarWidth, height() / 2.0 - 3, kBarWidth, 6);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color(Token::BarEmpty));
    painter.drawRoundedRect(bar, 2, 2);
    painter.setBrush(color(Token::StoreOwn));
    painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(part.bar, 0.0, 1.0), bar.height()),
                            2, 2);
}

QStringList StatusStrip::shownTexts() const
{
    QStringList texts;
    for (const Part& part : parts()) {
        const QString text =
            (part.glyph ? QStringLiteral("%2 %1") : QStringLiteral("%1 %2")).arg(part.label, part.value).trimmed();
        if (!text.isEmpty()) texts << text;
    }
    return texts;
}

bool StatusStrip::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && !m_run.linkText().isEmpty())
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), m_run.linkText(), this);
    return QWidget::event(event);
}

} // namespace orrery::widgets
