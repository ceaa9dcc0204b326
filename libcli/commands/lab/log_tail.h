#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libbroker/base/result.h"

namespace kt {
class Disk;
}

namespace kt::cli::lab {

/// A log file as it grows.
class LogReader {
 public:
  LogReader(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  /// The whole lines that were added since the last call; at the first, all. A file that is not there has
  /// none.
  Result<std::vector<std::string>> next();

 private:
  Disk& disk_;
  const std::string path_;
  uint64_t position_ = 0;
};

/// At most `count`, and none when the file cannot be read.
std::vector<std::string> last_lines(Disk& disk, const std::string& path, size_t count);

}  // namespace kt::cli::lab
