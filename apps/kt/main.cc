#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/rng.h"
#include "libcli/commands/framework/dispatch.h"
#include "libcli/commands/registry.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has enough shows as a failed write, not as our death
  kt::PosixDisk disk;
  kt::SystemClock clock;
  kt::SeededRng rng(kt::system_seed());
  const auto variable = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  kt::cli::Environment environment{.variable = variable,
                                   .disk = disk,
                                   .clock = clock,
                                   .rng = rng,
                                   .in_is_terminal = ::isatty(STDIN_FILENO) == 1,
                                   .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                                   .err_is_terminal = ::isatty(STDERR_FILENO) == 1};
  kt::cli::Streams streams{std::cin, std::cout, std::cerr};
  const kt::cli::Program program{argv[0], {argv + 1, argv + argc}, kt::cli::all_commands()};
  const int status = kt::cli::run_program(program, environment, streams);
  std::cout.flush();
  return status;
}
