#include "libcli/commands/dump_log/complaints.h"

#include <fmt/core.h>

#include <ostream>

namespace kt::cli::dump_log {

void Complaints::print(std::ostream& err) const {
  // Kafka tells of the last one first where it prepends to a list.
  for (const auto& [file, pairs] : offset_mismatches) {
    err << "Mismatches in :" << file << '\n';
    for (auto it = pairs.rbegin(); it != pairs.rend(); ++it) err << fmt::format("  Index offset: {}, log offset: {}\n", it->first, it->second);
  }
  for (const auto& [file, pairs] : timestamp_mismatches) {
    err << "Found timestamp mismatch in :" << file << '\n';
    for (const auto& [index, log] : pairs) err << fmt::format("  Index timestamp: {}, log timestamp: {}\n", index, log);
  }
  for (const auto& [file, pairs] : unordered_timestamps) {
    err << "Found out of order timestamp in :" << file << '\n';
    for (const auto& [index, previous] : pairs) err << fmt::format("  Index timestamp: {}, Previously indexed timestamp: {}\n", index, previous);
  }
  for (const auto& [file, pairs] : missing_offsets) {
    err << "The following indexed offsets are not found in the log.\n";
    for (const auto& [index, log] : pairs) err << fmt::format("Indexed offset: {}, found log offset: {}\n", index, log);
  }
  for (const auto& [file, pairs] : offset_gaps) {
    err << "Non-consecutive offsets in " << file << '\n';
    for (auto it = pairs.rbegin(); it != pairs.rend(); ++it) err << fmt::format("  {} is followed by {}\n", it->first, it->second);
  }
}

}  // namespace kt::cli::dump_log
