#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libcli/lab/spec.h"

namespace kt::cli::lab {

struct ChildOutcome {
  int status = 0;  // 128 + n when signal n ended it
  std::string out, err;
};

/// Runs a command to its end and keeps what it prints. "kt" is this program; the lab is where commands
/// without a
/// --bootstrap-server go. Errors: it cannot be run.
Result<ChildOutcome> run_child(const std::vector<std::string>& words, const kt::lab::Spec& lab);

}  // namespace kt::cli::lab
