// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The deep zoom in the middle of a run, as an update of the run model: the scene of the design's pictures. The catalog is what
// the real plugin says of itself; tiles are computed here, coarsely. Thread: UI.

#include "widgets/models/run_model.h"

namespace orrery::widgets::samples {

// Of `<build>/plugins/imaging.so`, asked by orrery-worker; null when that is not built.
std::shared_ptr<const types::Catalog> imagingCatalog();
types::Graph deepZoom();
// done: tiles that are rendered, of 256; again: some had to be computed twice.
RunUpdate deepZoomRun(std::shared_ptr<const types::Graph> graph, int done, bool again);
std::vector<std::pair<std::uint16_t, std::uint16_t>> spiral(int side);

} // namespace orrery::widgets::samples
