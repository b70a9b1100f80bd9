// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/table_text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cstdlib>

using namespace orrery;
using namespace orrery::host;
using types::Cell;

namespace {

types::Page page(std::vector<std::string> columns, std::vector<std::vector<Cell>> rows)
{
    types::Page made;
    made.columns = std::move(columns);
    made.rows = std::move(rows);
    made.total = made.rows.size();
    return made;
}

QByteArray text(const types::Page& page, const types::TableSchema& schema, bool cut = false) { return QByteArray::fromStdString(tableText(page, schema, cut)); }

QJsonObject json(const types::Page& page, const types::TableSchema& schema)
{
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(tableJson(page, schema)), &error);
    return error.error == QJsonParseError::NoError ? document.object() : QJsonObject{{QStringLiteral("error"), error.errorString()}};
}

} // namespace

class TstTableText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        setenv("TZ", "UTC", 1);
        tzset();
    }
    void columnsAreAlignedNumbersToTheRight()
    {
        const auto made = page({"name", "state", "duration_ns", "bytes_out", "error_message"},
                               {{std::string("blur [7]"), std::string("FINISHED"), std::int64_t{571'481}, std::int64_t{262'336}, Cell()},
                                {std::string("x"), std::string("FAILED"), Cell(), std::int64_t{0}, std::string("it broke")}});
        QCOMPARE(text(made, types::taskSchema()), QByteArray("name      state     duration  bytes_out  error_message\n"
                                                             "blur [7]  FINISHED  571.5 us  256.2 KiB  -\n"
                                                             "x         FAILED           -        0 B  it broke\n"));
    }
    void lettersAreCountedAndNotBytes()
    {
        const auto made = page({"title", "status"}, {{std::string("Gr\xc3\xb6\xc3\x9f" "e"), std::string("FAILED")}, {std::string("abc"), std::string("RUNNING")}});
        QCOMPARE(text(made, types::jobSchema()), QByteArray("title  status\nGr\xc3\xb6\xc3\x9f" "e  FAILED\nabc    RUNNING\n"));
    }
    void whatATaskWroteCannotMoveTheCursor()
    {
        const auto made = page({"text"}, {{std::string("a\x1b[2Jb\nc\x7f\x01 \xff\xc3(\xc2\x9b \xe2\x82\xac \xf0\x9f\x90\x8d \xf0\x9f")}});
        QCOMPARE(text(made, types::logSchema()), QByteArray("text\na?[2Jb?c?? ?" "?" "(?" "? \xe2\x82\xac \xf0\x9f\x90\x8d ??\n"));
    }
    void wideCellsAreCutButTheLast()
    {
        const std::string wide(60, 'w');
        const auto made = page({"name", "error_message"}, {{wide, wide}, {std::string(40, 'n'), std::string("e")}});
        const QByteArray cut = QByteArray(39, 'w') + "\xe2\x80\xa6  " + QByteArray(60, 'w') + "\n" + QByteArray(40, 'n') + "  e\n";
        QVERIFY(text(made, types::taskSchema(), true).endsWith(cut));
        QVERIFY(text(made, types::taskSchema(), false).contains(QByteArray(60, 'w') + "  " + QByteArray(60, 'w')));
    }
    void emptyColumnsAreLeftOut()
    {
        auto made = page({"name", "wait_reason", "state", "error_message"}, {{std::string("a"), Cell(), std::string("FINISHED"), Cell()}, {std::string("b"), Cell(), Cell(), Cell()}});
        dropEmptyColumns(made);
        QVERIFY((made.columns == std::vector<std::string>{"name", "state"}));
        QCOMPARE(made.rows[0].size(), std::size_t{2});
        QCOMPARE(std::get<std::string>(made.rows[0][1]), std::string("FINISHED"));
        auto none = page({"name", "state"}, {});
        dropEmptyColumns(none);
        QCOMPARE(none.columns.size(), std::size_t{2});
        QCOMPARE(text(none, types::taskSchema()), QByteArray("name  state\n"));
    }
    void durations_data()
    {
        QTest::addColumn<qint64>("ns");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](qint64 ns, const char* expected) { QTest::newRow(expected) << ns << QByteArray(expected); };
        row(0, "0 ns");
        row(999, "999 ns");
        row(1'000, "1.000 us");
        row(9'999, "9.999 us");
        row(10'000, "10.00 us");
        row(99'996, "100.0 us");
        row(999'949, "999.9 us");
        row(999'950, "1.000 ms");
        row(277'400'000, "277.4 ms");
        row(1'500'000'000, "1.500 s");
        row(59'990'000'000, "59.99 s");
        row(59'999'000'000, "1 min 00 s");
        row(123'000'000'000, "2 min 03 s");
        row(3'599'700'000'000, "1 h 00 min");
        row(90'061'000'000'000, "25 h 01 min");
        row(-1'500'000, "-1.500 ms");
    }
    void durations()
    {
        QFETCH(qint64, ns);
        QFETCH(QByteArray, expected);
        QCOMPARE(QByteArray::fromStdString(durationText(ns)), expected);
    }
    void theWidestNumbersHaveATextToo()
    {
        QVERIFY(!durationText(std::numeric_limits<std::int64_t>::min()).empty());
        QVERIFY(!durationText(std::numeric_limits<std::int64_t>::max()).empty());
        QCOMPARE(bytesText(std::numeric_limits<std::int64_t>::max()), std::string("8.0 EiB"));
        QVERIFY(!instantText(std::numeric_limits<std::int64_t>::max()).empty());
        QVERIFY(!instantText(std::numeric_limits<std::int64_t>::min()).empty());
    }
    void sizesAndInstants()
    {
        QCOMPARE(bytesText(1023), std::string("1023 B"));
        QCOMPARE(bytesText(1024), std::string("1.0 KiB"));
        QCOMPARE(bytesText(67'108'864), std::string("64.0 MiB"));
        QCOMPARE(bytesText((1 << 20) - 1), std::string("1.0 MiB"));
        QCOMPARE(instantText(1'795'621'781'189), std::string("2026-11-25 15:49:41.189"));
        QCOMPARE(instantText(-1), std::string("1969-12-31 23:59:59.999"));
        const auto made = page({"cpu_share", "heartbeat_time_ms"}, {{0.254, std::int64_t{1'795'621'781'189}}});
        QCOMPARE(text(made, types::nodeSchema()), QByteArray("cpu_share  heartbeat\n     25 %  2026-11-25 15:49:41.189\n"));
    }
    void inJsonIdsAndTimesAreTextsAndSizesBytes()
    {
        auto made = page({"task_id", "map_index", "duration_ns", "start_time_ms", "bytes_out", "error_message"},
                         {{std::string("T-12"), std::int64_t{7}, std::int64_t{9'007'199'254'740'993}, std::int64_t{1'795'621'781'189}, std::int64_t{4096}, Cell()}});
        made.dropped = 3;
        const auto document = json(made, types::taskSchema());
        QCOMPARE(document[u"complete"], QJsonValue(true));
        QCOMPARE(document[u"dropped"], QJsonValue(3));
        const auto row = document[u"rows"][0];
        QCOMPARE(row[u"task_id"], QJsonValue(QStringLiteral("T-12")));
        QCOMPARE(row[u"map_index"], QJsonValue(7));
        QCOMPARE(row[u"duration_ns"], QJsonValue(QStringLiteral("9007199254740993")));
        QCOMPARE(row[u"start_time_ms"], QJsonValue(QStringLiteral("1795621781189")));
        QCOMPARE(row[u"bytes_out"], QJsonValue(4096));
        QVERIFY(row[u"error_message"].isNull());
        made.total = 2;
        QCOMPARE(json(made, types::taskSchema())[u"complete"], QJsonValue(false));
        made.total = 1;
        made.complete = false;
        QCOMPARE(json(made, types::taskSchema())[u"complete"], QJsonValue(false));
    }
    void anyBytesMakeGoodJson()
    {
        const auto document = json(page({"text"}, {{std::string("a\xff\x1b\"\\\n\0z", 8)}}), types::logSchema());
        QVERIFY(document[u"rows"][0][u"text"].toString().contains(u'z'));
        QVERIFY(json(page({"is_alive"}, {{true}, {false}, {Cell()}}), types::workerSchema())[u"rows"][1][u"is_alive"] == QJsonValue(false));
    }
    void peopleGetColumnsThatThereAre()
    {
        for (const auto* schema : {&types::taskSchema(), &types::objectSchema(), &types::workerSchema(), &types::nodeSchema(), &types::jobSchema(), &types::logSchema()})
            for (const auto& column : columnsForPeople(*schema)) {
                const auto field = schema->find(column);
                QVERIFY2(field != types::kNoField && schema->at(field).name == column, column.c_str());
            }
    }
};

QTEST_GUILESS_MAIN(TstTableText)
#include "tst_table_text.moc"
