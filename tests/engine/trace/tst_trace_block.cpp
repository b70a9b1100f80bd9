// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The format of trace blocks: what goes in comes out, and hostile bytes are refused.
#include "engine/trace/block.h"
#include "tests/engine/trace/trace_samples.h"

#include <QtTest/qtest.h>
#include <QtTest/qtestcase.h>

#include <memory>

using namespace orrery;
using base::Random;
using trace::BlockView;
using trace::BlockWriter;

namespace {

bool same(const types::Attempt& a, const types::Attempt& b)
{
    return a.row == b.row && a.mapIndex == b.mapIndex && a.vertex == b.vertex && a.worker == b.worker && a.attempt == b.attempt && a.outcome == b.outcome &&
           a.cause == b.cause && a.outputs == b.outputs && a.submitNs == b.submitNs && a.startNs == b.startNs && a.endNs == b.endNs && a.waitUs == b.waitUs &&
           a.cpuUs == b.cpuUs && a.bytesOut == b.bytesOut && a.peakKiB == b.peakKiB && a.error == b.error;
}
bool same(const types::ObjectRecord& a, const types::ObjectRecord& b)
{
    return a.row == b.row && a.output == b.output && a.node == b.node && a.state == b.state && a.type == b.type && a.dtype == b.dtype && a.rank == b.rank &&
           a.shape == b.shape && a.bytes == b.bytes && a.items == b.items && a.refs == b.refs && a.attempt == b.attempt && a.atNs == b.atNs;
}
bool same(const types::CopyRecord& a, const types::CopyRecord& b)
{
    return a.row == b.row && a.output == b.output && a.node == b.node && a.from == b.from && a.gone == b.gone && a.startNs == b.startNs && a.endNs == b.endNs;
}
bool same(const types::StateMark& a, const types::StateMark& b)
{
    return a.row == b.row && a.state == b.state && a.attempt == b.attempt && a.worker == b.worker && a.atNs == b.atNs;
}
bool same(const types::RowRange& a, const types::RowRange& b)
{
    return a.firstRow == b.firstRow && a.count == b.count && a.firstIndex == b.firstIndex && a.vertex == b.vertex && a.state == b.state && a.atNs == b.atNs;
}

void fill(BlockWriter& writer, samples::Records& records, Random& random)
{
    std::vector<std::uint32_t> errors{0};
    for (const auto& text : records.errors) errors.push_back(writer.addError(text));
    for (const auto& range : records.ranges) writer.add(range);
    for (const auto& mark : records.marks) writer.add(mark);
    for (auto& attempt : records.attempts) {
        attempt.error = errors[random.below(errors.size())];
        writer.add(attempt);
    }
    for (const auto& object : records.objects) writer.add(object);
    for (const auto& copy : records.copies) writer.add(copy);
}

// Reads everything a view offers, so that a sanitizer sees every access.
std::uint64_t readAll(const BlockView& view)
{
    std::uint64_t sum = 0;
    const auto& header = view.header();
    for (std::uint32_t i = 0; i < header.ranges; ++i) sum += view.range(i).count;
    for (std::uint32_t i = 0; i < header.marks; ++i) sum += static_cast<std::uint64_t>(view.mark(i).atNs);
    view.eachAttempt([&](std::uint32_t i, const types::Attempt& attempt) { sum += i + attempt.bytesOut + static_cast<std::uint64_t>(attempt.outcome); });
    for (std::uint32_t i = 0; i < header.objects; ++i) sum += view.object(i).bytes;
    for (std::uint32_t i = 0; i < header.errors; ++i) sum += view.error(i).size();
    for (std::uint32_t i = 0; i < header.copies; ++i) sum += static_cast<std::uint64_t>(view.copy(i).startNs);
    return sum;
}

// A copy in memory of exactly its size, so that a sanitizer sees the first byte beyond.
std::unique_ptr<std::byte[]> exact(std::span<const std::byte> bytes)
{
    auto copy = std::make_unique<std::byte[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy.get());
    return copy;
}

void seal(base::Bytes& bytes)
{
    // The checksum made to fit again: the damage must be found by the checks behind it.
    const auto sum = base::hash128(std::span(bytes).first(bytes.size() - 8), 0x4b42524f).low;
    std::memcpy(bytes.data() + bytes.size() - 8, &sum, 8);
}

} // namespace

class TstTraceBlock : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatGoesInComesOut()
    {
        for (std::uint64_t seed = 1; seed <= 300; ++seed) {
            Random random(seed);
            BlockWriter writer(samples::runId(seed), static_cast<std::uint16_t>(seed), seed * 3);
            writer.setClock(-static_cast<std::int64_t>(seed) * 1'000'000, 4'000);
            for (std::uint64_t number = 1; number <= 3; ++number) {
                auto records = samples::anyRecords(random, seed % 10 == 0 ? 3000 : 40);
                fill(writer, records, random);
                const auto bytes = writer.seal(number);
                QVERIFY(writer.empty());
                const auto opened = BlockView::open(*bytes);
                QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
                const auto& header = opened->header();
                QCOMPARE(header.run, samples::runId(seed));
                QCOMPARE(header.homeEpoch, seed * 3);
                QCOMPARE(header.number, number);
                QCOMPARE(header.node, static_cast<std::uint16_t>(seed));
                QCOMPARE(header.clockOffsetNs, -static_cast<std::int64_t>(seed) * 1'000'000);
                QCOMPARE(header.clockErrorNs, std::int64_t{4'000});
                QCOMPARE(std::size_t{header.ranges}, records.ranges.size());
                QCOMPARE(std::size_t{header.marks}, records.marks.size());
                QCOMPARE(std::size_t{header.attempts}, records.attempts.size());
                QCOMPARE(std::size_t{header.objects}, records.objects.size());
                QCOMPARE(std::size_t{header.errors}, records.errors.size());
                QCOMPARE(std::size_t{header.copies}, records.copies.size());
                for (std::uint32_t i = 0; i < header.copies; ++i) QVERIFY(same(opened->copy(i), records.copies[i]));
                for (std::uint32_t i = 0; i < header.ranges; ++i) QVERIFY(same(opened->range(i), records.ranges[i]));
                for (std::uint32_t i = 0; i < header.marks; ++i) QVERIFY(same(opened->mark(i), records.marks[i]));
                for (std::uint32_t i = 0; i < header.attempts; ++i) QVERIFY(same(opened->attempt(i), records.attempts[i]));
                for (std::uint32_t i = 0; i < header.objects; ++i) QVERIFY(same(opened->object(i), records.objects[i]));
                for (std::uint32_t i = 0; i < header.errors; ++i) QCOMPARE(std::string(opened->error(i)), records.errors[i]);
                std::uint32_t seen = 0;
                bool bulk = true;
                opened->eachAttempt([&](std::uint32_t i, const types::Attempt& attempt) { bulk = bulk && i == seen++ && same(attempt, records.attempts[i]); });
                QVERIFY(bulk && seen == header.attempts);
            }
        }
    }

    // Records of the time before copies were told are read, and nobody pays for copies that are not there.
    void aBlockWithoutCopiesIsOfTheFirstVersion()
    {
        const auto versionOf = [](bool copies) {
            BlockWriter writer(samples::runId(1), 2, 3);
            writer.add(types::RowRange{0, 1, 0, 0, types::TaskState::PendingArgs, 5});
            if (copies) writer.add(types::CopyRecord{0, 0, 1, 2, false, 7, 9});
            const auto bytes = writer.seal(1);
            std::uint16_t version = 0;
            std::memcpy(&version, bytes->data() + 4, sizeof version);
            const auto opened = BlockView::open(*bytes);
            return std::pair(int(version), opened.ok() && opened->header().copies == (copies ? 1u : 0u) && opened->header().lastNs == (copies ? 9 : 5));
        };
        QCOMPARE(versionOf(false), std::pair(1, true));
        QCOMPARE(versionOf(true), std::pair(2, true));
    }

    void theSameRecordsGiveTheSameBytes()
    {
        const auto make = [] {
            Random random(7);
            auto records = samples::anyRecords(random, 500);
            BlockWriter writer(samples::runId(1), 2, 3);
            fill(writer, records, random);
            return writer.seal(1);
        };
        QVERIFY(*make() == *make());
    }

    void oneLongTaskAmongShortOnesCostsItsOwnBytesOnly()
    {
        const auto bytesOf = [](bool withLong) {
            BlockWriter writer(samples::runId(1), 0, 1);
            for (std::uint32_t row = 0; row < 4096; ++row) {
                types::Attempt a;
                a.row = row;
                a.mapIndex = row;
                a.endNs = 10'000'000'000'000 + row * 1000;
                a.startNs = a.endNs - 900;
                if (withLong && row == 5) a.startNs = a.endNs - 3'600'000'000'000;
                a.submitNs = a.startNs - 300;
                writer.add(a);
            }
            return writer.seal(1)->size();
        };
        const auto plain = bytesOf(false), withLong = bytesOf(true);
        QVERIFY2(withLong <= plain + 64, qPrintable(QString::number(withLong - plain)));
    }

    void theSameErrorTextIsStoredOnce()
    {
        BlockWriter writer(samples::runId(1), 0, 1);
        QCOMPARE(writer.addError(""), 0u);
        const auto first = writer.addError("the disk is full");
        QCOMPARE(first, 1u);
        QCOMPARE(writer.addError("another"), 2u);
        QCOMPARE(writer.addError("the disk is full"), first);
        const auto one = writer.seal(1);
        QCOMPARE(BlockView::open(*one)->header().errors, 2u);
        QCOMPARE(writer.addError("the disk is full"), first); // told by an earlier block
        QCOMPARE(writer.addError("a third"), 3u);
        const auto two = writer.seal(2);
        const auto opened = BlockView::open(*two);
        QCOMPARE(opened->header().firstError, 3u);
        QCOMPARE(std::string(opened->error(0)), std::string("a third"));
        const std::string longText(10'000, 'x');
        writer.addError(longText);
        const auto three = writer.seal(3);
        QCOMPARE(BlockView::open(*three)->error(0).size(), trace::kErrorBytesMax);
    }

    void aWildClockOfAWorkerDoesNotSpoilTheBlock()
    {
        BlockWriter writer(samples::runId(1), 0, 1);
        types::Attempt a;
        a.submitNs = std::numeric_limits<std::int64_t>::max();
        a.startNs = std::numeric_limits<std::int64_t>::min();
        a.endNs = std::numeric_limits<std::int64_t>::max();
        a.bytesOut = ~0ull;
        writer.add(a);
        writer.add(types::RowRange{0, 1, 0, 0, types::TaskState::PendingArgs, std::numeric_limits<std::int64_t>::min()});
        const auto bytes = writer.seal(1);
        const auto opened = BlockView::open(*bytes);
        QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
        QVERIFY(opened->attempt(0).startNs <= opened->attempt(0).endNs);
    }

    void anEmptyBlockAndABlockOfOneAreSmall()
    {
        BlockWriter writer(samples::runId(1), 0, 1);
        const auto none = writer.seal(1);
        QVERIFY(BlockView::open(*none).ok());
        types::Attempt a;
        a.endNs = 10'000'000'000'000;
        a.startNs = a.endNs - 1'000'000;
        a.submitNs = a.startNs - 1000;
        writer.add(a);
        const auto one = writer.seal(2);
        qInfo("an empty block takes %zu bytes, a block of one attempt %zu", none->size(), one->size());
        QVERIFY(one->size() < 220);
    }

    void cutBytesAreRefused()
    {
        Random random(3);
        auto records = samples::anyRecords(random, 60);
        BlockWriter writer(samples::runId(1), 0, 1);
        fill(writer, records, random);
        const auto bytes = writer.seal(1);
        for (std::size_t size = 0; size < bytes->size(); ++size) {
            const auto copy = exact(std::span(*bytes).first(size));
            QVERIFY(!BlockView::open({copy.get(), size}).ok());
        }
    }

    void changedBytesAreRefused()
    {
        Random random(4);
        auto records = samples::anyRecords(random, 60);
        BlockWriter writer(samples::runId(1), 0, 1);
        fill(writer, records, random);
        const auto bytes = writer.seal(1);
        for (std::size_t at = 0; at < bytes->size(); ++at) {
            base::Bytes changed = *bytes;
            changed[at] ^= static_cast<std::byte>(1u << random.below(8));
            QVERIFY(!BlockView::open(changed).ok());
        }
    }

    void hostileBytesWithAFittingChecksumNeverLeaveTheBlock()
    {
        std::size_t accepted = 0, refused = 0;
        for (std::uint64_t seed = 1; seed <= 40'000; ++seed) {
            Random random(seed);
            static base::Bytes original;
            if (seed % 200 == 1) {
                auto records = samples::anyRecords(random, seed % 400 == 1 ? 20 : 300);
                BlockWriter writer(samples::runId(1), 0, 1);
                fill(writer, records, random);
                original = *writer.seal(1);
            }
            base::Bytes bytes = original;
            for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
                const std::size_t at = random.chance(0.5) ? random.below(std::min<std::size_t>(bytes.size() - 8, 220)) : random.below(bytes.size() - 8);
                switch (random.below(3)) {
                case 0: bytes[at] = static_cast<std::byte>(random.below(256)); break;
                case 1: bytes[at] = std::byte{0xff}; break;
                default: bytes[at] ^= static_cast<std::byte>(1u << random.below(8)); break;
                }
            }
            if (random.chance(0.1)) bytes.resize(8 + random.below(bytes.size() - 8));
            seal(bytes);
            const auto copy = exact(bytes);
            const auto opened = BlockView::open({copy.get(), bytes.size()});
            if (!opened) {
                QVERIFY(!opened.error().message.empty());
                ++refused;
                continue;
            }
            ++accepted;
            readAll(*opened);
            readAll(BlockView::trusted({copy.get(), bytes.size()}));
        }
        qInfo("%zu mutations were refused, %zu read harmlessly", refused, accepted);
        QVERIFY(accepted > 100 && refused > 1000);
    }

    void aCountThatTheBytesDoNotHoldIsRefusedBeforeMemoryIsTaken()
    {
        BlockWriter writer(samples::runId(1), 0, 1);
        types::Attempt a;
        a.endNs = 1;
        writer.add(a);
        const auto bytes = writer.seal(1);
        // attempts is the third count, behind magic, version, node, run and six times.
        for (const std::uint32_t count : {0xffffffffu, trace::kBlockItemsMax + 1}) {
            base::Bytes changed = *bytes;
            std::memcpy(changed.data() + 8 + 16 + 48 + 8, &count, 4);
            seal(changed);
            const auto opened = BlockView::open(changed);
            QVERIFY(!opened.ok());
            QVERIFY(opened.error().message.find("more records") != std::string::npos);
        }
    }
};

QTEST_GUILESS_MAIN(TstTraceBlock)
#include "tst_trace_block.moc"
