#pragma once
#include <string>
#include <vector>

#include "libbroker/base/disk.h"
#include "libcli/commands/framework/exit_code.h"
#include "libcli/commands/framework/streams.h"
#include "libcli/commands/lab/options.h"
#include "libcli/lab/exercise.h"

namespace kt::cli::lab {

/// What came of exercises: TAP, or lines of JSON, as they come; at the end JUnit's XML.
class Results {
 public:
  Results(const RunOptions& options, Streams& streams) : options_(options), streams_(streams) {}

  void add(kt::lab::Point point);
  /// What was printed and is no result.
  void remark(const std::string& line);
  /// How many there are, and the files that were asked for. Errors: they cannot be written.
  Result<void> finish(Disk& disk);

 private:
  bool prints_json() const { return options_.ndjson == "-"; }

  const RunOptions& options_;
  Streams& streams_;
  std::vector<kt::lab::Point> points_;
};

}  // namespace kt::cli::lab
