#pragma once
#include <memory>
#include <string>
#include <vector>

#include "libbroker/base/disk.h"

namespace kt::lab {

/// A disk that is never waited for: what is written is in the system's hands, and on the medium when the
/// system likes. For a lab's own files, which are made again rather than recovered; a busy disk takes many
/// milliseconds for each sync. The disk below outlives it.
class UnsyncedDisk final : public Disk {
 public:
  explicit UnsyncedDisk(Disk& disk) : disk_(disk) {}
  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  Result<bool> exists(const std::string& path) override { return disk_.exists(path); }
  Result<std::vector<DirEntry>> list(const std::string& directory) override { return disk_.list(directory); }
  Result<void> make_directory(const std::string& path) override { return disk_.make_directory(path); }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return disk_.rename(from, to);
  }
  Result<void> remove(const std::string& path) override { return disk_.remove(path); }
  Result<void> sync_directory(const std::string&) override { return {}; }
  Result<void> sync_file_system(const std::string&) override { return {}; }
  Result<int64_t> modified_ms(const std::string& path) override { return disk_.modified_ms(path); }
  Result<void> set_modified_ms(const std::string& path, int64_t ms) override {
    return disk_.set_modified_ms(path, ms);
  }
  Result<Space> space(const std::string& path) override { return disk_.space(path); }
  Result<std::unique_ptr<File>> lock(const std::string& path) override { return disk_.lock(path); }

 private:
  Disk& disk_;
};

}  // namespace kt::lab
