// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Tables whose facts lie in the blocks: what is laid out for a question is what each row tells by itself, for every table.
#include "engine/trace/object_rows.h"
#include "engine/trace/task_rows.h"
#include "tests/engine/trace/trace_samples.h"

#include <QTest>

using namespace orrery;
using namespace orrery::trace;

namespace {

constexpr std::uint32_t kWidth = 20'000;

RunStore store()
{
    RunStore made(samples::runId(1));
    for (auto& block : samples::flood(samples::runId(1), kWidth)) QTest::qVerify(made.apply(std::move(block)).ok(), "apply", "", __FILE__, __LINE__);
    return made;
}

std::vector<types::Cell> cells(const FactRows& rows)
{
    std::vector<types::Cell> all;
    for (types::FieldId field = 0; field < rows.schema().fields.size(); ++field)
        for (std::uint32_t row = 0; row < rows.rows(); row += 97) all.push_back(rows.cell(field, row));
    return all;
}

} // namespace

class TestFactRows : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatIsLaidOutInPiecesIsWhatEachRowTells_data()
    {
        QTest::addColumn<bool>("objects");
        QTest::newRow("tasks") << false;
        QTest::newRow("objects") << true;
    }
    void whatIsLaidOutInPiecesIsWhatEachRowTells()
    {
        QFETCH(bool, objects);
        const RunStore run = store();
        const auto made = objects ? std::unique_ptr<FactRows>(std::make_unique<ObjectRows>(run, RunWorld())) : std::make_unique<TaskRows>(run, RunWorld());
        FactRows& rows = *made;
        QVERIFY(rows.rows() > kWidth - 10 && !rows.changed());
        const auto told = cells(rows);
        const std::uint64_t all = (1ull << rows.schema().fields.size()) - 1;
        int pieces = 0;
        while (!rows.prepare(all)) ++pieces;
        QVERIFY2(pieces > 10, "a scan is never done in one piece");
        QVERIFY(cells(rows) == told);
        rows.forget();
        QVERIFY(cells(rows) == told);
        // A question about other fields begins a scan anew and keeps what was there.
        while (!rows.prepare(all & 0x5555'5555'5555'5555ull)) {}
        while (!rows.prepare(all & 0xaaaa'aaaa'aaaa'aaaaull)) {}
        QVERIFY(cells(rows) == told);
        QVERIFY(rows.prepare(all & 0x5555'5555'5555'5555ull));
    }
};

QTEST_GUILESS_MAIN(TestFactRows)
#include "tst_fact_rows.moc"
