#include "libcli/commands/zookeeper/stop.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "libcli/commands/lab/options.h"
#include "libcli/commands/server/java_words.h"
#include "libcli/term/text.h"

namespace kt::cli::zookeeper {
namespace {

constexpr Example stop_examples[] = {
    {"kt zookeeper-server-stop", "Stop what was started by zookeeper-server-start.sh"},
    {"SIGNAL=KILL kt zookeeper-server-stop", "The same at once"},
};
constexpr Example server_stop_examples[] = {
    {"kt server-stop", "Stop every broker that was started by kafka-server-start.sh"},
    {"SIGNAL=KILL kt server-stop", "The same at once"},
};

std::vector<std::string> arguments_of(const std::filesystem::path& process) {
  std::ifstream in(process / "cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string one; std::getline(in, one, '\0');) arguments.push_back(one);
  return arguments;
}

/// Whether it is Java's, by its own name or by the word behind it, and runs that class.
bool shows(const std::vector<std::string>& arguments, std::string_view class_name) {
  const auto is_java = [](const std::string& word) {
    return std::filesystem::path(word).filename() == "java";
  };
  const auto head = arguments.begin() + static_cast<ptrdiff_t>(std::min<size_t>(arguments.size(), 2));
  return std::any_of(arguments.begin(), head, is_java) &&
         std::ranges::find(arguments, class_name) != arguments.end();
}

std::vector<pid_t> processes_that_show(std::string_view class_name) {
  std::vector<pid_t> found;
  std::error_code gone;  // a process may end while it is looked at
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    if (!std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; })) continue;
    const auto pid = static_cast<pid_t>(std::stol(name));
    if (pid != ::getpid() && shows(arguments_of(entry.path()), class_name)) found.push_back(pid);
  }
  return found;
}

std::expected<Exit, UsageError> stop(const Call& call, Streams& streams, std::string_view class_name,
                                     std::string_view none) {
  if (!call.given.words().empty())
    return std::unexpected(
        UsageError{"Found non argument parameters: " + term::join(call.given.words(), ",")});
  const std::string asked = call.environment.variable("SIGNAL").value_or("TERM");
  const auto signal = lab::parse_signal(asked);
  if (!signal) return std::unexpected(UsageError{"SIGNAL=" + asked + " is no signal", Show::message});
  const std::vector<pid_t> processes = processes_that_show(class_name);
  if (processes.empty()) return streams.out << none << '\n', Exit::failed;
  Exit exit = Exit::done;
  for (const pid_t pid : processes) {
    if (::kill(pid, *signal) == 0 || errno == ESRCH) continue;
    streams.err << fmt::format("kill: ({}) - {}\n", pid, std::strerror(errno));
    exit = Exit::failed;
  }
  return exit;
}

std::expected<Exit, UsageError> stop_zookeeper(const Call& call, Streams& streams) {
  return stop(call, streams, server::zookeeper_class, "No zookeeper server to stop");
}
std::expected<Exit, UsageError> stop_servers(const Call& call, Streams& streams) {
  return stop(call, streams, server::kafka_class, "No kafka server to stop");
}

}  // namespace

constinit const Syntax stop_syntax{.name = "zookeeper-server-stop",
                                   .script = "zookeeper-server-stop",
                                   .summary = "Stop the controller in ZooKeeper's place",
                                   .purpose = "USAGE: zookeeper-server-stop.sh",
                                   .examples = stop_examples,
                                   .runs_bare = true,
                                   .script_runs_bare = true};
constinit const Syntax server_stop_syntax{
    .name = "server-stop",
    .script = "kafka-server-stop",
    .summary = "Stop the servers that were started by kafka-server-start.sh",
    .purpose = "USAGE: kafka-server-stop.sh",
    .examples = server_stop_examples,
    .runs_bare = true,
    .script_runs_bare = true};
const Command stop_command{stop_syntax, stop_zookeeper};
const Command server_stop_command{server_stop_syntax, stop_servers};

}  // namespace kt::cli::zookeeper
