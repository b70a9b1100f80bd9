/* SPDX-FileCopyrightText: Orrery contributors
 * SPDX-License-Identifier: Apache-2.0 */
#include "plugins/sdk/orrery_plugin.h"

#include <stddef.h>

/* Sizes and offsets as a C compiler sees them; the order is that of tst_value_layout.cpp. */
const uint64_t orrery_c99_layout[] = {
    sizeof(orrery_value_t), offsetof(orrery_value_t, size), offsetof(orrery_value_t, scalar), offsetof(orrery_value_t, reserved),
    sizeof(orrery_tensor_t), offsetof(orrery_tensor_t, strides), sizeof(orrery_column_t), offsetof(orrery_column_t, data_bytes),
    sizeof(orrery_port_v1_t), sizeof(orrery_function_v1_t), offsetof(orrery_function_v1_t, run), sizeof(orrery_actor_v1_t),
    sizeof(orrery_plugin_v1_t), offsetof(orrery_plugin_v1_t, pages), sizeof(orrery_host_v1_t), offsetof(orrery_host_v1_t, submit),
    sizeof(orrery_call_v1_t), offsetof(orrery_call_v1_t, task), sizeof(orrery_submit_v1_t), sizeof(orrery_argument_v1_t)};

int32_t orrery_c99_check(const void* value, uint64_t bytes)
{
    return orrery_value_check(value, bytes);
}
