#pragma once
#include <memory>
#include <string>

#include "libbroker/sim/sim_disk.h"

namespace kt::sim {

/// A failure as PosixDisk words it.
std::unexpected<Error> storage_error(std::string_view what, const std::string& path, int error);

/// An open file of a SimDisk: good for as long as the disk's power lasts, whatever becomes of its name.
class SimFile final : public File {
 public:
  enum class Access { read, write, lock };  // lock: also write

  SimFile(SimDisk& disk, std::shared_ptr<Inode> inode, std::string path, Access access);
  ~SimFile() override;

  Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override;
  Result<bool> read_resident(uint64_t position, std::span<std::byte> into) override;
  Result<void> write_at(uint64_t position, std::span<const std::span<const std::byte>> parts) override;
  Result<void> sync() override;
  Result<uint64_t> size() override;
  Result<void> truncate(uint64_t size) override;
  void reserve(uint64_t) override {}
  std::shared_ptr<const int> descriptor() override { return nullptr; }

 private:
  bool is_alive() const { return boot_ == disk_.boots_; }
  Result<void> begin(SimDisk::Call kind, std::string_view what);
  size_t read(uint64_t position, std::span<std::byte> into) const;
  void write(uint64_t position, std::span<const std::byte> bytes);

  SimDisk& disk_;
  const std::shared_ptr<Inode> inode_;
  const std::string path_;
  const Access access_;
  const uint64_t boot_;
};

}  // namespace kt::sim
