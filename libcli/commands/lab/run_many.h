#pragma once
#include <filesystem>
#include <vector>

#include "libcli/commands/framework/environment.h"
#include "libcli/commands/lab/results.h"

namespace kt::cli::lab {

/// Runs each file `repeat` times, `jobs` at a time, each in a process of its own, and adds what came of them
/// to `results`, one exercise after the other. Returns how the first ended that did not hold.
Exit run_many(const std::vector<std::filesystem::path>& files, const RunOptions& options, Results& results);

}  // namespace kt::cli::lab
