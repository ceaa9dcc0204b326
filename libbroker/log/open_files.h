#pragma once
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libbroker/base/disk.h"

namespace kt::log {

/// The sealed segments' files that are open, at most `open_files_max` of them: the least recently used is
/// closed first, when its last reader is done. Shared by all logs of a broker; may be called from any thread.
/// Outlived by its disk.
class OpenFiles {
 public:
  OpenFiles(Disk& disk, size_t open_files_max) : disk_(disk), open_files_max_(open_files_max) {}

  /// The file, opened for reading if it is not open. Blocks then.
  Result<std::shared_ptr<File>> open(const std::string& path);
  /// The file if it is open, else null. Never blocks.
  std::shared_ptr<File> find(const std::string& path);
  /// Adds a file that is open already.
  void add(const std::string& path, std::shared_ptr<File> file);
  /// The path will name another file, or none.
  void forget(const std::string& path);
  /// As forget(), every file in the directory.
  void forget_directory(const std::string& directory);
  size_t size() const;
  Disk& disk() { return disk_; }

 private:
  struct Entry {
    std::string path;
    std::shared_ptr<File> file;
  };

  Disk& disk_;
  const size_t open_files_max_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_path_;
};

}  // namespace kt::log
