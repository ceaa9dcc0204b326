#pragma once
#include <memory>
#include <string>
#include <vector>

#include "libbroker/base/disk.h"

namespace kt {

/// A disk that does what another does, for those that differ from it in a few calls. The disk below outlives
/// it.
class ForwardingDisk : public Disk {
 public:
  explicit ForwardingDisk(Disk& disk) : disk_(disk) {}
  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
    return disk_.open(path, mode);
  }
  Result<bool> exists(const std::string& path) override { return disk_.exists(path); }
  Result<std::vector<DirEntry>> list(const std::string& directory) override { return disk_.list(directory); }
  Result<void> make_directory(const std::string& path) override { return disk_.make_directory(path); }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return disk_.rename(from, to);
  }
  Result<void> remove(const std::string& path) override { return disk_.remove(path); }
  Result<void> sync_directory(const std::string& path) override { return disk_.sync_directory(path); }
  Result<int64_t> modified_ms(const std::string& path) override { return disk_.modified_ms(path); }
  Result<void> set_modified_ms(const std::string& path, int64_t ms) override {
    return disk_.set_modified_ms(path, ms);
  }
  Result<Space> space(const std::string& path) override { return disk_.space(path); }
  Result<std::unique_ptr<File>> lock(const std::string& path) override { return disk_.lock(path); }

 protected:
  Disk& disk_;
};

}  // namespace kt
