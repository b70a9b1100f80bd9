// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/param_schema.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace orrery::widgets {

namespace {

ParamField::Kind kindOf(const QJsonObject& schema)
{
    using Kind = ParamField::Kind;
    if (schema.contains(u"enum")) return Kind::Choice;
    const QString type = schema.value(u"type").toString(), format = schema.value(u"x-format").toString();
    if (type == u"boolean") return Kind::Bool;
    if (type == u"integer") return Kind::Integer;
    if (type == u"number") return Kind::Number;
    if (type != u"string") return Kind::Json;
    if (format == u"multiline") return Kind::Multiline;
    if (format == u"file") return Kind::File;
    return format == u"folder" ? Kind::Folder : Kind::Text;
}

std::optional<double> number(const QJsonObject& schema, QStringView key)
{
    const QJsonValue value = schema.value(key);
    return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}

ParamField fieldOf(const QString& name, const QJsonObject& schema)
{
    ParamField field;
    field.name = name;
    field.label = schema.value(u"title").toString();
    if (field.label.isEmpty()) field.label = QString(name).replace(QLatin1Char('_'), QLatin1Char(' '));
    field.doc = schema.value(u"description").toString();
    field.unit = schema.value(u"x-unit").toString();
    field.kind = kindOf(schema);
    field.minimum = number(schema, u"minimum");
    field.maximum = number(schema, u"maximum");
    field.step = number(schema, u"x-step").value_or(0);
    field.choices = schema.value(u"enum").toArray();
    field.fallback = schema.value(u"default");
    return field;
}

} // namespace

QList<ParamField> paramFields(const std::string& schema)
{
    const QJsonObject root = QJsonDocument::fromJson(QByteArray::fromStdString(schema)).object();
    const QJsonObject properties = root.value(u"properties").toObject();
    const QJsonArray required = root.value(u"required").toArray();
    QList<std::pair<double, ParamField>> ordered;
    for (auto at = properties.begin(); at != properties.end(); ++at) { // by name
        ParamField field = fieldOf(at.key(), at.value().toObject());
        field.required = required.contains(at.key());
        ordered.append({at.value().toObject().value(u"x-order").toDouble(1e9), std::move(field)});
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    QList<ParamField> fields;
    for (auto& [order, field] : ordered) fields.append(std::move(field));
    return fields;
}

QByteArray jsonText(const QJsonValue& value)
{
    if (value.isUndefined()) return {};
    const QByteArray list = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2);
}

} // namespace orrery::widgets
