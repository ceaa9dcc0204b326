#include "libbroker/sim/sim_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace kt::sim {

std::unexpected<Error> storage_error(std::string_view what, const std::string& path, int error) {
  return fail(ErrorCode::kafka_storage_error,
              fmt::format("{} {}: {}", what, path, std::generic_category().message(error)));
}

SimFile::SimFile(SimDisk& disk, std::shared_ptr<Inode> inode, std::string path, Access access)
    : disk_(disk), inode_(std::move(inode)), path_(std::move(path)), access_(access), boot_(disk.boots_) {}

SimFile::~SimFile() {
  if (access_ == Access::lock && is_alive()) inode_->is_locked = false;
}

Result<void> SimFile::begin(SimDisk::Call kind, std::string_view what) {
  if (!is_alive()) return storage_error(what, path_, EIO);
  if (kind == SimDisk::Call::write && access_ == Access::read) return storage_error(what, path_, EBADF);
  return disk_.begin(kind, what, path_);
}

size_t SimFile::read(uint64_t position, std::span<std::byte> into) const {
  const auto bytes = inode_->image.bytes();
  if (position >= bytes.size()) return 0;
  const size_t count = std::min<uint64_t>(into.size(), bytes.size() - position);
  std::ranges::copy(bytes.subspan(position, count), into.begin());
  return count;
}

Result<size_t> SimFile::read_at(uint64_t position, std::span<std::byte> into) {
  if (auto ready = begin(SimDisk::Call::read, "cannot read"); !ready) return fail(ready.error());
  return read(position, into);
}

Result<bool> SimFile::read_resident(uint64_t position, std::span<std::byte> into) {
  if (auto ready = begin(SimDisk::Call::read, "cannot read"); !ready) return fail(ready.error());
  return !disk_.faults_.cold.roll(disk_.rng_) && read(position, into) == into.size();
}

void SimFile::write(uint64_t position, std::span<const std::byte> bytes) {
  const uint64_t size_before = inode_->image.size();
  inode_->image.write(position, bytes);
  inode_->modified_ms = disk_.now_ms();
  disk_.tree_->resized(*inode_, size_before);
}

Result<void> SimFile::write_at(uint64_t position, std::span<const std::span<const std::byte>> parts) {
  std::vector<std::byte> bytes;
  for (const auto& part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  if (auto ready = begin(SimDisk::Call::write, "cannot write"); !ready) {
    const bool was_tried = is_alive() && disk_.has_power_ && access_ != Access::read;
    if (was_tried) write(position, std::span(bytes).first(disk_.rng_.below(bytes.size() + 1)));
    return ready;
  }
  const uint64_t end_max = inode_->image.size() + disk_.free_bytes();
  const uint64_t room = end_max > position ? end_max - position : 0;
  write(position, std::span(bytes).first(std::min<uint64_t>(bytes.size(), room)));
  if (room < bytes.size()) return storage_error("cannot write", path_, ENOSPC);
  return {};
}

Result<void> SimFile::sync() {
  auto ready = begin(SimDisk::Call::sync, "cannot flush");
  if (ready) {
    inode_->image.flush();
  } else if (is_alive() && disk_.has_power_) {
    inode_->image.fail_flush(disk_.rng_);
  }
  return ready;
}

Result<uint64_t> SimFile::size() {
  if (!is_alive()) return storage_error("cannot stat", path_, EIO);
  return inode_->image.size();
}

Result<void> SimFile::truncate(uint64_t size) {
  if (auto ready = begin(SimDisk::Call::write, "cannot truncate"); !ready) return ready;
  const uint64_t size_before = inode_->image.size();
  if (size > size_before && size - size_before > disk_.free_bytes()) {
    return storage_error("cannot truncate", path_, ENOSPC);
  }
  inode_->image.resize(size);
  inode_->modified_ms = disk_.now_ms();
  disk_.tree_->resized(*inode_, size_before);
  return {};
}

}  // namespace kt::sim
