// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/macro.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QMap>
#include <QStringList>

namespace orrery::app {

namespace {

// Every verb and the fields it takes.
const QMap<QString, QStringList>& doings()
{
    static const QMap<QString, QStringList> table{
        {u"open"_qs, {u"file"_qs}},   {u"probe"_qs, {}},
        {u"run"_qs, {}},              {u"stop"_qs, {}},
        {u"pull_plug"_qs, {}},        {u"select_tile"_qs, {u"vertex"_qs, u"index"_qs}},
        {u"select"_qs, {u"vertex"_qs}}, {u"show"_qs, {u"panel"_qs}},
        {u"filter"_qs, {u"text"_qs}}, {u"picture"_qs, {u"file"_qs}},
        {u"theme"_qs, {u"name"_qs}},  {u"size"_qs, {u"width"_qs, u"height"_qs}},
        {u"fit"_qs, {}},              {u"perspective"_qs, {u"name"_qs}},
        {u"kill_node"_qs, {}},        {u"add_node"_qs, {}},
        {u"own_files"_qs, {u"folder"_qs}}, {u"select_object"_qs, {u"vertex"_qs}},
        {u"whole_run"_qs, {}},       {u"listen"_qs, {u"address"_qs}},
        {u"token"_qs, {}},           {u"join"_qs, {u"name"_qs}},
    };
    return table;
}

const QMap<QString, QStringList>& waits()
{
    static const QMap<QString, QStringList> table{
        {u"painted"_qs, {}},   {u"head"_qs, {}},     {u"nodes"_qs, {u"count"_qs}},    {u"run_started"_qs, {}},
        {u"run_ended"_qs, {}}, {u"done"_qs, {u"percent"_qs}}, {u"tiles"_qs, {u"vertex"_qs, u"count"_qs}},
        {u"compared"_qs, {}},  {u"preview_shown"_qs, {}},  {u"probed"_qs, {}},   {u"settled"_qs, {}},
        {u"listening"_qs, {}}, {u"token"_qs, {}},     {u"joined"_qs, {}},
    };
    return table;
}

} // namespace

QString MacroStep::text() const
{
    const QString words = arguments.isEmpty() ? QString() : QLatin1Char(' ') + QString::fromUtf8(QJsonDocument(arguments).toJson(QJsonDocument::Compact));
    return (wait ? QStringLiteral("wait for ") : QString()) + verb + words;
}

base::Result<Macro> parseMacro(const QByteArray& text)
{
    const auto bad = [](const QString& what) { return base::fail(base::Errc::BadInput, (u"the macro "_qs + what).toStdString()); };
    QJsonParseError problem;
    const auto root = QJsonDocument::fromJson(text, &problem).object();
    if (problem.error != QJsonParseError::NoError) return bad(u"is no JSON: %1 at byte %2"_qs.arg(problem.errorString()).arg(problem.offset));
    if (root.value(u"macro"_qs).toInt() != 1) return bad(u"is of another version: \"macro\" must be 1"_qs);
    const auto list = root.value(u"steps"_qs).toArray();
    if (list.isEmpty() || static_cast<std::size_t>(list.size()) > kMacroStepsMax) return bad(u"has no steps, or more than %1"_qs.arg(kMacroStepsMax));
    Macro macro;
    macro.title = root.value(u"title"_qs).toString();
    for (int i = 0; i < list.size(); ++i) {
        auto fields = list.at(i).toObject();
        MacroStep step;
        step.wait = fields.contains(u"wait"_qs);
        step.verb = fields.take(step.wait ? u"wait"_qs : u"do"_qs).toString();
        const auto& table = step.wait ? waits() : doings();
        const auto known = table.constFind(step.verb);
        if (known == table.constEnd()) return bad(u"names \"%1\" in step %2, which is no %3"_qs.arg(step.verb).arg(i).arg(step.wait ? u"condition"_qs : u"intent"_qs));
        if (step.wait) step.seconds = fields.take(u"seconds"_qs).toInt(60);
        if (step.seconds < 1 || step.seconds > kMacroWaitMaxSeconds) return bad(u"waits %1 s in step %2; 1 to %3 are allowed"_qs.arg(step.seconds).arg(i).arg(kMacroWaitMaxSeconds));
        for (auto field = fields.begin(); field != fields.end(); ++field)
            if (!known->contains(field.key())) return bad(u"has an unknown field \"%1\" in step %2"_qs.arg(field.key()).arg(i));
        step.arguments = fields;
        macro.steps.push_back(step);
    }
    return macro;
}

} // namespace orrery::app
