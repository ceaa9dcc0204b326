#include "libcli/lab/unsynced_disk.h"

#include <utility>

namespace kt::lab {
namespace {

class UnsyncedFile final : public File {
 public:
  explicit UnsyncedFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    return file_->read_at(position, into);
  }
  Result<bool> read_resident(uint64_t position, std::span<std::byte> into) override {
    return file_->read_resident(position, into);
  }
  Result<void> write_at(uint64_t position, std::span<const std::span<const std::byte>> parts) override {
    return file_->write_at(position, parts);
  }
  Result<void> sync() override { return {}; }
  Result<uint64_t> size() override { return file_->size(); }
  Result<void> truncate(uint64_t size) override { return file_->truncate(size); }
  void reserve(uint64_t size) override { file_->reserve(size); }
  std::shared_ptr<const int> descriptor() override { return file_->descriptor(); }

 private:
  const std::unique_ptr<File> file_;
};

}  // namespace

Result<std::unique_ptr<File>> UnsyncedDisk::open(const std::string& path, Mode mode) {
  auto file = disk_.open(path, mode);
  if (!file) return file;
  return std::make_unique<UnsyncedFile>(std::move(*file));
}

}  // namespace kt::lab
