// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/command/arguments.h"
#include "plugins/command/line_log.h"
#include "plugins/command/process.h"
#include "plugins/command/scratch.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace orrery::command {

using namespace orrery::plugin;

namespace {

struct RunParams {
    std::string program;
    std::vector<std::string> arguments;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs = {"stdout:string"};
    std::vector<std::string> environment;
    std::string folder;
    std::int64_t output_bytes_max = 256 << 20;
    static void fields(Fields<RunParams>& f)
    {
        f("program", &RunParams::program,
          "Its name, looked for in PATH, or its path. No shell reads it; name one, as sh -c, where you want one")
            .required();
        f("arguments", &RunParams::arguments,
          "One text each, as the program gets them: {arg:port} is a value, {in:port} a file that holds it, {out:port} "
          "a file to write; {in:port.png} has that ending");
        f("inputs", &RunParams::inputs, "Ports, name or name:type; the one called stdin is what the program reads")
            .inputPorts({"any", "string", "bytes", "json", "i64", "f64", "bool", "list<any>", "list<string>",
                         "list<bytes>", "list<json>", "list<i64>", "list<f64>"});
        f("outputs", &RunParams::outputs,
          "Ports, name or name:type; the one called stdout is what the program prints, others are files")
            .outputPorts({"bytes", "string", "json", "i64", "f64", "list<string>"});
        f("environment", &RunParams::environment, "NAME=value, one text each, besides what the worker has");
        f("folder", &RunParams::folder, "Where it runs; empty: in a new folder that is removed afterwards")
            .format("folder");
        f("output_bytes_max", &RunParams::output_bytes_max, "More in one output fails the task")
            .range(1, 1LL << 40)
            .unit("B");
    }
};

// What the program does meanwhile, against the bound and the cancel.
class Watch : public ProgramPort {
public:
    Watch(const RunParams& params, Call& call, bool keepsOutput, std::vector<std::string> files)
        : m_params(params), m_call(call), m_keepsOutput(keepsOutput), m_files(std::move(files)), m_errors(call),
          m_prints(call)
    {}
    void printed(std::string_view bytes) override
    {
        if (!m_keepsOutput) return m_prints.add(bytes);
        if (m_output.size() + bytes.size() > static_cast<std::uint64_t>(m_params.output_bytes_max)) tooMuch("stdout");
        m_output += bytes;
    }
    void complained(std::string_view bytes) override { m_errors.add(bytes); }
    void passing() override
    {
        m_call.checkCancelled();
        for (const std::string& file : m_files) {
            struct stat facts {};
            if (::stat(file.c_str(), &facts) == 0 && facts.st_size > m_params.output_bytes_max)
                tooMuch(file.substr(file.rfind('/') + 1));
        }
    }
    void finish()
    {
        m_errors.finish();
        m_prints.finish();
    }
    const std::string& output() const { return m_output; }
    const std::string& lastError() const { return m_errors.last(); }

private:
    [[noreturn]] void tooMuch(const std::string& name) const
    {
        throw Error(text("`", m_params.program, "` was ended: its output `", name, "` is larger than ",
                         m_params.output_bytes_max, " bytes; raise output_bytes_max if that is right"));
    }
    const RunParams& m_params;
    Call& m_call;
    const bool m_keepsOutput;
    const std::vector<std::string> m_files;
    LineLog m_errors, m_prints; // what no output port takes is logged too
    std::string m_output;
};

std::string readFile(const std::string& program, const std::string& port, const std::string& path,
                     std::int64_t bytesMax)
{
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)); // a named pipe must not hold us up
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0)
        throw Error(text("`", program, "` did not write its output `", port, "`: the file {out:", port, "} ",
                         errno == ENOENT ? "is not there" : std::strerror(errno)));
    if (!S_ISREG(facts.st_mode))
        throw Error(
            text("`", program, "` wrote no file as its output `", port, "` but something else, a folder maybe"));
    if (facts.st_size > bytesMax)
        throw Error(text("the output `", port, "` of `", program, "` is larger than ", bytesMax,
                         " bytes; raise output_bytes_max if that is right"));
    std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
    std::size_t done = 0;
    for (ssize_t n = 0;
         done < bytes.size() &&
         ((n = ::read(file.get(), bytes.data() + done, bytes.size() - done)) > 0 || (n < 0 && errno == EINTR));)
        if (n > 0) done += static_cast<std::size_t>(n);
    if (done != bytes.size())
        throw Error(text("the output `", port, "` of `", program, "` cannot be read: ", std::strerror(errno)));
    return bytes;
}

void succeeded(const RunParams& params, const ProgramEnd& end, const std::string& lastError)
{
    if (end.exitCode == 0 && end.signal == 0) return;
    const std::string how = end.signal != 0
                                ? text("was ended by signal ", end.signal, " (", ::strsignal(end.signal), ")")
                                : text("ended with exit code ", end.exitCode);
    throw Error(text("`", params.program, "` ", how, lastError.empty() ? "" : ": ", lastError));
}

void run(const orrery_call_v1_t* raw)
{
    static const Json kSchema = Json::parse(fieldsOf<RunParams>().schema());
    const std::string_view given(raw->params, raw->params_bytes);
    const RunParams params = fieldsOf<RunParams>().parse(given);
    const ListedPorts ports(kSchema, Json::parse(given));
    if (raw->input_count != ports.inputs.size() || raw->output_count != ports.outputs.size())
        throw Error(text("this call has ", raw->input_count, " inputs and ", raw->output_count,
                         " outputs; its parameters list ", ports.inputs.size(), " and ", ports.outputs.size()));
    for (const std::string& one : params.environment)
        if (one.find('=') == std::string::npos || one.starts_with('='))
            throw Error(text("`", one, "` in the parameter `environment` is not NAME=value"));

    Call call(raw);
    const Scratch scratch;
    std::map<std::string, PortValue> inputs;
    for (std::size_t i = 0; i < ports.inputs.size(); ++i)
        inputs.emplace(ports.inputs[i].name, readPort(ports.inputs[i], raw->inputs[i]));
    // In its own folder the files have the same names each time, so that what a program prints of them is the same each time.
    const FilledArguments filled =
        fillArguments(params.arguments, ports, inputs, params.folder.empty() ? std::string() : scratch.path() + "/");
    for (const PortFile& file : filled.inputs) scratch.write(file.name, file.bytes);

    Program program{
        params.program, filled.texts, params.environment, params.folder.empty() ? scratch.path() : params.folder, {}};
    if (const auto found = inputs.find(kStandardInput); found != inputs.end()) {
        // A file and no pipe: it cannot block, and a program that does not read it hurts nobody. Its name is no port's.
        std::string joined;
        if (found->second.items.size() != 1)
            for (const std::string_view item : found->second.items) joined += item;
        scratch.write("in/.stdin", found->second.items.size() == 1 ? found->second.items.front() : joined);
        program.standardInput = scratch.path() + "/in/.stdin";
    }
    std::vector<std::string> files;
    for (const auto& [port, name] : filled.outputs) files.push_back(text(scratch.path(), "/", name));
    const bool keepsOutput = std::any_of(ports.outputs.begin(), ports.outputs.end(),
                                         [](const PortText& port) { return port.name == kStandardOutput; });
    Watch watch(params, call, keepsOutput, files);
    const ProgramEnd end = runProgram(program, watch);
    watch.finish();
    succeeded(params, end, watch.lastError());
    for (std::uint32_t i = 0; i < ports.outputs.size(); ++i) {
        const PortText& port = ports.outputs[i];
        const bool printed = port.name == kStandardOutput;
        giveOutput(raw, i, port,
                   printed
                       ? watch.output()
                       : readFile(params.program, port.name, text(scratch.path(), "/", filled.outputs.at(port.name)),
                                  params.output_bytes_max));
    }
}

std::int32_t runRaw(const orrery_call_v1_t* call, void*)
{
    return guarded(call, [call] { run(call); });
}

} // namespace
} // namespace orrery::command

ORRERY_PLUGIN("command", "0.1.0", "Programs of the machine as tasks: arguments, files and streams in and out.")
{
    using namespace orrery::command;
    using namespace orrery::plugin;
    plugin.forkSafe();
    plugin.raw("run", "Runs a program; its inputs and outputs are texts, streams and files.", &runRaw)
        .params(fieldsOf<RunParams>().schema())
        .listedPorts()
        .label("run a program")
        .category("Programs")
        .icon("terminal");
}
