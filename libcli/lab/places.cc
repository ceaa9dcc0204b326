#include "libcli/lab/places.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "libbroker/base/disk.h"

namespace kt::lab {
namespace {

std::unexpected<Error> no_lab(std::string sentence) {
  return fail(ErrorCode::resource_not_found, std::move(sentence));
}

constexpr int look_again_ms = 10;

struct flock whole(short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Whether the name is still that file's: who wipes a lab removes the lock that others may wait for.
bool is_at(const std::string& path, int descriptor) {
  struct stat there{}, open{};
  return ::stat(path.c_str(), &there) == 0 && ::fstat(descriptor, &open) == 0 &&
         there.st_ino == open.st_ino && there.st_dev == open.st_dev;
}

}  // namespace

bool LifeLock::take(int descriptor) {
  auto lock = whole(F_WRLCK);
  return ::fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

bool LifeLock::is_taken(int descriptor) {
  auto lock = whole(F_RDLCK);
  return ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

void LifeLock::wait_until_free(int descriptor) {
  while (is_taken(descriptor)) ::poll(nullptr, 0, look_again_ms);
}

bool Place::is_running() const {
  const net::OwnedDescriptor lock_file(::open(lock().c_str(), O_RDONLY | O_CLOEXEC));
  return lock_file.get() >= 0 && LifeLock::is_taken(lock_file.get());
}

std::vector<std::string> Labs::names() const {
  std::vector<std::string> names;
  const auto entries = disk_.list(root_);
  if (!entries) return names;  // there is no such folder yet
  for (const DirEntry& entry : *entries) {
    if (exists(entry.name)) names.push_back(entry.name);
  }
  return names;
}

bool Labs::exists(const std::string& name) const {
  return is_lab_name(name) && disk_.exists(place(name).spec()).value_or(false);
}

Result<Spec> Labs::read(const std::string& name) const {
  const auto text = disk_.read_all(place(name).spec());
  return text ? spec_from_json(*text) : fail(text.error());
}

std::optional<std::string> Labs::current() const {
  auto text = disk_.read_all(root_ + "/current");
  if (!text) return std::nullopt;
  return std::move(*text);
}

Result<void> Labs::make_current(const std::string& name) { return disk_.replace(root_ + "/current", name); }

Result<void> Labs::link(const std::string& name, const std::string& directory) {
  if (auto made = disk_.make_directory(root_); !made) return made;
  const std::filesystem::path at = root_ + "/" + name;
  std::error_code error;
  if (std::filesystem::is_symlink(at, error)) std::filesystem::remove(at, error);
  std::filesystem::create_directory_symlink(std::filesystem::absolute(directory), at, error);
  if (!error) return {};
  return fail(ErrorCode::kafka_storage_error,
              fmt::format("cannot link {}: {}", at.string(), error.message()));
}

Result<net::OwnedDescriptor> Labs::lock(const std::string& name, int64_t wait_ms) const {
  if (auto made = disk_.make_directory(root_); !made) return fail(made.error());
  const std::string path = lock_file(name);
  for (int64_t waited_ms = 0;; waited_ms += look_again_ms) {
    net::OwnedDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (file.get() < 0)
      return fail(ErrorCode::kafka_storage_error, fmt::format("{}: {}", path, std::strerror(errno)));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
      if (is_at(path, file.get())) return file;
    } else if (errno != EWOULDBLOCK && errno != EINTR) {
      return fail(ErrorCode::kafka_storage_error, fmt::format("{}: {}", path, std::strerror(errno)));
    }
    if (waited_ms >= wait_ms)
      return fail(ErrorCode::request_timed_out,
                  fmt::format("another kt lab is changing lab {}: try again when it is done", name));
    ::poll(nullptr, 0, look_again_ms);
  }
}

Result<void> Labs::wipe(const std::string& name) {
  if (place(name).is_running())
    return fail(ErrorCode::unknown_server_error,
                fmt::format("lab {} is running: kt lab down {} ends it", name, name));
  if (auto removed = remove(name); !removed) return removed;
  ::unlink(lock_file(name).c_str());
  return {};
}

Result<void> Labs::remove(const std::string& name) {
  const Place place = this->place(name);
  std::vector<std::string> made = {place.run(), place.snapshots(), place.client_properties(), place.events(),
                                   place.supervisor_log()};
  if (const auto spec = read(name)) {
    for (const NodeSpec& node : spec->nodes) made.push_back(place.node(node));
  }
  made.push_back(place.spec());  // last: until then the lab is there
  for (const std::string& path : made) {
    if (!disk_.exists(path).value_or(false)) continue;
    if (auto removed = disk_.remove(path); !removed) return removed;
  }
  const std::filesystem::path at = place.directory;
  std::error_code ignored;  // a folder that holds something else stays
  if (std::filesystem::is_symlink(at, ignored)) {
    std::filesystem::remove(std::filesystem::read_symlink(at, ignored), ignored);
  }
  std::filesystem::remove(at, ignored);
  if (current() == name) return disk_.remove(root_ + "/current");
  return {};
}

Result<std::string> Labs::choose(const std::optional<std::string>& asked) const {
  if (asked) {
    if (exists(*asked)) return *asked;
    return no_lab(fmt::format("there is no lab {}: kt lab list shows those there are", *asked));
  }
  if (const auto chosen = current(); chosen && exists(*chosen)) return *chosen;
  const auto all = names();
  if (all.size() == 1) return all.front();
  if (all.empty()) return no_lab("there is no lab: kt lab up makes one");
  return no_lab("there are several labs: name one with --lab, or choose it by kt lab use NAME");
}

}  // namespace kt::lab
