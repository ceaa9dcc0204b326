#pragma once
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/rng.h"
#include "libcli/commands/framework/dispatch.h"

namespace kt::cli {

/// The world of a command under test: its variables, streams, a clock that stands still and chance that
/// repeats.
struct World {
  std::map<std::string, std::string, std::less<>> variables;
  std::string input;
  std::string out, err;  // what the last call printed
  PosixDisk disk;
  ManualClock clock;
  SeededRng rng{1};
  Environment environment{.variable = [this](std::string_view name) -> std::optional<std::string> {
                            const auto found = variables.find(name);
                            return found == variables.end() ? std::nullopt : std::optional(found->second);
                          },
                          .disk = disk,
                          .clock = clock,
                          .rng = rng};

  /// Runs the program as `path` with `args` and returns its status.
  int run(Commands commands, const std::string& path, std::vector<std::string> args) {
    std::istringstream in(input);
    std::ostringstream out_stream, err_stream;
    Streams streams{in, out_stream, err_stream};
    const int status = run_program({path, std::move(args), commands}, environment, streams);
    out = out_stream.str();
    err = err_stream.str();
    return status;
  }
};

}  // namespace kt::cli
