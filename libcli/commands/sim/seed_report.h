#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libcli/commands/sim/options.h"

namespace kt::cli::sim {

/// What became of one seed, as it is told and as it goes from one process to another.
struct SeedReport {
  uint64_t seed = 0;
  std::string profile = "-";
  uint32_t nodes = 0;
  std::vector<std::string> violations,
      shrunk;  // the least list of faults, when there was time to look for it
  double simulated_s = 0;
  uint64_t events = 0, planned = 0, faults = 0, starts = 0;
  uint64_t acknowledged = 0, read = 0, commits = 0, leader_changes = 0, elections = 0;
  std::string trace;  // its hash

  bool has_failed() const { return !violations.empty(); }
  /// One line.
  std::string text() const;
  /// What was found, a line each, and how to come to it again.
  std::string failure_text() const;
  std::string json() const;
  static SeedReport from_json(const std::string& text);
};

/// Runs one seed. Every hundredth, or each if it is asked for, twice.
SeedReport run_seed(uint64_t seed, const Options& options, const kt::sim::RunOptions& watching = {});

}  // namespace kt::cli::sim
