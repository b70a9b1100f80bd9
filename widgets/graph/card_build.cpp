// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/card_build.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace orrery::widgets {

namespace {

constexpr qsizetype kWordsKept = 20'000;
constexpr qsizetype kFigureLetters = 14;

// The parameters are what a person wants to see of a task whose result is as small as they are, or which has none.
bool isSmallType(std::string_view type)
{
    if (type.starts_with("list<") && type.ends_with('>')) type = type.substr(5, type.size() - 6);
    return type == "json" || type == "bool" || type == "i64" || type == "f64" || type == "string";
}

QString oneJson(const QJsonValue& value)
{
    if (value.isBool()) return value.toBool() ? QStringLiteral("yes") : QStringLiteral("no");
    if (value.isString()) {
        const QString text = value.toString();
        return text.size() <= kFigureLetters && !text.contains(u'\n') ? text : QString();
    }
    if (!value.isDouble()) return {};
    const double number = value.toDouble();
    const double size = std::abs(number);
    if (number == std::floor(number) && size < 1e9) return QLocale::c().toString(static_cast<qlonglong>(number));
    if (size < 1e-3 || size >= 1e9) {
        const QString text = QString::number(number, 'e', 3);
        QString digits = text.section(u'e', 0, 0);
        while (digits.endsWith(u'0') || digits.endsWith(u'.')) {
            const bool point = digits.endsWith(u'.');
            digits.chop(1);
            if (point) break;
        }
        return digits + u'e' + QString::number(text.section(u'e', 1).toInt());
    }
    return QString::number(number, 'g', 7);
}

CardPort portOf(const types::Port& port)
{
    return {QString::fromStdString(port.name),
            QString::fromStdString(port.type),
            QString::fromStdString(port.doc),
            false,
            !port.optional,
            {}};
}

} // namespace

bool isPictureType(std::string_view type)
{
    return type == "tensor" || type == "image";
}

int Card::lastPort() const
{
    return portRows() > 0 ? kFirstPort + kPortStep * (portRows() - 1) : kHeader + kProgress - 4;
}

QRect Card::tiles() const
{
    const int height =
        rows > 0 ? static_cast<int>(std::lround(rows * (kTilesWidth / static_cast<double>(columns)))) : kTilesWidth;
    return {rect.left() + kTilesInset, rect.top() + lastPort() + 11, kTilesWidth, std::min(height, 2 * kTilesWidth)};
}

QRectF Card::cell(int column, int row) const
{
    const QRect box = tiles();
    const double size = std::min(box.width() / static_cast<double>(columns), box.height() / static_cast<double>(rows));
    return {box.left() + (box.width() - size * columns) / 2 + size * column, box.top() + size * row, size, size};
}

QString CardBuilder::titleOf(const QString& id, const QString& function, const QString& label)
{
    const QString base = function.section(u'.', 1);
    if (base.isEmpty() || !id.startsWith(base)) return id;
    if (id.size() == base.size()) return label;
    const QString tail = id.mid(base.size() + 1);
    const bool counted = id[base.size()] == u'_' && !tail.isEmpty() &&
                         std::all_of(tail.begin(), tail.end(), [](QChar c) { return c.isDigit(); });
    return counted ? label + u' ' + tail : id;
}

QString CardBuilder::figureText(const QString& json)
{
    return oneJson(QJsonDocument::fromJson("{\"v\":" + json.toUtf8() + "}").object().value(QStringLiteral("v")));
}

const CardBuilder::Look& CardBuilder::lookOf(const types::FunctionInfo& function)
{
    const QString name = QString::fromStdString(function.name);
    const auto known = m_looks.constFind(name);
    if (known != m_looks.constEnd()) return *known;
    Look look;
    look.label = QString::fromStdString(function.label);
    if (look.label.isEmpty()) look.label = name.section(u'.', 1).replace(u'_', u' ');
    look.icon = QString::fromStdString(function.icon);
    look.figures = std::all_of(function.outputs.begin(), function.outputs.end(),
                               [](const auto& port) { return isSmallType(port.type); });
    const QJsonObject properties = QJsonDocument::fromJson(QByteArray::fromStdString(function.paramSchema))
                                       .object()
                                       .value(QStringLiteral("properties"))
                                       .toObject();
    look.parameters = properties.keys();
    std::stable_sort(look.parameters.begin(), look.parameters.end(), [&](const QString& a, const QString& b) {
        const QString order = QStringLiteral("x-order");
        return properties.value(a).toObject().value(order).toInt() <
               properties.value(b).toObject().value(order).toInt();
    });
    return *m_looks.insert(name, look);
}

double CardBuilder::textWidth(FontRole role, const QString& text)
{
    const QString key = QChar(u'a' + static_cast<int>(role)) + text;
    const auto known = m_widths.constFind(key);
    if (known != m_widths.constEnd()) return *known;
    if (m_widths.size() > kWordsKept) m_widths.clear();
    return *m_widths.insert(key, QFontMetricsF(Theme::of().font(role)).horizontalAdvance(text));
}

int CardBuilder::widthOf(const Card& card)
{
    if (card.body == CardBody::Tiles) return kTilesWidth + 2 * kTilesInset;
    double need = card.body == CardBody::Figures ? kCardMin : card.body == CardBody::Map ? kCardMapMin : kCardPlainMin;
    const double times = card.wide ? 6 + textWidth(FontRole::Secondary, QStringLiteral("×256")) : 0;
    need = std::max(need, 31 + textWidth(FontRole::Title, card.title) + times + 10);
    for (int row = 0; row < card.portRows(); ++row) {
        const auto at = static_cast<std::size_t>(row);
        double words = 24;
        if (at < card.inputs.size()) words += textWidth(FontRole::Caption, card.inputs[at].name) + 12;
        if (at < card.outputs.size()) words += textWidth(FontRole::Caption, card.outputs[at].name);
        else if (row == 0) words += textWidth(FontRole::Caption, card.rowFigure);
        need = std::max(need, words);
    }
    for (const auto& figure : card.figures)
        need = std::max(need, 26 + textWidth(FontRole::Caption, figure.name) + 12 +
                                  textWidth(FontRole::MonoSmall, figure.value));
    if (!card.known) need = std::max(need, 12 + 18 + textWidth(FontRole::Caption, card.function) + 12);
    return std::min(kCardMax, static_cast<int>(std::ceil(need / kCardStep)) * kCardStep);
}

void CardBuilder::place(Card& card, QPoint at, TileShape shape)
{
    card.columns = shape.columns;
    card.rows = shape.rows;
    card.rect.moveTopLeft(at);
    const int last = card.lastPort();
    int height = card.portRows() > 0 ? last + 18 : kHeader + kProgress + 13;
    if (card.body == CardBody::Figures || !card.known) {
        const int lines = card.known ? static_cast<int>(card.figures.size()) : 2;
        if (lines > 0) height = card.figureAt(lines - 1) + 13;
    } else if (card.body == CardBody::Map) {
        height = last + 13 + kMapPicture + 2 + 7;
    } else if (card.body == CardBody::Tiles) {
        height = card.tiles().top() - at.y() + card.tiles().height() + kTilesFoot;
    }
    card.rect.setHeight(height);
}

Card CardBuilder::build(const types::Vertex& vertex, const types::CheckedVertex& checked, bool picture, TileShape shape)
{
    const types::FunctionInfo& function = *checked.function;
    const Look& look = lookOf(function);
    Card card;
    card.id = QString::fromStdString(vertex.id);
    card.function = QString::fromStdString(vertex.function);
    card.title = titleOf(card.id, card.function, look.label);
    card.icon = look.icon;
    card.wide = checked.wide;
    for (const auto& port : function.inputs) card.inputs.push_back(portOf(port));
    for (const auto& port : function.outputs) card.outputs.push_back(portOf(port));
    if (checked.wide) {
        card.body = picture ? CardBody::Tiles : CardBody::Map;
        card.pictured = std::any_of(function.outputs.begin(), function.outputs.end(), [](const auto& port) { return isPictureType(port.type); });
    } else if (look.figures && !look.parameters.isEmpty()) {
        const QJsonObject params = QJsonDocument::fromJson(QByteArray::fromStdString(checked.params)).object();
        for (const QString& name : look.parameters) {
            const QString text = oneJson(params.value(name));
            if (text.isEmpty()) continue;
            if (function.outputs.empty() && !function.inputs.empty()) {
                card.rowFigure = text;
                break;
            }
            card.figures.push_back({name, text});
            if (card.figures.size() == kFiguresMax) break;
        }
        if (!card.figures.empty()) card.body = CardBody::Figures;
    }
    card.rect.setWidth(widthOf(card));
    place(card, {vertex.x, vertex.y}, shape);
    return card;
}

Card CardBuilder::placeholder(const types::Vertex& vertex, const std::vector<std::string>& inputs,
                              const std::vector<std::string>& outputs, bool early)
{
    Card card;
    card.early = early;
    card.id = QString::fromStdString(vertex.id);
    card.function = QString::fromStdString(vertex.function);
    card.title = titleOf(card.id, card.function, card.function.section(u'.', 1).replace(u'_', u' '));
    card.known = false;
    for (const auto& port : inputs)
        card.inputs.push_back({QString::fromStdString(port), QStringLiteral("any"), {}, true, false, {}});
    for (const auto& port : outputs)
        card.outputs.push_back({QString::fromStdString(port), QStringLiteral("any"), {}, true, false, {}});
    card.rect.setWidth(widthOf(card));
    place(card, {vertex.x, vertex.y}, {});
    return card;
}

} // namespace orrery::widgets
