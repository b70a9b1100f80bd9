// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parameters of a function against its schema (a subset of JSON schema: type, minimum, maximum, enum, default, items, required,
// minLength, maxLength, pattern is not checked). Every problem is found; defaults are filled in.

#include "engine/types/graph_document.h"
#include "engine/types/plugin_info.h"

namespace orrery::types {

// The complete parameters as canonical JSON text. `pointer` is put before each problem's place.
std::string completeParams(const FunctionInfo& function, std::string_view params, const std::string& pointer, std::vector<Problem>& problems);
// BadInput with all problems, one a line.
base::Result<std::string> completeParams(const FunctionInfo& function, std::string_view params);

} // namespace orrery::types
