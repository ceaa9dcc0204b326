#pragma once
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kt::cli::dump_log {

/// What does not fit together, told after all files are dumped. By file.
struct Complaints {
  using Pairs = std::map<std::string, std::vector<std::pair<int64_t, int64_t>>>;
  Pairs offset_mismatches;     // an index's offset, the log's
  Pairs timestamp_mismatches;  // an index's timestamp, the log's
  Pairs unordered_timestamps;  // an index's timestamp, the one before
  Pairs missing_offsets;       // an index's offset, the log's or -1
  Pairs offset_gaps;           // an offset, the next one

  void print(std::ostream& err) const;
};

}  // namespace kt::cli::dump_log
