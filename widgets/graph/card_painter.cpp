// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/card_painter.h"

#include "widgets/common/icons.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace orrery::widgets {

using types::TaskState;

namespace {

constexpr double kCorner = 6, kBar = 4, kTitleLeft = 31, kGlyphLeft = 11, kGlyph = 14, kInset = 12, kFigureLeft = 14,
                 kMapText = 66, kMapBar = 6;
constexpr double kFootGlyph = 11, kFootGap = 5, kFootStep = 14, kFootTick = 4;
constexpr double kIconScale = .55; // below it a function's picture is a smudge

QString tr(const char* text)
{
    return QCoreApplication::translate("CardPainter", text);
}

} // namespace

// Pixels of one card: its rectangle, and lengths from its corner.
struct CardPainter::Place {
    QRect rect;
    double k;
    int line; // the thinnest one
    int x(double from) const { return rect.left() + static_cast<int>(std::lround(from * k)); }
    int y(double from) const { return rect.top() + static_cast<int>(std::lround(from * k)); }
    int right() const { return rect.left() + rect.width(); }
    int bottom() const { return rect.top() + rect.height(); }
    double fromRight(double by) const { return right() - by * k; }
    int size(double length) const { return std::max(1, static_cast<int>(std::lround(length * k))); }
};

void CardPainter::begin(const Camera& camera)
{
    m_camera = camera;
    if (m_k == camera.k()) return;
    m_k = camera.k();
    m_text.setScale(m_k);
    m_ports.clear();
    m_icons.clear();
}

const QImage& CardPainter::portSprite(const QColor& color, bool hollow)
{
    const QRgb key = color.rgb() ^ (hollow ? 0x80000000u : 0u);
    const auto known = m_ports.constFind(key);
    if (known != m_ports.constEnd()) return *known;
    const int side = 2 * static_cast<int>(std::ceil((kPortRadius + 2) * m_k)) + 1;
    QImage image(side, side, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const QPointF middle(side / 2.0, side / 2.0);
    painter.setBrush(m_ink.canvas);
    painter.drawEllipse(middle, (kPortRadius + 2) * m_k, (kPortRadius + 2) * m_k);
    painter.setBrush(color);
    painter.drawEllipse(middle, kPortRadius * m_k, kPortRadius * m_k);
    if (hollow) {
        painter.setBrush(m_ink.canvas);
        painter.drawEllipse(middle, (kPortRadius - 1.6) * m_k, (kPortRadius - 1.6) * m_k);
    }
    painter.end();
    return *m_ports.insert(key, image);
}

const QPixmap& CardPainter::iconSprite(const QString& name, int size)
{
    const auto known = m_icons.constFind(name);
    if (known != m_icons.constEnd()) return *known;
    return *m_icons.insert(name, iconPixmap(name, size, m_ink.muted, 1));
}

void CardPainter::paint(QPainter& painter, const Card& card, const CardRun& run, const CardLook& look)
{
    const Place place{m_camera.map(QRectF(card.rect)), m_k, std::max(1, static_cast<int>(m_camera.ratio))};
    paintFrame(painter, place, card, run, look);
    paintHeader(painter, place, card, run);
    paintProgress(painter, place, run, look);
    if (card.body == CardBody::Tiles) m_tiles.paint(painter, m_camera, card, run, look.tiles);
    if (m_camera.scale >= kScaleCaptions) {
        paintFigures(painter, place, card);
        if (card.body == CardBody::Tiles) paintFoot(painter, place, card, run, look);
    }
    if (card.body == CardBody::Map) paintMap(painter, place, card, run, look);
    paintPorts(painter, place, card);
}

void CardPainter::paintFrame(QPainter& painter, const Place& place, const Card& card, const CardRun& run,
                             const CardLook& look)
{
    const double r = kCorner * m_k, half = place.line / 2.0;
    const QRectF edge = QRectF(place.rect).adjusted(half, half, -half, -half);
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(m_ink.border, place.line));
    painter.setBrush(m_ink.panel);
    painter.drawRoundedRect(edge, r, r);
    // The header's tint, inside the border, round where the card is.
    const QRectF head(place.rect.left() + place.line, place.rect.top() + place.line,
                      place.rect.width() - 2 * place.line, place.y(kHeader) - place.rect.top() - place.line);
    const double inner = std::max(0.0, r - place.line);
    QPainterPath path(head.bottomLeft());
    path.lineTo(head.topLeft());
    path.lineTo(head.right() - inner, head.top());
    path.quadTo(head.topRight(), QPointF(head.right(), head.top() + inner));
    path.lineTo(head.bottomRight());
    painter.fillPath(path, card.known ? m_ink.header(card.function) : m_ink.panel);
    const QColor& bar = run.shown ? m_ink.state(run.state) : card.known || card.early ? m_ink.idle : m_ink.failed;
    const QRectF barRect(place.rect.left(), place.rect.top(), place.size(kBar), place.rect.height());
    painter.setPen(Qt::NoPen);
    painter.setBrush(bar);
    painter.drawRoundedRect(barRect, barRect.width() / 2, barRect.width() / 2);
    painter.fillRect(QRectF(barRect.left() + barRect.width() / 2, barRect.top(), barRect.width() / 2, barRect.height()),
                     bar);
    if (!look.selected && !look.related) return;
    const int width = look.selected ? std::max(2, static_cast<int>(std::lround(2 * m_camera.ratio))) : place.line;
    const double out = 2 * m_camera.ratio + width / 2.0;
    painter.setPen(QPen(m_ink.accent, width));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(place.rect).adjusted(-out, -out, out, out), r + out, r + out);
}

void CardPainter::paintHeader(QPainter& painter, const Place& place, const Card& card, const CardRun& run)
{
    const double middle = place.rect.top() + kHeader / 2.0 * m_k;
    const QRectF glyph(place.rect.left() + kGlyphLeft * m_k, middle - kGlyph / 2 * m_k, kGlyph * m_k, kGlyph * m_k);
    double left = kTitleLeft;
    if (run.shown) drawStateGlyph(painter, glyph, run.state);
    else if (!card.known && !card.early) drawStateGlyph(painter, glyph, TaskState::Failed);
    else if (!card.icon.isEmpty() && m_camera.scale >= kIconScale)
        painter.drawPixmap(glyph.topLeft().toPoint(), iconSprite(card.icon, place.size(kGlyph)));
    else if (m_camera.scale >= kIconScale || !run.shown) left = kInset;
    double right = place.fromRight(10);
    if (card.known && !card.problem.isEmpty()) {
        drawStateGlyph(painter, QRectF(right - 12 * m_k, middle - 6 * m_k, 12 * m_k, 12 * m_k), TaskState::Failed);
        right -= 18 * m_k;
    }
    if (card.wide && m_camera.scale >= kScaleCaptions) {
        const QString times = u'×' + (run.shown && run.tasks > 0 ? withCommas(run.tasks) : QStringLiteral("n"));
        m_text.right(painter, right, middle, times, FontRole::Secondary, m_ink.muted);
        right -= m_text.width(times, FontRole::Secondary) + 6 * m_k;
    }
    const double room = right - (place.rect.left() + left * m_k);
    // Cards are made for their words; what a size between whole pixels adds is no reason to cut them.
    const QString title = m_text.width(card.title, FontRole::Title) > room + 4 * m_k
                              ? m_text.elided(card.title, FontRole::Title, room)
                              : card.title;
    m_text.left(painter, place.rect.left() + left * m_k, middle, title, FontRole::Title, m_ink.text);
}

void CardPainter::paintProgress(QPainter& painter, const Place& place, const CardRun& run, const CardLook& look)
{
    const int left = place.x(0) + place.size(kBar), right = place.right() - place.line, top = place.y(kHeader);
    if (!run.shown || (run.done() == 0 && run.state != TaskState::Running && !types::isTerminal(run.state))) {
        painter.fillRect(QRect(left, top, right - left, place.line), m_ink.lineInside);
        return;
    }
    const QRect row(left, top, right - left, std::max(place.line, place.y(kHeader + kProgress) - top));
    painter.fillRect(row, m_ink.barEmpty);
    const double share = types::isTerminal(run.state) ? 1 : run.share();
    painter.fillRect(QRect(row.left(), row.top(), static_cast<int>(std::lround(row.width() * share)), row.height()),
                     m_ink.state(run.state));
    if (look.sweep < 0) return;
    const int width = row.width() / 4, at = row.left() - width + static_cast<int>((row.width() + width) * look.sweep);
    painter.fillRect(QRect(at, row.top(), width, row.height()) & row, m_ink.state(TaskState::Running));
}

void CardPainter::paintPorts(QPainter& painter, const Place& place, const Card& card)
{
    const bool words = m_camera.scale >= kScaleCaptions;
    const auto spot = [&](const QPoint& at, const CardPort& port) {
        const bool bad = !port.problem.isEmpty();
        const QImage& sprite =
            portSprite(bad ? m_ink.failed : m_ink.port(port.type), !port.connected && (bad || !port.required));
        painter.drawImage(QPoint(m_camera.px(at.x()) - sprite.width() / 2, m_camera.py(at.y()) - sprite.height() / 2),
                          sprite);
    };
    for (std::size_t i = 0; i < card.inputs.size(); ++i) {
        const QPoint at = card.inputAt(static_cast<int>(i));
        spot(at, card.inputs[i]);
        if (words)
            m_text.left(painter, place.rect.left() + kInset * m_k, m_camera.y(at.y()), card.inputs[i].name,
                        FontRole::Caption, m_ink.muted);
    }
    for (std::size_t i = 0; i < card.outputs.size(); ++i) {
        const QPoint at = card.outputAt(static_cast<int>(i));
        spot(at, card.outputs[i]);
        if (words)
            m_text.right(painter, place.fromRight(kInset), m_camera.y(at.y()), card.outputs[i].name, FontRole::Caption,
                         m_ink.muted);
    }
    if (words && !card.rowFigure.isEmpty())
        m_text.right(painter, place.fromRight(kInset), m_camera.y(card.rect.top() + kFirstPort), card.rowFigure,
                     FontRole::Caption, m_ink.muted);
}

void CardPainter::paintFigures(QPainter& painter, const Place& place, const Card& card)
{
    if (!card.known) {
        const double y = place.rect.top() + card.figureAt(0) * m_k;
        m_text.left(painter, place.rect.left() + kFigureLeft * m_k, y,
                    card.early ? tr("plug-ins are being read") : tr("unknown function"), FontRole::Caption,
                    card.early ? m_ink.muted : m_ink.text);
        const double room = place.rect.width() - 2 * kFigureLeft * m_k;
        m_text.left(painter, place.rect.left() + kFigureLeft * m_k, y + kFigureStep * m_k,
                    m_text.elided(card.function, FontRole::MonoSmall, room), FontRole::MonoSmall, m_ink.muted);
        return;
    }
    for (std::size_t i = 0; i < card.figures.size(); ++i) {
        const double y = place.rect.top() + card.figureAt(static_cast<int>(i)) * m_k;
        const double room = place.fromRight(2 * kInset) - (place.rect.left() + kFigureLeft * m_k) -
                            m_text.width(card.figures[i].value, FontRole::MonoSmall);
        QString name = card.figures[i].name;
        if (m_text.width(name, FontRole::Caption) > room) name = m_text.elided(name, FontRole::Caption, room);
        m_text.left(painter, place.rect.left() + kFigureLeft * m_k, y, name, FontRole::Caption, m_ink.muted);
        m_text.right(painter, place.fromRight(kInset), y, card.figures[i].value, FontRole::MonoSmall, m_ink.text);
    }
}

void CardPainter::paintMap(QPainter& painter, const Place& place, const Card& card, const CardRun& run,
                           const CardLook& look)
{
    if (card.pictured) {
        const QRect frame = m_camera.map(QRectF(card.picture()));
        painter.fillRect(frame, m_ink.border);
        const QRect inside = frame.adjusted(place.line, place.line, -place.line, -place.line);
        painter.fillRect(inside, m_ink.canvas);
        if (look.picture && !look.picture->isNull()) painter.drawImage(inside.topLeft(), *look.picture);
    }
    if (m_camera.scale < kScaleCaptions) return;
    const double left = place.rect.left() + (card.pictured ? kMapText : kInset) * m_k, top = m_camera.y(card.picture().top());
    const QString done = run.shown ? withCommas(run.done()) : QString();
    const QString total = run.shown && run.tasks > 0 ? QStringLiteral(" / ") + withCommas(run.tasks) : tr("not run");
    m_text.left(painter, left, top + 6.5 * m_k, done, FontRole::Section, m_ink.text);
    m_text.left(painter, left + (done.isEmpty() ? 0 : m_text.width(done, FontRole::Section)), top + 6.5 * m_k, total,
                FontRole::Secondary, m_ink.muted);
    const QRect bar(static_cast<int>(left), static_cast<int>(std::lround(top + 18 * m_k)),
                    static_cast<int>(place.fromRight(kInset) - left), place.size(kMapBar));
    painter.fillRect(bar, m_ink.barEmpty);
    int at = bar.left();
    std::uint32_t sum = 0;
    for (const TaskState state :
         {TaskState::Finished, TaskState::Cached, TaskState::Failed, TaskState::Retrying, TaskState::Running})
    {
        if (!run.shown || run.tasks == 0 || run.count(state) == 0) continue;
        sum += run.count(state);
        const int end =
            bar.left() + static_cast<int>(std::lround(bar.width() * (sum / static_cast<double>(run.tasks))));
        painter.fillRect(QRect(at, bar.top(), std::max(end - at, 1), bar.height()), m_ink.state(state));
        at = end;
    }
    m_text.left(painter, left, top + 35 * m_k, lineOf(run), FontRole::Caption, m_ink.muted);
}

void CardPainter::paintFoot(QPainter& painter, const Place& place, const Card& card, const CardRun& run,
                            const CardLook& look)
{
    const double y = m_camera.y(card.tiles().top() + card.tiles().height() + 15.5);
    double x = place.rect.left() + kInset * m_k;
    if (!run.shown) {
        m_text.left(painter, x, y, tr("Tiles appear here as they are done"), FontRole::Caption, m_ink.muted);
        return;
    }
    const TileCounts tiles = look.tiles.tiles ? countTiles(*look.tiles.tiles, m_model) : TileCounts();
    const auto part = [&](std::uint32_t count, TaskState state) {
        if (count == 0) return;
        const double size = kFootGlyph * m_k;
        drawStateGlyph(painter, QRectF(x, y - size / 2, size, size), state);
        x += size + kFootGap * m_k;
        const QString text = withCommas(count);
        m_text.left(painter, x, y, text, FontRole::Section, m_ink.text);
        x += m_text.width(text, FontRole::Section) + kFootStep * m_k;
    };
    part(run.done(), TaskState::Finished);
    part(run.count(TaskState::Running), TaskState::Running);
    part(run.count(TaskState::Failed), TaskState::Failed);
    part(std::max(tiles.again, run.count(TaskState::Retrying)), TaskState::Retrying);
    part(run.ready() + run.count(TaskState::PendingFetch), TaskState::PendingAssignment);
    part(run.count(TaskState::PendingArgs), TaskState::PendingArgs);
    double right = place.fromRight(kInset);
    for (auto node = tiles.byNode.rbegin(); node != tiles.byNode.rend(); ++node) {
        const QString letter = RunModel::nodeLetter(node->first), count = withCommas(node->second);
        const double width =
            m_text.width(letter, FontRole::Section) + m_text.width(count, FontRole::Secondary) + (kFootTick + 8) * m_k;
        if (right - width < x) return;
        m_text.right(painter, right, y, count, FontRole::Secondary, m_ink.muted);
        right -= m_text.width(count, FontRole::Secondary) + 4 * m_k;
        m_text.right(painter, right, y, letter, FontRole::Section, m_ink.text);
        right -= m_text.width(letter, FontRole::Section) + 5 * m_k + kFootTick * m_k;
        painter.fillRect(QRectF(std::round(right), std::round(y - 6 * m_k), place.size(kFootTick), place.size(12)),
                         m_ink.node(node->first));
        right -= 10 * m_k;
    }
}

} // namespace orrery::widgets
