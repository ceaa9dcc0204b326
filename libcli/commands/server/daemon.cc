#include "libcli/commands/server/daemon.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

namespace kt::cli::server {
namespace {

constexpr mode_t output_mode = 0644;

Error cannot(const std::string& what) {
  return Error{ErrorCode::unknown_server_error, fmt::format("cannot {}: {}", what, std::strerror(errno))};
}

}  // namespace

std::string state_directory(const Environment& environment) {
  if (const auto state = environment.variable("XDG_STATE_HOME"); state && !state->empty())
    return *state + "/kt";
  return environment.variable("HOME").value_or("/tmp") + "/.local/state/kt";
}

std::string daemon_output(const Environment& environment, const std::string& file) {
  const auto directory = environment.variable("LOG_DIR");
  return (directory && !directory->empty() ? *directory : state_directory(environment) + "/logs") + "/" +
         file;
}

Result<Side> detach(const std::string& output) {
  std::error_code unmade;
  std::filesystem::create_directories(std::filesystem::path(output).parent_path(), unmade);
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, output_mode);
  if (out < 0) return fail(cannot("write to " + output));
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t child = in < 0 ? -1 : ::fork();
  if (child == 0) {
    ::setsid();
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
  }
  const auto failure = child < 0 ? std::optional(cannot("start a process")) : std::nullopt;
  ::close(out);
  if (in >= 0) ::close(in);
  if (failure) return fail(*failure);
  return child == 0 ? Side::daemon : Side::caller;
}

}  // namespace kt::cli::server
