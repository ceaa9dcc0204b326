#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libbroker/base/result.h"

namespace kt::cli::lab {

struct ChildOutcome {
  int status = 0;  // 128 + n when signal n ended it
  std::string out, err;
};

/// Runs a command to its end and keeps what it prints, with `variables` over those of this process. "kt" is
/// this program. Errors: it cannot be run.
Result<ChildOutcome> run_child(const std::vector<std::string>& words,
                               const std::map<std::string, std::string>& variables);

}  // namespace kt::cli::lab
