// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ParamField: one parameter of a function as its JSON schema describes it, for the property editor. Schema keywords are those
// of the plugin SDK: type, title, description, default, minimum, maximum, enum, required, x-unit, x-step, x-format, x-order.
// Thread: plain values.

#include <QJsonArray>
#include <QJsonValue>
#include <QList>
#include <QString>

#include <optional>
#include <string>

namespace orrery::widgets {

struct ParamField {
    enum class Kind : std::uint8_t { Bool, Integer, Number, Choice, Text, Multiline, File, Folder, Json };
    QString name;
    QString label; // title, else the name in words
    QString doc;
    QString unit;
    Kind kind = Kind::Json;
    std::optional<double> minimum, maximum;
    double step = 0; // 0: from the value
    QJsonArray choices;
    QJsonValue fallback = QJsonValue::Undefined; // the default; Undefined: there is none
    bool required = false;
    bool operator==(const ParamField&) const = default;
};

// In the order of x-order, then by name. A schema that is no JSON object has no fields.
QList<ParamField> paramFields(const std::string& schema);
// JSON text of one value: "3", "\"spiral\"", "[1,2]".
QByteArray jsonText(const QJsonValue& value);

} // namespace orrery::widgets
