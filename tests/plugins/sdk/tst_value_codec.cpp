// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/sdk/orrery.h"

#include <QTest>

#include <random>

using namespace orrery::plugin;

namespace {

template <class T>
T readBack(const OwnedValue& value)
{
    return AnyView(value.view(), "it ").as<T>();
}

Table sampleTable()
{
    Table table;
    table.add("name", std::vector<std::string>{"a", "", "ccc", "d", "e", "f", "g", "h", "i"});
    table.add("count", std::vector<std::int64_t>{1, -2, 3, 4, 5, 6, 7, 8, 9}, {true, false, true, true, true, true, true, true, false});
    table.add("share", std::vector<double>{.1, .2, .3, .4, .5, .6, .7, .8, .9});
    table.add("even", std::vector<bool>{false, true, false, true, false, true, false, true, false});
    return table;
}

// One value of every kind, and lists of lists.
std::vector<OwnedValue> samples()
{
    std::vector<OwnedValue> out;
    out.push_back(OwnedValue::of(true));
    out.push_back(OwnedValue::of(std::int64_t{-7}));
    out.push_back(OwnedValue::of(2.5));
    out.push_back(OwnedValue::of(std::string("text")));
    out.push_back(OwnedValue::of(Bytes(100)));
    out.push_back(OwnedValue::of(Json{{"a", {1, 2, 3}}}));
    out.push_back(OwnedValue::of(Tensor<float>{{2, 3}, {1, 2, 3, 4, 5, 6}}));
    out.push_back(OwnedValue::of(Image{3, 2, std::vector<std::uint8_t>(24, 9)}));
    out.push_back(OwnedValue::of(sampleTable()));
    out.push_back(OwnedValue::of(std::vector<std::vector<std::string>>{{"x", "yy"}, {}, {"zzz"}}));
    out.push_back(OwnedValue::of(std::vector<Tensor<double>>{{{2}, {1, 2}}, {{1, 1}, {3}}}));
    return out;
}

// Reads all of a value that the check found sound. Under the address sanitizer a read outside of it ends the test.
std::uint64_t readEverything(const orrery_value_t& value)
{
    const AnyView view(&value);
    std::uint64_t sum = 0;
    const auto bytes = [&sum](const void* from, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) sum += static_cast<const unsigned char*>(from)[i];
    };
    switch (value.type) {
    case ORRERY_TYPE_LIST:
        for (const AnyView item : List<AnyView>(view)) sum += readEverything(item.raw());
        break;
    case ORRERY_TYPE_TENSOR:
    case ORRERY_TYPE_IMAGE: {
        const auto& tensor = reinterpret_cast<const orrery_tensor_t&>(value);
        const std::uint64_t item = orrery_dtype_bytes(value.dtype);
        std::array<std::int64_t, 8> at{};
        for (std::uint64_t n = 0; n < value.length; ++n) { // every element by its strides
            std::uint64_t offset = 0;
            for (std::size_t d = 0; d < value.rank; ++d) offset += static_cast<std::uint64_t>(at[d] * tensor.strides[d]);
            bytes(view.data() + offset * item, item);
            for (std::size_t d = value.rank; d-- > 0 && ++at[d] == tensor.shape[d];) at[d] = 0;
        }
        break;
    }
    case ORRERY_TYPE_TABLE: {
        const TableView table = view.as<TableView>();
        for (std::uint32_t c = 0; c < table.columns(); ++c) {
            bytes(table.name(c).data(), table.name(c).size());
            const auto each = [&](const auto& column) {
                for (std::uint64_t row = 0; row < column.rows(); ++row) {
                    sum += column.isNull(row);
                    const auto entry = column[row];
                    if constexpr (std::is_same_v<std::decay_t<decltype(entry)>, std::string_view>) bytes(entry.data(), entry.size());
                    else bytes(&entry, sizeof entry);
                }
            };
            try {
                if (table.dtype(c) == ORRERY_DTYPE_STRING) each(table.columnAt<std::string_view>(c));
                else if (table.dtype(c) == ORRERY_DTYPE_BOOL) each(table.columnAt<bool>(c));
                else if (orrery_dtype_bytes(table.dtype(c)) == 1) each(table.columnAt<std::uint8_t>(c));
                else if (table.dtype(c) == ORRERY_DTYPE_I64) each(table.columnAt<std::int64_t>(c));
                else if (table.dtype(c) == ORRERY_DTYPE_F64) each(table.columnAt<double>(c));
            } catch (const Error&) {
                ++sum; // a damaged string offset, found when it was read
            }
        }
        break;
    }
    default:
        bytes(view.data(), value.data_bytes);
    }
    return sum;
}

} // namespace

class TestValueCodec : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyValueComesBackAsItWas()
    {
        QCOMPARE(readBack<bool>(OwnedValue::of(true)), true);
        QCOMPARE(readBack<std::int64_t>(OwnedValue::of(std::numeric_limits<std::int64_t>::min())), std::numeric_limits<std::int64_t>::min());
        QCOMPARE(readBack<double>(OwnedValue::of(-0.1)), -0.1);
        const OwnedValue text = OwnedValue::of(std::string("gr\xc3\xbc\xc3\x9f"));
        QCOMPARE(readBack<std::string>(text), std::string("gr\xc3\xbc\xc3\x9f"));
        QCOMPARE(text.bytes(), std::uint64_t{64 + 6});
        const Json json = {{"b", nullptr}, {"a", {1.5, "x"}}};
        QCOMPARE(readBack<Json>(OwnedValue::of(json)).dump(), json.dump());
        const OwnedValue tensor = OwnedValue::of(Tensor<std::int16_t>{{2, 1, 2}, {1, -2, 3, -4}});
        const auto view = readBack<TensorView<std::int16_t>>(tensor);
        QCOMPARE(view.shape() == (Shape{2, 1, 2}), true);
        QCOMPARE(view(1, 0, 1), std::int16_t{-4});
        QCOMPARE(view.span().size(), std::size_t{4});
        const OwnedValue image = OwnedValue::of(Image{2, 1, {1, 2, 3, 4, 5, 6, 7, 8}});
        QCOMPARE(readBack<ImageView>(image).row(0)[7], std::uint8_t{8});
        QCOMPARE(readBack<ImageView>(image).width(), std::int64_t{2});
        const OwnedValue lists = OwnedValue::of(std::vector<std::vector<std::int64_t>>{{1, 2}, {}, {3}});
        std::vector<std::int64_t> flat;
        for (const auto inner : readBack<List<List<std::int64_t>>>(lists))
            for (const std::int64_t number : inner) flat.push_back(number);
        QCOMPARE(flat, (std::vector<std::int64_t>{1, 2, 3}));
    }

    void aTableComesBackColumnByColumn()
    {
        const OwnedValue value = OwnedValue::of(sampleTable());
        const auto table = readBack<TableView>(value);
        QCOMPARE(table.rows(), std::uint64_t{9});
        QCOMPARE(table.columns(), std::uint32_t{4});
        const auto name = table.column<std::string_view>("name");
        QCOMPARE(name[0], std::string_view("a"));
        QCOMPARE(name[1], std::string_view(""));
        QCOMPARE(name[2], std::string_view("ccc"));
        QCOMPARE(name[8], std::string_view("i"));
        const auto count = table.column<std::int64_t>("count");
        QCOMPARE(count[8], std::int64_t{9});
        QVERIFY(count.isNull(1) && count.isNull(8) && !count.isNull(0) && !count.isNull(7));
        QCOMPARE(table.column<double>("share")[8], .9);
        QVERIFY(table.column<bool>("even")[7] && !table.column<bool>("even")[8]);
        QVERIFY_THROWS_EXCEPTION(Error, table.column<double>("count"));
        QVERIFY_THROWS_EXCEPTION(Error, table.column<double>("missing"));
    }

    void anEmptyListTableTensorAndTextAreSound()
    {
        QCOMPARE(readBack<List<double>>(OwnedValue::of(std::vector<double>{})).size(), std::uint64_t{0});
        QCOMPARE(readBack<TableView>(OwnedValue::of(Table{})).rows(), std::uint64_t{0});
        QCOMPARE(readBack<TableView>(OwnedValue::of(Table{}.add("x", std::vector<double>{}))).rows(), std::uint64_t{0});
        QCOMPARE(readBack<TensorView<float>>(OwnedValue::of(Tensor<float>{{0, 5}, {}})).elements(), std::uint64_t{0});
        QCOMPARE(readBack<TensorView<float>>(OwnedValue::of(Tensor<float>{{}, {3}})).elements(), std::uint64_t{1});
        QCOMPARE(readBack<std::string>(OwnedValue::of(std::string())), std::string());
    }

    void equalValuesHaveEqualBytes()
    {
        const std::vector<OwnedValue> one = samples();
        const std::vector<OwnedValue> two = samples();
        for (std::size_t i = 0; i < one.size(); ++i) {
            QCOMPARE(one[i].bytes(), two[i].bytes());
            QVERIFY(std::memcmp(one[i].data(), two[i].data(), one[i].bytes()) == 0);
        }
    }

    void anotherTypeThanAskedForIsRefusedByName()
    {
        const OwnedValue number = OwnedValue::of(1.5);
        try {
            readBack<std::string>(number);
            QFAIL("a number was read as text");
        } catch (const Error& e) {
            QCOMPARE(e.what(), "is of type f64, not string");
        }
        QVERIFY_THROWS_EXCEPTION(Error, readBack<TensorView<double>>(OwnedValue::of(Tensor<float>{{1}, {1}})));
        QCOMPARE(readBack<double>(OwnedValue::of(std::int64_t{3})), 3.0); // but a whole number is a number
    }

    void aTransposedTensorIsReadByItsStrides()
    {
        OwnedValue value = OwnedValue::of(Tensor<float>{{2, 3}, {1, 2, 3, 4, 5, 6}});
        auto* tensor = reinterpret_cast<orrery_tensor_t*>(value.data());
        std::swap(tensor->shape[0], tensor->shape[1]);
        std::swap(tensor->strides[0], tensor->strides[1]);
        const auto view = readBack<TensorView<float>>(value);
        QCOMPARE(view(2, 1), 6.0f);
        QCOMPARE(view(0, 1), 4.0f);
        QVERIFY(!view.contiguous());
        QVERIFY_THROWS_EXCEPTION(Error, view.span());
    }

    // Each single defect a hostile or torn value could have.
    void everyDamagedHeaderIsFound_data()
    {
        QTest::addColumn<int>("sample");
        QTest::addColumn<int>("offset");
        QTest::addColumn<quint64>("word");
        QTest::newRow("magic") << 0 << 0 << quint64{0};
        QTest::newRow("size below the header") << 3 << 8 << quint64{63};
        QTest::newRow("size above the bytes") << 3 << 8 << quint64{1000};
        QTest::newRow("text longer than the value") << 3 << 16 << quint64{5};
        QTest::newRow("data before the header's end") << 3 << 24 << quint64{0};
        QTest::newRow("data length wraps around") << 4 << 32 << ~quint64{0};
        QTest::newRow("a bool of 2") << 0 << 40 << quint64{2};
        QTest::newRow("reserved set") << 1 << 56 << quint64{1};
        QTest::newRow("tensor shape larger than its data") << 6 << 64 << quint64{3};
        QTest::newRow("tensor shape negative") << 6 << 64 << ~quint64{0};
        QTest::newRow("tensor shape overflows") << 6 << 64 << (quint64{1} << 62);
        QTest::newRow("tensor stride leaves the data") << 6 << 128 << quint64{4};
        QTest::newRow("tensor stride negative") << 6 << 128 << ~quint64{0};
        QTest::newRow("tensor data begins late") << 6 << 24 << quint64{256};
        QTest::newRow("image with three channels") << 7 << 80 << quint64{3};
        QTest::newRow("table rows beyond the buffers") << 8 << 16 << quint64{100};
        QTest::newRow("table column name outside") << 8 << 64 << (quint64{1} << 40);
        QTest::newRow("table column data unaligned") << 8 << 64 + 32 << quint64{65};
        QTest::newRow("list item outside") << 9 << 64 << quint64{64000};
        QTest::newRow("list item over the table") << 9 << 64 << quint64{64};
        QTest::newRow("list longer than its table") << 9 << 16 << (quint64{1} << 61);
    }
    void everyDamagedHeaderIsFound()
    {
        QFETCH(int, sample);
        QFETCH(int, offset);
        QFETCH(quint64, word);
        std::vector<OwnedValue> all = samples();
        OwnedValue& value = all[static_cast<std::size_t>(sample)];
        QCOMPARE(orrery_value_check(value.data(), value.bytes()), std::int32_t{ORRERY_VALUE_SOUND});
        std::memcpy(value.data() + offset, &word, 8);
        QVERIFY(orrery_value_check(value.data(), value.bytes()) != ORRERY_VALUE_SOUND);
        QVERIFY_THROWS_EXCEPTION(Error, AnyView(value.view(), "it "));
    }

    // Lies that agree with each other: several fields changed so that no one of them looks wrong.
    void fieldsThatLieTogetherAreFound()
    {
        const auto word = [](OwnedValue& value, std::uint64_t offset, std::uint64_t to) { std::memcpy(value.data() + offset, &to, 8); };
        // The value alone in memory, so that a check that reads too far is caught by the sanitizer.
        const auto refused = [](const OwnedValue& value) {
            void* memory = nullptr;
            if (posix_memalign(&memory, ORRERY_ALIGN, value.bytes()) != 0) return false;
            std::memcpy(memory, value.data(), value.bytes());
            const bool found = orrery_value_check(memory, value.bytes()) != ORRERY_VALUE_SOUND;
            std::free(memory);
            return found;
        };
        OwnedValue longer = OwnedValue::of(std::string("text"));
        word(longer, 16, 5); // length and data_bytes agree, size does not
        word(longer, 32, 5);
        QVERIFY(refused(longer));
        OwnedValue broadcast = OwnedValue::of(Tensor<float>{{4}, {1, 2, 3, 4}});
        word(broadcast, 64, std::uint64_t{1} << 30); // as many elements as one likes by a stride of 0
        word(broadcast, 128, 0);
        word(broadcast, 16, std::uint64_t{1} << 30);
        QVERIFY(refused(broadcast));
        OwnedValue wrapped = OwnedValue::of(Tensor<float>{{2, 2}, {1, 2, 3, 4}});
        word(wrapped, 64, std::uint64_t{1} << 32); // the product is 2^64, which is 0, which is the length
        word(wrapped, 72, std::uint64_t{1} << 32);
        word(wrapped, 16, 0);
        QVERIFY(refused(wrapped));
        OwnedValue negative = OwnedValue::of(Tensor<float>{{0, 5}, {}});
        word(negative, 72, ~std::uint64_t{0}); // no element, but a negative size
        QVERIFY(refused(negative));
        OwnedValue twice = OwnedValue::of(std::vector<std::int64_t>{1, 2});
        word(twice, 72, 128); // both items are one: nesting this could take for ever to check
        QVERIFY(refused(twice));
        OwnedValue grown = OwnedValue::of(std::vector<std::string>{"abc"});
        word(grown, 128 + 8, 64 + 3000); // an item that is sound alone and longer than the list
        word(grown, 128 + 16, 3000);
        word(grown, 128 + 32, 3000);
        QVERIFY(refused(grown));
        OwnedValue empty = OwnedValue::of(std::vector<std::string>{});
        word(empty, 16, 1);
        QVERIFY(refused(empty));
        OwnedValue bare = OwnedValue::of(Table{});
        const std::uint32_t columns = 1;
        std::memcpy(bare.data() + 52, &columns, 4);
        QVERIFY(refused(bare));
    }

    void aValueCutAnywhereIsRefused()
    {
        for (const OwnedValue& value : samples())
            for (std::uint64_t bytes = 0; bytes < value.bytes(); ++bytes) QVERIFY(orrery_value_check(value.data(), bytes) != ORRERY_VALUE_SOUND);
    }

    // A task over one item of a long list pays for that item: the others may hold anything and are not read.
    void oneItemIsProvedWithoutTheOthers()
    {
        OwnedValue list = OwnedValue::of(std::vector<std::string>{"first", "second", "third"});
        std::uint64_t second = 0;
        std::memcpy(&second, list.data() + 64 + 8, 8);
        const std::uint64_t nowhere = ~std::uint64_t{0};
        std::memcpy(list.data() + 64, &nowhere, 8); // the first item's place is a lie
        QVERIFY(orrery_value_check(list.data(), list.bytes()) != ORRERY_VALUE_SOUND);
        const orrery_value_t* item = nullptr;
        std::uint64_t bytes = 0;
        QCOMPARE(orrery_value_item(list.data(), list.bytes(), 1, &item, &bytes), std::int32_t{ORRERY_VALUE_SOUND});
        QCOMPARE(reinterpret_cast<const std::byte*>(item), reinterpret_cast<const std::byte*>(list.data()) + second);
        QCOMPARE(bytes, std::uint64_t{64 + 6});
        for (const std::uint64_t missing : {std::uint64_t{0}, std::uint64_t{3}, nowhere})
            QVERIFY(orrery_value_item(list.data(), list.bytes(), missing, &item, &bytes) != ORRERY_VALUE_SOUND);
        std::memcpy(list.data() + second + 8, &nowhere, 8); // its own size is one
        QVERIFY(orrery_value_item(list.data(), list.bytes(), 1, &item, &bytes) != ORRERY_VALUE_SOUND);
    }

    void anItemOfWhatIsCutOrNoListIsRefused()
    {
        const orrery_value_t* item = nullptr;
        std::uint64_t size = 0;
        const OwnedValue list = OwnedValue::of(std::vector<std::string>{"first", "second"});
        for (std::uint64_t bytes = 0; bytes < list.bytes(); ++bytes) QVERIFY(orrery_value_item(list.data(), bytes, 0, &item, &size) != ORRERY_VALUE_SOUND);
        const OwnedValue text = OwnedValue::of(std::string("text"));
        QCOMPARE(orrery_value_item(text.data(), text.bytes(), 0, &item, &size), std::int32_t{ORRERY_VALUE_LIST});
        QCOMPARE(orrery_value_item(nullptr, 64, 0, &item, &size), std::int32_t{ORRERY_VALUE_SHORT});
    }

    // Random damage: either the check finds it, or everything the value then claims to hold can be read.
    void noDamageLeadsAReaderOutside()
    {
        std::mt19937_64 random(4);
        const std::vector<OwnedValue> all = samples();
        std::uint64_t sound = 0, refused = 0;
        for (int round = 0; round < 300'000; ++round) {
            const OwnedValue& from = all[random() % all.size()];
            // Exactly as large as the value: one byte further belongs to nobody.
            void* memory = nullptr;
            QCOMPARE(posix_memalign(&memory, ORRERY_ALIGN, from.bytes()), 0);
            const std::unique_ptr<void, decltype(&std::free)> owner(memory, &std::free);
            char* at = static_cast<char*>(memory);
            std::memcpy(at, from.data(), from.bytes());
            for (std::uint64_t n = 1 + random() % 3; n-- > 0;) {
                const std::uint64_t offset = random() % (random() % 2 == 0 ? std::min<std::uint64_t>(from.bytes(), 256) : from.bytes());
                switch (random() % 3) {
                case 0: at[offset] = static_cast<char>(random()); break;
                case 1: at[offset] = static_cast<char>(at[offset] ^ (1 << random() % 8)); break;
                default: {
                    const std::uint64_t word = random() % 4 == 0 ? random() : random() % 4 == 1 ? ~std::uint64_t{0} : random() % 300;
                    const std::uint64_t aligned = offset / 8 * 8;
                    if (aligned + 8 <= from.bytes()) std::memcpy(at + aligned, &word, 8);
                }
                }
            }
            if (orrery_value_check(at, from.bytes()) != ORRERY_VALUE_SOUND) {
                ++refused;
                continue;
            }
            ++sound;
            const auto& head = *reinterpret_cast<const orrery_value_t*>(at);
            QVERIFY(head.size <= from.bytes());
            readEverything(head);
        }
        QVERIFY(sound > 1000 && refused > 1000); // both happened, so both were tried
    }

    void aListNestedTooDeepIsRefusedAndNotRecursedInto()
    {
        OwnedValue value = OwnedValue::of(std::vector<std::int64_t>{});
        for (std::uint32_t depth = 1; depth < 40; ++depth) {
            const std::vector<AnyView> items = {AnyView(reinterpret_cast<const orrery_value_t*>(value.data()))};
            value = OwnedValue::of(items);
            const std::int32_t code = orrery_value_check(value.data(), value.bytes());
            QCOMPARE(code == ORRERY_VALUE_SOUND, depth < ORRERY_LIST_DEPTH_MAX);
        }
    }

    void aShapeThatOverflowsIsRefusedBeforeMemoryIsAsked()
    {
        QVERIFY_THROWS_EXCEPTION(Error, (Shape{std::int64_t{1} << 40, std::int64_t{1} << 40}).elements());
        QVERIFY_THROWS_EXCEPTION(Error, (Shape{-1}).elements());
        QVERIFY_THROWS_EXCEPTION(Error, (Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}));
    }
};

QTEST_GUILESS_MAIN(TestValueCodec)
#include "tst_value_codec.moc"
