#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "libbroker/base/disk.h"

namespace kt {
namespace {

namespace fs = std::filesystem;

constexpr size_t parts_max = 64;  // of one system call; the system's limit is IOV_MAX
// Of one system call, which also ends at a multiple of it in the file. A longer write has the kernel look for
// longer runs of free pages than it keeps at hand, and where memory is full it moves other pages about to get
// them (figures: tests/bench/README.md).
constexpr size_t write_bytes_max = 32 << 10;

std::unexpected<Error> storage_error(std::string_view what, const std::string& path, int error) {
  return fail(ErrorCode::kafka_storage_error,
              fmt::format("{} {}: {}", what, path, std::generic_category().message(error)));
}

class PosixFile final : public File {
 public:
  PosixFile(std::string path, int fd)
      : path_(std::move(path)), fd_(new int(fd), [](const int* p) { ::close(*p), delete p; }) {}

  Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t n = ::pread(*fd_, into.data() + done, into.size() - done, static_cast<off_t>(position + done));
      if (n == 0) break;
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return storage_error("cannot read", path_, errno);
      done += static_cast<size_t>(n);
    }
    return done;
  }

  Result<bool> read_resident(uint64_t position, std::span<std::byte> into) override {
    const iovec part{into.data(), into.size()};
    const ssize_t n = ::preadv2(*fd_, &part, 1, static_cast<off_t>(position), RWF_NOWAIT);
    if (n < 0 && errno != EAGAIN && errno != EOPNOTSUPP) return storage_error("cannot read", path_, errno);
    return n == static_cast<ssize_t>(into.size());
  }

  Result<void> write_at(uint64_t position, std::span<const std::span<const std::byte>> parts) override {
    std::array<iovec, parts_max> vectors;
    size_t next = 0, skip = 0;  // the part that is written next, and how much of it has been
    while (true) {
      while (next < parts.size() && skip >= parts[next].size()) skip -= parts[next++].size();
      if (next == parts.size()) return {};
      size_t count = 0, left = write_bytes_max - position % write_bytes_max;
      for (size_t i = next; i < parts.size() && count < parts_max && left > 0; ++i) {
        const auto part = parts[i].subspan(i == next ? skip : 0);
        vectors[count] = {const_cast<std::byte*>(part.data()), std::min(part.size(), left)};
        left -= vectors[count++].iov_len;
      }
      const ssize_t n = ::pwritev(*fd_, vectors.data(), static_cast<int>(count), static_cast<off_t>(position));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return storage_error("cannot write", path_, errno);
      position += static_cast<uint64_t>(n);
      skip += static_cast<size_t>(n);
    }
  }

  Result<void> sync() override {
    if (::fdatasync(*fd_) != 0) return storage_error("cannot flush", path_, errno);
    return {};
  }

  Result<uint64_t> size() override {
    struct stat info;
    if (::fstat(*fd_, &info) != 0) return storage_error("cannot stat", path_, errno);
    return static_cast<uint64_t>(info.st_size);
  }

  Result<void> truncate(uint64_t size) override {
    if (::ftruncate(*fd_, static_cast<off_t>(size)) != 0) return storage_error("cannot truncate", path_, errno);
    return {};
  }

  void reserve(uint64_t size) override { (void)::fallocate(*fd_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)); }

  std::shared_ptr<const int> descriptor() override { return fd_; }

 private:
  const std::string path_;
  const std::shared_ptr<const int> fd_;
};

}  // namespace

Result<std::unique_ptr<File>> PosixDisk::open(const std::string& path, Mode mode) {
  const int flags = mode == Mode::read ? O_RDONLY : mode == Mode::read_write ? O_RDWR : O_RDWR | O_CREAT;
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) return storage_error("cannot open", path, errno);
  return std::make_unique<PosixFile>(path, fd);
}

Result<bool> PosixDisk::exists(const std::string& path) {
  std::error_code error;
  const bool there = fs::exists(path, error);
  if (error) return storage_error("cannot look at", path, error.value());
  return there;
}

Result<std::vector<DirEntry>> PosixDisk::list(const std::string& directory) {
  std::error_code error;
  std::vector<DirEntry> entries;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code kind_error;
    entries.push_back({it->path().filename().string(), it->is_directory(kind_error)});
  }
  if (error) return storage_error("cannot list", directory, error.value());
  std::ranges::sort(entries, {}, &DirEntry::name);
  return entries;
}

Result<void> PosixDisk::make_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return storage_error("cannot make directory", path, error.value());
  return {};
}

Result<void> PosixDisk::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return storage_error("cannot rename to " + to + " the file", from, errno);
  return {};
}

Result<void> PosixDisk::remove(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return storage_error("cannot remove", path, error.value());
  return {};
}

Result<void> PosixDisk::sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return storage_error("cannot open", path, errno);
  const int outcome = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  if (outcome != 0) return storage_error("cannot flush directory", path, error);
  return {};
}

Result<int64_t> PosixDisk::modified_ms(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return storage_error("cannot stat", path, errno);
  return int64_t{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000;
}

Result<void> PosixDisk::set_modified_ms(const std::string& path, int64_t ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  const timespec both[2] = {time, time};
  if (::utimensat(AT_FDCWD, path.c_str(), both, 0) != 0) return storage_error("cannot set the time of", path, errno);
  return {};
}

Result<Disk::Space> PosixDisk::space(const std::string& path) {
  struct statvfs info;
  if (::statvfs(path.c_str(), &info) != 0) return storage_error("cannot stat", path, errno);
  return Space{info.f_blocks * info.f_frsize, info.f_bavail * info.f_frsize};
}

Result<std::unique_ptr<File>> PosixDisk::lock(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return storage_error("cannot open", path, errno);
  auto file = std::make_unique<PosixFile>(path, fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return storage_error("cannot lock", path, errno);
  return file;
}

Result<std::string> Disk::read_all(const std::string& path, uint64_t bytes_max) {
  auto file = open(path, Mode::read);
  if (!file) return fail(std::move(file.error()));
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  if (*size > bytes_max) return fail(ErrorCode::kafka_storage_error, fmt::format("{} is larger than {} bytes", path, bytes_max));
  std::string text(*size, '\0');
  const auto read = (*file)->read_at(0, std::as_writable_bytes(std::span(text)));
  if (!read) return fail(read.error());
  text.resize(*read);
  return text;
}

Result<void> Disk::replace(const std::string& path, std::string_view contents) {
  const std::string temporary = path + ".tmp";
  const auto step = [&]() -> Result<void> {
    auto file = open(temporary, Mode::create);
    if (!file) return fail(std::move(file.error()));
    if (auto done = (*file)->truncate(0); !done) return done;
    if (auto done = (*file)->write_at(0, std::as_bytes(std::span(contents))); !done) return done;
    return (*file)->sync();
  }();
  if (!step) return step;
  if (auto done = rename(temporary, path); !done) return done;
  const size_t slash = path.rfind('/');
  return sync_directory(slash == path.npos ? "." : path.substr(0, std::max<size_t>(slash, 1)));
}

}  // namespace kt
