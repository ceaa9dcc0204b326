#pragma once
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/disk.h"

namespace kt::node {

/// A disk of which one directory may break: every call on what lies below it fails, also on files that are
/// open, as if a mount point's device were gone. Outlives its files.
class BreakableDisk final : public Disk {
 public:
  explicit BreakableDisk(Disk& disk) : disk_(disk) {}
  void break_below(const std::string& directory) { broken_ = directory + "/"; }
  void mend() { broken_.clear(); }

  Result<void> check(const std::string& path) const {
    if (broken_.empty() || !(path + "/").starts_with(broken_)) return {};
    return fail(ErrorCode::kafka_storage_error, "cannot use " + path + ": Input/output error");
  }
  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
    return wrap(path, [&] { return disk_.open(path, mode); });
  }
  Result<std::unique_ptr<File>> lock(const std::string& path) override {
    return wrap(path, [&] { return disk_.lock(path); });
  }
  Result<bool> exists(const std::string& path) override {
    return checked<bool>(path, [&] { return disk_.exists(path); });
  }
  Result<std::vector<DirEntry>> list(const std::string& path) override {
    return checked<std::vector<DirEntry>>(path, [&] { return disk_.list(path); });
  }
  Result<void> make_directory(const std::string& path) override {
    return checked<void>(path, [&] { return disk_.make_directory(path); });
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return checked<void>(from, [&] { return disk_.rename(from, to); });
  }
  Result<void> remove(const std::string& path) override {
    return checked<void>(path, [&] { return disk_.remove(path); });
  }
  Result<void> sync_directory(const std::string& path) override {
    return checked<void>(path, [&] { return disk_.sync_directory(path); });
  }
  Result<int64_t> modified_ms(const std::string& path) override {
    return checked<int64_t>(path, [&] { return disk_.modified_ms(path); });
  }
  Result<void> set_modified_ms(const std::string& path, int64_t ms) override {
    return checked<void>(path, [&] { return disk_.set_modified_ms(path, ms); });
  }
  Result<Space> space(const std::string& path) override {
    return checked<Space>(path, [&] { return disk_.space(path); });
  }

 private:
  class OpenFile;
  template <class T, class Call>
  Result<T> checked(const std::string& path, Call&& call) const {
    if (auto whole = check(path); !whole) return fail(whole.error());
    return call();
  }
  template <class Call>
  Result<std::unique_ptr<File>> wrap(const std::string& path, Call&& call);

  Disk& disk_;
  std::string broken_;  // empty: nothing is
};

class BreakableDisk::OpenFile final : public File {
 public:
  OpenFile(const BreakableDisk& disk, std::string path, std::unique_ptr<File> file)
      : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}
  Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    return disk_.checked<size_t>(path_, [&] { return file_->read_at(position, into); });
  }
  Result<bool> read_resident(uint64_t position, std::span<std::byte> into) override {
    return disk_.checked<bool>(path_, [&] { return file_->read_resident(position, into); });
  }
  Result<void> write_at(uint64_t position, std::span<const std::span<const std::byte>> parts) override {
    return disk_.checked<void>(path_, [&] { return file_->write_at(position, parts); });
  }
  Result<void> sync() override {
    return disk_.checked<void>(path_, [&] { return file_->sync(); });
  }
  Result<uint64_t> size() override {
    return disk_.checked<uint64_t>(path_, [&] { return file_->size(); });
  }
  Result<void> truncate(uint64_t size) override {
    return disk_.checked<void>(path_, [&] { return file_->truncate(size); });
  }
  void reserve(uint64_t size) override { file_->reserve(size); }
  std::shared_ptr<const int> descriptor() override { return file_->descriptor(); }

 private:
  const BreakableDisk& disk_;
  const std::string path_;
  const std::unique_ptr<File> file_;
};

template <class Call>
Result<std::unique_ptr<File>> BreakableDisk::wrap(const std::string& path, Call&& call) {
  auto file = checked<std::unique_ptr<File>>(path, call);
  if (!file) return file;
  return std::make_unique<OpenFile>(*this, path, std::move(*file));
}

}  // namespace kt::node
