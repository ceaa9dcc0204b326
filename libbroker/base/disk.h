#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/result.h"

namespace kt {

/// An open file. Every failure is kafka_storage_error with a sentence that names the file and the system's reason.
/// After a failed write or sync the contents are unknown: the caller takes the log offline, it never retries.
class File {
 public:
  virtual ~File() = default;
  /// Reads at `position` until `into` is full or the file ends; returns the bytes read. Blocks on a cold page.
  virtual Result<size_t> read_at(uint64_t position, std::span<std::byte> into) = 0;
  /// As read_at, but only what is in memory now; none when the range is not wholly resident.
  virtual Result<bool> read_resident(uint64_t position, std::span<std::byte> into) = 0;
  /// Writes all the parts one after the other at `position` (one gather write).
  virtual Result<void> write_at(uint64_t position, std::span<const std::span<const std::byte>> parts) = 0;
  Result<void> write_at(uint64_t position, std::span<const std::byte> bytes) { return write_at(position, {&bytes, 1}); }
  /// Data, and what is needed to read it back, is on the medium (fdatasync).
  virtual Result<void> sync() = 0;
  virtual Result<uint64_t> size() = 0;
  virtual Result<void> truncate(uint64_t size) = 0;
  /// Reserves blocks up to `size` without changing the length; does nothing where the system cannot.
  virtual void reserve(uint64_t size) = 0;
  /// The descriptor for sendfile, shared with ranges in flight; null where there is none (the simulator).
  virtual std::shared_ptr<const int> descriptor() = 0;
};

/// What is in a directory.
struct DirEntry {
  std::string name;
  bool is_directory = false;
};

/// The only way to files. Paths are absolute or relative to the process; errors as File's.
class Disk {
 public:
  enum class Mode { read, read_write, create };  // create: read_write, made when missing
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  virtual Result<std::vector<DirEntry>> list(const std::string& directory) = 0;  // sorted by name
  /// Makes the directory and its parents; no error when it is there.
  virtual Result<void> make_directory(const std::string& path) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual Result<void> remove(const std::string& path) = 0;                         // a file or a whole directory
  /// Names created, renamed or removed in the directory are on the medium.
  virtual Result<void> sync_directory(const std::string& path) = 0;
  virtual Result<int64_t> modified_ms(const std::string& path) = 0;
  virtual Result<void> set_modified_ms(const std::string& path, int64_t ms) = 0;
  struct Space {
    uint64_t total_bytes, usable_bytes;
  };
  virtual Result<Space> space(const std::string& path) = 0;
  /// Holds an advisory lock on the file until the result dies. Errors: kafka_storage_error naming the holder's file.
  virtual Result<std::unique_ptr<File>> lock(const std::string& path) = 0;

  /// The whole file; errors also when it is larger than `bytes_max`.
  Result<std::string> read_all(const std::string& path, uint64_t bytes_max = 64 << 20);
  /// Replaces a small file so that a crash leaves the old or the new one: temporary, sync, rename, sync directory.
  Result<void> replace(const std::string& path, std::string_view contents);
};

/// The machine's files.
class PosixDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<DirEntry>> list(const std::string& directory) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<int64_t> modified_ms(const std::string& path) override;
  Result<void> set_modified_ms(const std::string& path, int64_t ms) override;
  Result<Space> space(const std::string& path) override;
  Result<std::unique_ptr<File>> lock(const std::string& path) override;
};

}  // namespace kt
