// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/run.h"
#include "engine/types/table_schema.h"
#include "engine/types/value.h"

#include <QTest>

#include <set>

using namespace orrery;
using namespace orrery::types;

namespace {

const TableSchema* const kAll[] = {&taskSchema(), &objectSchema(), &workerSchema(), &nodeSchema(), &jobSchema(), &logSchema()};

std::set<std::string> names(const Field& field)
{
    std::set<std::string> made{std::string(field.name)};
    std::string rest(field.shorts);
    for (std::size_t at; !rest.empty(); rest = at == std::string::npos ? "" : rest.substr(at + 1)) made.insert(rest.substr(0, at = rest.find(' ')));
    return made;
}

// The first word of each index is what the enum's own name says.
template <typename E, typename Name>
void sameWords(const Field& field, E last, Name name)
{
    for (int i = 0; i <= static_cast<int>(last); ++i) {
        const auto word = std::find_if(field.words.begin(), field.words.end(), [i](const FieldWord& one) { return one.index == i; });
        QVERIFY(word != field.words.end());
        QCOMPARE(QByteArray::fromStdString(std::string(word->text)), QByteArray::fromStdString(std::string(name(static_cast<E>(i)))));
    }
}

template <typename F>
const Field& of(const TableSchema& table, F field) { return table.at(static_cast<FieldId>(field)); }

} // namespace

class TstTableSchema : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyNameAndShortMeansOneColumn()
    {
        for (const auto* table : kAll) {
            std::set<std::string> seen;
            for (FieldId id = 0; id < table->fields.size(); ++id)
                for (const auto& name : names(table->at(id))) {
                    QVERIFY2(seen.insert(name).second, (std::string(table->name) + "." + name).c_str());
                    QCOMPARE(folded(name), name);
                    QCOMPARE(table->find(name), id);
                }
            QVERIFY(isText(table->at(table->bare).kind));
            QCOMPARE(findTable(table->name), table);
        }
        QCOMPARE(findTable("runs"), &jobSchema());
        QVERIFY(!findTable("actors"));
        QVERIFY(!findTable(""));
    }
    void theShortsOfTheGrammarAreThere()
    {
        for (const char* name : {"dur", "node", "worker", "fn", "state"}) QVERIFY(taskSchema().find(name) != kNoField);
        QCOMPARE(taskSchema().find("DUR"), static_cast<FieldId>(TaskField::Duration));
        QCOMPARE(taskSchema().find("fn"), static_cast<FieldId>(TaskField::Function));
    }
    void enumsNameTheColumnsInOrder()
    {
        QCOMPARE(of(taskSchema(), TaskField::Resources).name, std::string_view("required_resources"));
        QCOMPARE(of(taskSchema(), TaskField::StartTime).name, std::string_view("start_time_ms"));
        QCOMPARE(of(taskSchema(), TaskField::Peak).name, std::string_view("peak_bytes"));
        QCOMPARE(of(objectSchema(), ObjectField::Created).name, std::string_view("created_ns"));
        QCOMPARE(of(objectSchema(), ObjectField::TaskStatus).name, std::string_view("task_status"));
        QCOMPARE(of(workerSchema(), WorkerField::ExitDetail).name, std::string_view("exit_detail"));
        QCOMPARE(of(nodeSchema(), NodeField::CpuShare).name, std::string_view("cpu_share"));
        QCOMPARE(of(jobSchema(), JobField::Reexecuted).name, std::string_view("reexecuted"));
        QCOMPARE(of(logSchema(), LogField::Row).name, std::string_view("row"));
    }
    void wordsAreThoseOfTheEnums()
    {
        sameWords(of(taskSchema(), TaskField::State), TaskState::Skipped, jsonName);
        sameWords(of(objectSchema(), ObjectField::State), ObjectState::Freed, objectStateName);
        sameWords(of(objectSchema(), ObjectField::Type), ValueType::List, valueTypeName);
        sameWords(of(objectSchema(), ObjectField::DType), DType::String, [](DType type) { return type == DType::None ? "none" : dtypeName(type); });
        sameWords(of(objectSchema(), ObjectField::TaskStatus), TaskState::Skipped, jsonName);
        sameWords(of(nodeSchema(), NodeField::State), NodeState::Dead, nodeStateName);
        sameWords(of(jobSchema(), JobField::Status), RunState::Stopped, runStateName);
        QCOMPARE(of(taskSchema(), TaskField::ErrorType).words.size(), static_cast<std::size_t>(Cause::Oom) + 1);
    }
    // Every word of the palette leads to the states that wear it.
    void paletteWordsLeadToTheirStates()
    {
        const auto& words = of(taskSchema(), TaskField::State).words;
        for (int i = 0; i < kTaskStates; ++i) {
            const std::string palette(paletteName(static_cast<TaskState>(i)));
            const bool there = std::any_of(words.begin(), words.end(), [&](const FieldWord& word) { return folded(word.text) == palette && word.index == i; });
            QVERIFY2(there || static_cast<TaskState>(i) == TaskState::Skipped, palette.c_str()); // "cancelled" is a state of its own
        }
    }
    void aWrongColumnGetsTheNearestName()
    {
        QCOMPARE(taskSchema().field("stat").error().message, std::string("there is no column \"stat\" in tasks; did you mean \"state\"?"));
        const auto far = logSchema().field("qqqqqqqqqq");
        QVERIFY(far.error().message.ends_with("its columns are number time_ms level node worker track row text"));
    }
    void nodesHaveLetters()
    {
        QCOMPARE(nodeLetter(0), std::string("A"));
        QCOMPARE(nodeLetter(25), std::string("Z"));
        QCOMPARE(nodeLetter(26), std::string("AA"));
        QCOMPARE(nodeLetter(701), std::string("ZZ"));
        QCOMPARE(nodeLetter(702), std::string("AAA"));
    }
};

QTEST_GUILESS_MAIN(TstTableSchema)
#include "tst_table_schema.moc"
