#include "libbroker/fault/fault_disk.h"

#include <fmt/core.h>

#include <utility>

namespace kt::fault {
namespace {

class FaultFile final : public File {
 public:
  FaultFile(Board& board, std::string path, std::unique_ptr<File> file)
      : board_(board), path_(std::move(path)), file_(std::move(file)) {}

  Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    if (auto works = check(0, "read"); !works) return fail(std::move(works.error()));
    return file_->read_at(position, into);
  }
  Result<bool> read_resident(uint64_t position, std::span<std::byte> into) override {
    return file_->read_resident(position, into);
  }
  Result<void> write_at(uint64_t position, std::span<const std::span<const std::byte>> parts) override {
    int64_t bytes = 0;
    for (const auto& part : parts) bytes += static_cast<int64_t>(part.size());
    if (auto works = check(bytes, "write"); !works) return works;
    return file_->write_at(position, parts);
  }
  Result<void> sync() override {
    if (auto works = check(0, "sync"); !works) return works;
    return file_->sync();
  }
  Result<uint64_t> size() override { return file_->size(); }
  Result<void> truncate(uint64_t size) override { return file_->truncate(size); }
  void reserve(uint64_t size) override { file_->reserve(size); }
  std::shared_ptr<const int> descriptor() override { return file_->descriptor(); }

 private:
  Result<void> check(int64_t written_bytes, std::string_view what) {
    const auto orders = board_.orders();
    for (const Fault& fault : orders->faults) {
      if (!fault.is_of_disk() || !fault.a.contains(orders->node)) continue;
      const bool is_broken = fault.kind == Fault::Kind::disk_error;
      if (is_broken || (written_bytes > 0 && !board_.spend(fault, written_bytes)))
        return fail(ErrorCode::kafka_storage_error,
                    fmt::format("cannot {} {}: {}", what, path_,
                                is_broken ? "Input/output error" : "No space left on device"));
    }
    return {};
  }

  Board& board_;
  const std::string path_;
  const std::unique_ptr<File> file_;
};

}  // namespace

Result<std::unique_ptr<File>> FaultDisk::open(const std::string& path, Mode mode) {
  auto file = disk_.open(path, mode);
  if (!file) return file;
  return std::make_unique<FaultFile>(board_, path, std::move(*file));
}

}  // namespace kt::fault
