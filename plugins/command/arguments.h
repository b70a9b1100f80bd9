// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Arguments of a program: the texts of the parameter with the places of ports filled in.
//   {arg:name}               the value itself; of a list: as many arguments, and then it stands alone
//   {in:name} {in:name.ext}  the path of a file that holds the value; of a list: as many, as above
//   {out:name} {out:name.ext} the path of the file that the program is to write
// All else stays as it is, so awk's braces need no escape. What is found wrong names the argument.
// Pure: files are named here and written by the caller.
// Thread: pure functions.

#include "plugins/command/port_text.h"

#include <map>

namespace orrery::command {

struct PortFile {
    std::string name; // relative to the scratch folder: "in/photo.png", "in/photos/0.png"
    std::string_view bytes;
};

struct FilledArguments {
    std::vector<std::string> texts;
    std::vector<PortFile> inputs;               // to be written first, each once
    std::map<std::string, std::string> outputs; // by port: relative to the scratch folder, "out/picture.png"
};

// `root` is put before the files' names ("" or a path that ends in /). Throws Error.
FilledArguments fillArguments(const std::vector<std::string>& arguments, const plugin::ListedPorts& ports,
                              const std::map<std::string, PortValue>& inputs, const std::string& root);

// Output ports with a meaning of their own.
inline constexpr const char* kStandardInput = "stdin";
inline constexpr const char* kStandardOutput = "stdout";

} // namespace orrery::command
