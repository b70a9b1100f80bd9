// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/sdk/orrery_plugin.h"

#include <QTest>

#include <cstddef>

extern "C" {
extern const std::uint64_t orrery_c99_layout[20];
std::int32_t orrery_c99_check(const void* value, std::uint64_t bytes);
}

// Values lie in recorded runs and cross between programs of different versions: these figures never change.
static_assert(sizeof(orrery_value_t) == 64 && alignof(orrery_value_t) == 8);
static_assert(offsetof(orrery_value_t, magic) == 0 && offsetof(orrery_value_t, version) == 4 && offsetof(orrery_value_t, type) == 5);
static_assert(offsetof(orrery_value_t, dtype) == 6 && offsetof(orrery_value_t, rank) == 7 && offsetof(orrery_value_t, size) == 8);
static_assert(offsetof(orrery_value_t, length) == 16 && offsetof(orrery_value_t, data_offset) == 24 && offsetof(orrery_value_t, data_bytes) == 32);
static_assert(offsetof(orrery_value_t, scalar) == 40 && offsetof(orrery_value_t, item_type) == 48 && offsetof(orrery_value_t, columns) == 52);
static_assert(offsetof(orrery_value_t, reserved) == 56);
static_assert(sizeof(orrery_tensor_t) == 192 && offsetof(orrery_tensor_t, shape) == 64 && offsetof(orrery_tensor_t, strides) == 128);
static_assert(sizeof(orrery_column_t) == 64 && offsetof(orrery_column_t, dtype) == 12 && offsetof(orrery_column_t, validity_offset) == 16);
static_assert(offsetof(orrery_column_t, offsets_offset) == 24 && offsetof(orrery_column_t, data_offset) == 32 && offsetof(orrery_column_t, null_count) == 48);
// What is fixed in the call border never changes; what is sized only grows.
static_assert(sizeof(orrery_view_v1_t) == 16 && sizeof(orrery_input_v1_t) == 16 && sizeof(orrery_ref_v1_t) == 16 && sizeof(orrery_resource_v1_t) == 16);
static_assert(sizeof(orrery_argument_v1_t) == 40);
static_assert(offsetof(orrery_call_v1_t, host) == 8 && offsetof(orrery_call_v1_t, inputs) == 24 && offsetof(orrery_call_v1_t, params) == 40);
static_assert(offsetof(orrery_call_v1_t, map_index) == 56 && offsetof(orrery_call_v1_t, task) == 72 && sizeof(orrery_call_v1_t) >= 88);
static_assert(offsetof(orrery_host_v1_t, allocate) == 8 && offsetof(orrery_host_v1_t, last_error) == 56 && offsetof(orrery_host_v1_t, submit) == 64);
static_assert(offsetof(orrery_function_v1_t, run) == 104 && offsetof(orrery_function_v1_t, ports) == 112);
static_assert(offsetof(orrery_plugin_v1_t, functions) == 40 && offsetof(orrery_plugin_v1_t, pages) == 64);

class TestValueLayout : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cAndCppAgreeOnEverySizeAndOffset()
    {
        const std::uint64_t cpp[20] = {
            sizeof(orrery_value_t), offsetof(orrery_value_t, size), offsetof(orrery_value_t, scalar), offsetof(orrery_value_t, reserved),
            sizeof(orrery_tensor_t), offsetof(orrery_tensor_t, strides), sizeof(orrery_column_t), offsetof(orrery_column_t, data_bytes),
            sizeof(orrery_port_v1_t), sizeof(orrery_function_v1_t), offsetof(orrery_function_v1_t, run), sizeof(orrery_actor_v1_t),
            sizeof(orrery_plugin_v1_t), offsetof(orrery_plugin_v1_t, pages), sizeof(orrery_host_v1_t), offsetof(orrery_host_v1_t, submit),
            sizeof(orrery_call_v1_t), offsetof(orrery_call_v1_t, task), sizeof(orrery_submit_v1_t), sizeof(orrery_argument_v1_t)};
        for (int i = 0; i < 20; ++i) QCOMPARE(orrery_c99_layout[i], cpp[i]);
    }

    void theMagicReadsOvalInMemory()
    {
        const std::uint32_t magic = ORRERY_VALUE_MAGIC;
        QCOMPARE(std::string_view(reinterpret_cast<const char*>(&magic), 4), std::string_view("OVAL"));
    }

    void theCheckCompiledAsCRefusesWhatIsNoValue()
    {
        const char bytes[64] = {};
        QCOMPARE(orrery_c99_check(bytes, sizeof bytes), std::int32_t{ORRERY_VALUE_FOREIGN});
        QCOMPARE(orrery_c99_check(bytes, 63), std::int32_t{ORRERY_VALUE_SHORT});
        QCOMPARE(orrery_c99_check(nullptr, 0), std::int32_t{ORRERY_VALUE_SHORT});
    }
};

QTEST_GUILESS_MAIN(TestValueLayout)
#include "tst_value_layout.moc"
