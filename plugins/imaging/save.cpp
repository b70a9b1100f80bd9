// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/imaging/steps.h"
#include "plugins/sdk/save_file.h"

namespace orrery::imaging {

using namespace orrery::plugin;

namespace {

struct SaveParams {
    std::string file = "result.bin";
    static void fields(Fields<SaveParams>& f) { f("file", &SaveParams::file, kSaveFileDoc).format("file"); }
};

void save(BytesView bytes, const SaveParams& p, Call& call)
{
    saveFile(p.file, bytes, call);
}

} // namespace

void addSave(Plugin& plugin)
{
    plugin.function<save>("save", "Writes bytes to a file, all of them or none.", in("bytes", "The contents"))
        .category("Files")
        .icon("disk");
}

} // namespace orrery::imaging
