// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/command/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace orrery::command {

using plugin::Error;
using plugin::text;

namespace {

// A process that left the group may hold a pipe after the program's end; its words are waited for so long.
constexpr int kAfterwordsMs = 500;

struct Pipe {
    Fd read, write;
};

// Above the standard ones, which the child puts in their place.
Pipe makePipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(text("cannot make a pipe: ", std::strerror(errno)));
    const Fd first(ends[0]), second(ends[1]);
    return {Fd(::fcntl(ends[0], F_DUPFD_CLOEXEC, 3)), Fd(::fcntl(ends[1], F_DUPFD_CLOEXEC, 3))};
}

std::string_view variable(const std::vector<std::string>& environment, std::string_view name)
{
    for (const std::string& one : environment)
        if (one.starts_with(name) && one.size() > name.size() && one[name.size()] == '=')
            return std::string_view(one).substr(name.size() + 1);
    return {};
}

bool isFile(const std::string& path)
{
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

// The path to execute.
std::string findProgram(const std::string& name, std::string_view path)
{
    if (name.empty()) throw Error("parameter `program` is empty; name a program");
    if (name.find('/') != std::string::npos) return name;
    std::string closed;
    for (std::string_view rest = path;;) {
        const std::size_t end = rest.find(':');
        const std::string found = text(rest.substr(0, end), "/", name);
        const bool there = isFile(found);
        if (there && ::access(found.c_str(), X_OK) == 0) return found;
        if (there && closed.empty()) closed = found;
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    if (!closed.empty()) throw Error(text("cannot run `", name, "`: `", closed, "` is not executable"));
    throw Error(text("cannot run `", name,
                     "`: no folder of PATH has such a program; install it on this node, or give its path"));
}

// What failed in the child, written into the pipe that the exec closes.
struct Refusal {
    enum class Step : int { Folder, Descriptors, Execute } step = Step::Execute;
    int code = 0;
};

std::string sentence(const Program& program, const std::string& path, const Refusal& refusal)
{
    const auto because = [&](std::string_view why) { return text("cannot run `", program.name, "`: ", why); };
    if (refusal.step == Refusal::Step::Folder)
        return because(text("its working folder `", program.folder, "`: ", std::strerror(refusal.code)));
    if (refusal.step == Refusal::Step::Descriptors)
        return because(text("its descriptors cannot be closed: ", std::strerror(refusal.code)));
    const std::string full = path.starts_with('/') ? path : text(program.folder, "/", path);
    switch (refusal.code) {
    case ENOENT:
        return because(isFile(full) ? "the interpreter that its first line names does not exist"
                                    : text("there is no file `", full, "`"));
    case EACCES:
        return because(isFile(full) ? text("`", full, "` is not executable")
                                    : text("`", full, "` is no file that may be run"));
    case ENOEXEC: return because("it is neither a program of this machine nor a script with #! in its first line");
    case E2BIG: return because("its arguments are too long; give the large ones as files, {in:name}");
    default: return because(std::strerror(refusal.code));
    }
}

struct Launch {
    const char* path;
    char* const* arguments;
    char* const* environment;
    const char* folder;
    std::array<int, 3> standard; // descriptors above 2
    int refusal;
    pid_t parent;
};

// Between fork and exec only calls that need no lock: another thread may have held one.
[[noreturn]] void becomeProgram(const Launch& launch)
{
    const auto refuse = [&](Refusal::Step step) {
        const Refusal said{step, errno};
        [[maybe_unused]] const ssize_t written = ::write(launch.refusal, &said, sizeof said);
        ::_exit(127);
    };
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != launch.parent) ::_exit(127); // the worker died in between
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL); // what is ignored would stay so in the program
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int fd = 0; fd < 3; ++fd) ::dup2(launch.standard[static_cast<std::size_t>(fd)], fd);
    if (::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) != 0) refuse(Refusal::Step::Descriptors);
    if (::chdir(launch.folder) != 0) refuse(Refusal::Step::Folder);
    ::execve(launch.path, launch.arguments, launch.environment);
    refuse(Refusal::Step::Execute);
    ::_exit(127);
}

// The program while it lives. The destructor kills its group and takes its end.
class Child {
public:
    // By its number: the C library of Debian 12 declares pidfd_open for C only.
    explicit Child(pid_t pid) : m_pid(pid), m_watch(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)))
    {
        ::setpgid(pid, pid);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child()
    {
        if (m_pid > 0) end();
    }
    int watch() const { return m_watch.get(); } // readable when it ended; -1 where the kernel cannot
    bool ended() const
    {
        siginfo_t facts{};
        return ::waitid(P_PID, static_cast<id_t>(m_pid), &facts, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               facts.si_pid == m_pid;
    }
    void killGroup() const
    {
        if (::kill(-m_pid, SIGKILL) != 0) ::kill(m_pid, SIGKILL);
    }
    // Not before its end is taken does its number, and so its group's, go to another.
    ProgramEnd end()
    {
        killGroup();
        int status = 0;
        while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
        }
        m_pid = -1;
        return WIFSIGNALED(status) ? ProgramEnd{0, WTERMSIG(status)} : ProgramEnd{WEXITSTATUS(status), 0};
    }

private:
    pid_t m_pid;
    Fd m_watch;
};

// False: nothing more comes.
template <class Take>
bool readSome(Fd& from, Take take)
{
    std::array<char, 65536> buffer;
    const ssize_t n = ::read(from.get(), buffer.data(), buffer.size());
    if (n > 0) take(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) from = Fd();
    return static_cast<bool>(from);
}

ProgramEnd follow(Child& child, Fd output, Fd errors, ProgramPort& port)
{
    bool ended = false;
    while (!ended || output || errors) {
        std::array<pollfd, 3> polls = {pollfd{output.get(), POLLIN, 0}, pollfd{errors.get(), POLLIN, 0},
                                       pollfd{ended ? -1 : child.watch(), POLLIN, 0}};
        const int ready = ::poll(polls.data(), polls.size(), ended ? kAfterwordsMs : kPassingMs);
        if (polls[0].revents != 0) readSome(output, [&](std::string_view bytes) { port.printed(bytes); });
        if (polls[1].revents != 0) readSome(errors, [&](std::string_view bytes) { port.complained(bytes); });
        port.passing();
        if (ended && ready == 0) break;
        if (ended || !child.ended()) continue;
        ended = true;
        child.killGroup(); // what it left in the background
    }
    return child.end();
}

} // namespace

ProgramEnd runProgram(const Program& program, ProgramPort& port)
{
    std::vector<std::string> environment = program.environment;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view own(*one);
        if (variable(program.environment, own.substr(0, own.find('='))).data() == nullptr)
            environment.emplace_back(own);
    }
    std::string path = findProgram(program.name, variable(environment, "PATH"));
    std::string name = program.name;
    std::vector<std::string> arguments = program.arguments;
    std::vector<char*> argv = {name.data()}, envp;
    for (std::string& one : arguments) argv.push_back(one.data());
    for (std::string& one : environment) envp.push_back(one.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);

    const std::string source = program.standardInput.empty() ? "/dev/null" : program.standardInput;
    const Fd opened(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
    Fd input(::fcntl(opened.get(), F_DUPFD_CLOEXEC, 3));
    if (!input) throw Error(text("cannot read `", source, "`: ", std::strerror(errno)));
    Pipe output = makePipe(), errors = makePipe(), refusal = makePipe();
    const Launch launch{path.c_str(),
                        argv.data(),
                        envp.data(),
                        program.folder.c_str(),
                        {input.get(), output.write.get(), errors.write.get()},
                        refusal.write.get(),
                        ::getpid()};
    const pid_t pid = ::fork();
    if (pid < 0) throw Error(text("cannot start a process for `", program.name, "`: ", std::strerror(errno)));
    if (pid == 0) becomeProgram(launch);
    Child child(pid);
    for (Fd* theirs : {&input, &output.write, &errors.write, &refusal.write}) *theirs = Fd(); // or no pipe would end

    Refusal said;
    ssize_t n = 0;
    while ((n = ::read(refusal.read.get(), &said, sizeof said)) < 0 && errno == EINTR) {
    }
    if (n == static_cast<ssize_t>(sizeof said)) throw Error(sentence(program, path, said));
    return follow(child, std::move(output.read), std::move(errors.read), port);
}

} // namespace orrery::command
